"""A resident's pages, in a real browser on a phone's screen."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Live, until
from tests.e2e.forms import fill_report, report
from tests.e2e.hands import Hand

pytestmark = pytest.mark.e2e

WORDS = "路口的井盖破了一个洞，晚上看不清"


@pytest.fixture(scope="session")
def home(live: Live) -> tuple[float, float]:
    """A point inside the worker's grid."""
    return Hand(live.url, live.account("worker")).ground()


def test_photo_place_words_number(
    live: Live, open_page: Callable[..., Page], home: tuple[float, float], photo: Path
) -> None:
    """The whole of a report takes seconds and ends with a number and a code."""
    page = open_page(at=home)
    page.goto(f"{live.url}/resident/")
    page.click("a.report")
    started = time.monotonic()
    fill_report(page, live, photo, WORDS)
    page.click("text=不留姓名")
    page.click("button[type=submit]")
    expect(page.locator(".number")).not_to_be_empty()
    assert time.monotonic() - started < 60, "20 s for a person; room for a machine that runs other tests beside"
    until(
        page, "[...document.querySelectorAll('.thumb img')].some(one => one.naturalWidth > 0)", "the sent photo shows"
    )
    page.wait_for_selector(".steps li")
    assert page.complaints == []  # type: ignore[attr-defined]

    page.goto(f"{live.url}/resident/")
    expect(page.locator("a.line")).to_have_count(1)  # This phone remembers an anonymous report.


def test_what_is_missing_is_said_and_nothing_is_lost(
    live: Live, open_page: Callable[..., Page], home: tuple[float, float]
) -> None:
    """An empty report is not sent; what was typed is there again after the page was closed."""
    page = open_page(at=home)
    page.goto(f"{live.url}/resident/report")
    page.wait_for_selector(".address")
    page.click("button[type=submit]")
    page.wait_for_selector("[role=alert]:has-text('请说一说')")
    page.fill("#words", WORDS)
    page.wait_for_selector("text=草稿已保存")
    page.reload()
    until(page, f"document.querySelector('#words')?.value === '{WORDS}'", "the draft is back")
    page.click("text=重新填")
    until(page, "document.querySelector('#words')?.value === ''", "starting over empties the page")


def test_a_lost_answer_is_not_a_second_case(
    live: Live, open_page: Callable[..., Page], home: tuple[float, float]
) -> None:
    """The server files the case, its answer never arrives: the page asks again and shows the one number."""
    page = open_page(at=home)
    words = f"{WORDS} {time.time_ns()}"
    fill_report(page, live, None, words)
    keys: list[str] = []

    def lose_first(route: object) -> None:
        request = route.request  # type: ignore[attr-defined]
        if request.method != "POST":
            route.continue_()  # type: ignore[attr-defined]
            return
        keys.append(request.post_data_json["key"])
        if len(keys) == 1:
            route.fetch()  # type: ignore[attr-defined]
            route.abort("connectionreset")  # type: ignore[attr-defined]
        else:
            route.continue_()  # type: ignore[attr-defined]

    page.route(re.compile(r"/api/v1/cases$"), lose_first)
    page.click("button[type=submit]")
    page.wait_for_selector(".number")
    assert len(keys) == 2 and len(set(keys)) == 1
    found = Hand(live.url, live.account("dispatcher")).get("/cases", tab="all", q=page.inner_text(".number"))
    assert len(found["items"]) == 1


def test_sign_in_by_the_demo_phone(live: Live, open_page: Callable[..., Page], home: tuple[float, float]) -> None:
    """The code shows in the plainly marked demo phone; afterwards one's reports are listed."""
    page = open_page(at=home)
    page.goto(f"{live.url}/resident/signin")
    page.fill("#phone", "138 0000 4321")
    page.click("text=获取验证码")
    page.wait_for_selector("text=演示环境")
    page.click("text=填入验证码")
    page.wait_for_url("**/mine")
    page.wait_for_selector("text=退出登录")
    fill_report(page, live, None, WORDS)
    page.click("button[type=submit]")
    page.wait_for_selector(".number")
    page.goto(f"{live.url}/resident/mine")
    page.wait_for_selector("a.line")


def test_wrong_phone_is_said_before_anything_is_sent(live: Live, open_page: Callable[..., Page]) -> None:
    """A number that cannot be one."""
    page = open_page()
    page.goto(f"{live.url}/resident/signin")
    page.fill("#phone", "12345")
    page.click("text=获取验证码")
    page.wait_for_selector("[role=alert]:has-text('11 位')")


def test_my_grid_names_whom_to_call(live: Live, open_page: Callable[..., Page], home: tuple[float, float]) -> None:
    """Grid, leader and centre of where I stand."""
    page = open_page(at=home)
    page.goto(f"{live.url}/resident/my-grid")
    page.wait_for_selector("dl.facts")
    assert page.locator("dl.facts dd").count() >= 2
    until(page, "document.querySelector('[data-ready=yes]') !== null", "the map is drawn")
    assert page.complaints == []  # type: ignore[attr-defined]


def test_progress_rating_and_reopening(live: Live, open_page: Callable[..., Page], home: tuple[float, float]) -> None:
    """The reporter reads who has it, rates it when it is closed, and the rating is on record."""
    page = open_page(at=home)
    track = report(page, live, None, f"{WORDS} {time.time_ns()}")
    case = Hand(live.url).get(f"/track/{track}")["id"]
    close_case(live, case)
    page.reload()
    page.click("text=评价")
    page.click(".stars label >> nth=4")
    page.click("text=真的解决了")
    page.click("text=提交评价")
    page.wait_for_selector(".rating")
    page.wait_for_selector(".rating:has-text('5 星')")
    assert Hand(live.url).get(f"/track/{track}")["rating"]["stars"] == 5


def close_case(live: Live, case: str) -> None:
    """Everybody else's part, from acceptance to closing, by the actions the server offers each of them."""
    people = [
        Hand(live.url, live.account(role))
        for role in ("dispatcher", "officer", "officer2", "worker", "inspector", "township", "secretary")
    ]
    steps = ("check_report", "accept", "dispatch", "take", "handle", "verify_pass", "close")
    dispatcher = people[0]
    for _ in range(14):
        if dispatcher.get(f"/cases/{case}")["status"] == "closed":
            return
        if not _one_step(people, case, steps):
            break
    detail = dispatcher.get(f"/cases/{case}")
    assert detail["status"] == "closed", (
        f"stuck at {detail['status']}: {[offer['action'] for offer in detail['actions']]}"
    )


def _one_step(people: list[Hand], case: str, steps: tuple[str, ...]) -> bool:
    """The latest step anybody may do now."""
    for step in reversed(steps):
        for hand in people:
            answer = hand.http.get(f"/cases/{case}")
            if answer.status_code != 200:
                continue
            offer = next((one for one in answer.json()["actions"] if one["action"] == step), None)
            if offer is None:
                continue
            fields = {"department": people[1].me["hats"][0]["department"]["id"]} if step == "dispatch" else {}
            hand.act(case, step, **fields)
            return True
    return False
