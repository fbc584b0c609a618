"""A grid worker's day in a real browser on a phone's screen: duty and patrol, also without a network, people, calls."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.album import settle
from tests.e2e.conftest import Live, until
from tests.e2e.hands import Hand

pytestmark = pytest.mark.e2e

PIN = "246810"
EVERYTHING_KEPT = """async () => {
    const done = (asked) => new Promise((tell) => { asked.onsuccess = () => tell(asked.result) })
    const plain = (_, value) => {
        const bytes = value instanceof ArrayBuffer ? new Uint8Array(value) : value instanceof Uint8Array ? value : null
        return bytes ? new TextDecoder().decode(bytes) : value
    }
    const found = []
    for (const { name } of await indexedDB.databases()) {
        const base = await done(indexedDB.open(name))
        for (const store of base.objectStoreNames) {
            found.push(JSON.stringify(await done(base.transaction(store).objectStore(store).getAll()), plain))
        }
        base.close()
    }
    return found.join()
}"""
"""All that lies in the browser's databases, as text."""
STEP = 0.0003
"""Degrees of longitude a step: some thirty metres."""


@pytest.fixture(scope="module")
def worker(live: Live) -> Hand:
    """The demo's grid worker, over the API."""
    return Hand(live.url, live.account("worker"))


@pytest.fixture(scope="module")
def ground(worker: Hand) -> tuple[float, float]:
    """A point inside the worker's grid."""
    return worker.ground()


@pytest.fixture(autouse=True)
def off_duty(worker: Hand) -> None:
    """Nobody is on duty from the test before."""
    spell = worker.get("/duty")["spell"]
    if spell:
        worker.post(f"/duty/{spell['id']}/end")


def sign_in(page: Page, live: Live) -> None:
    """Through the page."""
    account = live.account("worker")
    page.goto(f"{live.url}/worker/")
    page.fill("#username", account["username"])
    page.fill("#password", account["password"])
    page.click("button[type=submit]")
    page.wait_for_selector(".van-tabbar")


def walk(page: Page, ground: tuple[float, float], steps: int) -> None:
    """Move the phone eastward, some thirty metres a step; the next one when it has counted the last."""
    page.wait_for_selector("text=正在记录轨迹")
    walked = page.locator(".figures dd").first
    for at in range(1, steps + 1):
        before = walked.inner_text()
        page.wait_for_timeout(1300)
        page.context.set_geolocation({"longitude": ground[0] + at * STEP, "latitude": ground[1], "accuracy": 8})
        expect(walked).not_to_have_text(before)


def eventually(ask: Callable[[], Any], what: str, seconds: float = 30.0) -> Any:
    """Ask until the answer is something."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = ask()
        if found:
            return found
        time.sleep(0.3)
    pytest.fail(f"{what} did not happen within {seconds:.0f} s")


def test_a_dark_screen_leaves_a_gap(
    live: Live, open_page: Callable[..., Page], ground: tuple[float, float], worker: Hand
) -> None:
    """A patrol of which only the beginning was recorded shows what is missing. The first test here: it is told late."""
    page = open_page(at=ground)
    sign_in(page, live)
    now = time.time()

    def at(ago: float) -> str:
        return datetime.fromtimestamp(now - ago, UTC).isoformat()

    spell = worker.post("/duty", device_at=at(1800))["id"]
    patrol = worker.post("/patrols", device_at=at(1800), spell=spell)["id"]
    points = [
        {"at": at(1800 - 20 * n), "lon": ground[0] + n * STEP, "lat": ground[1], "accuracy": 9} for n in range(10)
    ]
    worker.post(f"/patrols/{patrol}/track", points=points)
    worker.post(f"/patrols/{patrol}/end", device_at=at(600))
    page.goto(f"{live.url}/worker/duty/{patrol}")
    page.wait_for_selector("text=缺的时段")
    assert re.search(r"缺 1[67] 分钟（1 段）", page.inner_text("main"))
    page.goto(f"{live.url}/worker/duty")
    page.wait_for_selector(".foot >> text=签退")


def test_sign_in_walk_and_sign_out(
    live: Live, open_page: Callable[..., Page], ground: tuple[float, float], worker: Hand
) -> None:
    """Three taps; the track is counted, shown to its walker, and the day is on Today."""
    before = {one["id"] for one in worker.get("/patrols", limit=100)["items"]}
    page = open_page(at=ground)
    sign_in(page, live)
    page.click(".strip")
    page.click(".foot >> text=签到")
    page.wait_for_selector("text=签到时在网格内")
    page.click(".foot >> text=开始巡查")
    # What it can say depends on the machine: that it keeps the screen on, or that it cannot.
    page.wait_for_selector("text=/屏幕会一直亮着|屏幕一黑就记不到/")
    walk(page, ground, 4)
    until(
        page, "/9\\d|1[0-3]\\d/.test(document.querySelector('.figures dd').textContent)", "the phone counts the metres"
    )
    page.click("text=看地图")
    until(page, "document.querySelector('[data-ready=yes]') !== null", "the track is drawn")
    page.click(".foot >> text=结束巡查")
    page.wait_for_selector(".foot >> text=开始巡查")
    row = eventually(
        lambda: [one for one in worker.get("/patrols")["items"] if one["ended_at"] and one["id"] not in before],
        "the patrol arrives",
    )[0]
    assert 80 <= row["metres"] <= 140, row
    assert (row["gaps"], row["refused"]) == (0, 0), row
    page.click(f"a.row[href$='/duty/{row['id']}']")
    page.wait_for_selector("text=没有缺段")
    until(page, "document.querySelector('[data-ready=yes]') !== null", "the past track is drawn")
    page.go_back()
    page.click(".foot >> text=签退")
    page.click(".van-dialog__confirm")
    page.wait_for_selector(".foot >> text=签到")
    eventually(lambda: worker.get("/duty")["spell"] is None, "the sign-out arrives")
    assert page.complaints == []  # type: ignore[attr-defined]


def test_a_whole_duty_without_a_network(
    live: Live, open_page: Callable[..., Page], ground: tuple[float, float], worker: Hand
) -> None:
    """Everything is done offline and arrives once, with the times it happened."""
    before = len(worker.get("/patrols", limit=100)["items"])
    page = open_page(at=ground)
    sign_in(page, live)
    page.click(".strip")
    page.wait_for_selector(".foot >> text=签到")
    page.context.set_offline(True)
    began = datetime.now(UTC)
    page.click(".foot >> text=签到")
    page.click(".foot >> text=开始巡查")
    page.wait_for_selector("text=已记在手机里")
    walk(page, ground, 3)
    page.click(".foot >> text=结束巡查")
    page.wait_for_selector(".foot >> text=开始巡查")
    page.wait_for_timeout(1500)
    page.click(".foot >> text=签退")
    page.click(".van-dialog__confirm")
    page.wait_for_selector(".foot >> text=签到")
    ended = datetime.now(UTC)
    page.wait_for_timeout(3000)
    assert len(worker.get("/patrols", limit=100)["items"]) == before
    page.context.set_offline(False)
    rows = eventually(
        lambda: found if len(found := worker.get("/patrols", limit=100)["items"]) > before else None,
        "the duty arrives",
        60,
    )
    row = eventually(
        lambda: one if (one := worker.get("/patrols")["items"][0])["ended_by"] == "person" else None, "all of it"
    )
    assert len(rows) == before + 1
    assert 50 <= row["metres"] <= 110, row
    assert began.timestamp() - 1 <= datetime.fromisoformat(row["began_at"]).timestamp() <= ended.timestamp() + 1
    assert datetime.fromisoformat(row["ended_at"]).timestamp() <= ended.timestamp() + 1
    eventually(lambda: worker.get("/duty")["spell"] is None, "the sign-out arrives")


def test_people_of_my_grid_masked_and_kept_for_the_road(
    live: Live, open_page: Callable[..., Page], ground: tuple[float, float], worker: Hand
) -> None:
    """A PIN, then every door of the grid; a typed plate finds it; still there without a network; a name on record."""
    listed = worker.get("/register/folders")["items"]
    households, people = (sum(one[what] for one in listed) for what in ("households", "people"))
    folder = listed[0]
    opened = worker.get(f"/register/folders/{folder['grid']['id']}")
    house = opened["houses"][0]
    home = house["homes"][0]
    page = open_page(at=ground)
    sign_in(page, live)
    page.click(".van-tabbar-item:has-text('网格')")
    page.click("a.people")
    page.wait_for_selector("input[type=password]")
    for box in page.locator("input[type=password]").all():
        box.fill(PIN)
    page.click("main form button[type=submit]")
    page.wait_for_selector("button.house")
    expect(page.locator(".sum")).to_contain_text(f"{households} 户 {people} 人")
    sealed = page.evaluate(EVERYTHING_KEPT)
    assert len(sealed) > 1000
    assert house["name"] not in sealed, "what lies on the phone is sealed"
    page.fill("#door", f"{house['name']}{home['label']}")
    page.locator("button.house", has_text=house["name"]).filter(has_text=home["label"]).first.click()
    page.wait_for_selector(".card .person")
    shown = page.inner_text(".card")
    assert all(one["name"] in shown and "*" in one["name"] for one in home["residents"])
    page.click(".card .person >> nth=0 >> text=看全名")
    page.click(".van-action-sheet__item >> nth=0")
    until(page, "!document.querySelector('.card .person strong').textContent.includes('*')", "the whole name is shown")
    page.click(".card >> text=在这里上报")
    until(
        page, f"document.querySelector('#address')?.value === '{house['name']}{home['label']}'", "the door is filled in"
    )
    page.click("[aria-label=返回]")
    page.wait_for_selector("#door")
    page.click("[aria-label=返回]")
    page.context.set_offline(True)
    # The grey bar moves the page down: a tap before that would meet another place.
    page.wait_for_selector("text=可以照常上报和办理")
    page.click("a.people")
    page.wait_for_selector("button.house")
    page.fill("#door", house["name"])
    page.wait_for_selector("button.house")
    page.click("button:has-text('扫门牌')")
    page.wait_for_selector(".scan [role=status]")


def test_one_tap_calls_a_colleague(
    live: Live, open_page: Callable[..., Page], ground: tuple[float, float], worker: Hand
) -> None:
    """The number is masked until it is dialled; without a network it says so."""
    page = open_page(at=ground)
    sign_in(page, live)
    page.goto(f"{live.url}/worker/people")
    page.click(".van-tab:has-text('同事')")
    page.wait_for_selector("button.call")
    masked = page.inner_text(".house >> nth=0")
    assert "****" in masked
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/call") else None)
    page.click("button.call >> nth=0")
    until(page, "/\\b1\\d{10}\\b/.test(document.querySelector('.house').textContent)", "the number is shown")
    assert len(asked) == 1
    page.context.set_offline(True)
    page.click("button.call >> nth=1")
    page.wait_for_selector(".van-toast")


def test_today_is_ordered_as_one_walks(
    live: Live, open_page: Callable[..., Page], ground: tuple[float, float], worker: Hand
) -> None:
    """What waits for me as one numbered walk, each stop with its way from the one before; by deadline at a tap."""
    centre = Hand(live.url, live.account("dispatcher"))
    here = worker.me["hats"][0]["grid_id"]
    for north in (0.0006, 0.0):
        filed = centre.report(f"巷口积水 {time.time_ns()}", ground[0], ground[1] + north, channel="desk")
        if any(offer["action"] == "check_report" for offer in centre.get(f"/cases/{filed['id']}")["actions"]):
            centre.act(filed["id"], "check_report", real=True)
        if centre.get(f"/cases/{filed['id']}")["status"] == "reported":
            centre.act(filed["id"], "accept")
        centre.act(filed["id"], "dispatch", grid=here)
    page = open_page(at=ground)
    sign_in(page, live)
    page.wait_for_selector("h2.part")
    until(page, "/\\d+ 米/.test(document.querySelector('a.line')?.textContent ?? '')", "distances are shown")
    stops = page.locator("a.line:has(.nth)")
    assert stops.locator(".nth").all_inner_texts() == [str(at + 1) for at in range(stops.count())]
    assert stops.count() >= 2
    ways = [re.search(r"([\d.]+) (米|公里)$", text) for text in stops.locator(".place").all_inner_texts()]
    assert all(ways), "every stop says how far it is from the one before"
    assert re.search(r"约 [\d.]+ (米|公里)", page.locator("h2.part").inner_text())
    page.click("text=按时限")
    expect(page.locator("h3.grid")).to_have_count(0)
    page.wait_for_selector("a.line >> nth=1")
    assert page.complaints == []  # type: ignore[attr-defined]


def test_english_and_large_text_fit_a_small_phone(
    live: Live, open_page: Callable[..., Page], ground: tuple[float, float], worker: Hand
) -> None:
    """Every page of the day at 360 px, in English, with large text: nothing sticks out sideways."""
    page = open_page(at=ground, language="en-US")
    sign_in(page, live)
    page.goto(f"{live.url}/worker/me")
    page.click("text=Large text")
    page.goto(f"{live.url}/worker/duty")
    page.click(".foot >> text=Sign in")
    page.click(".foot >> text=Begin patrol")
    page.wait_for_selector(".figures")
    for path in ("", "duty", "people", "grids", "news"):
        page.goto(f"{live.url}/worker/{path}")
        page.wait_for_selector("h1")
        settle(page)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 360, f"/{path} is {wide} px wide"
    page.goto(f"{live.url}/worker/people")
    page.click("text=Not now")
    page.wait_for_selector("button.house")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.complaints == []  # type: ignore[attr-defined]
