"""A living demo county and a real browser for the page tests.

One demo is started per test session, on a free port, on a copy of a county made once; without a Chromium the tests are
skipped and say so. ``ONEGRID_E2E_URL`` and ``ONEGRID_E2E_JSON`` (what ``demo --json`` prints) use a server that already
runs.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Response, expect, sync_playwright

from tests.support.demos import command, folder_of_a_demo

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "microsoft-edge")
START_S = 300.0
FAILED = pytest.StashKey[bool]()
FLAGS = ["--no-sandbox", "--disable-gpu", "--enable-unsafe-swiftshader"]
"""WebGL without a graphics card, so that maps are drawn."""
PHONE = {"width": 360, "height": 780}
LONGEST = ("test_case_walk", "test_every_page", "test_desk_list", "test_four_people", "test_grids", "test_https")
"""Begun first where two go side by side, so that none of them is left over for one while the other has nothing."""
PATIENCE_MS = 45_000
"""As long as any action or expectation of a page waits: what has to be fast says so itself."""

expect.set_options(timeout=PATIENCE_MS)


@dataclass(frozen=True)
class Live:
    """A running server: its address with the locality's prefix, and who can sign in."""

    url: str
    accounts: tuple[dict[str, str], ...]
    carried: Mapping[str, Live] = field(default_factory=dict, compare=False)
    """Every locality of the server by name."""

    def account(self, role: str) -> dict[str, str]:
        """The demo sign-in of a role; fails with the roles there are."""
        for entry in self.accounts:
            if role in (entry["role"], entry["username"]):
                return entry
        raise KeyError(f"no demo sign-in {role}; there are {[entry['role'] for entry in self.accounts]}")


def free_ports() -> int:
    """A port such that it and the next one (the feed's) are free."""
    while True:
        with socket.socket() as one, socket.socket() as other:
            one.bind(("127.0.0.1", 0))
            port = int(one.getsockname()[1])
            try:
                other.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port


def find_browser() -> str:
    """Path of a Chromium, or skip with the reason."""
    named = os.environ.get("ONEGRID_BROWSER")
    found = named or next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if not found:
        pytest.skip(f"no browser: none of {', '.join(BROWSERS)} on the path, and ONEGRID_BROWSER is not set")
    return found


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """The demo of the first locality, started once."""
    running = os.environ.get("ONEGRID_E2E_URL")
    if running:
        yield _answer(
            json.loads(os.environ["ONEGRID_E2E_JSON"])
            if "ONEGRID_E2E_JSON" in os.environ
            else {"url": running, "accounts": []}
        )
        return
    with demo(tmp_path_factory.mktemp("demo")) as started:
        yield started


@contextmanager
def demo(folder: Path, *words: str) -> Iterator[Live]:
    """A small demo of its own in ``folder / "data"``, with more words for its command line; ended with the block.

    It begins with the prepared county; localities the words name besides are made at the start.
    """
    log, port = folder / "demo.log", free_ports()
    with folder_of_a_demo(port) as made, log.open("w") as said:
        data = folder / "data"
        data.symlink_to(made)
        process = subprocess.Popen(
            command(data, port, *words), stdout=subprocess.PIPE, stderr=said, text=True, start_new_session=True
        )
        try:
            yield _answer(_first_line(process, log))
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()


def _first_line(process: subprocess.Popen[str], log: Path) -> dict[str, Any]:
    """The one line of JSON that says the demo is ready."""
    assert process.stdout is not None
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        line = process.stdout.readline()
        if line.startswith("{"):
            return dict(json.loads(line))
        if not line and process.poll() is not None:
            break
    pytest.fail(f"the demo did not start:\n{log.read_text()[-4000:]}")


def _answer(said: dict[str, Any]) -> Live:
    each = {name: _live(one) for name, one in said.get("localities", {}).items()}
    first = next(iter(each.values())) if each else _live(said)
    return Live(first.url, first.accounts, each)


def _live(said: dict[str, Any]) -> Live:
    return Live(str(said["url"]).rstrip("/"), tuple(said.get("accounts", ())))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser process for all page tests."""
    path = find_browser()
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, headless=True, args=FLAGS)
        yield launched
        launched.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, the rest as they are."""
    items.sort(key=lambda item: LONGEST.index(item.path.stem) if item.path.stem in LONGEST else len(LONGEST))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """Remembers for the page fixture whether its test failed."""
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


@pytest.fixture
def open_page(browser: Browser, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., Page]]:
    """Makes pages, each in a fresh profile. What the browser complains about is kept in ``page.complaints``.

    After a failure every page is kept as a picture, and what it complained of is printed.
    """
    contexts: list[BrowserContext] = []

    def make(
        *, language: str = "zh-CN", viewport: dict[str, int] | None = None, at: tuple[float, float] | None = None
    ) -> Page:
        options: dict[str, Any] = {"viewport": viewport or PHONE, "locale": language}
        if at:
            options |= {"geolocation": {"longitude": at[0], "latitude": at[1]}, "permissions": ["geolocation"]}
        context = browser.new_context(**options)
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
        page.on("console", lambda said: _note(complaints, said.type, said.text))
        page.complaints = complaints  # type: ignore[attr-defined]
        refused: list[str] = []
        page.on("response", lambda answer: _note_refusal(refused, answer))
        page.refused = refused  # type: ignore[attr-defined]
        return page

    yield make
    for number, context in enumerate(contexts):
        if request.node.stash.get(FAILED, False):
            for page in context.pages:
                picture = tmp_path / f"page-{number}.png"
                page.screenshot(path=picture)
                print(f"{page.url} as {picture}; complaints: {getattr(page, 'complaints', [])}")
                print("\n".join(getattr(page, "refused", [])))
        context.close()


def _note_refusal(refused: list[str], answer: Response) -> None:
    """Keeps what was sent and answered, for the report of a failure."""
    if answer.status >= 400 and answer.request.method != "GET":
        refused.append(f"{answer.status} to {answer.request.method} {answer.url}: {answer.request.post_data}")


def _note(complaints: list[str], kind: str, text: str) -> None:
    """Keeps broken content policy and faults of scripts; a refused request (401, 404) is an answer, not a fault."""
    if kind == "error" and "Failed to load resource" not in text:
        complaints.append(text)


def until(page: Page, expression: str, what: str, seconds: float = 45.0) -> Any:
    """Waits until an expression in the page is true. Polls: `wait_for_function` needs eval, which the policy bars."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = page.evaluate(expression)
        if value:
            return value
        page.wait_for_timeout(100)  # Not asleep: what the page asks the test for is answered meanwhile.
    pytest.fail(f"{what} did not happen within {seconds:.0f} s")


@pytest.fixture(scope="session")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A 12-megapixel picture, as a phone takes it."""
    from PIL import Image, ImageDraw

    path = tmp_path_factory.mktemp("photos") / "cover.jpg"
    picture = Image.new("RGB", (4000, 3000), (148, 140, 128))
    drawing = ImageDraw.Draw(picture)
    drawing.ellipse((1200, 700, 2800, 2300), fill=(70, 70, 74), outline=(40, 40, 44), width=60)
    picture.save(path, "JPEG", quality=90)
    return path
