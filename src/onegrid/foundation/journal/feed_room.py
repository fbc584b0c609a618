"""Who sees which event, decided once per event and audience: the room of one locality, its audiences, their streams.

    event ── prefixes of its path, departments, residents ──> audiences that see it ── one message each ──> all streams

An audience is everybody with the same eyes; its message is put together once and handed to all its streams as the same
bytes. The rule of who sees what is the table's own policy (migration 0001), told once more here; a test holds the two
together, and what a returning page missed long ago is still read under the policy itself.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from onegrid.foundation.database.standing import Standing

RECENT: Final = 5_000
"""Events kept in memory for pages that come back soon."""
MOST_AT_ONCE: Final = 100
"""Events one message carries; beyond that a page is told to load anew, which is cheaper for it than reading them."""
MOST_BEHIND: Final = 64
"""Messages a slow reader may be behind before he is sent away; he comes back with his Last-Event-ID."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event as it was read. `data` is JSON as text; `about` is what it is about, for leaving out what is older."""

    number: int
    kind: str
    data: str
    about: str
    scope_path: str
    departments: Sequence[str]
    residents: Sequence[str]

    def wire(self) -> bytes:
        """As it goes over the wire."""
        return f"id: {self.number}\nevent: {self.kind}\ndata: {self.data}\n\n".encode()


class Stream:
    """One open page: the messages that wait for it."""

    __slots__ = ("_waiting", "checked", "ended", "messages", "sending", "task")

    def __init__(self, now: float) -> None:
        self.messages: deque[bytes] = deque()
        self.ended = False
        self.checked = now
        """When it was last asked who it is (loop time)."""
        self.sending: float | None = None
        """Since when its reader has not taken a message (loop time)."""
        self.task = asyncio.current_task()
        self._waiting: asyncio.Future[None] | None = None

    def offer(self, message: bytes) -> None:
        """Hand it a message; one that is too far behind is ended and comes back with its Last-Event-ID."""
        if self.ended:
            return
        if len(self.messages) >= MOST_BEHIND:
            self.end()
            return
        self.messages.append(message)
        self._wake()

    def end(self) -> None:
        """No more messages; what waits is dropped, the page gets it when it comes back."""
        self.ended = True
        self.messages.clear()
        self._wake()

    async def next(self) -> bytes | None:
        """All that waits, as one; None when the stream has ended."""
        while not self.messages and not self.ended:
            self._waiting = asyncio.get_running_loop().create_future()
            await self._waiting
        if self.ended:
            return None
        first = self.messages.popleft()
        if not self.messages:
            return first
        found = b"".join((first, *self.messages))
        self.messages.clear()
        return found

    def give_up(self) -> None:
        """End a stream whose reader does not take what it is sent."""
        self.end()
        if self.task is not None:
            self.task.cancel()

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)


@dataclass
class Audience:
    """Everybody with the same eyes."""

    streams: set[Stream] = field(default_factory=set)
    batch: list[Event] = field(default_factory=list)


@dataclass
class Room:
    """One locality: how far it was read, what was read lately, and who listens."""

    locality: str
    position: int = -1
    """Every event up to this number was handed out; -1 before the first look."""
    audiences: dict[str, Audience] = field(default_factory=dict)
    recent: deque[tuple[Event, set[str]]] = field(default_factory=lambda: deque(maxlen=RECENT))
    """The last events, each with the eyes that see it."""
    complete_after: int = 0
    """All events with a higher number up to `position` are in `recent`."""
    states: dict[str, int] = field(default_factory=dict)
    """Numbers that everybody may know, by kind, as they were last told."""
    first_look: asyncio.Lock = field(default_factory=asyncio.Lock)
    reader: asyncio.Task[None] | None = None

    def add(self, standing: Standing, stream: Stream) -> int:
        """A new listener; the number up to which he must be told what he missed."""
        self.audiences.setdefault(eyes_of(standing), Audience()).streams.add(stream)
        return self.position

    def remove(self, standing: Standing, stream: Stream) -> None:
        """A listener has gone."""
        eyes = eyes_of(standing)
        audience = self.audiences.get(eyes)
        if audience is not None:
            audience.streams.discard(stream)
            if not audience.streams:
                del self.audiences[eyes]

    def streams(self) -> Iterator[Stream]:
        """Everybody who listens."""
        for audience in list(self.audiences.values()):
            yield from list(audience.streams)

    def hand_out(self, events: Iterable[Event], until: int) -> None:
        """Keep events, and give each audience one message of those it sees. Numbers rise, none is above `until`."""
        touched: dict[str, Audience] = {}
        for event in events:
            for eyes in self.remember(event):
                audience = self.audiences.get(eyes)
                if audience is not None:
                    audience.batch.append(event)
                    touched[eyes] = audience
        self.position = max(self.position, until)
        for audience in touched.values():
            message = message_of(audience.batch)
            audience.batch.clear()
            for stream in list(audience.streams):
                stream.offer(message)

    def remember(self, event: Event) -> set[str]:
        """Keep an event for pages that come back; the eyes that see it."""
        if len(self.recent) == RECENT:
            self.complete_after = self.recent[0][0].number
        self.recent.append((event, eyes_for(event)))
        return self.recent[-1][1]

    def remembered(self, standing: Standing, after: int, until: int) -> list[Event] | None:
        """What `standing` sees with numbers above `after`, up to `until`; None when memory does not reach that far."""
        if after < self.complete_after:
            return None
        mine, found = eyes_of(standing), list[Event]()
        for event, eyes in reversed(self.recent):
            if event.number <= after:
                break
            if mine in eyes and event.number <= until:
                found.append(event)
        return found[::-1]


def eyes_of(standing: Standing) -> str:
    """What decides which events a standing sees, as one word; empty for who sees none."""
    if standing.role == "department":
        return f"d {standing.department}" if standing.department else ""
    if standing.role == "resident":
        return f"p {standing.person}" if standing.person else ""
    return f"s {standing.scope}" if standing.scope else ""


def eyes_for(event: Event) -> set[str]:
    """Everybody's eyes that see an event: scopes on its path, its departments and those above them, its residents."""
    found = {f"s {path}" for path in _prefixes(event.scope_path)}
    for department in event.departments:
        found.update(f"d {path}" for path in _prefixes(department))
    found.update(f"p {resident}" for resident in event.residents)
    return found


def _prefixes(path: str) -> Iterator[str]:
    end = path.find(".")
    while end >= 0:
        yield path[: end + 1]
        end = path.find(".", end + 1)


def message_of(events: Sequence[Event]) -> bytes:
    """One message for events in order: of several about one thing the last, and a word to load anew when it is many."""
    last = {(event.kind, event.about or event.number): event for event in events}
    if len(last) > MOST_AT_ONCE:
        return f'id: {events[-1].number}\nevent: refresh\ndata: {{"events":{len(events)}}}\n\n'.encode()
    return b"".join(event.wire() for event in sorted(last.values(), key=lambda event: event.number))
