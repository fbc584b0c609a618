"""What the clock wakes in the journal. The shell's job runner calls these; each opens its own transactions."""

from __future__ import annotations

from datetime import datetime

from onegrid.foundation.database.context import in_locality
from onegrid.foundation.journal.services import audit, feeding, outbox, tallies


def fold(locality: str, depth: int = tallies.DEPTH) -> int:
    """Every 1–5 s: deltas into roll-ups."""
    with in_locality(locality, "fold"):
        return tallies.fold(depth)


def deliver(locality: str, handlers: outbox.Handlers, clock: outbox.Clock) -> int:
    """Every second: due events to their handlers."""
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
