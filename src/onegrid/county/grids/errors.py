"""What can go wrong with grids, as types the API answers with.

OneGridError
├── CodeExhausted 422        a level has more grids than its digits can number
├── DoesNotTile 422          the new outlines leave gaps, overlap or stick out
├── HasChildren 409          only a grid without grids below it can be split or merged
├── NotSiblings 422          only grids with one parent can be merged
├── GridNotFound 404
├── Nowhere 404              a point outside the locality
└── CalendarMissing 503      a year whose work calendar is not published or not entered
"""

from __future__ import annotations

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
