"""What can go wrong on duty, as types the API answers with.

OneGridError
├── NoGridHat 403        a position in a department has no ground to be on duty in
├── SpellNotFound 404    no such spell of duty of the caller's
├── PatrolNotFound 404   no such patrol of the caller's
├── RoundNotFound 404    no such round in the caller's grids
├── WalkerNotFound 404   nobody of that number walks in the caller's grids
├── AlreadyOnDuty 409    signed in at that time already
├── NotOnDuty 409        signed out at that time, or not yet signed in
├── PatrolOver 409       the patrol had ended
├── KeyReused 409        the same key with other content
├── ToldTooLate 422      so long ago that it is not counted any more
└── WrongDay 422         nobody is sent out in the past, or that far ahead
"""

from __future__ import annotations

from onegrid.foundation.kernel.errors import Conflict, FieldError, Forbidden, Invalid, NotFound


class NoGridHat(Forbidden):
    """Duty is done in a grid; the hat worn has none."""

    code = "no_grid_hat"

    def __init__(self) -> None:
        super().__init__("duty.errors.no_grid_hat")


class SpellNotFound(NotFound):
    """There is no such spell of duty of the caller's."""

    code = "spell_not_found"

    def __init__(self) -> None:
        super().__init__("duty.errors.spell_not_found")


class PatrolNotFound(NotFound):
    """There is no such patrol of the caller's."""

    code = "patrol_not_found"

    def __init__(self) -> None:
        super().__init__("duty.errors.patrol_not_found")


class AlreadyOnDuty(Conflict):
    """The person was on duty at that time already."""

    code = "already_on_duty"

    def __init__(self) -> None:
        super().__init__("duty.errors.already_on_duty")


class NotOnDuty(Conflict):
    """The person had signed out by then, or not yet signed in."""

    code = "not_on_duty"

    def __init__(self) -> None:
        super().__init__("duty.errors.not_on_duty")


class PatrolOver(Conflict):
    """The patrol had ended before."""

    code = "patrol_over"

    def __init__(self) -> None:
        super().__init__("duty.errors.patrol_over")


class ToldTooLate(Invalid):
    """It happened so long ago that it is not counted any more; ``days`` is how long we wait."""

    code = "told_too_late"

    def __init__(self, days: int) -> None:
        key = "duty.errors.told_too_late"
        super().__init__(key, fields=[FieldError("device_at", key, {"days": days})], days=days)


class RoundNotFound(NotFound):
    """There is no such round in the caller's grids."""

    code = "round_not_found"

    def __init__(self) -> None:
        super().__init__("duty.errors.round_not_found")


class WalkerNotFound(NotFound):
    """Nobody of that number walks in the caller's grids."""

    code = "walker_not_found"

    def __init__(self) -> None:
        super().__init__("duty.errors.walker_not_found")


class WrongDay(Invalid):
    """Rounds are for today or the next ``days`` days."""

    code = "wrong_day"

    def __init__(self, days: int) -> None:
        key = "duty.errors.wrong_day"
        super().__init__(key, fields=[FieldError("day", key, {"days": days})], days=days)
