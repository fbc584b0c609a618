"""The desk, in a real browser: queue, case, call, overview; by keys, live, and when two people want the same case."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.album import settle
from tests.e2e.conftest import Live, until
from tests.e2e.hands import Hand

pytestmark = pytest.mark.e2e

DESK = {"width": 1280, "height": 800}
PHONE = {"width": 360, "height": 780}
WORDS = "小区门口路灯不亮，晚上看不清路"


@pytest.fixture(scope="session")
def centre(live: Live) -> Hand:
    """The county's dispatcher, over the API."""
    return Hand(live.url, live.account("dispatcher"))


@pytest.fixture(scope="session")
def ground(live: Live) -> tuple[float, float]:
    """A point inside a grid: the demo worker's."""
    return Hand(live.url, live.account("worker")).ground()


def sign_in(page: Page, live: Live, role: str = "dispatcher", path: str = "") -> None:
    """Through the page."""
    account = live.account(role)
    page.goto(f"{live.url}/desk/{path}")
    page.fill("#username", account["username"])
    page.fill("#password", account["password"])
    page.click("button[type=submit]")
    page.wait_for_selector(".module")


def filed(centre: Hand, ground: tuple[float, float]) -> dict[str, object]:
    """A fresh case of its own words."""
    return centre.report(f"{WORDS} {time.time_ns()}", *ground, channel="hotline")


def test_the_queue_narrows_by_its_address(live: Live, open_page: Callable[..., Page]) -> None:
    """Tabs, counts, filters and search live in the address; the address alone brings them back."""
    page = open_page(viewport=DESK)
    sign_in(page, live)
    page.wait_for_selector(".feed.live")
    page.click("[data-tab=all]")
    page.wait_for_selector(".row")
    assert int(page.inner_text("[data-tab=all] .n")) > 0
    page.click("button:has-text('已超时')")
    page.fill("input[type=search]", "2026")
    page.wait_for_url(re.compile(r"q=2026"))
    query = parse_qs(urlsplit(page.url).query)
    assert query["tab"] == ["all"]
    assert query["due"] == ["over"]
    page.reload()
    until(page, "document.querySelector('input[type=search]')?.value === '2026'", "the search comes back")
    expect(page.locator(".chip:has-text('已超时')")).to_have_count(1)
    page.fill("input[type=search]", "没有任何事件会这样写")
    page.wait_for_selector("text=没有符合条件的事件")
    assert page.complaints == []  # type: ignore[attr-defined]


def test_a_case_is_accepted_and_dispatched_by_one_key(
    live: Live, open_page: Callable[..., Page], centre: Hand, ground: tuple[float, float]
) -> None:
    """The new case appears without reload; `e` accepts it, `e` again sends it to the proposed unit."""
    page = open_page(viewport=DESK)
    sign_in(page, live, path="queue?tab=all&sort=-reported")
    page.wait_for_selector(".feed.live")
    case = filed(centre, ground)
    page.wait_for_selector(f"[data-case='{case['id']}']")
    page.click(f"[data-case='{case['id']}']")
    page.wait_for_selector("[data-primary]")
    for _ in range(4):
        detail = centre.get(f"/cases/{case['id']}")
        if detail["status"] not in {"reported", "accepted"}:
            break
        first = next(one for one in detail["actions"] if one["primary"])
        page.wait_for_selector(f"[data-primary]:has-text('{first['label']}')")
        page.click(".detail h2")
        page.keyboard.press("e")
        until(
            page,
            "document.querySelector('.told') !== null || document.querySelector('.now form') !== null",
            "the key does something",
        )
        if page.locator(".now form").count():
            fill_form(page, first)
        settled(centre, str(case["id"]), int(detail["version"]))
        until(page, "document.querySelector('.now form') === null", "the form closes")
    assert centre.get(f"/cases/{case['id']}")["status"] == "dispatched"
    assert page.complaints == []  # type: ignore[attr-defined]


def fill_form(page: Page, offer: dict[str, object]) -> None:
    """What the platform left to a person, then send."""
    fields = offer["fields"]
    assert isinstance(fields, list)
    for field in fields:
        box = f"[data-field={field['name']}]"
        if field["kind"] == "department" or (field["required"] and field["kind"] == "matter"):
            page.click(f"{box} input")
            page.wait_for_selector(f"{box} [role=option] >> nth=0")
            page.click(f"{box} [role=option] >> nth=0")
        elif field["required"] and field["kind"] == "bool":
            page.click(f"{box} .pick >> nth=0")
        elif field["required"] and field["kind"] == "text":
            page.fill(f"{box} textarea", "已核对")
    page.click(".now button[type=submit]")


def settled(hand: Hand, case: str, version: int) -> None:
    """Waits until the case has moved on from a version."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if hand.get(f"/cases/{case}")["version"] > version:
            return
        time.sleep(0.2)
    raise AssertionError(f"case {case} stayed at version {version}")


def test_keys_walk_the_list(live: Live, open_page: Callable[..., Page]) -> None:
    """j and k move, Enter opens, Escape closes, / searches, ? explains."""
    page = open_page(viewport=DESK)
    sign_in(page, live, path="queue?tab=all")
    page.wait_for_selector(".row >> nth=2")
    page.keyboard.press("j")
    page.keyboard.press("j")
    until(page, "document.querySelectorAll('.row')[1].classList.contains('at')", "j moves the mark")
    page.keyboard.press("k")
    until(page, "document.querySelectorAll('.row')[0].classList.contains('at')", "k moves it back")
    page.keyboard.press("Enter")
    page.wait_for_selector(".detail .timeline .step")
    page.keyboard.press("Escape")
    page.wait_for_selector(".detail", state="detached")
    page.keyboard.press("/")
    until(page, "document.activeElement?.type === 'search'", "/ goes to the search")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    page.wait_for_selector("dialog[open] kbd")
    assert page.complaints == []  # type: ignore[attr-defined]


def test_a_conflict_keeps_what_was_typed(
    live: Live, open_page: Callable[..., Page], centre: Hand, ground: tuple[float, float]
) -> None:
    """Somebody else moves the case while a form is open: the page says what happened, the words stay."""
    case = filed(centre, ground)
    page = open_page(viewport=DESK)
    sign_in(page, live, path=f"queue/{case['id']}?tab=all")
    page.wait_for_selector("[data-action=add_words], [data-action=reject]")
    action = "add_words" if page.locator("[data-action=add_words]").count() else "reject"
    page.click(f"[data-action={action}]")
    page.fill("[data-field=words] textarea", "我正在写的话")
    other = (
        "accept" if any(one["action"] == "accept" for one in centre.get(f"/cases/{case['id']}")["actions"]) else "urge"
    )
    centre.act(str(case["id"]), other)
    page.wait_for_selector(".news")
    assert page.input_value("[data-field=words] textarea") == "我正在写的话"
    assert page.complaints == []  # type: ignore[attr-defined]


def test_a_call_becomes_a_case(
    live: Live, open_page: Callable[..., Page], ground: tuple[float, float], centre: Hand
) -> None:
    """Words, caller and a place searched on the map; the case opens after filing."""
    page = open_page(viewport=DESK, at=ground)
    sign_in(page, live, path="new")
    page.wait_for_selector("#words")
    page.click("button[type=submit]")
    page.wait_for_selector(".page .og-error")
    words = f"{WORDS} {time.time_ns()}"
    page.fill("#words", words)
    page.fill("#phone", "13800001234")
    page.click(".here")
    page.wait_for_selector(".address")
    page.click("button[type=submit]")
    page.wait_for_url(re.compile(r"/queue/[0-9a-f-]{36}"))
    page.wait_for_selector(".timeline .step")
    detail = centre.get("/cases/" + urlsplit(page.url).path.rsplit("/", 1)[1])
    assert detail["words"] == words
    assert detail["channel"] == "hotline"
    assert page.complaints == []  # type: ignore[attr-defined]


def test_a_figure_opens_the_cases_it_counted(live: Live, open_page: Callable[..., Page]) -> None:
    """The overview's number and the queue's rows are the same set; a part leads one level down."""
    page = open_page(viewport=DESK)
    sign_in(page, live, path="dashboard")
    page.wait_for_selector(".tile")
    page.click("button:has-text('近 90 天')")
    page.wait_for_selector(".period button[aria-pressed=true]:has-text('近 90 天')")
    page.wait_for_selector(".list .row .n")
    below = page.locator(".list .row a.name")
    assert below.count() > 0
    name = below.first.inner_text().strip()
    below.first.click()
    until(page, f"document.querySelector('h1')?.textContent.trim() === {name!r}", "one level down opens")
    told = int(page.locator(".tile .value").first.inner_text())
    page.locator("a.tile").first.click()
    page.wait_for_url(re.compile(r"/queue\?"))
    if 0 < told <= 50:
        until(page, f"document.querySelectorAll('.row').length === {told}", f"{told} rows are listed")
    assert page.complaints == []  # type: ignore[attr-defined]


def test_english_fits_a_small_phone_and_a_desk(live: Live, open_page: Callable[..., Page]) -> None:
    """Nothing sticks out sideways, in the longer language, at 360 and at 1280."""
    for viewport in (PHONE, DESK):
        page = open_page(language="en-US", viewport=viewport)
        sign_in(page, live, path="queue?tab=all")
        page.wait_for_selector(".row")
        for path in ("queue?tab=all", "dashboard", "new", "messages"):
            page.goto(f"{live.url}/desk/{path}")
            page.wait_for_selector("h1", state="attached")
            settle(page)
            wide = page.evaluate(
                "Math.max(document.documentElement.scrollWidth, document.querySelector('.inside').scrollWidth)"
            )
            assert wide <= viewport["width"], f"/{path} is {wide} px wide"
        page.goto(f"{live.url}/desk/queue?tab=all")
        page.click(".row")
        page.wait_for_selector(".timeline .step")
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
        assert page.complaints == []  # type: ignore[attr-defined]
