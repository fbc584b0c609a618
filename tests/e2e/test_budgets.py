"""How much a first visit loads and how long it takes on a weak phone in a weak network.

Four times slower than this machine, and the network Lighthouse calls slow 4G: 1.6 Mbit/s down, 675 kbit/s up, 150 ms.
Bytes are those that came over the wire until what one came for was on the screen. A time is the best of a few tries:
what is faster than the budget once is fast enough, what other programs of a busy machine add is not the page's fault.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page

from tests.e2e.album import ROOT, sign_in
from tests.e2e.conftest import Live, until

pytestmark = pytest.mark.e2e

KIB: Final = 1024
SLOW_4G: Final = {
    "offline": False, "latency": 150, "downloadThroughput": 1_638_400 / 8, "uploadThroughput": 675_000 / 8,
}  # fmt: skip
SLOWER: Final = 4
TRIES: Final = 4
CALM: Final = 0.8
"""So much of the processors is idle before anything is timed."""
CALM_TRIES: Final = 45
STAT: Final = Path("/proc/stat")
RESULTS: Final = Path(os.environ.get("ONEGRID_TEST_RESULTS") or ROOT / "test-results") / "budgets.json"
WATCH: Final = """
(() => {
  const look = () => {
    const there = document.querySelector(SELECTOR)
    if (there && there.getBoundingClientRect().height > 0) window.__usable = performance.now()
    else requestAnimationFrame(look)
  }
  requestAnimationFrame(look)
})()
"""
"""Notes when the thing one came for is on the screen and the page has answered a frame."""


@dataclass(frozen=True)
class Budget:
    """What a first visit may cost."""

    face: str
    role: str | None
    path: str
    usable: str
    kib: int
    seconds: float | None
    viewport: tuple[int, int]


BUDGETS: Final = (
    Budget("resident", None, "resident/", "a.report", 160, 3.0, (360, 780)),
    Budget("worker", "worker", "worker/", ".van-tabbar", 220, 4.0, (360, 780)),
    Budget("desk", "dispatcher", "desk/queue?tab=all", ".row", 320, None, (1366, 768)),
)


@dataclass
class Visit:
    """What one visit cost."""

    bytes: int
    seconds: float
    loose: list[str]
    """Text that came unpacked although it would have gained by it."""


@pytest.fixture(scope="module", autouse=True)
def calm(live: Live) -> None:
    """A demo that has just begun trains its classifier: seconds are measured when the machine is idle again."""
    assert live.url
    for _ in range(CALM_TRIES if STAT.is_file() else 0):
        idle, every = _ticks()
        time.sleep(2)
        later, all_later = _ticks()
        if later - idle > CALM * (all_later - every):
            break


def _ticks() -> tuple[int, int]:
    """Idle ticks of all processors since the start, and all ticks."""
    ticks = [int(one) for one in STAT.read_text().splitlines()[0].split()[1:]]
    return ticks[3] + ticks[4], sum(ticks)


@pytest.mark.parametrize("budget", BUDGETS, ids=lambda one: one.face)
def test_a_first_visit_keeps_its_budget(browser: Browser, live: Live, budget: Budget) -> None:
    """Bytes of everything but the data itself; time until what one came for is there."""
    visits = []
    for _ in range(TRIES):
        visits.append(visit(browser, live, budget))
        if budget.seconds is None or visits[-1].seconds <= budget.seconds:
            break
    best = min(visits, key=lambda one: one.seconds)
    note(budget.face, {"kib": round(best.bytes / KIB, 1), **asdict(best), "tries": len(visits)})
    assert best.loose == []
    assert best.bytes <= budget.kib * KIB, f"{best.bytes / KIB:.0f} KiB of {budget.kib}"
    if budget.seconds is not None:
        assert best.seconds <= budget.seconds, f"{best.seconds:.1f} s of {budget.seconds}"


def test_the_worker_opens_from_the_phone_within_a_second_without_a_network(browser: Browser, live: Live) -> None:
    """After the first visit has installed itself; on the same slow phone."""
    context = browser.new_context(viewport={"width": 360, "height": 780}, locale="zh-CN")
    try:
        sign_in(context, live, "worker")
        page = context.new_page()
        page.goto(f"{live.url}/worker/")
        page.wait_for_selector(".van-tabbar")
        ready = "navigator.serviceWorker.ready.then((one) => one.active?.state === 'activated')"
        until(page, ready, "the service worker is active")
        page.reload()
        page.wait_for_selector(".van-tabbar")
        page.wait_for_timeout(1500)
        context.set_offline(True)
        seconds = min(_again(context, f"{live.url}/worker/", ".van-tabbar") for _ in range(TRIES))
        note("worker offline", {"seconds": seconds})
        assert seconds <= 1.0, f"{seconds:.2f} s"
    finally:
        context.close()


def visit(browser: Browser, live: Live, budget: Budget) -> Visit:
    """A first visit with nothing cached, on the slow phone."""
    width, height = budget.viewport
    context = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
    try:
        if budget.role:
            sign_in(context, live, budget.role)
        page = context.new_page()
        with wire(page) as (session, seen):
            session.send("Network.emulateNetworkConditions", SLOW_4G)
            session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
            seconds = _usable(page, f"{live.url}/{budget.path}", budget.usable)
        assets = [one for one in seen.values() if "/api/" not in one["url"] and "/feed" not in one["url"]]
        return Visit(sum(int(one["bytes"]) for one in assets), seconds, [one["url"] for one in assets if loose(one)])
    finally:
        context.close()


@contextmanager
def wire(page: Page) -> Iterator[tuple[CDPSession, dict[str, dict[str, Any]]]]:
    """Everything that comes over the wire while inside, by request."""
    session = page.context.new_cdp_session(page)
    seen: dict[str, dict[str, Any]] = {}

    def answered(event: dict[str, Any]) -> None:
        answer = event["response"]
        headers = {name.lower(): value for name, value in answer["headers"].items()}
        if answer["url"].startswith("http"):
            seen[event["requestId"]] = {
                "url": answer["url"], "type": event["type"], "packed": headers.get("content-encoding", ""), "bytes": 0,
            }  # fmt: skip

    def part(event: dict[str, Any]) -> None:
        if event["requestId"] in seen:
            seen[event["requestId"]]["bytes"] += event["encodedDataLength"]

    def done(event: dict[str, Any]) -> None:
        if event["requestId"] in seen:
            seen[event["requestId"]]["bytes"] = event["encodedDataLength"]

    session.on("Network.responseReceived", answered)
    session.on("Network.dataReceived", part)
    session.on("Network.loadingFinished", done)
    session.send("Network.enable")
    yield session, seen
    session.detach()


def loose(one: dict[str, Any]) -> bool:
    """Whether it should have come packed."""
    return one["type"] in {"Script", "Stylesheet"} and one["bytes"] > 2 * KIB and one["packed"] == ""


def _usable(page: Page, address: str, selector: str) -> float:
    """Seconds from the start of the visit until the selector is on the screen."""
    page.add_init_script(WATCH.replace("SELECTOR", json.dumps(selector)))
    page.goto(address, wait_until="commit")
    return float(until(page, "window.__usable", f"{selector} appears", 90)) / 1000


def _again(context: BrowserContext, address: str, selector: str) -> float:
    """Seconds of another visit in a fresh tab of the slow phone."""
    page = context.new_page()
    try:
        session = context.new_cdp_session(page)
        session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        return _usable(page, address, selector)
    finally:
        page.close()


def note(name: str, figures: dict[str, Any]) -> None:
    """Keep a figure beside the pictures."""
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    known = json.loads(RESULTS.read_text()) if RESULTS.is_file() else {}
    RESULTS.write_text(json.dumps({**known, name: figures}, ensure_ascii=False, indent=1))
    print(f"{name}: {figures}")
