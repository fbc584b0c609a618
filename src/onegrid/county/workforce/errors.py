"""What can go wrong with appointments. The kernel's error base turns these into answers of the API."""

from __future__ import annotations

from onegrid.foundation.kernel.errors import Conflict, FieldError, Invalid, NotFound


class AppointmentNotFound(NotFound):
    """There is no such appointment in the caller's sight."""

    code = "appointment_not_found"

    def __init__(self) -> None:
        super().__init__("workforce.errors.not_found")


class WrongPlace(Invalid):
    """The position does not sit at that level, or the place does not exist; ``field`` is grid or department."""

    code = "wrong_place"

    def __init__(self, field: str = "grid") -> None:
        key = "workforce.errors.wrong_place"
        super().__init__(key, fields=[FieldError(field, key)])


class UnknownPosition(Invalid):
    """No position of that name in this locality."""

    code = "unknown_position"

    def __init__(self) -> None:
        key = "workforce.errors.unknown_position"
        super().__init__(key, fields=[FieldError("position", key)])


class UnknownReason(Invalid):
    """A reason for ending that is not in the list."""

    code = "unknown_reason"

    def __init__(self) -> None:
        key = "workforce.errors.unknown_reason"
        super().__init__(key, fields=[FieldError("reason", key)])


class AlreadyHeld(Conflict):
    """The person holds this position in this place already."""

    code = "already_held"

    def __init__(self) -> None:
        super().__init__("workforce.errors.already_held")


class AlreadyEnded(Conflict):
    """The appointment has ended before."""

    code = "already_ended"

    def __init__(self) -> None:
        super().__init__("workforce.errors.already_ended")


class NoPhone(NotFound):
    """The person has no number on record."""

    code = "no_phone"

    def __init__(self) -> None:
        super().__init__("workforce.errors.no_phone")
