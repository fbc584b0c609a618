"""When a visit is due, and how long somebody who came home counts as having come."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

STAYS_DAYS: Final = 60
"""Who names no day of leaving has left, for the register's purpose, after so many days; who stays is registered."""
AHEAD_DAYS: Final = 180
"""Nobody registers a journey further ahead."""
BEHIND_DAYS: Final = 60
LATE_DAYS: Final = 31
"""A visit told later than this is not counted any more."""
SLACK: Final = timedelta(minutes=10)
"""How far a phone's clock may be ahead."""


def next_due(outcome: str, on: date, every_days: int) -> date:
    """The day of the next visit after one on `on`: whoever was not met is due again soon, an emergency the next day."""
    if outcome == "met":
        return on + timedelta(days=every_days)
    if outcome == "urgent":
        return on + timedelta(days=1)
    return on + timedelta(days=min(every_days, 3))


def over_on(arrives_on: date, leaves_on: date | None) -> date:
    """The day from which the reason for keeping a returnee's registration is gone."""
    return leaves_on or arrives_on + timedelta(days=STAYS_DAYS)


def visited_at(device_at: datetime | None, now: datetime) -> datetime | None:
    """When a visit was made by the phone's word; ours when its clock is ahead; None when too long ago."""
    if device_at is None or device_at > now + SLACK:
        return now
    return None if device_at < now - timedelta(days=LATE_DAYS) else min(device_at, now)
