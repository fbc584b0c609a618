"""What can go wrong with appointments. The kernel's error base turns these into answers of the API."""

from __future__ import annotations

from onegrid.foundation.kernel.errors import Conflict, Invalid, NotFound


class AppointmentNotFound(NotFound):
    """There is no such appointment in the caller's sight."""

    code = "appointment_not_found"


class WrongPlace(Invalid):
    """The position does not sit at that level, or the place does not exist."""

    code = "wrong_place"


class UnknownPosition(Invalid):
    """No position of that name in this locality."""

    code = "unknown_position"


class AlreadyHeld(Conflict):
    """The person holds this position in this place already."""

    code = "already_held"


class AlreadyEnded(Conflict):
    """The appointment has ended before."""

    code = "already_ended"
