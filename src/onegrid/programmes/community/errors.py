"""What can go wrong with notices."""

from __future__ import annotations

from onegrid.foundation.kernel.errors import BadRequest, FieldError, Invalid, NotFound


class NoticeNotFound(NotFound):
    """There is no such notice in the caller's sight."""

    code = "notice_not_found"

    def __init__(self) -> None:
        super().__init__("community.errors.not_found")


class NoticeRefused(Invalid):
    """Fields of a notice that make no sense, each with the key of its sentence below `community.errors`."""

    code = "notice_refused"

    def __init__(self, faults: dict[str, str]) -> None:
        super().__init__(
            "errors.invalid", fields=[FieldError(field, f"community.errors.{key}") for field, key in faults.items()]
        )


class BadCursor(BadRequest):
    """The cursor of a list was not made by us."""

    code = "bad_cursor"
