"""The desk's list, in a real browser: many at once and back again, views, pickers, the workbook, ten thousand rows."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, Route, expect

from onegrid.foundation.kernel.pinyin import initials
from tests.e2e.conftest import Live, until
from tests.e2e.hands import Hand
from tests.e2e.test_desk import centre, ground, sign_in

pytestmark = pytest.mark.e2e
__all__ = ["centre", "ground"]

DESK = {"width": 1366, "height": 768}
LAMP = "小区门口路灯不亮，晚上看不清路"
KEPT_COLUMNS = re.compile(r"/api/v1/me/views/columns$")


def lamps(centre: Hand, ground: tuple[float, float], count: int) -> tuple[str, list[dict[str, Any]]]:
    """Fresh cases that share a word nobody else has, and the word."""
    word = f"批{time.time_ns()}"
    matter = centre.get("/matters", q="路灯", limit=1)["items"][0]["code"]
    return word, [
        centre.report(f"{LAMP} {word} 第{number}处", *ground, channel="hotline", matter=matter)
        for number in range(count)
    ]


def shown(page: Page) -> list[str]:
    """Ids of the rows that are drawn, in order."""
    found: list[str] = page.evaluate("[...document.querySelectorAll('.row')].map(row => row.dataset.case)")
    return found


def test_many_are_accepted_dispatched_and_taken_back(
    live: Live, open_page: Callable[..., Page], centre: Hand, ground: tuple[float, float]
) -> None:
    """Four cases by three keys; what cannot be done says why and stays picked; a dispatch can be undone."""
    word, cases = lamps(centre, ground, 4)
    centre.act(cases[3]["id"], "reject", reason=centre.get("/reasons")["reject"][0]["key"])
    page = open_page(viewport=DESK)
    sign_in(page, live, path=f"queue?tab=all&q={word}")
    until(page, "document.querySelectorAll('.row').length === 4", "all four are found")
    page.keyboard.press("*")
    expect(page.locator(".batch .count")).to_have_text("已选 4 件")
    page.click("[data-batch=accept]")
    page.wait_for_selector("dialog .groups")
    expect(page.locator("dialog .left-out")).to_contain_text("1 件现在不能这样办")
    page.click("dialog button[type=submit]")
    expect(page.locator("dialog .done")).to_contain_text("已办 3 件")
    page.click("dialog [data-close]")
    expect(page.locator(".batch .count")).to_have_text("已选 1 件")
    page.keyboard.press("Escape")
    until(page, "!document.querySelector('.batch')", "nothing is picked")
    until(
        page,
        "[...document.querySelectorAll('.row .status')].filter(one => one.innerText.includes('已受理')).length === 3",
        "three are accepted",
    )

    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("X")
    expect(page.locator(".batch .count")).to_have_text("已选 4 件")
    page.click("[data-batch=dispatch]")
    page.wait_for_selector("dialog .groups .group")
    where = page.inner_text("dialog .groups .name")
    expect(page.locator("dialog .groups .n")).to_contain_text("3 件")
    page.click("dialog button[type=submit]")
    page.wait_for_selector("dialog .done")
    sent = [centre.get(f"/cases/{case['id']}") for case in cases[:3]]
    assert {one["status"] for one in sent} == {"dispatched"}
    assert {one["department"]["name"] for one in sent} == {where}
    page.click("dialog footer button:has-text('撤回')")
    page.wait_for_selector(".flash:has-text('已撤回 3 件')")
    assert {centre.get(f"/cases/{case['id']}")["status"] for case in cases[:3]} == {"accepted"}
    page.wait_for_selector("dialog .done", state="detached")
    page.keyboard.press("Escape")
    page.keyboard.press("u")
    page.wait_for_selector(".flash:has-text('没有可以撤回的操作')")
    assert page.complaints == []  # type: ignore[attr-defined]


def test_a_lost_answer_of_a_batch_does_nothing_twice(
    live: Live, open_page: Callable[..., Page], centre: Hand, ground: tuple[float, float]
) -> None:
    """The server does it and its answer is lost, twice and for good; going on does not do it again."""
    word, cases = lamps(centre, ground, 2)
    page = open_page(viewport=DESK)
    sign_in(page, live, path=f"queue?tab=all&q={word}")
    until(page, "document.querySelectorAll('.row').length === 2", "both are found")
    page.keyboard.press("*")
    page.click("[data-batch=urge]")
    page.wait_for_selector("dialog textarea")
    lost: list[str] = []

    def lose(route: Route) -> None:
        route.fetch()
        lost.append(route.request.post_data or "")
        route.abort()

    page.route("**/api/v1/cases/batch", lose)
    page.click("dialog button[type=submit]")
    page.wait_for_selector("dialog .og-error", timeout=60_000)
    assert len(lost) >= 2
    page.unroute("**/api/v1/cases/batch")
    page.click("dialog button:has-text('继续其余 2 件')")
    expect(page.locator("dialog .done")).to_contain_text("已办 2 件")
    assert len(set(lost)) == 1
    for case in cases:
        steps = centre.get(f"/cases/{case['id']}")["timeline"]
        assert [step["action"] for step in steps].count("urge") == 1


def test_a_step_taken_alone_can_be_taken_back(
    live: Live, open_page: Callable[..., Page], centre: Hand, ground: tuple[float, float]
) -> None:
    """Dispatched by one key from the open case, and back by another."""
    word, (case,) = lamps(centre, ground, 1)
    centre.act(case["id"], "accept")
    page = open_page(viewport=DESK)
    sign_in(page, live, path=f"queue/{case['id']}?tab=all&q={word}")
    page.wait_for_selector("[data-primary]")
    page.keyboard.press("e")
    page.wait_for_selector(".flash button:has-text('撤回')")
    expect(page.locator(".row .status")).to_contain_text("已派遣")
    page.keyboard.press("u")
    page.wait_for_selector(".flash:has-text('已撤回 1 件')")
    assert centre.get(f"/cases/{case['id']}")["status"] == "accepted"


def test_a_view_and_columns_are_found_again_on_another_machine(live: Live, open_page: Callable[..., Page]) -> None:
    """Kept under a name with the account; one press or the palette brings the list back, one press takes it away."""
    name = f"超时 {time.time_ns() % 10**8}"
    page = open_page(viewport={"width": 1920, "height": 1080})
    sign_in(page, live, path="queue?tab=all")
    page.wait_for_selector(".row")
    page.click("button:has-text('已超时')")
    page.click("button:has-text('存为视图')")
    page.fill("input[aria-label='视图名称，如：城管超时']", name)
    page.keyboard.press("Enter")
    page.wait_for_selector(f".view.on:has-text('{name}')")
    page.click("button[aria-label='选择要显示的列']")
    with page.expect_response(KEPT_COLUMNS):
        page.check("fieldset label:has-text('编号') input")
    page.keyboard.press("Escape")
    page.wait_for_selector(".head span:has-text('编号')")
    page.wait_for_url(lambda url: parse_qs(urlsplit(url).query).get("cols") == ["number,place,department,reported"])

    other = open_page(viewport={"width": 1920, "height": 1080})
    sign_in(other, live)
    other.wait_for_selector(".head span:has-text('编号')")
    other.click(f".view:has-text('{name}') .name")
    other.wait_for_url(re.compile(r"due=over"))
    assert parse_qs(urlsplit(other.url).query) == {"tab": ["all"], "due": ["over"]}
    other.click("[data-tab=todo]")
    other.wait_for_url(re.compile(r"tab=todo"))
    other.keyboard.press("Control+k")
    other.wait_for_selector("dialog.palette[open]")
    other.keyboard.type(name)
    other.wait_for_selector("[data-command^='view-'][aria-selected=true]")
    other.keyboard.press("Enter")
    other.wait_for_selector(f".view.on:has-text('{name}')")
    other.click(".view.on .drop")
    until(other, "!document.querySelector('.view.on')", "the view is gone")
    other.click("button[aria-label='选择要显示的列']")
    with other.expect_response(KEPT_COLUMNS):
        other.click("button:has-text('恢复常用列')")
    until(other, "![...document.querySelectorAll('.head span')].some(one => one.innerText === '编号')", "usual columns")
    with page.expect_response(re.compile(r"/api/v1/me/views\?")):
        page.reload()
    page.wait_for_selector(".row")
    expect(page.locator(f".view:has-text('{name}')")).to_have_count(0)


def test_a_grid_is_picked_level_by_level_or_by_initials(
    live: Live, open_page: Callable[..., Page], centre: Hand
) -> None:
    """Each column leads to the next; pinyin initials find a grid at once; the list lies below what is picked."""
    root = centre.get("/grids/root")
    towns = centre.get(f"/grids/{root['id']}/children")["items"]
    town = max(towns, key=lambda one: len(centre.get("/cases", tab="all", grid=one["id"], limit=200)["items"]))
    wanted = {one["id"] for one in centre.get("/cases", tab="all", grid=town["id"], limit=200)["items"]}
    assert wanted
    page = open_page(viewport=DESK)
    sign_in(page, live, path="queue?tab=all")
    page.wait_for_selector(".row")
    page.keyboard.press("f")
    page.click("button[aria-label^='网格']")
    page.click(f".column button[title^='{town['name']} ·']")
    page.wait_for_url(re.compile(rf"grid={town['id']}\b"))
    page.wait_for_selector(".column >> nth=2")
    below = (
        f"[...document.querySelectorAll('.row')].every(row => {json.dumps(sorted(wanted))}.includes(row.dataset.case))"
    )
    until(page, f"document.querySelectorAll('.row').length > 0 && {below}", "only what lies below is listed")
    page.click(".panel footer button:has-text('不限网格')")
    page.wait_for_url(lambda url: "grid=" not in url)

    letters = initials(town["name"])
    page.click("button[aria-label^='网格']")
    page.fill(".panel input[type=search]", letters)
    page.wait_for_selector(f".found button:has-text('{town['name']}')")
    page.keyboard.press("ArrowDown")
    until(page, "document.activeElement.closest('.found') !== null", "arrows walk what was found")
    page.click(f".found button:has-text('{town['name']}')")
    page.wait_for_url(re.compile(r"grid="))
    page.wait_for_selector(f".chip:has-text('{town['name']}')")

    matter = centre.get("/matters", limit=40)["items"][7]
    page.fill("input[aria-label='事项']", matter["initials"][0])
    page.click(f".select li:has-text('{matter['name']}')")
    page.wait_for_url(re.compile(rf"matter={matter['code']}"))


def test_the_workbook_is_what_the_list_shows(live: Live, open_page: Callable[..., Page], centre: Hand) -> None:
    """A reason is asked; the file holds the rows of the filter in their order, and its name says when."""
    page = open_page(viewport=DESK)
    sign_in(page, live, path="queue?tab=all&channel=snap&sort=reported")
    page.wait_for_selector(".row")
    page.click("button[aria-label='导出 Excel']")
    expect(page.locator("dialog .said li")).to_have_text(["全部", "来源: 随手拍"])
    page.click("dialog button[type=submit]")
    page.wait_for_selector("dialog .og-error:has-text('请写明用途')")
    page.fill("#export-reason", "月度分析")
    with page.expect_download() as held:
        page.click("dialog button[type=submit]")
    rows = list(load_workbook(BytesIO(held.value.path().read_bytes())).worksheets[0].values)
    wanted, cursor = [], None
    while True:
        answer = centre.get("/cases", tab="all", channel="snap", sort="reported", limit=200, cursor=cursor)
        wanted += [one["number"] for one in answer["items"]]
        cursor = answer["next"]
        if not cursor:
            break
    assert [row[0] for row in rows[1:]] == wanted
    assert re.fullmatch(r"事件清单_\d{8}_\d{4}\.xlsx", held.value.suggested_filename)
    expect(page.locator("dialog .done")).to_contain_text(f"已导出 {len(wanted)} 件")


def test_the_map_shows_the_lists_set_and_the_list_the_maps(live: Live, open_page: Callable[..., Page]) -> None:
    """Same filter; what the window of the map holds can become the filter, and is named."""
    page = open_page(viewport=DESK)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    sign_in(page, live, path="queue?tab=all&due=over")
    page.wait_for_selector(".legend")
    maps = [parse_qs(urlsplit(url).query) for url in asked if "/cases/map" in url]
    lists = [parse_qs(urlsplit(url).query) for url in asked if re.search(r"/cases\?", url)]
    extra = {"zoom", "limit", "sort"}
    assert [{k: v for k, v in one.items() if k not in extra} for one in (maps[-1], lists[-1])] == [
        {"tab": ["all"], "due": ["over"]}
    ] * 2
    page.click(".foot .box")
    page.wait_for_url(re.compile(r"bbox="))
    expect(page.locator(".chip:has-text('地图上的一片')")).to_have_count(1)
    page.click(".foot .box")
    page.wait_for_url(lambda url: "bbox=" not in url)


def test_ten_thousand_rows_stay_smooth(live: Live, open_page: Callable[..., Page], centre: Hand) -> None:
    """Only what is in sight is drawn; scrolling through all of them keeps its pace and loads as it goes."""
    template = centre.get("/cases", tab="all", limit=1)["items"][0]
    page = open_page(viewport=DESK)

    def serve(route: Route) -> None:
        asked = parse_qs(urlsplit(route.request.url).query)
        start, limit = int(asked.get("cursor", ["0"])[0]), int(asked["limit"][0])
        items = [
            {**template, "id": f"{number:08d}", "number": f"N{number}", "title": f"第 {number} 件 {template['title']}"}
            for number in range(start, min(start + limit, 10_000))
        ]
        end = start + len(items)
        body = {"items": items, "next": str(end) if end < 10_000 else None, "looked_to": None}
        route.fulfill(json=body)

    page.route(re.compile(r"/api/v1/cases\?"), serve)
    sign_in(page, live, path="queue?tab=all")
    page.wait_for_selector(".row")
    reached = -1
    while reached < 9_999:
        further = f"""(() => {{ const box = document.querySelector('.scroll'); box.scrollTop = box.scrollHeight;
            const last = Math.max(...[...document.querySelectorAll('.row')].map((row) => Number(row.dataset.case)));
            return last > {reached} ? last : 0 }})()"""
        reached = until(page, further, f"the list goes on after row {reached}")
    drawn = page.evaluate("document.querySelectorAll('.row').length")
    assert drawn <= 120, f"{drawn} rows are drawn at once"
    # A hundred turns of the wheel, one in each frame; what the page's own thread worked, whoever else was at work.
    cdp = page.context.new_cdp_session(page)
    cdp.send("Performance.enable", {"timeDomain": "threadTicks"})

    def worked() -> float:
        found = {one["name"]: one["value"] for one in cdp.send("Performance.getMetrics")["metrics"]}
        return float(found["TaskDuration"]) * 1000

    page.evaluate("document.querySelector('.scroll').scrollTop = 0")
    page.wait_for_timeout(500)
    begun = worked()
    page.evaluate(
        """() => { const box = document.querySelector('.scroll'); let turns = 0;
        const turn = () => { box.scrollTop += 720; turns += 1;
        if (turns < 100) requestAnimationFrame(turn); else window.over_ = true };
        requestAnimationFrame(turn) }"""
    )
    until(page, "window.over_", "a hundred turns")
    each = (worked() - begun) / 100
    print(f"10,000 rows: {each:.1f} ms of work for a turn of twenty rows, {drawn} drawn")
    assert each < 33, "half the frames of a screen, on a shared machine of a pipeline"


def test_every_key_of_the_list_does_what_the_sheet_says(live: Live, open_page: Callable[..., Page]) -> None:
    """Each key the list names, pressed."""
    page = open_page(viewport=DESK)
    sign_in(page, live, path="queue?tab=all")
    page.wait_for_selector(".row >> nth=3")
    rows = shown(page)

    def marked(at: int) -> str:
        return f"document.querySelectorAll('.row')[{at}].classList.contains('at')"

    page.keyboard.press("j")
    page.keyboard.press("j")
    until(page, marked(1), "j twice marks the second")
    page.keyboard.press("k")
    until(page, marked(0), "k goes back")
    for key, picked in (("x", "=== 1"), ("x", "=== 0"), ("*", "> 3"), ("Escape", "=== 0")):
        page.keyboard.press(key)
        until(page, f"document.querySelectorAll('.line.picked').length {picked}", f"{key} leaves {picked} picked")
    for height in ("> 0", "=== 0"):
        page.keyboard.press("f")
        until(page, f"document.querySelector('#filters').offsetHeight {height}", "f opens the filters and folds them")
    page.keyboard.press("/")
    until(page, "document.activeElement.type === 'search'", "/ goes to the search")
    page.keyboard.press("Escape")
    map_was = page.evaluate("document.querySelector('.map-pane') !== null")
    page.keyboard.press("m")
    until(
        page, f"(document.querySelector('.map-pane') !== null) !== {json.dumps(map_was)}", "m turns the map on or off"
    )
    page.keyboard.press("m")
    with page.expect_request(re.compile(r"/api/v1/cases\?")):
        page.keyboard.press("r")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(rf"/queue/{rows[0]}"))
    page.keyboard.press("j")
    page.wait_for_url(re.compile(rf"/queue/{rows[1]}"))
    page.keyboard.press("Escape")
    page.wait_for_url(re.compile(r"/queue\?"))


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_list_fits_a_phone(live: Live, open_page: Callable[..., Page], language: str) -> None:
    """No page scrolls sideways at 360 px, with rows picked and filters open too."""
    page = open_page(language=language)
    sign_in(page, live, path="queue?tab=all")
    page.wait_for_selector(".row")
    wide = "document.documentElement.scrollWidth <= 360"
    until(page, wide, "the list fits")
    page.locator(".line .tick input").first.check()
    page.wait_for_selector(".batch")
    until(page, wide, "the bar for many fits")
    page.keyboard.press("f")
    until(page, wide, "the filters fit")
