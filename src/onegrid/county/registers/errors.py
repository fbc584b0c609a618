"""What can go wrong with registers, as types the API answers with. None of them carries a value of the register.

OneGridError
├── PurposeUnknown 422    no reason to look that is on the list or in words
├── LooksSpent 429        the day's budget of whole values is used up
├── NotFoundHere 404      nobody in the register with this phone and these last four, or not surely one
├── NotLinked 409         the account is not tied to anybody in the register yet
├── ExportNotFound 404    no such export in the caller's reach
├── OwnExport 403         who asked for an export cannot approve it
├── ExportSettled 409     it was decided, withdrawn or has run out
├── ExportTooLarge 422    more rows than one workbook may carry
├── BadCursor 400         the place in a list was not made by us, or by another order
├── TooShort 422          words too short to search for
├── ImportNotFound 404    no such import in the caller's reach
├── ImportOver 409        the import is done, or was stopped
├── AnotherImport 409     one import of a locality at a time
├── FileRefused 422       the file cannot be read, must not be, or lacks a column
├── FieldsWrong 422       values that cannot be taken, field by field
├── OtherGrid 422         the place lies in another leaf grid
├── RegisterConflict 409  somebody changed the same fields meanwhile; `conflicts` shows both, nothing was written
├── ChangeSettled 409     it was confirmed, refused or undone already
├── OwnChange 403         who proposed a change cannot confirm it
├── CannotUndo 409        what was changed has changed again, or its content is no longer kept
├── HoldingKept 409       who owns, rents or works somewhere can only be taken out on the day it was written down
├── MergeRefused 409      two residents who cannot become one as they are
└── FieldClosed 403       the hat worn may not see this field whole
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from onegrid.foundation.kernel.errors import BadRequest, Conflict, FieldError, Forbidden, Invalid, NotFound, TooMany


class PurposeUnknown(Invalid):
    """No reason to look that is on the list or in words."""

    code = "purpose_unknown"

    def __init__(self) -> None:
        super().__init__(
            "register_access.errors.purpose_unknown",
            fields=[FieldError("purpose", "register_access.errors.purpose_unknown")],
        )


class LooksSpent(TooMany):
    """The day's budget of whole values is used up."""

    code = "looks_spent"

    def __init__(self, *, daily: int, retry_after: int) -> None:
        super().__init__("register_access.errors.looks_spent", daily=daily, retry_after=retry_after)


class NotFoundHere(NotFound):
    """Nobody in the register with this phone and these last four, or not surely one: the same words for all of it."""

    code = "not_found_here"

    def __init__(self) -> None:
        super().__init__("register_access.errors.not_found_here")


class NotLinked(Conflict):
    """The account is not tied to anybody in the register yet."""

    code = "not_linked"

    def __init__(self) -> None:
        super().__init__("register_access.errors.not_linked")


class ExportNotFound(NotFound):
    """No such export in the caller's reach."""

    code = "export_not_found"

    def __init__(self) -> None:
        super().__init__("register_access.errors.export_not_found")


class OwnExport(Forbidden):
    """Who asked for an export cannot approve it."""

    code = "own_export"

    def __init__(self) -> None:
        super().__init__("register_access.errors.own_export")


class ExportSettled(Conflict):
    """It was decided, withdrawn or has run out."""

    code = "export_settled"

    def __init__(self) -> None:
        super().__init__("register_access.errors.export_settled")


class ExportTooLarge(Invalid):
    """More rows than one workbook may carry."""

    code = "export_too_large"

    def __init__(self, *, rows: int, most: int) -> None:
        super().__init__("register_access.errors.export_too_large", rows=rows, most=most)


class BadCursor(BadRequest):
    """The place in a list was not made by us, or by another order."""

    code = "bad_cursor"

    def __init__(self) -> None:
        super().__init__("register_finding.errors.bad_cursor")


class TooShort(Invalid):
    """Words too short to search for."""

    code = "words_too_short"

    def __init__(self) -> None:
        super().__init__(
            "register_finding.errors.too_short", fields=[FieldError("words", "register_finding.errors.too_short")]
        )


class FieldClosed(Forbidden):
    """The hat worn may not see this field whole."""

    code = "field_closed"

    def __init__(self) -> None:
        super().__init__("register_finding.errors.field_closed")


class ImportNotFound(NotFound):
    """No such import in the caller's reach."""

    code = "import_not_found"

    def __init__(self) -> None:
        super().__init__("register_loading.errors.import_not_found")


class ImportOver(Conflict):
    """The import is done, or was stopped and not resumed."""

    code = "import_over"

    def __init__(self) -> None:
        super().__init__("register_loading.errors.import_over")


class AnotherImport(Conflict):
    """Two imports at once could make one household twice."""

    code = "another_import"

    def __init__(self) -> None:
        super().__init__("register_loading.errors.another_import")


class FileRefused(Invalid):
    """The file cannot be read, must not be, or lacks a column; `key` and `values` say which."""

    code = "file_refused"


class FieldsWrong(Invalid):
    """Values that cannot be taken; `faults` are field (with its place in the request), message key and its blanks."""

    def __init__(self, faults: Iterable[tuple[str, str, Mapping[str, object]]]) -> None:
        super().__init__(fields=[FieldError(field, key, values) for field, key, values in faults])


class OtherGrid(Invalid):
    """The place lies in another leaf grid than the row, or in none."""

    code = "other_grid"

    def __init__(self, field: str = "lon") -> None:
        super().__init__(
            "register_changes.errors.other_grid", fields=[FieldError(field, "register_changes.errors.other_grid")]
        )


class RegisterConflict(Conflict):
    """Somebody changed the same fields meanwhile; nothing was written. `conflicts` shows both, personal ones masked."""

    code = "register_conflict"

    def __init__(self, conflicts: Sequence[Mapping[str, object]], versions: Mapping[str, int]) -> None:
        super().__init__(
            "register_changes.errors.register_conflict",
            fields=[FieldError(str(one["at"]), "register_changes.errors.changed_meanwhile") for one in conflicts],
            extra={"conflicts": list(conflicts), "versions": dict(versions)},
        )
        self.conflicts = tuple(conflicts)
        self.versions = dict(versions)


class ChangeSettled(Conflict):
    """It was confirmed, refused or undone already."""

    code = "change_settled"

    def __init__(self) -> None:
        super().__init__("register_changes.errors.change_settled")


class OwnChange(Forbidden):
    """Who proposed a change cannot confirm it."""

    code = "own_change"

    def __init__(self) -> None:
        super().__init__("register_changes.errors.own_change")


class CannotUndo(Conflict):
    """What was changed has changed again, or its content is no longer kept."""

    code = "cannot_undo"

    def __init__(self) -> None:
        super().__init__("register_changes.errors.cannot_undo")


class HoldingKept(Conflict):
    """Who owns, rents or works somewhere can only be taken out on the day it was written down; later it is ended."""

    code = "holding_kept"

    def __init__(self) -> None:
        super().__init__("register_holdings.errors.holding_kept")


class MergeRefused(Conflict):
    """Two residents who cannot become one as they are; `why` is a key of the locale."""

    code = "merge_refused"

    def __init__(self, why: str) -> None:
        super().__init__(f"register_changes.errors.merge.{why}")
