"""The hub of the live feed: who listens with which eyes, one LISTEN, one read per audience and wake-up."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import psycopg
from psycopg import sql

from onegrid.foundation.database.standing import Standing, settings_statement
from onegrid.foundation.journal.services.feeding import CHANNEL

log = logging.getLogger("onegrid.feed")

READ_AGAIN: Final = 0.2
"""Seconds until looking again while a still running transaction hides newer events."""
RECONNECT: Final = 1.0
PAGE: Final = 500
REPLAY: Final = 2000
"""Events a returning page may have missed; beyond that it loads anew."""


@dataclass(frozen=True)
class Audience:
    """Everybody who sees the same events: one locality, one standing."""

    locality: str
    standing: Standing


@dataclass(frozen=True, order=True)
class Cursor:
    """A place in the feed: transaction, then number. Transactions end out of order, so numbers alone would skip."""

    xid: int
    id: int

    @classmethod
    def read(cls, text: str) -> Cursor | None:
        """The cursor of a Last-Event-ID; None when it is none."""
        xid, dash, number = text.partition("-")
        if not dash or not (xid.isascii() and xid.isdigit() and number.isascii() and number.isdigit()):
            return None
        if len(xid) > 18 or len(number) > 18:
            return None
        return cls(int(xid), int(number))

    def __str__(self) -> str:
        """As Last-Event-ID."""
        return f"{self.xid}-{self.id}"


@dataclass(frozen=True)
class Line:
    """One event for one reader."""

    cursor: Cursor
    kind: str
    data: Mapping[str, Any]

    def wire(self) -> bytes:
        """As it goes over the wire."""
        body = json.dumps(self.data, ensure_ascii=False, separators=(",", ":"))
        return f"id: {self.cursor}\nevent: {self.kind}\ndata: {body}\n\n".encode()


Identify = Callable[[str, Mapping[str, str]], Awaitable[Standing | None]]


@dataclass
class _Group:
    """The streams of one audience and how far they have read."""

    cursor: Cursor
    queues: set[asyncio.Queue[Line | None]] = field(default_factory=set)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


READ: Final = """
SELECT xid, id, kind, data FROM journal_feedevent
WHERE (xid, id) > (%s, %s) AND xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
ORDER BY xid, id LIMIT %s
"""
NOW: Final = """
SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint, pg_snapshot_xmax(pg_current_snapshot())::text::bigint
"""
HIDDEN: Final = """
SELECT EXISTS (SELECT 1 FROM journal_feedevent WHERE xid >= pg_snapshot_xmin(pg_current_snapshot())::text::bigint)
"""


class Hub:
    """Connects the database's notifications with open streams. `dsn` connects as the app role."""

    def __init__(self, dsn: str, identify: Identify, *, origins: Iterable[str] = ()) -> None:
        self.dsn = dsn
        self._identify = identify
        self.origins = frozenset(origins)
        self.listening = False
        self._groups: dict[Audience, _Group] = {}
        self._listener: asyncio.Task[None] | None = None
        self._reader: psycopg.AsyncConnection | None = None
        self._turn = asyncio.Lock()
        self._wakes: set[asyncio.Task[None]] = set()

    async def identify(self, locality: str, headers: Mapping[str, str]) -> Audience | None:
        """Who is asking; None for nobody. The listener starts with the first question."""
        self._start()
        standing = await self._identify(locality, headers)
        return None if standing is None else Audience(standing.locality, standing)

    async def ready(self, patience: float = 1.5) -> bool:
        """Whether the listener is connected, waiting a moment for it."""
        self._start()
        waited = 0.0
        while not self.listening and waited < patience:
            await asyncio.sleep(0.05)
            waited += 0.05
        return self.listening

    def _start(self) -> None:
        if self._listener is None or self._listener.done():
            self._listener = asyncio.create_task(self._listen())

    async def join(self, audience: Audience, queue: asyncio.Queue[Line | None], start: Cursor | None) -> list[Line]:
        """Add a stream; what it missed since `start`. A cursor of another server's life gets one `reset` event."""
        group = self._groups.get(audience)
        if group is None:
            group = self._groups.setdefault(audience, _Group(await self._end()))
        async with group.lock:
            # Under the group's lock nothing is handed out, so replay and live meet without gap or double.
            group.queues.add(queue)
            self._spawn(audience.locality)
            if start is None:
                return []
            missed, stale = await self._missed(audience, start, group.cursor)
            return [Line(group.cursor, "reset", {})] if stale else missed

    def leave(self, audience: Audience, queue: asyncio.Queue[Line | None]) -> None:
        """Remove a stream."""
        group = self._groups.get(audience)
        if group is not None:
            group.queues.discard(queue)
            if not group.queues:
                del self._groups[audience]

    async def stop(self) -> None:
        """End all streams and connections."""
        if self._listener is not None:
            self._listener.cancel()
        for group in self._groups.values():
            for queue in group.queues:
                with contextlib.suppress(asyncio.QueueFull):
                    queue.put_nowait(None)
        if self._reader is not None:
            await self._reader.close()

    async def wake(self, locality: str) -> None:
        """Read for every audience of a locality and hand the lines out; what fails is tried again."""
        for audience in [one for one in self._groups if one.locality == locality]:
            while (group := self._groups.get(audience)) is not None:
                try:
                    await self._serve(audience, group)
                    break
                except (psycopg.Error, OSError) as why:
                    log.warning("the feed of %s could not be read: %s", locality, type(why).__name__)
                    await asyncio.sleep(RECONNECT)

    async def _serve(self, audience: Audience, group: _Group) -> None:
        while True:
            async with group.lock:
                rows, hidden = await self._read(audience, group.cursor)
                for line in rows:
                    group.cursor = line.cursor
                    for queue in list(group.queues):
                        _offer(queue, line)
            if len(rows) < PAGE and not hidden:
                return
            if hidden:
                await asyncio.sleep(READ_AGAIN)

    async def _listen(self) -> None:
        """LISTEN for ever; after a lost connection everybody reads again, so nothing falls into the gap."""
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(self.dsn, autocommit=True) as listener:
                    await listener.execute(sql.SQL("LISTEN {}").format(sql.Identifier(CHANNEL)))
                    self.listening = True
                    for locality in {audience.locality for audience in self._groups}:
                        self._spawn(locality)
                    async for note in listener.notifies():
                        self._spawn(note.payload)
            except (psycopg.Error, OSError):
                log.warning("the feed lost the database; trying again")
            self.listening = False
            await asyncio.sleep(RECONNECT)

    def _spawn(self, locality: str) -> None:
        task = asyncio.create_task(self.wake(locality))
        self._wakes.add(task)
        task.add_done_callback(self._wakes.discard)

    async def _read(self, audience: Audience, after: Cursor) -> tuple[list[Line], bool]:
        async with self._turn:
            return await self._ask(audience, after, PAGE)

    async def _missed(self, audience: Audience, start: Cursor, until: Cursor) -> tuple[list[Line], bool]:
        """Lines after `start` up to `until`, and whether the cursor is of no use any more."""
        async with self._turn:
            (_, newest), rows = await self._peek(audience, start)
        if start.xid > newest or len(rows) >= REPLAY:
            return [], True
        return [line for line in rows if line.cursor <= until], False

    async def _peek(self, audience: Audience, start: Cursor) -> tuple[tuple[int, int], list[Line]]:
        reader = await self._connection()
        async with reader.transaction(), reader.cursor() as cursor:
            await cursor.execute(*_settings(audience))
            await cursor.execute(NOW)
            bounds = await cursor.fetchone()
            await cursor.execute(READ, [start.xid, start.id, REPLAY])
            return (bounds[0], bounds[1]) if bounds else (0, 0), [_line(row) for row in await cursor.fetchall()]

    async def _end(self) -> Cursor:
        """Where a new audience begins: after everything that can no longer change."""
        async with self._turn:
            reader = await self._connection()
            async with reader.transaction(), reader.cursor() as cursor:
                await cursor.execute(NOW)
                row = await cursor.fetchone()
        return Cursor(row[0] - 1 if row else 0, 2**62)

    async def _ask(self, audience: Audience, after: Cursor, limit: int) -> tuple[list[Line], bool]:
        reader = await self._connection()
        async with reader.transaction(), reader.cursor() as cursor:
            await cursor.execute(*_settings(audience))
            await cursor.execute(READ, [after.xid, after.id, limit])
            rows = [_line(row) for row in await cursor.fetchall()]
            await cursor.execute(HIDDEN)
            hidden = await cursor.fetchone()
        return rows, bool(hidden and hidden[0])

    async def _connection(self) -> psycopg.AsyncConnection:
        if self._reader is None or self._reader.closed or self._reader.broken:
            self._reader = await psycopg.AsyncConnection.connect(self.dsn, autocommit=True)
        return self._reader


def _settings(audience: Audience) -> tuple[str, tuple[str, ...]]:
    statement, values = settings_statement(audience.standing)
    return statement, values


def _line(row: tuple[Any, ...]) -> Line:
    xid, number, kind, data = row
    return Line(Cursor(xid, number), kind, data)


def _offer(queue: asyncio.Queue[Line | None], line: Line) -> None:
    """Hand a line to a stream; one that is too far behind is ended and comes back with its Last-Event-ID."""
    try:
        queue.put_nowait(line)
    except asyncio.QueueFull:
        while not queue.empty():
            queue.get_nowait()
        queue.put_nowait(None)
