"""A bad line between browser and server: it can be down, lose an answer after the server has acted, or cut a request at
any byte. And a browser that can be killed like a phone whose battery is pulled.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, BrowserType, Error, Page

from tests.e2e.conftest import PATIENCE_MS, PHONE, find_browser

DROPPED = {"connection", "accept-encoding", "if-none-match", "if-modified-since"}
"""Headers that do not cross: one request a connection, and answers that can be read."""


@dataclass
class Line:
    """The line's state; tests change it while the browser talks."""

    url: str = ""
    """Address of the server as the browser sees it, with the locality's prefix."""
    down: bool = False
    lose: list[str] = field(default_factory=list)
    """For each entry: the next answer to a POST whose path ends so is lost."""
    cut: list[int] = field(default_factory=list)
    """For each entry: of the next photo bytes only so many get through."""
    rewrite: dict[str, bytes] = field(default_factory=dict)
    """Path ending → bytes added to what the server answers."""
    seen: list[tuple[str, str]] = field(default_factory=list)
    """Every request that reached the server: method and path."""

    def posts(self, ending: str) -> list[str]:
        """Paths of the POSTs that ended so, without their query."""
        return [path for method, path in self.seen if method == "POST" and urlsplit(path).path.endswith(ending)]


@contextmanager
def bad_line(server: str) -> Iterator[Line]:
    """A line to the server at `server` (with the locality's prefix)."""
    parts = urlsplit(server)
    line = Line()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one_request(self) -> None:
            try:
                super().handle_one_request()
            except (ConnectionError, TimeoutError):
                self.close_connection = True

        def _carry(self) -> None:
            self.close_connection = True
            if line.down:
                return
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            line.seen.append((self.command, self.path))
            path = urlsplit(self.path).path
            most = line.cut.pop(0) if self.command == "POST" and path.endswith("/bytes") and line.cut else None
            answer = _ask(parts.hostname or "", parts.port or 80, self._head(), body, most)
            lost = next((one for one in line.lose if self.command == "POST" and path.endswith(one)), None)
            if lost is not None:
                line.lose.remove(lost)
                return
            if line.down or most is not None:
                return
            for ending, more in line.rewrite.items():
                if path.endswith(ending):
                    answer = _longer(answer, more)
            self.wfile.write(answer)

        do_GET = do_POST = do_DELETE = _carry

        def _head(self) -> bytes:
            kept = [f"{name}: {value}" for name, value in self.headers.items() if name.lower() not in DROPPED]
            return "\r\n".join([f"{self.command} {self.path} HTTP/1.1", *kept, "Connection: close", "", ""]).encode()

        def log_message(self, *said: Any) -> None:
            """Nothing: the tests say what went over the line."""

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listening.daemon_threads = True
    line.url = f"http://127.0.0.1:{listening.server_address[1]}{parts.path}"
    thread = threading.Thread(target=listening.serve_forever, daemon=True)
    thread.start()
    try:
        yield line
    finally:
        listening.shutdown()
        listening.server_close()


def _ask(host: str, port: int, head: bytes, body: bytes, most: int | None) -> bytes:
    """The server's whole answer; with `most`, only so much of the body is sent before the line breaks."""
    with socket.create_connection((host, port), timeout=60) as wire:
        wire.sendall(head + (body if most is None else body[:most]))
        if most is not None:
            time.sleep(0.3)
            return b""
        parts = []
        while piece := wire.recv(65536):
            parts.append(piece)
        return b"".join(parts)


def _longer(answer: bytes, more: bytes) -> bytes:
    """The answer with bytes added to its body; its length is told by the end of the connection."""
    head, _, body = answer.partition(b"\r\n\r\n")
    kept = [one for one in head.split(b"\r\n") if not one.lower().startswith((b"content-length", b"transfer-encoding"))]
    return b"\r\n".join([*kept, f"Content-Length: {len(body) + len(more)}".encode()]) + b"\r\n\r\n" + body + more


@dataclass
class Phone:
    """A browser with a profile of its own that outlives it."""

    kind: BrowserType
    folder: Path
    at: tuple[float, float]
    language: str = "zh-CN"
    context: BrowserContext | None = None
    process: subprocess.Popen[bytes] | None = None
    browser: Browser | None = None
    complaints: list[str] = field(default_factory=list)

    def start(self) -> Page:
        """Switch on; a page of its own."""
        told = self.folder / "DevToolsActivePort"
        told.unlink(missing_ok=True)
        flags = [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--enable-unsafe-swiftshader", "--no-first-run",
            "--remote-debugging-port=0", f"--user-data-dir={self.folder}", f"--lang={self.language}",
            f"--accept-lang={self.language}", f"--window-size={PHONE['width']},{PHONE['height']}", "about:blank",
        ]  # fmt: skip
        self.process = subprocess.Popen(
            [find_browser(), *flags], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        deadline = time.monotonic() + 60
        while not (told.is_file() and told.read_text().strip()):
            assert time.monotonic() < deadline, "the browser did not start"
            time.sleep(0.1)
        port = told.read_text().split()[0]
        self.browser = self.kind.connect_over_cdp(f"http://127.0.0.1:{port}")
        self.context = self.browser.contexts[0]
        self.context.set_default_timeout(PATIENCE_MS)
        self.context.grant_permissions(["geolocation"])
        self.move(self.at)
        return self.page()

    def page(self) -> Page:
        """Another tab."""
        assert self.context is not None
        page = self.context.new_page()
        page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda said: said.type == "error" and self.complaints.append(said.text))
        return page

    def move(self, at: tuple[float, float]) -> None:
        """Stand somewhere else."""
        assert self.context is not None
        self.at = at
        self.context.set_geolocation({"longitude": at[0], "latitude": at[1], "accuracy": 10})

    def offline(self, off: bool) -> None:
        """What the phone itself believes."""
        assert self.context is not None
        self.context.set_offline(off)

    def close(self) -> None:
        """Switch off in an orderly way: a browser keeps its cookies on the disk only then, or half a minute later."""
        assert self.browser is not None and self.process is not None
        with suppress(Error):
            self.browser.new_browser_cdp_session().send("Browser.close")
        self.process.wait(30)
        self.process = self.context = self.browser = None

    def show(self, folder: Path) -> None:
        """After a failure: where every tab is, what it complained of, and its picture."""
        for number, page in enumerate(self.context.pages if self.context else []):
            picture = folder / f"phone-{number}.png"
            page.bring_to_front()
            page.screenshot(path=picture)
            print(f"{page.url} as {picture}: {self.complaints}")

    def kill(self) -> None:
        """SIGKILL, to the browser and all its children."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(30)
        self.process = self.context = None
