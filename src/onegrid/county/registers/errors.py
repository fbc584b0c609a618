"""What can go wrong with registers, as types the API answers with. None of them carries a value of the register.

OneGridError
├── PurposeUnknown 422    no reason to look that is on the list or in words
├── LooksSpent 429        the day's budget of whole values is used up
├── NotFoundHere 404      nobody in the register with this phone and these last four, or not surely one
├── NotLinked 409         the account is not tied to anybody in the register yet
├── ExportNotFound 404    no such export in the caller's reach
├── OwnExport 403         who asked for an export cannot approve it
├── ExportSettled 409     it was decided, withdrawn or has run out
└── ExportTooLarge 422    more rows than one workbook may carry
"""

from __future__ import annotations

from onegrid.foundation.kernel.errors import Conflict, FieldError, Forbidden, Invalid, NotFound, TooMany


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
