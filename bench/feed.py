"""The live feed: thousands of open pages on one process, events written the real way, delivery in milliseconds.

Writers (another process) announce inside transactions of their own; each event carries the moment before its commit.
Clients (two processes of raw sockets) sign in with tokens of their own hats, read, and note when each event or the word
to load anew arrived. A share of the pages does not read, is sent away, and comes back with its Last-Event-ID.

Floor: the same bytes in the same rhythm from a bare asyncio socket server to the same clients.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import resource
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bench._figures import end, options, tell
from bench._ground import Ground, ground

CLIENTS, RATE, SECONDS = 2_000, 200.0, 30.0
SEED = 20260302
PAD = 6_000
"""Characters more per event where pages stop reading: the kernel holds megabytes for them before anybody notices."""
MIX = (("root", 0.02), ("township", 0.18), ("village", 0.4), ("leaf", 0.3), ("department", 0.1))
"""Which share of the pages sits where."""
ALIKE = 20
TOWNSHIPS, VILLAGES, LEAVES, DEPARTMENTS = 15, 20, 5, 30
FEED = """
import asyncio, os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "onegrid.shell.config.settings"
from onegrid.shell.config.feed import connection_string, open_files
from onegrid.foundation.database.context import Standing
from onegrid.foundation.journal.feed import Feed
from onegrid.foundation.journal.feed_hub import Hub
async def identify(locality, headers):
    kind, _, place = headers.get("cookie", "").partition("=")
    if kind == "department":
        return Standing(locality, "", "department", department=place)
    return Standing(locality, place)
application = Feed(Hub(connection_string(), identify))
"""
"""The product's feed; only who is asking is read from the cookie, so that two thousand sessions need not be made."""
WRITER = """
import json, sys, time, random
import django
django.setup()
from datetime import datetime, UTC
from onegrid.foundation.database.context import Standing, acting
from onegrid.foundation.journal import services as journal
rate, seconds = float(sys.argv[1]), float(sys.argv[2])
places, departments = json.loads(sys.argv[3]), json.loads(sys.argv[4])
chance, begin, n = random.Random(7), time.time(), 0
while time.time() - begin < seconds:
    place, unit = chance.choice(places), chance.choice(departments)
    with acting(Standing({locality!r}, "r.")):
        line = dict(id=f"{{n:032x}}", number=f"BL20261121-{{n:05d}}", kind="moved", action="take", status="handling",
                    scope_path=place, title="路灯不亮，晚上看不见路", at=datetime.now(UTC).isoformat(), version=3,
                    sent=time.time(), pad="x" * int(sys.argv[5]))
        journal.announce("case", line, scope_path=place, now=datetime.now(UTC), departments=[unit])
    n += 1
    time.sleep(max(0.0, begin + n / rate - time.time()))
print(n)
"""


def places() -> tuple[list[str], list[str], list[str], list[str]]:
    """Paths of townships, villages, leaf grids and departments."""
    towns = [f"r.t{n}." for n in range(TOWNSHIPS)]
    villages = [f"{town}v{n}." for town in towns for n in range(VILLAGES)]
    leaves = [f"{village}g{n}." for village in villages for n in range(LEAVES)]
    return towns, villages, leaves, [f"d.{n}." for n in range(DEPARTMENTS)]


def audience(count: int, mix: Sequence[tuple[str, float]]) -> list[str]:
    """The cookie of each page."""
    towns, villages, leaves, departments = places()
    where = {"root": ["r."], "township": towns, "village": villages, "leaf": leaves, "department": departments}
    chance = random.Random(SEED)
    found = []
    for kind, share in mix:
        found += [
            f"{'department' if kind == 'department' else 'scope'}={chance.choice(where[kind])}"
            for _ in range(round(count * share))
        ]
    return found[:count]


# -- clients: a process of its own, `python feed.py --client`


class Page(asyncio.Protocol):
    """One open page: reads, remembers the last id, notes how long each event took."""

    def __init__(self, book: Book, cookie: str, slow: bool, last: str = "") -> None:
        self.book, self.cookie, self.slow, self.last = book, cookie, slow, last
        self.sleeper = slow or bool(last)
        self.exact = self.sleeper or book.exact(cookie)
        self.rest = b""
        self.transport: Any = None

    def connection_made(self, transport: Any) -> None:
        """Ask for the feed."""
        self.transport = transport
        again = f"Last-Event-ID: {self.last}\r\n" if self.last else ""
        transport.write(f"GET /{self.book.locality}/feed HTTP/1.1\r\nHost: h\r\nCookie: {self.cookie}\r\n{again}\r\n"
                        .encode())  # fmt: skip
        self.book.open += 1

    def data_received(self, data: bytes) -> None:
        """Take the events out of what came. A slow page stops reading after its first."""
        now = time.time()
        if data.endswith(b"\r\n0\r\n\r\n"):
            self.transport.close()  # the answer has ended; a browser comes back
        if self.slow and self.last:
            # It stops reading, and wakes up when everything has happened.
            self.slow = False
            self.transport.pause_reading()
            asyncio.get_running_loop().call_later(self.book.asleep, self._wake_up)
        if not self.exact:
            self._glance(data, now)
            return
        *blocks, self.rest = (self.rest + data).split(b"\n\n")
        for block in blocks:
            at = block.rfind(b"id: ")
            if at < 0 or b"\nevent: " not in block:
                continue
            number = block[at + 4 : block.find(b"\n", at)].decode()
            self.last = number
            found = block.find(b'"sent": ')
            if found >= 0:
                moment = float(block[found + 8 : block.find(b",", found)].rstrip(b"}"))
                if not self.sleeper:
                    self.book.took.append(now - moment)
                self.book.deliveries += 1
                self.book.seen[self.cookie].add(int(number))
            elif b"event: refresh" in block:
                self.book.refreshed += 1
            elif b"event: reset" in block:
                self.book.reset += 1

    def _glance(self, data: bytes, now: float) -> None:
        """Of a page whose like are read in full: count the events, and see how long the last one took."""
        self.book.deliveries += data.count(b"\nevent: case")
        self.book.refreshed += data.count(b"\nevent: refresh")
        found = data.rfind(b'"sent": ')
        if found >= 0 and (stop := data.find(b",", found)) > 0:
            self.book.took.append(now - float(data[found + 8 : stop]))

    def _wake_up(self) -> None:
        if not self.transport.is_closing():
            self.transport.resume_reading()

    def connection_lost(self, _: Exception | None) -> None:
        """Come back as a browser does; one that was slow reads from then on."""
        self.book.open -= 1
        if not self.book.over:
            self.book.dropped += 1
            asyncio.get_running_loop().call_later(0.5, self.book.connect, self.cookie, False, self.last)


class Book:
    """What a client process saw."""

    def __init__(self, locality: str, port: int) -> None:
        self.locality, self.port = locality, port
        self.took: list[float] = []
        self.seen: dict[str, set[int]] = {}
        self.alike: dict[str, int] = {}
        self.open = self.dropped = self.refreshed = self.reset = self.deliveries = 0
        self.over = False
        self.asleep = 0.0
        self.tasks: set[asyncio.Task[Any]] = set()

    def exact(self, cookie: str) -> bool:
        """Whether a page is to be read in full: some of each audience are enough, for all get the same bytes."""
        self.alike[cookie] = self.alike.get(cookie, 0) + 1
        return self.alike[cookie] <= ALIKE

    def connect(self, cookie: str, slow: bool, last: str = "") -> None:
        """Open a page."""
        self.seen.setdefault(cookie, set())
        task = asyncio.ensure_future(self._open(cookie, slow, last))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _open(self, cookie: str, slow: bool, last: str) -> None:
        loop = asyncio.get_running_loop()
        link = socket.socket()
        if slow:
            link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        link.setblocking(False)
        try:
            await loop.sock_connect(link, ("127.0.0.1", self.port))
            await loop.create_connection(lambda: Page(self, cookie, slow, last), sock=link)
        except ConnectionError:
            if not self.over:
                raise


async def client(words: argparse.Namespace) -> None:
    """Open the pages, wait for a line on standard input, tell what was seen."""
    asked = json.loads(sys.stdin.readline())
    book = Book(asked["locality"], asked["port"])
    book.asleep = asked["asleep"]
    for number, cookie in enumerate(asked["cookies"]):
        book.connect(cookie, number < asked["slow"])
        if number % 50 == 49:
            await asyncio.sleep(0.2)
    while book.open < len(asked["cookies"]):
        await asyncio.sleep(0.05)
    print("open", flush=True)
    loop = asyncio.get_running_loop()
    await loop.run_in_executor(None, sys.stdin.readline)
    book.over = True
    np.save(asked["out"], np.array(book.took))
    seen = {cookie: sorted(numbers) for cookie, numbers in book.seen.items()}
    print(
        json.dumps(
            {
                "dropped": book.dropped,
                "refreshed": book.refreshed,
                "reset": book.reset,
                "seen": seen,
                "deliveries": book.deliveries,
            }
        )
    )


# -- the measurement


class Pages:
    """Two client processes."""

    def __init__(
        self, cookies: Sequence[str], slow: int, locality: str, port: int, folder: Path, asleep: float = 0.0
    ) -> None:
        self.outs = [folder / f"took{part}-{port}.npy" for part in range(2)]
        self.processes = [
            subprocess.Popen([sys.executable, "-m", "bench.feed", "--client"], stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, text=True)
            for _ in self.outs
        ]  # fmt: skip
        for part, (process, out) in enumerate(zip(self.processes, self.outs, strict=True)):
            asked = {"cookies": cookies[part::2], "slow": slow // 2, "locality": locality, "port": port,
                     "out": str(out), "asleep": asleep}  # fmt: skip
            process.stdin.write(json.dumps(asked) + "\n")  # type: ignore[union-attr]
            process.stdin.flush()  # type: ignore[union-attr]
        for process in self.processes:
            assert process.stdout is not None
            assert process.stdout.readline().strip() == "open"

    def told(self) -> tuple[np.ndarray, list[dict[str, Any]]]:
        """How long each delivery took, and what each process saw."""
        found = []
        for process in self.processes:
            said, _ = process.communicate("over\n", timeout=120)
            found.append(json.loads(said.splitlines()[-1]))
        return np.concatenate([np.load(out) for out in self.outs]), found


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def serve(place: Ground, folder: Path, port: int) -> subprocess.Popen[bytes]:
    """The feed process, as `onegrid serve` starts it."""
    (folder / "bench_feed_app.py").write_text(FEED)
    env = dict(place.environment) | {"PYTHONPATH": os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])}
    process = subprocess.Popen(
        [sys.executable, "-m", "granian", "--host", "127.0.0.1", "--no-ws", "--log-level", "error", "--interface",
         "asgi", "--port", str(port), "--workers", "1", "--backlog", "4096", "--backpressure", "16384",
         "bench_feed_app:application"], env=env,
    )  # fmt: skip
    for _ in range(200):
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return process
        time.sleep(0.05)
    raise SystemExit("the feed did not start")


def worker_of(process: subprocess.Popen[bytes]) -> int:
    """The process that serves: granian's only child."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    fat = max(children, key=lambda child: memory(int(child)))
    return int(fat)


def memory(pid: int) -> int:
    """Resident bytes."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def cpu(pid: int) -> float:
    """Seconds of processor time used so far."""
    parts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")


def round_of(
    place: Ground,
    cookies: list[str],
    rate: float,
    seconds: float,
    folder: Path,
    *,
    slow: int = 0,
    pad: int = 0,
    after: float = 2.0,
) -> dict[str, Any]:
    """One measurement of the product's feed; `after` the writing, those sent away have so long to come back."""
    port = free_port()
    feed = serve(place, folder, port)
    try:
        worker = worker_of(feed)
        before = memory(worker)
        pages = Pages(cookies, slow, place.locality, port, folder, seconds + 2.0)
        time.sleep(1.0)
        opened = memory(worker)
        busy, begin = cpu(worker), time.perf_counter()
        _, _, leaves, departments = places()
        writer = subprocess.run(
            [sys.executable, "-c", WRITER.format(locality=place.locality), str(rate), str(seconds), json.dumps(leaves),
             json.dumps(departments), str(pad)],
            env=dict(place.environment), capture_output=True, text=True, check=True,
        )  # fmt: skip
        share = (cpu(worker) - busy) / (time.perf_counter() - begin)
        time.sleep(after)
        loaded = memory(worker)
        took, seen = pages.told()
    finally:
        feed.terminate()
        feed.wait()
    return {
        "events": int(writer.stdout), "deliveries": sum(one["deliveries"] for one in seen), **percentiles(took),
        "kb_per_client": round((opened - before) / len(cookies) / 1024, 1),
        "kb_per_client_loaded": round((loaded - before) / len(cookies) / 1024, 1),
        "feed_cpu": round(share, 2), "dropped": sum(one["dropped"] for one in seen),
        "refreshed": sum(one["refreshed"] for one in seen), "incomplete": incomplete(place, seen),
    }  # fmt: skip


def percentiles(took: np.ndarray) -> dict[str, float]:
    """Milliseconds."""
    if not len(took):
        return {"p50_ms": float("nan"), "p99_ms": float("nan")}
    return {"p50_ms": round(float(np.percentile(took, 50)) * 1000, 1),
            "p99_ms": round(float(np.percentile(took, 99)) * 1000, 1)}  # fmt: skip


def incomplete(place: Ground, seen: list[dict[str, Any]]) -> int:
    """Audiences that lack an event they should have seen, those told to load anew left out."""
    # After `ground` has set Django up.
    from onegrid.foundation.journal.models import FeedEvent  # noqa: PLC0415

    with place.acting():
        rows = list(FeedEvent.objects.order_by("id").values_list("id", "scope_path", "departments"))
    newest = max((number for one in seen for numbers in one["seen"].values() for number in numbers), default=0)
    lacking = 0
    for one in seen:
        if one["refreshed"]:
            continue
        for cookie, numbers in one["seen"].items():
            kind, _, where = cookie.partition("=")
            first = numbers[0] if numbers else newest + 1
            due = {
                number for number, path, units in rows
                if first <= number <= newest
                and (path.startswith(where) if kind == "scope" else any(unit.startswith(where) for unit in units))
            }  # fmt: skip
            lacking += bool(due - set(numbers))
    return lacking


def bare(cookies: list[str], rate: float, seconds: float, folder: Path, after: float) -> dict[str, float]:
    """The floor: as many bytes as each audience would get, four times a second, from a bare socket server."""
    port, opening = free_port(), 2.0 + len(cookies) / 300
    told = [str(one) for one in (port, rate, seconds, opening)]
    server = subprocess.Popen([sys.executable, "-m", "bench.feed", "--bare", *told])
    time.sleep(1.0)
    try:
        pages = Pages(cookies, 0, "benchland", port, folder)
        time.sleep(opening + seconds + after)
        took, _ = pages.told()
    finally:
        server.kill()
        server.wait()
    return percentiles(took)


async def bare_server(port: int, rate: float, seconds: float, opening: float) -> None:
    """Answers any request; `opening` seconds later it sends each page its share of the events."""
    pages: dict[str, list[Any]] = {}

    class Server(asyncio.Protocol):
        def connection_made(self, transport: Any) -> None:
            self.transport = transport

        def data_received(self, data: bytes) -> None:
            cookie = data.partition(b"Cookie: ")[2].partition(b"\r\n")[0].decode()
            self.transport.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
            pages.setdefault(cookie, []).append(self.transport)

    loop = asyncio.get_running_loop()
    await loop.create_server(Server, "127.0.0.1", port, backlog=4096)
    _, _, leaves, departments = places()
    chance = random.Random(7)
    number = 0
    await asyncio.sleep(opening)
    start = time.time()
    while time.time() < start + seconds:
        begin = time.time()
        batch: dict[str, list[bytes]] = {}
        while start + (number + 1) / rate <= begin:
            number += 1
            leaf, unit = chance.choice(leaves), chance.choice(departments)
            line = json.dumps({"id": f"{number:032x}", "title": "路灯不亮，晚上看不见路", "scope_path": leaf,
                               "pad": "x" * 150, "sent": start + number / rate, "end": 1})  # fmt: skip
            wire = f"id: {number}\nevent: case\ndata: {line}\n\n".encode()
            parts = leaf.split(".")
            for eyes in (*(f"scope={'.'.join(parts[:n])}." for n in range(1, 5)), f"department={unit}"):
                if eyes in pages:
                    batch.setdefault(eyes, []).append(wire)
        for eyes, wires in batch.items():
            message = b"".join(wires)
            for transport in pages[eyes]:
                transport.write(message)
        await asyncio.sleep(max(0.0, begin + 0.25 - time.time()))


def main() -> None:
    """Measure and print."""
    parser = options(__doc__ or "")
    parser.add_argument("--clients", type=int)
    parser.add_argument("--rate", type=float)
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--client", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--bare", nargs=4, type=float, help=argparse.SUPPRESS)
    words = parser.parse_args()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 65_536)), hard))
    if words.client:
        asyncio.run(client(words))
        return
    if words.bare:
        asyncio.run(bare_server(int(words.bare[0]), *words.bare[1:]))
        return
    clients = words.clients or (100 if words.quick else CLIENTS)
    rate = words.rate or (50.0 if words.quick else RATE)
    seconds = words.seconds or (1.0 if words.quick else SECONDS)
    after = 0.5 if words.quick else 2.0
    with ground("bench_feed") as place, tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        tell(words.json, f"{clients} pages, {rate:g} events/s for {seconds:g} s: spread over the tree")
        spread = round_of(place, audience(clients, MIX), rate, seconds, folder, after=after)
        tell(words.json, f"{spread}\nthe same, one page in fifty, at the root, stops reading meanwhile")
        sleepers = clients // 50
        cookies = ["scope=r."] * sleepers + audience(clients - sleepers, MIX)
        writing = seconds if words.quick else max(seconds, 20.0)
        slow = round_of(place, cookies, rate, writing, folder, slow=sleepers, pad=PAD, after=5 * after)
        tell(words.json, f"{slow}\nall at the root")
        root = round_of(place, ["scope=r."] * clients, rate, seconds, folder, after=after)
        tell(words.json, f"{root}\nfloor")
        floor = bare(audience(clients, MIX), rate, min(seconds, 10.0), folder, after)
    end(
        name="feed",
        value=spread["p99_ms"],
        unit="ms, p99",
        floor=floor["p99_ms"],
        ratio=round(spread["p99_ms"] / floor["p99_ms"], 2),
        n=clients,
        runs=1,
        rate=rate,
        seconds=seconds,
        **{key: value for key, value in spread.items() if key != "p99_ms"},
        slow={key: slow[key] for key in ("p99_ms", "dropped", "incomplete", "kb_per_client_loaded")},
        root={key: root[key] for key in ("p50_ms", "p99_ms", "deliveries", "refreshed", "incomplete", "feed_cpu",
                                         "kb_per_client_loaded")},
    )  # fmt: skip


if __name__ == "__main__":
    main()
