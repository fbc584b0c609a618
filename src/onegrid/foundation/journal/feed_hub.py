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
from onegrid.foundation.journal.services.feeding import AT_WORK, CHANNEL, NEWEST

log = logging.getLogger("onegrid.feed")

READ_AGAIN: Final = 0.2
"""Seconds until looking again while somebody is still writing."""
RECONNECT: Final = 1.0
PAGE: Final = 500
REPLAY: Final = 2000
"""Events a returning page may have missed; beyond that it loads anew."""


@dataclass(frozen=True)
class Audience:
    """Everybody who sees the same events: one locality, one standing."""

    locality: str
    standing: Standing


def read_cursor(text: str) -> int | None:
    """The number in a Last-Event-ID; None when it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


@dataclass(frozen=True)
class Line:
    """One event for one reader."""

    number: int
    kind: str
    data: Mapping[str, Any]

    def wire(self) -> bytes:
        """As it goes over the wire."""
        body = json.dumps(self.data, ensure_ascii=False, separators=(",", ":"))
        return f"id: {self.number}\nevent: {self.kind}\ndata: {body}\n\n".encode()


Identify = Callable[[str, Mapping[str, str]], Awaitable[Standing | None]]


@dataclass
class _Group:
    """The streams of one audience and how far they have read."""

    read: int
    queues: set[asyncio.Queue[Line | None]] = field(default_factory=set)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


READ: Final = "SELECT id, kind, data FROM journal_feedevent WHERE id > %s AND id <= %s ORDER BY id LIMIT %s"


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

    async def join(self, audience: Audience, queue: asyncio.Queue[Line | None], start: int | None) -> list[Line]:
        """Add a stream; what it missed since `start`. A cursor of another server's life gets one `reset` event."""
        group = self._groups.get(audience)
        if group is None:
            group = self._groups.setdefault(audience, _Group((await self._settled(audience, 0))[0]))
        async with group.lock:
            # Under the group's lock nothing is handed out, so replay and live meet without gap or double.
            group.queues.add(queue)
            self._spawn(audience.locality)
            if start is None:
                return []
            if start > group.read:
                # Numbers are drawn again after a restored backup: this page knows more than the database.
                return [Line(group.read, "reset", {})]
            missed = await self._ask(audience, start, group.read, REPLAY)
            return missed if len(missed) < REPLAY else [Line(group.read, "reset", {})]

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
                until, busy = await self._settled(audience, group.read)
                lines = await self._ask(audience, group.read, until, PAGE)
                group.read = lines[-1].number if len(lines) == PAGE else max(until, group.read)
                for line in lines:
                    for queue in list(group.queues):
                        _offer(queue, line)
            if len(lines) < PAGE:
                if not busy:
                    return
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

    async def _settled(self, audience: Audience, least: int) -> tuple[int, bool]:
        """Up to which number nobody is at work any more, and whether somebody is at work beyond it.

        Three looks, in this order, each for itself: the newest number, the writers' locks, then (in `_ask`) the rows.
        Whoever begins after the first look draws a higher number; whoever ended before the second is seen by the third.
        """
        async with self._turn:
            (newest,) = await self._one(audience, NEWEST)
            writers, silent, lowest = await self._one(audience, AT_WORK)
        if silent:
            return least, True
        return (newest if lowest is None else min(newest, lowest - 1)), bool(writers)

    async def _one(self, audience: Audience, question: str) -> tuple[Any, ...]:
        reader = await self._connection()
        async with reader.transaction(), reader.cursor() as cursor:
            await cursor.execute(*_settings(audience))
            await cursor.execute(question.encode())
            return await cursor.fetchone() or (0, 0, None)

    async def _ask(self, audience: Audience, after: int, until: int, limit: int) -> list[Line]:
        async with self._turn:
            reader = await self._connection()
            async with reader.transaction(), reader.cursor() as cursor:
                await cursor.execute(*_settings(audience))
                await cursor.execute(READ, [after, until, limit])
                return [Line(*row) for row in await cursor.fetchall()]

    async def _connection(self) -> psycopg.AsyncConnection:
        if self._reader is None or self._reader.closed or self._reader.broken:
            self._reader = await psycopg.AsyncConnection.connect(self.dsn, autocommit=True)
        return self._reader


def _settings(audience: Audience) -> tuple[str, tuple[str, ...]]:
    statement, values = settings_statement(audience.standing)
    return statement, values


def _offer(queue: asyncio.Queue[Line | None], line: Line) -> None:
    """Hand a line to a stream; one that is too far behind is ended and comes back with its Last-Event-ID."""
    try:
        queue.put_nowait(line)
    except asyncio.QueueFull:
        while not queue.empty():
            queue.get_nowait()
        queue.put_nowait(None)
