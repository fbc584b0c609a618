"""What is read seldom changed and often asked: kept in the process, and exact.

Whoever changes such a thing calls `stamp(topic)` in the same transaction; whoever keeps a copy asks for the stamps
(one small statement a transaction) and reads again when one differs. A stamp is drawn at random, so a rolled-back
change or a restored backup never looks like the copy at hand. Without a stamp nothing is kept.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Generic, TypeVar

from django.db import connection

from onegrid.foundation.database.context import standing
from onegrid.foundation.database.write import read, turn, write

T = TypeVar("T")

_ALL = "SELECT topic, n FROM journal_stamp"
_STAMP = (
    "INSERT INTO journal_stamp (topic, n) VALUES (%s, hashtextextended(gen_random_uuid()::text, 0))"
    " ON CONFLICT (topic) DO UPDATE SET n = excluded.n"
)


def stamp(topic: str) -> None:
    """Say that what `topic` stands for changes in the running transaction."""
    write([(_STAMP, [topic])])
    _seen().pop(standing().locality, None)


def read_with_stamps(sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """As `read`, with the stamps in the same turn: for the first question of a request, which will need them."""
    rows, found = turn([(sql, values), (_ALL, ())])
    _seen().setdefault(standing().locality, dict(found))
    return rows


def stamps(*topics: str) -> tuple[int, ...] | None:
    """The stamps of these topics as this transaction first saw them; None when one was never stamped."""
    locality = standing().locality
    seen = _seen()
    if locality not in seen:
        seen[locality] = dict(read(_ALL))
    found = tuple(seen[locality].get(topic) for topic in topics)
    return None if None in found else found  # type: ignore[return-value]


def _seen() -> dict[str, dict[str, int]]:
    wrapper: Any = connection
    kept: dict[str, dict[str, int]] = wrapper.stamps
    return kept


class Remembered(Generic[T]):
    """One value per locality, read again when one of its topics was stamped."""

    known: ClassVar[list[Remembered[Any]]] = []
    """All of them, so that tests can make them forget."""

    def __init__(self, *topics: str, read: Callable[[], T]) -> None:
        self._topics = topics
        self._read = read
        self._kept: dict[str, tuple[tuple[int, ...], T]] = {}
        self._lock = threading.Lock()
        Remembered.known.append(self)

    def get(self) -> T:
        """The value as of this transaction."""
        now = stamps(*self._topics)
        if now is None:
            return self._read()
        locality = standing().locality
        kept = self._kept.get(locality)
        if kept is None or kept[0] != now:
            kept = (now, self._read())
            with self._lock:
                self._kept[locality] = kept
        return kept[1]

    def forget(self) -> None:
        """Read again at the next question."""
        with self._lock:
            self._kept = {}


def forget() -> None:
    """Read everything again at the next question: rows were changed behind our back (tests)."""
    for one in Remembered.known:
        one.forget()
