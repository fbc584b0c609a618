"""The hub of the live feed: one look per locality and moment, one read for all that listen there.

A look asks for the newest number; when there is news it waits until nobody is at work on a lower one, reads all events
since the last look under one standing that sees the whole locality, and lets the room decide who sees which. The look
comes four times a second while somebody listens: what happens in between goes out together, and nobody has to NOTIFY.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import psycopg

from onegrid.foundation.database.standing import ROOT, Standing, settings_statement
from onegrid.foundation.journal.feed_room import RECENT, Event, Room, Stream
from onegrid.foundation.journal.services.feeding import AT_WORK, NEWEST

log = logging.getLogger("onegrid.feed")

WINDOW: Final = 0.25
"""Seconds between two looks; what happens meanwhile goes out in one message."""
READ_AGAIN: Final = 0.02
"""Seconds until the next look when somebody has begun to write and not yet told his number."""
RECONNECT: Final = 1.0
PAGE: Final = 2_000
REPLAY: Final = 2000
"""Events a returning page may have missed; beyond that it loads anew."""
TICK: Final = 15.0
"""Seconds until a quiet stream shows that it is alive."""
SLICES: Final = 15
PATIENCE: Final = 10.0
"""Seconds a reader may take for one message."""
TICKED: Final = b"event: tick\ndata: {}\n\n"


@dataclass(frozen=True)
class Audience:
    """Whoever opened a stream: one locality, one standing."""

    locality: str
    standing: Standing


def read_cursor(text: str) -> int | None:
    """The number in a Last-Event-ID; None when it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


Identify = Callable[[str, Mapping[str, str]], Awaitable[Standing | None]]

READ: Final = (
    "SELECT id, kind, data::text, coalesce(data->>'id', ''), scope_path, departments, residents::text[]"
    " FROM journal_feedevent WHERE id > %s AND id <= %s ORDER BY id LIMIT %s"
)
LATELY: Final = (
    "SELECT id, kind, data::text, coalesce(data->>'id', ''), scope_path, departments, residents::text[]"
    " FROM journal_feedevent WHERE id <= %s ORDER BY id DESC LIMIT %s"
)


class Hub:
    """Brings what was written to open streams. `dsn` connects as the app role.

    `states`: kind → a question whose one answer is a number, such as the version of the map. Every page is told the
    numbers when it comes and whenever one changes; they are no events, have no id and are nobody's secret.
    """

    def __init__(
        self,
        dsn: str,
        identify: Identify,
        *,
        origins: Iterable[str] = (),
        states: Mapping[str, str] | None = None,
    ) -> None:
        self.dsn = dsn
        self._identify = identify
        self.origins = frozenset(origins)
        self._states = dict(states or {})
        self._rooms: dict[str, Room] = {}
        self._reader: psycopg.AsyncConnection | None = None
        self._turn = asyncio.Lock()
        self._ticker: asyncio.Task[None] | None = None

    async def identify(self, locality: str, headers: Mapping[str, str]) -> Audience | None:
        """Who is asking; None for nobody."""
        standing = await self._identify(locality, headers)
        return None if standing is None else Audience(standing.locality, standing)

    async def ready(self) -> bool:
        """Whether the database answers."""
        try:
            async with self._turn:
                reader = await self._connection()
                await reader.execute("SELECT 1")
        except (psycopg.Error, OSError):
            return False
        return True

    async def join(self, audience: Audience, stream: Stream, start: int | None) -> bytes:
        """Add a stream; what it missed since `start`. A cursor of another server's life gets one `reset` event.

        Between adding the stream and noting the position nothing can be handed out, so replay and live meet without
        gap or double.
        """
        room = await self._room(audience.locality)
        position = room.add(audience.standing, stream)
        if room.reader is None or room.reader.done():
            room.reader = asyncio.create_task(self._serve(room))
        if self._ticker is None or self._ticker.done():
            self._ticker = asyncio.create_task(self._tick())
        now = b"".join(_told(kind, number) for kind, number in room.states.items())
        if start is None:
            return now
        reset = now + f"id: {position}\nevent: reset\ndata: {{}}\n\n".encode()
        if start > position:
            # Numbers are drawn again after a restored backup: this page knows more than the database.
            return reset
        missed = room.remembered(audience.standing, start, position)
        if missed is None:
            missed = await self._read(audience.standing, start, position, REPLAY)
        return now + b"".join(event.wire() for event in missed) if len(missed) < REPLAY else reset

    def leave(self, audience: Audience, stream: Stream) -> None:
        """Remove a stream."""
        room = self._rooms.get(audience.locality)
        if room is not None:
            room.remove(audience.standing, stream)

    async def stop(self) -> None:
        """End all streams and connections."""
        tasks = [self._ticker, *(room.reader for room in self._rooms.values())]
        for task in tasks:
            if task is not None:
                task.cancel()
        for room in self._rooms.values():
            for stream in room.streams():
                stream.end()
        if self._reader is not None:
            await self._reader.close()

    async def _room(self, locality: str) -> Room:
        """The locality's room, read up to now when it is new."""
        room = self._rooms.setdefault(locality, Room(locality))
        async with room.first_look:
            if room.position < 0:
                position, _ = await self._settled(room, 0)
                lately = await self._query(_over(locality), LATELY, [position, RECENT])
                room.complete_after = lately[-1].number if len(lately) == RECENT else 0
                for event in reversed(lately):
                    room.remember(event)
                await self._tell_states(room)
                room.position = position
        return room

    async def _serve(self, room: Room) -> None:
        """Look again and again while somebody listens; what fails is tried again."""
        loop = asyncio.get_running_loop()
        while room.audiences:
            begin = loop.time()
            pause = WINDOW
            try:
                pause = await self._look(room)
            except (psycopg.Error, OSError) as why:
                log.warning("the feed of %s could not be read: %s", room.locality, type(why).__name__)
                await asyncio.sleep(RECONNECT)
            await asyncio.sleep(max(0.0, begin + pause - loop.time()))
        room.position = -1  # the next listener begins with a first look
        room.recent.clear()

    async def _look(self, room: Room) -> float:
        """Hand out what is new; seconds until the next look."""
        await self._tell_states(room)
        newest = await self._newest(room.locality)
        if newest <= room.position:
            return WINDOW
        until, silent = await self._settled(room, room.position)
        while room.position < until:
            events = await self._query(_over(room.locality), READ, [room.position, until, PAGE])
            room.hand_out(events, events[-1].number if len(events) == PAGE else until)
        return READ_AGAIN if silent else WINDOW

    async def _tell_states(self, room: Room) -> None:
        """Tell everybody of the numbers that changed."""
        for kind, question in self._states.items():
            rows = await self._ask(_over(room.locality), question, [])
            number = int(rows[0][0]) if rows and rows[0][0] is not None else 0
            if room.states.get(kind) != number:
                room.states[kind] = number
                for stream in room.streams():
                    stream.offer(_told(kind, number))

    async def _tick(self) -> None:
        """Show quiet pages that they are connected, a few at a time, so that all do not wake at once; and end those
        that do not read."""
        loop, turn = asyncio.get_running_loop(), 0
        while any(room.audiences for room in self._rooms.values()):
            for room in self._rooms.values():
                for place, stream in enumerate(room.streams()):
                    if stream.sending is not None:
                        if loop.time() - stream.sending > PATIENCE:
                            stream.give_up()
                    elif place % SLICES == turn:
                        stream.offer(TICKED)
            turn = (turn + 1) % SLICES
            await asyncio.sleep(TICK / SLICES)

    async def _settled(self, room: Room, least: int) -> tuple[int, bool]:
        """Up to which number nobody is at work any more, and whether somebody has not told his number yet.

        Three looks, in this order, each for itself: the newest number, the writers' locks, then the rows. Whoever
        begins after the first look draws a higher number; whoever ended before the second is seen by the third.
        """
        newest = await self._newest(room.locality)
        rows = await self._ask(_over(room.locality), AT_WORK, [])
        _, silent, lowest = rows[0]
        if silent:
            return least, True
        return (newest if lowest is None else min(newest, lowest - 1)), False

    async def _newest(self, locality: str) -> int:
        rows = await self._ask(_over(locality), NEWEST, [])
        return int(rows[0][0])

    async def _read(self, standing: Standing, after: int, until: int, limit: int) -> list[Event]:
        """Events as `standing` sees them, under the table's own policy."""
        return await self._query(standing, READ, [after, until, limit])

    async def _query(self, standing: Standing, question: str, values: list[Any]) -> list[Event]:
        return [Event(*row) for row in await self._ask(standing, question, values)]

    async def _ask(self, standing: Standing, question: str, values: list[Any]) -> list[tuple[Any, ...]]:
        """One question in a transaction of its own: what is committed between two of them is seen by the second."""
        async with self._turn:
            reader = await self._connection()
            async with reader.transaction(), reader.cursor() as cursor:
                await cursor.execute(*settings_statement(standing))
                await cursor.execute(question.encode(), values or None)
                return await cursor.fetchall()

    async def _connection(self) -> psycopg.AsyncConnection:
        if self._reader is None or self._reader.closed or self._reader.broken:
            self._reader = await psycopg.AsyncConnection.connect(self.dsn, autocommit=True)
        return self._reader


def _told(kind: str, number: int) -> bytes:
    """A state as it goes over the wire."""
    return f'event: {kind}\ndata: {{"version":{number}}}\n\n'.encode()


def _over(locality: str) -> Standing:
    """Sees the whole locality: the room decides who of the listeners sees what."""
    return Standing(locality, ROOT, reason="feed")
