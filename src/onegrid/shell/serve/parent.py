"""The parent process of ``onegrid serve`` and ``onegrid demo``.

Order: engine, roles and tables (as the owner), whatever the caller fills in, then web, feed and jobs (as the app),
then wait until ``/healthz`` says that every part is up. From then on it tends its children until SIGINT or SIGTERM, and
stops them before the engine. Everything below it also dies with it when it is killed outright.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import ssl
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from onegrid.shell.cli.say import Trouble
from onegrid.shell.engine import Engine, EngineError
from onegrid.shell.serve.certificate import EVERYWHERE, Certificate, network_addresses
from onegrid.shell.serve.database import Reachable, embedded_url
from onegrid.shell.serve.processes import Child

FIRST_PORT = 8000
WEB_THREADS = 8
READY_WITHIN = 90.0
UNFIT = 3
"""How the jobs' process ends when role, tables and code do not fit. The web ends too, but is started again."""


class Stopped(Exception):
    """SIGINT or SIGTERM arrived."""


@dataclass(frozen=True)
class Options:
    """How to serve."""

    data: Path
    host: str
    port: int
    workers: int
    demo: bool
    life: bool
    certificate: Certificate | None = None

    @property
    def scheme(self) -> str:
        """http or https."""
        return "https" if self.certificate else "http"

    @property
    def url(self) -> str:
        """Where people go."""
        return self._address(self._here, self.port)

    @property
    def network_urls(self) -> list[str]:
        """Where other machines and phones of the network go; none when only this machine is listened to."""
        return [self._address(one, self.port) for one in network_addresses()] if self.host in EVERYWHERE else []

    @property
    def feed_health(self) -> str:
        """Where the web asks whether the feed lives."""
        return f"{self._address(self._here, self.port + 1)}healthz"

    def hints(self) -> list[str]:
        """Where phones go, and what they have to be told once when the certificate is our own; lines for people."""
        lines = [f"from the network: {url}" for url in self.network_urls]
        if self.certificate:
            first = (self.network_urls or [self.url])[0]
            lines.append(f"what a phone's browser allows, and the certificate it must trust first: {first}preflight")
        return lines

    @property
    def _here(self) -> str:
        return "127.0.0.1" if self.host in EVERYWHERE else self.host

    def _address(self, host: str, port: int) -> str:
        return f"{self.scheme}://{f'[{host}]' if ':' in host else host}:{port}/"


GRANIAN = (
    sys.executable, "-m", "granian", "--no-ws", "--log-level", "error", "--respawn-failed-workers",
    "--respawn-interval", "1",
)  # fmt: skip


def web_command(host: str, port: int, workers: int) -> list[str]:
    """How the web is served: so many processes, each with threads for its requests."""
    return [
        *GRANIAN, "--host", host, "--port", str(port), "--interface", "wsgi", "--workers", str(workers),
        "--blocking-threads", str(WEB_THREADS), "--blocking-threads-idle-timeout", "600",
        "onegrid.shell.config.wsgi:application",
    ]  # fmt: skip


def feed_command(host: str, port: int) -> list[str]:
    """How the live feed is served: one process holds every open page.

    An open page is a request that does not end: granian's own limit would keep the 1,025th out.
    """
    return [
        *GRANIAN, "--host", host, "--port", str(port), "--interface", "asgi", "--workers", "1",
        "--backlog", "4096", "--backpressure", "16384", "onegrid.shell.config.feed:application",
    ]  # fmt: skip


@dataclass
class Parent:
    """Holds the engine and the children. ``report`` is told what happens, in plain words."""

    options: Options
    report: Callable[[str], None]
    engine: Engine | None = None
    children: list[Child] = field(default_factory=list)

    def run(self, fill: Callable[[Reachable], None], ready: Callable[[], None]) -> int:
        """Start, ``fill``, serve, call ``ready`` once, tend until a signal. Returns the exit code."""
        catch_signals()
        try:
            database = self.open_database()
            fill(database)
            self.report("starting web, feed and jobs")
            self.start_children(database)
            self.wait_ready()
            ready()
            self.tend()
        except Stopped:
            self.report("stopping")
        finally:
            self.close()
        return 0

    def open_database(self) -> Reachable:
        """Start the engine unless DATABASE_URL names a server."""
        given = os.environ.get("DATABASE_URL")
        if given:
            return Reachable(given, None, None)
        self.engine = Engine(self.options.data, report=self.report)
        made = self.engine.start()
        self.report(f"PostgreSQL {self.engine.binaries.major} {'made and ' if made else ''}started")
        return Reachable(embedded_url(self.options.data), self.engine.superuser_dsn(), self.engine)

    def start_children(self, database: Reachable) -> None:
        """Start web, feed and jobs as the app role."""
        options = self.options
        env = database.environment("app", options.data) | {
            "ONEGRID_PORT": str(options.port),
            "ONEGRID_DEMO": "1" if options.demo else os.environ.get("ONEGRID_DEMO", ""),
            "ONEGRID_LIFE": "1" if options.life else "0",
            "ONEGRID_HTTPS": "1" if options.certificate else os.environ.get("ONEGRID_HTTPS", ""),
            "ONEGRID_FEED_HEALTH": os.environ.get("ONEGRID_FEED_HEALTH") or options.feed_health,
            "ONEGRID_AUTHORITY": str(options.certificate.authority) if options.certificate else "",
        }
        tls: list[str] = []
        if options.certificate:
            tls = ["--ssl-certificate", str(options.certificate.chain), "--ssl-keyfile", str(options.certificate.key)]
        parts = (
            ("web", [*web_command(options.host, options.port, options.workers), *tls]),
            ("feed", [*feed_command(options.host, options.port + 1), *tls]),
            ("jobs", [sys.executable, "-m", "onegrid.shell.cli.main", "work"]),
        )
        for name, command in parts:
            child = Child(name, command, env, self.report)
            child.start()
            self.children.append(child)

    def wait_ready(self) -> None:
        """Wait until the health page is green; say what is missing when it does not become so."""
        deadline = time.monotonic() + READY_WITHIN
        missing: object = "no answer"
        while time.monotonic() < deadline:
            if any(child.process is not None and child.process.poll() == UNFIT for child in self.children):
                raise Trouble("this cannot be served; see the words above")
            missing = self.missing_parts()
            if not missing:
                return
            for child in self.children:
                child.tend()
            time.sleep(0.2)
        raise Trouble(f"not everything came up within {READY_WITHIN:.0f} s: {missing}")

    def missing_parts(self) -> object:
        """What the health page complains about; empty when all is well."""
        request = urllib.request.Request(f"{self.options.url}healthz")  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=5, context=_trusting(self.options)) as answer:  # noqa: S310
                answer.read()
        except urllib.error.HTTPError as error:
            with suppress(ValueError, AttributeError):
                parts = json.loads(error.read())["parts"]
                return {name: state for name, state in parts.items() if state != "ok"}
            return f"status {error.code}"
        except OSError as error:
            return str(error)
        return None

    def tend(self) -> None:
        """Keep everything running, for ever."""
        pause = 0.5
        while True:
            time.sleep(0.5)
            if self.engine is not None:
                try:
                    self.engine.tend()
                    pause = 0.5
                except EngineError as error:
                    self.report(str(error).splitlines()[0])
                    pause = min(30.0, pause * 2)
                    time.sleep(pause)
            for child in self.children:
                child.tend()

    def close(self) -> None:
        """Stop the children, then the engine."""
        ignore_signals()
        for child in self.children:
            if child.process is not None and child.process.poll() is None:
                child.process.terminate()
        for child in self.children:
            child.stop(10)
        if self.engine is not None:
            self.engine.stop()


def choose_port(wanted: int | None, host: str) -> int:
    """The port to serve on, with the next one free for the feed. Raises when the wanted one is taken."""
    if wanted is not None:
        for port in (wanted, wanted + 1):
            if not _free(port, host):
                raise Trouble(f"port {port} is in use; choose another with --port (the feed needs the one after it)")
        return wanted
    for port in range(FIRST_PORT, FIRST_PORT + 400, 10):
        if _free(port, host) and _free(port + 1, host):
            return port
    raise Trouble("no free port between 8000 and 8400; name one with --port")


def _free(port: int, host: str) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def demo_password(data: Path) -> str:
    """The demo's password: given by ONEGRID_DEMO_PASSWORD, or made once per data folder."""
    given = os.environ.get("ONEGRID_DEMO_PASSWORD")
    if given:
        return given
    path = data / "demo_password"
    if path.is_file():
        return path.read_text().strip()
    words = "-".join(secrets.token_hex(2) for _ in range(3))
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(f"{words}\n")
    return words


def catch_signals() -> None:
    """Have our own handlers: a program started in the background may have SIGINT ignored, and would never stop."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise Stopped

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)


def ignore_signals() -> None:
    """A second Ctrl-C must not interrupt the orderly end."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def _trusting(options: Options) -> ssl.SSLContext | None:
    """Our own certificate is signed by nobody the system knows."""
    return ssl.create_default_context(cafile=str(options.certificate.authority)) if options.certificate else None
