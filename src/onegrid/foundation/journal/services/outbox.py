"""The outbox: what was decided here and must happen elsewhere.

`publish` writes the event in the caller's transaction. `dispatch` claims due events (SKIP LOCKED), runs each handler in
a transaction of its own and marks it done *in that transaction*, so a handler whose effect is in the database has it
exactly once. A worker that dies leaves a claim that runs out; another takes it.
After `MAX_ATTEMPTS` an event is dead, with the reason, and the rest goes on.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection

from onegrid.foundation.database.context import in_locality
from onegrid.foundation.database.write import write

log = logging.getLogger(__name__)

MAX_ATTEMPTS: Final = 8
CLAIM: Final = timedelta(seconds=60)
BATCH: Final = 20
UNHEARD: Final = 5_000


@dataclass(frozen=True)
class Event:
    """One published event as a handler gets it. `id` is unique in the locality, for handlers with outside effects."""

    id: int
    topic: str
    payload: Mapping[str, Any]
    created_at: datetime
    attempt: int


Handler = Callable[[Event, datetime], None]
Handlers = Mapping[str, Sequence[Handler]]
Clock = Callable[[], datetime]


def publish(topic: str, payload: Mapping[str, Any], *, now: datetime, after: timedelta = timedelta(0)) -> None:
    """Put an event into the outbox, in the running transaction; handlers get it once `after` has passed."""
    sql = (
        "INSERT INTO journal_outbox (topic, payload, created_at, available_at, attempts, handled, reason)"
        " VALUES (%s, %s, %s, %s, 0, '{}', '')"
    )
    write([(sql, [topic, json.dumps(payload, ensure_ascii=False, default=str), now, now + after])])


def dispatch(locality: str, handlers: Handlers, clock: Clock, *, limit: int = BATCH) -> int:
    """Run what is due in one locality; how many events were claimed. Opens its own transactions."""
    claimed = _claim(locality, clock(), limit)
    for event, handled in claimed:
        _deliver(locality, event, handled, handlers.get(event.topic, ()), clock)
    return len(claimed)


def close_unheard(locality: str, handlers: Handlers, now: datetime) -> int:
    """Close due events of topics without a handler, all in one statement; how many. They come by the thousand (passed
    limits) and must not stand before the events somebody waits for."""
    with in_locality(locality, "outbox"), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE journal_outbox SET done_at = %s WHERE id IN ("
            " SELECT id FROM journal_outbox WHERE done_at IS NULL AND dead_at IS NULL AND available_at <= %s"
            " AND topic <> ALL(%s) AND (claimed_until IS NULL OR claimed_until < %s)"
            " LIMIT %s FOR UPDATE SKIP LOCKED)",
            [now, now, list(handlers), now, UNHEARD],
        )
        return int(cursor.rowcount)


def revive(locality: str, event: int, now: datetime) -> bool:
    """Try a dead event again; False when it is not dead."""
    with in_locality(locality, "outbox"), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE journal_outbox SET dead_at = NULL, attempts = 0, available_at = %s WHERE id = %s"
            " AND dead_at IS NOT NULL",
            [now, event],
        )
        return bool(cursor.rowcount == 1)


def backoff(attempts: int) -> timedelta:
    """How long to wait after the n-th failure: 5 s, 10 s, 20 s … at most an hour."""
    return min(timedelta(seconds=5 * 2 ** max(attempts - 1, 0)), timedelta(hours=1))


def name_of(handler: Handler) -> str:
    """The handler's name in the book of done parts."""
    return f"{handler.__module__}.{getattr(handler, '__qualname__', repr(handler))}"


def _claim(locality: str, now: datetime, limit: int) -> list[tuple[Event, list[str]]]:
    with in_locality(locality, "outbox"), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE journal_outbox SET claimed_until = %s, attempts = attempts + 1 WHERE id IN ("
            " SELECT id FROM journal_outbox WHERE done_at IS NULL AND dead_at IS NULL AND available_at <= %s"
            " AND (claimed_until IS NULL OR claimed_until < %s)"
            " ORDER BY available_at, id LIMIT %s FOR UPDATE SKIP LOCKED)"
            " RETURNING id, topic, payload, created_at, attempts, handled",
            [now + CLAIM, now, now, limit],
        )
        rows = sorted(cursor.fetchall())
    return [
        (Event(i, topic, json.loads(data) if isinstance(data, str) else data, created, attempt), list(handled))
        for i, topic, data, created, attempt, handled in rows
    ]


def _deliver(locality: str, event: Event, handled: list[str], handlers: Sequence[Handler], clock: Clock) -> None:
    try:
        for handler in handlers:
            if name_of(handler) not in handled and not _run(locality, event, handler, clock()):
                return
        _finish(locality, event, clock())
    except Exception as why:
        # Whatever a handler raises is the event's failure, not the worker's: noted, and tried again later.
        log.warning("event %s of %s failed (attempt %s)", event.topic, locality, event.attempt, exc_info=True)
        _fail(locality, event, why, clock())


def _run(locality: str, event: Event, handler: Handler, now: datetime) -> bool:
    """One handler and the mark that it is done, together. False when the claim is no longer ours."""
    with in_locality(locality, "outbox"):
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE journal_outbox SET handled = handled || %s::text WHERE id = %s AND attempts = %s"
                " AND done_at IS NULL AND dead_at IS NULL",
                [name_of(handler), event.id, event.attempt],
            )
            if cursor.rowcount != 1:
                return False
        handler(event, now)
    return True


def _finish(locality: str, event: Event, now: datetime) -> None:
    with in_locality(locality, "outbox"), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE journal_outbox SET done_at = %s, claimed_until = NULL, reason = '' WHERE id = %s AND attempts = %s",
            [now, event.id, event.attempt],
        )


def _fail(locality: str, event: Event, why: Exception, now: datetime) -> None:
    # Only the kind of error is kept: its text may quote a person's data.
    reason = type(why).__name__
    dead = event.attempt >= MAX_ATTEMPTS
    with in_locality(locality, "outbox"), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE journal_outbox SET claimed_until = NULL, reason = %s, dead_at = %s, available_at = %s"
            " WHERE id = %s AND attempts = %s",
            [reason, now if dead else None, now + backoff(event.attempt), event.id, event.attempt],
        )
