"""A grid worker's pages, in a real browser on a phone's screen."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.album import settle
from tests.e2e.conftest import Live, until
from tests.e2e.forms import fill, moved, press_first
from tests.e2e.hands import Hand

pytestmark = pytest.mark.e2e

WORDS = "楼道里堆了纸箱，挡住消防通道"


@pytest.fixture(scope="session")
def worker(live: Live) -> Hand:
    """The demo's grid worker, over the API."""
    return Hand(live.url, live.account("worker"))


@pytest.fixture(scope="session")
def ground(worker: Hand) -> tuple[float, float]:
    """A point inside the worker's grid."""
    return worker.ground()


def sign_in(page: Page, live: Live, role: str = "worker") -> None:
    """Through the page."""
    account = live.account(role)
    page.goto(f"{live.url}/worker/")
    page.fill("#username", account["username"])
    page.fill("#password", account["password"])
    page.click("button[type=submit]")
    page.wait_for_selector(".van-tabbar")


def test_sign_in_refuses_and_admits(live: Live, open_page: Callable[..., Page]) -> None:
    """A wrong password is said in words; the right one opens Today; signing out closes it again."""
    page = open_page()
    page.goto(f"{live.url}/worker/me")
    page.fill("#username", live.account("worker")["username"])
    page.fill("#password", "not the password")
    page.click("button[type=submit]")
    page.wait_for_selector("[role=alert]")
    page.fill("#password", live.account("worker")["password"])
    page.click("button[type=submit]")
    page.wait_for_url("**/worker/me")
    page.click("text=退出登录")
    page.wait_for_selector("#username")
    assert page.complaints == []  # type: ignore[attr-defined]


def test_every_tab_opens(live: Live, open_page: Callable[..., Page], ground: tuple[float, float]) -> None:
    """Four tabs, the map drawn, the live feed connected."""
    page = open_page(at=ground)
    sign_in(page, live)
    page.wait_for_selector(".feed.live")
    for tab in ("网格", "消息", "我的", "今天"):
        page.click(f".van-tabbar-item:has-text('{tab}')")
        until(page, f"document.querySelector('h1')?.textContent.trim() === '{tab}'", f"the tab {tab} opens")
    page.click(".van-tabbar-item:has-text('网格')")
    until(page, "document.querySelector('[data-ready=yes]') !== null", "the map is drawn")
    page.wait_for_selector(".grid", state="attached")
    assert page.complaints == []  # type: ignore[attr-defined]


def test_report_settled_on_the_spot(
    live: Live, open_page: Callable[..., Page], ground: tuple[float, float], photo: Path, worker: Hand
) -> None:
    """Seen, settled, told: one page, one call; the case is not open afterwards."""
    page = open_page(at=ground)
    sign_in(page, live)
    page.click("a.report")
    page.wait_for_selector(".address")
    page.fill("#words", WORDS)
    page.set_input_files("input[type=file] >> nth=0", str(photo))
    page.click("text=已经当场处理好了")
    page.fill("#spot", "已请住户当场搬走")
    page.set_input_files("input[type=file] >> nth=1", str(photo))
    page.click("button[type=submit]")
    page.wait_for_url("**/case/*")
    page.wait_for_selector(".timeline .step")
    detail = worker.get(f"/cases/{page.url.rsplit('/', 1)[1]}")
    assert detail["on_the_spot"] is True
    assert detail["status"] in {"handled", "verified", "closed"}
    assert page.complaints == []  # type: ignore[attr-defined]


def test_a_draft_waits_on_today(live: Live, open_page: Callable[..., Page], ground: tuple[float, float]) -> None:
    """Half a report, the page left: it stands on Today and opens as it was."""
    page = open_page(at=ground)
    sign_in(page, live)
    page.click("a.report")
    page.wait_for_selector(".address")
    page.fill("#words", "写到一半")
    page.wait_for_selector("text=草稿已保存")
    page.goto(f"{live.url}/worker/")
    page.click("a.draft")
    until(page, "document.querySelector('#words')?.value === '写到一半'", "the draft opens as it was")
    page.click("text=丢弃草稿")
    page.wait_for_selector(".van-tabbar")
    settle(page)
    expect(page.locator("a.draft")).to_have_count(0)


def test_handle_a_task_with_evidence(
    live: Live, open_page: Callable[..., Page], ground: tuple[float, float], photo: Path, worker: Hand
) -> None:
    """The centre sends it to the worker's grid; it appears without reload; taken and handled with the checklist."""
    page = open_page(at=ground)
    sign_in(page, live)
    page.wait_for_selector(".feed.live")
    centre = Hand(live.url, live.account("dispatcher"))
    words = f"{WORDS} {time.time_ns()}"
    filed = centre.report(words, *ground, channel="desk")
    if any(offer["action"] == "check_report" for offer in centre.get(f"/cases/{filed['id']}")["actions"]):
        centre.act(filed["id"], "check_report", real=True)
    if centre.get(f"/cases/{filed['id']}")["status"] == "reported":
        centre.act(filed["id"], "accept")
    centre.act(filed["id"], "dispatch", grid=worker.me["hats"][0]["grid_id"])
    line = f"a.line[href$='{filed['id']}']"
    page.wait_for_selector(line)
    page.click(line)
    for _ in range(4):
        before = worker.get(f"/cases/{filed['id']}")
        offer = next(one for one in before["actions"] if one["primary"])
        press_first(page, offer, ".foot .primary")
        page.wait_for_selector(".sheet form")
        fill(page, ".sheet", offer, words="已清理完毕", department="", photo=photo)
        page.click(".sheet button[type=submit]")
        moved(centre, filed["id"], before["version"], page, ".sheet")
        if offer["action"] == "handle":
            break
    assert worker.get(f"/cases/{filed['id']}")["status"] in {"handled", "verified", "closed"}


def test_the_form_says_what_is_missing(live: Live, open_page: Callable[..., Page], worker: Hand) -> None:
    """A required field left blank is named beside the field, and nothing is sent."""
    page = open_page()
    sign_in(page, live)
    rows = worker.get("/cases", tab="todo", limit=20)["items"]
    wanted = next(
        (
            (row, offer)
            for row in rows
            for offer in worker.get(f"/cases/{row['id']}")["actions"]
            if any(field["required"] and field["kind"] == "text" for field in offer["fields"])
        ),
        None,
    )
    if wanted is None:
        pytest.skip("the seeded worker has no task with a required text")
    row, offer = wanted
    page.goto(f"{live.url}/worker/case/{row['id']}")
    page.wait_for_selector(".foot .primary")
    if page.inner_text(".foot .primary").strip() == offer["label"]:
        page.click(".foot .primary")
    elif page.locator(f".foot button:has-text('{offer['label']}')").count():
        page.click(f".foot button:has-text('{offer['label']}')")
    else:
        page.click(".foot button >> nth=0")
        page.click(f".van-action-sheet__item:has-text('{offer['label']}')")
    page.click(".sheet button[type=submit]")
    page.wait_for_selector(".sheet [role=alert]")
    assert worker.get(f"/cases/{row['id']}")["version"] == row["version"]


def test_english_and_large_text_fit_a_small_phone(
    live: Live, open_page: Callable[..., Page], ground: tuple[float, float]
) -> None:
    """Every page at 360 px, in English, with large text: nothing sticks out sideways."""
    page = open_page(at=ground, language="en-US")
    sign_in(page, live)
    page.goto(f"{live.url}/worker/me")
    page.click("text=Large text")
    for path in ("", "grids", "news", "me", "report"):
        page.goto(f"{live.url}/worker/{path}")
        page.wait_for_selector("h1")
        settle(page)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 360, f"/{path} is {wide} px wide"
    assert page.complaints == []  # type: ignore[attr-defined]
