"""What the clock wakes in the journal. The shell's job runner calls these; each opens its own transactions."""

from __future__ import annotations

from datetime import datetime, timedelta

from onegrid.foundation.database.context import in_locality
from onegrid.foundation.journal.services import audit, feeding, outbox, tallies

MOST_BITES = 100
"""So many in one round; what is left has the next one."""


def fold(locality: str, depth: int = tallies.DEPTH) -> int:
    """Every 1–5 s: footprints into roll-ups, bite by bite, each in its own transaction; how many were taken."""
    taken = 0
    for _ in range(MOST_BITES):
        with in_locality(locality, "fold"):
            bite = tallies.fold(depth)
        taken += bite
        if bite < tallies.BITE:
            break
    return taken


def tidy_tallies(locality: str, now: datetime) -> int:
    """Every day: roll-ups in which nothing is counted any more. Only of days over everywhere on earth."""
    with in_locality(locality, "fold"):
        return tallies.tidy(now.date() - timedelta(days=1))


MANY = outbox.BATCH
"""After so many events at once there may be more."""


def deliver(locality: str, handlers: outbox.Handlers, clock: outbox.Clock) -> int:
    """Every half second: due events to their handlers; those nobody listens for are done without one."""
    outbox.close_unheard(locality, handlers, clock())
    return outbox.dispatch(locality, handlers, clock)


def seal(locality: str, now: datetime) -> int:
    """Every minute: close the audit log; the number of rows sealed. The anchor is written after the commit."""
    with in_locality(locality, "seal"):
        made = audit.seal(now)
    if made is None:
        return 0
    with in_locality(locality, "seal"):
        audit.anchor(made)
    return made.count


def tidy(locality: str, now: datetime) -> int:
    """Every hour: old feed events."""
    with in_locality(locality, "feed"):
        return feeding.forget_old(now)
