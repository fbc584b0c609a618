"""What time it is. Only shells (middleware, job runner, command line) call `read_clock`.

Everything below takes `now` as an argument, so that a test or a journey can say
what time it is, and one request has one time.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def read_clock() -> datetime:
    """The time now, aware, in UTC."""
    return datetime.now(UTC)


def to_wire(at: datetime) -> str:
    """A time as the API writes it: ISO-8601, UTC, whole milliseconds, `Z`."""
    moment = at.astimezone(UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
