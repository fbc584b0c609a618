"""The live feed: Server-Sent Events from a small ASGI process of its own.

    browser ── GET /{locality}/feed (cookie) ──> Stream ── waits ──┐
    commit of any step ── an event row ──> Hub ── Room ────────────┴─ one message per audience ──> its streams

A stream starts where `Last-Event-ID` says, so a page that lost its connection misses nothing. Events of a quarter of a
second arrive together. Beside the events a page hears `tick` (alive), `refresh` (more happened than is worth telling:
load anew, then go on listening), `reset` (the same, for a page whose cursor is of no use) and the states the hub was
given, such as `map.changed`. Django's request machinery does not run here.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from onegrid.foundation.journal.feed_hub import Audience, Hub, read_cursor
from onegrid.foundation.journal.feed_room import Stream

log = logging.getLogger("onegrid.feed")

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Scope = MutableMapping[str, Any]

RECHECK: Final = 60.0


class Feed:
    """The ASGI application. `hub` can be replaced in tests."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await self.hub.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        path = str(scope["path"]).strip("/").split("/")
        origin = self._origin(headers)
        if path == ["healthz"]:
            await _answer(send, 200 if await self.hub.ready() else 503, b"{}", origin)
            return
        if path[-1] != "feed" or len(path) > 2 or scope["method"] not in {"GET", "OPTIONS"}:
            await _answer(send, 404, b"", origin)
            return
        if scope["method"] == "OPTIONS":
            await _answer(send, 204, b"", origin)
            return
        locality = path[0] if len(path) == 2 else ""
        audience = await self.hub.identify(locality, headers)
        if audience is None:
            await _answer(send, 401, b"", origin)
            return
        query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
        last = headers.get("last-event-id") or (query.get("last_event_id") or [""])[0]
        await self._stream(audience, headers, read_cursor(last), receive, send, origin)

    async def _stream(
        self,
        audience: Audience,
        headers: dict[str, str],
        start: int | None,
        receive: Receive,
        send: Send,
        origin: str,
    ) -> None:
        loop = asyncio.get_running_loop()
        stream = Stream(loop.time())
        gone = asyncio.create_task(_until_gone(receive, stream))
        try:
            missed = await self.hub.join(audience, stream, start)
            await _start(send, origin)
            if missed:
                stream.sending = loop.time()
                await _send(send, missed)
                stream.sending = None
            while (message := await stream.next()) is not None:
                stream.sending = loop.time()  # who does not read is ended by the hub, and comes back
                await _send(send, message)
                stream.sending = None
                if loop.time() - stream.checked > RECHECK:
                    stream.checked = loop.time()
                    if await self.hub.identify(audience.locality, headers) != audience:
                        return  # signed out, disabled, another hat: the page must ask again
        except asyncio.CancelledError:
            if not stream.ended:
                raise
            # It did not read and was given up; it comes back with its Last-Event-ID.
        finally:
            self.hub.leave(audience, stream)
            gone.cancel()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(_send(send, b"", more=False), 1)

    def _origin(self, headers: dict[str, str]) -> str:
        """The page's origin, when it is ours: the same host on any port (the API's), or one the administrator named."""
        origin = headers.get("origin", "")
        host = headers.get("host", "").partition(":")[0]
        same = origin and urlsplit(origin).hostname == (host or None)
        return origin if same or origin in self.hub.origins else ""


async def _until_gone(receive: Receive, stream: Stream) -> None:
    """Ends the stream when the browser has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
    stream.end()


async def _answer(send: Send, status: int, body: bytes, origin: str) -> None:
    await send({"type": "http.response.start", "status": status, "headers": _headers(origin, b"application/json")})
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def _start(send: Send, origin: str) -> None:
    headers = [*_headers(origin, b"text/event-stream; charset=utf-8"), (b"x-accel-buffering", b"no")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await _send(send, b"retry: 3000\n\n")


async def _send(send: Send, body: bytes, *, more: bool = True) -> None:
    try:
        await send({"type": "http.response.body", "body": body, "more_body": more})
    except OSError:
        if more:
            raise


def _headers(origin: str, kind: bytes) -> list[tuple[bytes, bytes]]:
    headers = [(b"content-type", kind), (b"cache-control", b"no-store"), (b"vary", b"Origin, Cookie")]
    if origin:
        headers += [
            (b"access-control-allow-origin", origin.encode("latin-1")),
            (b"access-control-allow-credentials", b"true"),
            (b"access-control-allow-headers", b"last-event-id, cache-control, authorization"),
        ]
    return headers
