"""A resident's day on a phone: four taps to a number, somebody else's report joined, no network, no mouse, the notice
at the gate; and the secretary who wants to know who has read it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.album import settle
from tests.e2e.conftest import Live, until
from tests.e2e.hands import Hand
from tests.e2e.test_desk import sign_in
from tests.e2e.test_resident import close_case

pytestmark = pytest.mark.e2e

DESK = {"width": 1366, "height": 768}
COVER = "井盖破损或缺失"


@pytest.fixture(scope="session")
def door(live: Live) -> tuple[float, float]:
    """Where the resident stands: in the demo worker's grid."""
    return Hand(live.url, live.account("worker")).ground()


@pytest.fixture(scope="session")
def address(live: Live, door: tuple[float, float]) -> str:
    """An address nearby, as residents say it."""
    return str(Hand(live.url).get("/addresses", q="", near=f"{door[0]},{door[1]}")["items"][0]["label"])


def number_of(page: Page) -> str:
    page.wait_for_selector(".number")
    return page.inner_text(".number").strip()


def test_four_taps_from_the_first_page_to_a_number(
    live: Live, open_page: Callable[..., Page], door: tuple[float, float], photo: Path
) -> None:
    """Report, camera, what it is, send. Place and words are there by themselves."""
    page = open_page(at=door)
    page.goto(f"{live.url}/resident/")
    started = time.monotonic()
    page.click("a.report")
    with page.expect_file_chooser() as chooser:
        page.click(".photos .add")
    chooser.value.set_files(str(photo))
    page.click("text=井盖坏了")
    expect(page.locator("#words")).to_have_value(re.compile(COVER))
    page.wait_for_selector(".address")
    page.click("button[type=submit]")
    assert number_of(page)
    assert time.monotonic() - started < 60, "20 s for a person; room for a machine that runs other tests beside"
    assert page.complaints == []  # type: ignore[attr-defined]


def test_what_a_neighbour_reported_is_joined_not_filed_again(
    live: Live, open_page: Callable[..., Page], door: tuple[float, float]
) -> None:
    """The near case is offered before filing; joining answers with the neighbour's own number."""
    words = f"路口的大树倒了压住电线 {time.time_ns()}"
    first = Hand(live.url).report(words, *door, anonymous=True)
    page = open_page(at=door)
    page.goto(f"{live.url}/resident/report")
    page.wait_for_selector(".address")
    page.fill("#words", words)
    page.click(f".near .one:has-text('{first['title'][:4]}') button >> nth=0")
    page.click("text=加入这件事")
    assert number_of(page) == first["number"]


def test_without_network_it_goes_out_by_itself_later(
    live: Live, open_page: Callable[..., Page], door: tuple[float, float], photo: Path
) -> None:
    """The photo and the words wait on the page, are kept, and become exactly one case when there is a network."""
    page = open_page(at=door)
    words = f"河边护栏断了一截 {time.time_ns()}"
    page.goto(f"{live.url}/resident/report")
    page.wait_for_selector(".address")
    page.context.set_offline(True)
    page.set_input_files("input[type=file]", str(photo))
    page.fill("#words", words)
    page.click("button[type=submit]")
    page.wait_for_selector("text=一有网络就自动发出")
    page.context.set_offline(False)
    number = number_of(page)
    found = Hand(live.url, live.account("dispatcher")).get("/cases", tab="all", q=number)
    assert [one["number"] for one in found["items"]] == [number]
    until(
        page, "[...document.querySelectorAll('.thumb img')].some(one => one.naturalWidth > 0)", "the photo went along"
    )


def test_the_whole_of_it_by_keyboard(live: Live, open_page: Callable[..., Page], address: str) -> None:
    """No mouse, no position: the address is found by typing, and five stars are given with the arrow keys."""
    page = open_page()
    page.goto(f"{live.url}/resident/report")
    page.focus("input[type=search]")
    page.keyboard.type(address[:8])
    page.wait_for_selector("[role=option]")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_selector(".address")
    page.focus("#words")
    page.keyboard.type(f"楼道堆了杂物 {time.time_ns()}")
    page.focus("button[type=submit]")
    page.keyboard.press("Enter")
    assert number_of(page)
    track = page.url.split("/track/")[1].split("?")[0]
    close_case(live, Hand(live.url).get(f"/track/{track}")["id"])
    page.reload()
    page.focus(".actions button >> nth=0")
    page.keyboard.press("Enter")
    page.wait_for_selector(".stars")
    page.focus(".stars input >> nth=0")
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    expect(page.locator(".level")).to_contain_text("非常满意")
    page.focus("text=提交评价")
    page.keyboard.press("Enter")
    page.wait_for_selector(".rating")
    assert Hand(live.url).get(f"/track/{track}")["rating"]["stars"] == 5


def test_a_call_is_one_tap_away(live: Live, open_page: Callable[..., Page], door: tuple[float, float]) -> None:
    """My grid says whom to call; the second time without asking where I live."""
    page = open_page(at=door)
    page.goto(f"{live.url}/resident/my-grid")
    page.wait_for_selector("a.call")
    assert re.fullmatch(r"tel:\+?\d{3,}", page.get_attribute("a.call", "href") or "")
    page.reload()
    page.wait_for_selector("a.call")
    assert page.locator(".picker").count() == 0
    page.click("text=换一个住处")
    page.wait_for_selector(".picker")


def test_a_link_and_its_picture_can_be_handed_on(
    live: Live, open_page: Callable[..., Page], door: tuple[float, float]
) -> None:
    """The progress page gives a link that opens on another phone, and a picture of it."""
    made = Hand(live.url).report(f"墙上有裂缝 {time.time_ns()}", *door, anonymous=True)
    page = open_page()
    page.goto(f"{live.url}/resident/track/{made['track_code']}")
    page.click("text=分享")
    page.wait_for_selector(".qr")
    until(page, "document.querySelector('.qr').naturalWidth > 200", "the picture is drawn")
    link = page.input_value("#share-link")
    other = open_page()
    other.goto(link)
    other.wait_for_selector(f"text={made['number']}")
    assert page.complaints == []  # type: ignore[attr-defined]


def test_a_notice_from_the_desk_to_the_gate_and_its_receipt(
    live: Live, open_page: Callable[..., Page], door: tuple[float, float]
) -> None:
    """The secretary writes it at the desk; the resident reads it on the first page, the worker among messages; the desk
    says who has read it; taken down it is gone."""
    title = f"明早停水 {time.time_ns() % 100_000}"
    desk = open_page(viewport=DESK)
    sign_in(desk, live, "secretary", "notices")
    desk.click("text=写公告")
    desk.fill("#notice-title", title)
    desk.fill("#notice-body", "六点到八点，请提前接水。\n有事找网格中心。")
    desk.click("text=发布")
    desk.click(f".row .head:has-text('{title}')")
    desk.wait_for_selector("text=还没有人读")

    phone = open_page(at=door)
    phone.goto(f"{live.url}/resident/my-grid")
    phone.wait_for_selector(f"text={title}")
    phone.goto(f"{live.url}/resident/")
    phone.click(f".notice .head:has-text('{title}')")
    phone.wait_for_selector("text=请提前接水")

    worker = open_page()
    account = live.account("worker")
    worker.goto(f"{live.url}/worker/news")
    worker.fill("#username", account["username"])
    worker.fill("#password", account["password"])
    worker.click("button[type=submit]")
    worker.wait_for_selector(f".notice .head:has-text('{title}')")
    head = worker.locator(".notice .head", has_text=title)
    expect(head).to_contain_text("未读")
    head.click()
    expect(head.locator(".unread")).to_have_count(0)

    desk.reload()
    desk.click(f".row .head:has-text('{title}')")
    name = Hand(live.url, account).me["name"]
    desk.wait_for_selector(f".people >> text={name}")
    desk.click(".row .inside button.danger")
    desk.fill(".taking input", "改到后天")
    desk.click(".taking button[type=submit]")
    desk.wait_for_selector("text=已撤下")
    with phone.expect_response(re.compile(r"/notices/here")):
        phone.goto(f"{live.url}/resident/")
    phone.wait_for_selector("a.report")
    settle(phone)
    expect(phone.locator(f"text={title}")).to_have_count(0)
    assert desk.complaints == phone.complaints == worker.complaints == []  # type: ignore[attr-defined]


def test_large_text_fits_every_page(live: Live, open_page: Callable[..., Page], door: tuple[float, float]) -> None:
    """360 px wide, English (its words are longer), letters a third larger, with a notice, a case and an open share
    sheet: nothing sticks out."""
    hand = Hand(live.url, live.account("secretary"))
    title = "重要提醒：台风今夜登陆，请关好门窗不要外出"
    hand.post("/notices", grid=hand.me["hats"][0]["grid_id"], title=title, body="有困难请打电话。" * 20, important=True)
    made = Hand(live.url).report(f"路灯不亮 {time.time_ns()}", *door, anonymous=True)
    page = open_page(at=door, language="en-US")
    page.goto(f"{live.url}/resident/")
    expect(page.locator("a.report")).to_contain_text("I want to report")
    page.click("text=Large text")
    for path in ("my-grid", "", "report", "find", "mine", "notices", "signin", f"track/{made['track_code']}"):
        page.goto(f"{live.url}/resident/{path}")
        page.wait_for_load_state("networkidle")
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 360, f"/{path} is {wide} px wide"
    page.click("button:has-text('Share')")
    page.wait_for_selector(".qr")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.complaints == []  # type: ignore[attr-defined]
