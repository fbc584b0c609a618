"""What can go wrong with grids, as types the API answers with.

OneGridError
├── CodeExhausted 422        a level has more grids than its digits can number
├── DoesNotTile 422          the new outlines leave gaps, overlap or stick out
├── HasChildren 409          only a grid without grids below it can be split or merged
├── NotSiblings 422          only grids with one parent can be merged
├── GridNotFound 404
├── Nowhere 404              a point outside the locality
├── CellNotFound, DraftNotFound, NotDrawn 404
├── DraftClosed, DraftMovedOn, DraftStale, DraftClashes, DraftFaulty, NothingToUndo 409
├── LineDoesNotSplit, NotAdjacent, BorderUnusable, CannotRedraw, NotDrawable, FileRefused 422
└── CalendarMissing 503      a year whose work calendar is not published or not entered
"""

from __future__ import annotations

from collections.abc import Sequence

from onegrid.foundation.kernel.errors import Conflict, Invalid, NotFound, Unavailable


class CodeExhausted(Invalid):
    """A level has more grids than its group of digits can number."""

    code = "grid_code_exhausted"

    def __init__(self, *, parent_code: str, ordinal: int, width: int) -> None:
        super().__init__("grids.errors.code_exhausted", parent_code=parent_code, ordinal=ordinal, width=width)


class DoesNotTile(Invalid):
    """New outlines would leave a gap, overlap, or lie outside their parent; ``extra`` says where."""

    code = "grid_does_not_tile"


class HasChildren(Conflict):
    """Only a grid without active grids below it can be split or merged."""

    code = "grid_has_children"


class NotSiblings(Invalid):
    """Only two or more active grids of one level and one parent can be merged."""

    code = "grids_not_siblings"


class GridNotFound(NotFound):
    """No such grid."""

    code = "grid_not_found"


class Nowhere(NotFound):
    """A point that no grid of the locality holds."""

    code = "outside_locality"


class CalendarMissing(Unavailable):
    """The work calendar of a year is not there; deadlines that reach into it cannot be computed."""

    code = "calendar_missing"

    def __init__(self, year: int) -> None:
        self.year = year
        super().__init__("grids.errors.calendar_missing", year=year)


class CellNotFound(NotFound):
    """No such grid in the draft at the step shown."""

    code = "cell_not_found"

    def __init__(self) -> None:
        super().__init__("drafts.errors.cell_not_found")


class LineDoesNotSplit(Invalid):
    """The line drawn does not cut the grid into parts that can be grids."""

    code = "line_does_not_split"


class NotAdjacent(Invalid):
    """Only grids that touch can become one."""

    code = "grids_not_adjacent"


class BorderUnusable(Invalid):
    """The border drawn would leave a grid without land, in pieces, or just as it is."""

    code = "border_unusable"


class CannotRedraw(Invalid):
    """The grids chosen cannot be drawn anew with these sizes."""

    code = "cannot_redraw"


class DraftNotFound(NotFound):
    """No such draft in the caller's sight."""

    code = "draft_not_found"

    def __init__(self) -> None:
        super().__init__("drafts.errors.not_found")


class DraftClosed(Conflict):
    """The draft's state does not allow this step."""

    code = "draft_closed"

    def __init__(self) -> None:
        super().__init__("drafts.errors.closed")


class DraftMovedOn(Conflict):
    """Somebody changed the draft since the page saw it."""

    code = "draft_moved_on"

    def __init__(self, step: int) -> None:
        super().__init__("drafts.errors.moved_on", extra={"current": {"step": step}})


class DraftStale(Conflict):
    """The grids inside were changed since the draft was begun."""

    code = "draft_stale"

    def __init__(self) -> None:
        super().__init__("drafts.errors.stale")


class DraftClashes(Conflict):
    """The draft and the grids of today changed the same grids; ``extra`` names them."""

    code = "draft_clashes"

    def __init__(self, names: Sequence[str]) -> None:
        said = "、".join(names[:5])
        super().__init__("drafts.errors.clashes", names=said, count=len(names), extra={"grids": list(names[:100])})


class DraftFaulty(Conflict):
    """A draft with gaps, overlaps or grids in pieces is not sent."""

    code = "draft_faulty"

    def __init__(self, count: int) -> None:
        super().__init__("drafts.errors.faulty", count=count)


class NothingToUndo(Conflict):
    """There is no step to take back or to do again."""

    code = "nothing_to_undo"

    def __init__(self) -> None:
        super().__init__("drafts.errors.nothing_to_undo")


class NotDrawn(NotFound):
    """The draft was made by hand: nothing was measured."""

    code = "draft_not_drawn"

    def __init__(self) -> None:
        super().__init__("drafts.errors.not_drawn")


class NotDrawable(Invalid):
    """Inside this grid nothing of the scheme can be drawn."""

    code = "not_drawable"


class FileRefused(Invalid):
    """The file of a partition cannot be taken; the message says why."""

    code = "file_refused"
