"""A closed loop of HTTP requests over kept connections: as little of the machine as Python allows."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field


@dataclass
class Run:
    """What a run gave: how many of each status, how long each request took, and all of them together, seconds."""

    statuses: dict[int, int] = field(default_factory=dict)
    took: list[float] = field(default_factory=list)
    wall: float = 0.0


class _Connection(asyncio.Protocol):
    """Sends the next request when the answer to the last is complete."""

    def __init__(self, requests: Iterator[bytes], run: Run, done: asyncio.Future[None]) -> None:
        self.requests, self.run, self.done = requests, run, done
        self.waiting = b""
        self.sent = 0.0
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._next()

    def data_received(self, data: bytes) -> None:
        self.waiting += data
        head = self.waiting.find(b"\r\n\r\n")
        if head < 0:
            return
        at = self.waiting.lower().find(b"content-length:", 0, head)
        length = int(self.waiting[at + 15 : self.waiting.index(b"\r\n", at)])
        if len(self.waiting) < head + 4 + length:
            return
        status = int(self.waiting[9:12])
        self.run.statuses[status] = self.run.statuses.get(status, 0) + 1
        self.run.took.append(time.perf_counter() - self.sent)
        self.waiting = self.waiting[head + 4 + length :]
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(ConnectionError("the server closed a connection"))

    def _next(self) -> None:
        request = next(self.requests, None)
        if request is None:
            if not self.done.done():
                self.done.set_result(None)
            self.transport.close()
            return
        self.sent = time.perf_counter()
        self.transport.write(request)


def run(port: int, requests: Sequence[bytes], connections: int) -> Run:
    """Send `requests` to this machine over so many connections at once, each as soon as the last is answered."""
    return asyncio.run(_run(port, requests, connections))


async def _run(port: int, requests: Sequence[bytes], connections: int) -> Run:
    loop, found, turns = asyncio.get_running_loop(), Run(), iter(requests)
    begin = time.perf_counter()
    waiting = []
    for _ in range(connections):
        done: asyncio.Future[None] = loop.create_future()
        waiting.append(done)
        await loop.create_connection(lambda done=done: _Connection(turns, found, done), "127.0.0.1", port)
    await asyncio.gather(*waiting)
    found.wall = time.perf_counter() - begin
    return found


def post(path: str, body: bytes, token: str) -> bytes:
    """One POST of JSON as it goes over the wire."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
