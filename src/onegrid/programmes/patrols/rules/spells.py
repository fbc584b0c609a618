"""When something told late counts: a phone may have been offline for days, and its clock may be wrong."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

AHEAD: Final = timedelta(minutes=2)
"""A phone's clock may be so much ahead before we stop believing it."""
LATE_DAYS: Final = 30
"""Days after which nothing is taken any more: the month has been settled by then."""


@dataclass(frozen=True)
class Told:
    """When something happened: the phone's word, or the moment it reached us when the phone cannot be right."""

    at: datetime
    doubtful: bool


def told(device_at: datetime | None, now: datetime) -> Told | None:
    """The time to apply a step by; None when it lies too long ago. All times aware."""
    if device_at is None:
        return Told(now, False)
    if device_at > now:
        return Told(now, device_at - now > AHEAD)
    return None if now - device_at > timedelta(days=LATE_DAYS) else Told(device_at, False)


@dataclass(frozen=True)
class Stretch:
    """A spell of duty as far as others care; open when it has no end."""

    began_at: datetime
    ended_at: datetime | None

    def holds(self, at: datetime) -> bool:
        """Whether `at` lies in it, both ends included."""
        return self.began_at <= at and (self.ended_at is None or at <= self.ended_at)


def free(at: datetime, others: Iterable[Stretch]) -> bool:
    """Whether a new spell may begin at `at`: inside none, and none begins after it.

    Spells of one person are told in order; one told after a later one could overlap it before anybody knows its end.
    """
    return not any(other.began_at > at or (other.ended_at is None or at < other.ended_at) for other in others)


def forgotten(began_at: datetime, longest_hours: int, now: datetime) -> datetime | None:
    """When a spell nobody signed out of ends by itself; None while that lies ahead."""
    end = began_at + timedelta(hours=longest_hours)
    return end if end <= now else None
