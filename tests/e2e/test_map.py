"""One map, in a real browser: what it colours, plays, raises and filters is what the API counts, and it follows edits.

Where ``ONEGRID_TEST_RESULTS`` names a folder, the map is kept there at several zooms, flat and in 3D, below ``map``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.conftest import Live, until
from tests.e2e.hands import Hand
from tests.e2e.test_desk import centre, ground, sign_in

pytestmark = pytest.mark.e2e
__all__ = ["centre", "ground"]

DESK: Final = {"width": 1280, "height": 720}
SMALL: Final = {"width": 800, "height": 600}
PICTURES: Final = os.environ.get("ONEGRID_TEST_RESULTS", "")
READY: Final = "[data-ready=yes]"
LEGEND: Final = ".side .legend li"
ZOOMS: Final = (9.5, 11.5, 13.5, 15.5, 17.0)


def show(page: Page, live: Live, query: str = "", *, role: str = "dispatcher") -> None:
    """The map, drawn, with its legend where there is room for it."""
    sign_in(page, live, role, f"map{query}")
    page.wait_for_selector(READY)
    if (page.viewport_size or DESK)["width"] > 900:
        page.wait_for_selector(LEGEND)


def keep(page: Page, name: str) -> None:
    """A picture to look at, where pictures are kept."""
    if PICTURES:
        folder = Path(PICTURES) / "map"
        folder.mkdir(parents=True, exist_ok=True)
        page.wait_for_timeout(2500)  # Tiles are drawn as they come; only pictures care.
        page.screenshot(path=folder / f"{name}.png")


def asked(page: Page) -> dict[str, list[str]]:
    """The address' own words."""
    return parse_qs(urlsplit(page.url).query)


def middle(page: Page) -> tuple[float, float]:
    """The middle of the map on the screen."""
    box = page.locator(".stage .map").first.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_colours_legend_and_card_say_what_is_counted(live: Live, open_page: Callable[..., Page], centre: Hand) -> None:
    """Every grid of the level is in the legend; the one under the mouse has its figure; pressing it opens its card."""
    root = centre.get("/grids/root")
    page = open_page(viewport=DESK)
    tallies: list[Any] = []
    page.on("response", lambda one: tallies.append(one.json()) if "/map/tally" in one.url and one.ok else None)
    show(page, live, "?measure=households&layers=")  # A case under the mouse would answer first.
    page.wait_for_timeout(600)
    rows = {one["grid"]: one for one in tallies[-1]["items"]}
    words = page.locator(LEGEND).all_inner_texts()
    assert sum(int(match.group(1)) for text in words if (match := re.search(r"(\d+) 个", text))) == len(rows)

    x, y = middle(page)
    found = None
    for dx, dy in ((0, 0), (60, 0), (-60, 0), (0, 60), (0, -60), (120, 60), (-120, -60)):
        page.mouse.move(x + dx, y + dy)
        page.wait_for_timeout(250)
        if page.locator(".hover").count():
            found = (x + dx, y + dy)
            break
    assert found, "no grid lies under the middle of the map"
    name, figure = page.inner_text(".hover strong"), page.inner_text(".hover").split()[-1]
    mine = next(one for one in rows.values() if one["name"] == name)
    assert figure.replace(",", "") == f"{mine['n']:g}"
    page.mouse.click(*found)
    page.wait_for_selector(".card h2")
    card = centre.get(f"/map/card/{mine['grid']}")
    assert page.inner_text(".card h2") == name == card["grid"]["name"]
    assert card["grid"]["chain"][0]["id"] == root["id"]
    expect(page.locator(".card .facts dd").first).to_have_text(f"{card['households']:,}")
    assert asked(page)["card"] == [mine["grid"]]
    keep(page, "card")
    page.keyboard.press("Escape")
    expect(page.locator(".card")).to_have_count(0)
    assert page.complaints == []  # type: ignore[attr-defined]


def test_the_brush_plays_and_counts_the_days(live: Live, open_page: Callable[..., Page], centre: Hand) -> None:
    """What the brush holds is what the days add up to; playing moves it, and the address holds where it stands."""
    page = open_page(viewport=DESK)
    show(page, live)
    page.wait_for_selector(".brush .bar")
    period = {"from": page.get_attribute(".until input", "value"), "n": page.locator(".brush .day").count()}
    assert period["n"] == 30
    plot = page.locator(".brush .plot").bounding_box()
    assert plot
    page.mouse.move(plot["x"] + plot["width"] * 0.42, plot["y"] + 20)
    page.mouse.down()
    page.mouse.move(plot["x"] + plot["width"] * 0.95, plot["y"] + 20, steps=4)
    page.mouse.up()
    page.wait_for_url(re.compile("part="))
    begin, end = asked(page)["part"][0].split("_")
    days = centre.get("/map/days", tab="all", **{"from": begin, "to": end})
    expect(page.locator(".brush .line")).to_contain_text(f"{days['total']} 件")
    page.focus(".grip.to")
    page.keyboard.press("ArrowLeft")
    page.wait_for_url(lambda url: parse_qs(urlsplit(url).query)["part"][0].split("_")[1] < end)
    keep(page, "brush")
    held = asked(page)["part"][0]
    page.keyboard.press("Tab")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("p")
    until(page, f"!location.search.includes('{held}')", "the brush moves")
    page.click(".play")
    stopped = asked(page)["part"]
    page.reload()
    page.wait_for_selector(READY)
    assert asked(page)["part"] == stopped


def test_an_area_drawn_by_hand_filters_map_and_list(live: Live, open_page: Callable[..., Page], centre: Hand) -> None:
    """Three corners around some cases: the map counts what the API counts in them, and the list shows the same."""
    page = open_page(viewport=DESK)
    show(page, live)
    x, y = middle(page)
    page.click("[data-tool=area]")
    page.wait_for_selector(".say")
    for dx, dy in ((-200, -160), (220, -140), (160, 180), (-180, 170)):
        page.mouse.move(x + dx, y + dy)
        page.mouse.click(x + dx, y + dy)
        page.wait_for_timeout(150)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("within="))
    within = asked(page)["within"][0]
    assert len(within.split(";")) == 4
    today = page.input_value(".until input")
    first = centre.get("/map/days", tab="all", within=within, to=today, **{"from": shifted(today, -29)})
    expect(page.locator("[data-in-area]")).to_contain_text(f" {first['total']} ")
    keep(page, "area")
    page.click(".area a")
    page.wait_for_url(re.compile(r"/queue\?.*within="))
    expect(page.locator(".chip:has-text('地图上画的一片')")).to_have_count(1)
    if first["total"]:
        page.wait_for_selector(".row")
    listed = centre.get("/cases", tab="all", within=within, day_from=shifted(today, -29), day_to=today, limit=200)
    assert len(listed["items"]) == min(first["total"], 200)
    page.go_back()
    page.wait_for_selector("[data-in-area]")
    page.keyboard.press("Escape")
    page.wait_for_url(lambda url: "within" not in url)


def test_buildings_stand_up_where_the_device_can_and_the_address_keeps_it(
    live: Live, open_page: Callable[..., Page], ground: tuple[float, float]
) -> None:
    """Too slow a device is told so and may insist; the same address shows the same on another machine."""
    lon, lat = ground
    page = open_page(viewport=SMALL)
    show(page, live, f"?at={lon:.5f},{lat:.5f},16.2")
    page.click("[data-tool=upright]")
    page.wait_for_timeout(1500)
    if page.locator("[data-insist]").count():
        assert "d" not in asked(page)
        page.click("[data-insist]")
    page.wait_for_url(re.compile(r"[?&]d=3"))
    expect(page.locator("[data-tool=upright]")).to_have_attribute("aria-pressed", "true")
    keep(page, "upright")
    address = page.url.split("/desk/")[1]
    other = open_page(viewport=SMALL)
    sign_in(other, live, path=address)
    other.wait_for_selector(READY)
    other.wait_for_url(re.compile(f"at={lon:.5f}"))
    other.keyboard.press("l")
    expect(other.locator("select[data-field=measure]")).to_have_value("reported")
    page.click("[data-tool=upright]")
    page.wait_for_url(lambda url: "d=3" not in url)


def test_the_map_of_a_resident_follows_an_edit_within_two_seconds(
    live: Live, open_page: Callable[..., Page], ground: tuple[float, float]
) -> None:
    """Where no feed reaches, the page asks; a new version makes it fetch the tiles anew, without a reload."""
    newer = {"n": 0}

    def tell(route: Route) -> None:
        answer = route.fetch()
        body = answer.json() if answer.status == 200 else {"version": 0}
        route.fulfill(json={"version": body["version"] + newer["n"]})

    page = open_page(at=ground)
    page.route("**/api/v1/map/version", tell)
    tiles: list[str] = []
    page.on("request", lambda one: tiles.append(one.url) if "/tiles/grids/" in one.url else None)
    page.goto(f"{live.url}/resident/my-grid")
    page.wait_for_selector("dl.facts")
    if page.locator(".outline").count() == 0:
        page.click("button:has-text('我在这里')")
    page.click(".outline")
    page.wait_for_selector(f"main > div .map {READY}")
    keep(page, "resident")
    before = int(page.locator("[data-version]").last.get_attribute("data-version") or 0)
    newer["n"] = 1
    page.wait_for_selector(f"[data-version='{before + 1}']", timeout=4000)
    page.wait_for_timeout(500)
    anew = [one for one in tiles if f"v={before + 1}" in one]
    assert anew
    assert all("level=" in one for one in anew[-1:])


@pytest.mark.skipif(not PICTURES, reason="drawn for whoever looks at them: ONEGRID_TEST_RESULTS names no folder")
@pytest.mark.parametrize("language", ["zh-CN", "en-US"])
def test_pictures(live: Live, open_page: Callable[..., Page], ground: tuple[float, float], language: str) -> None:
    """The map from the county down to the houses, on a desk and on a phone; the buildings upright are kept above."""
    lon, lat = ground
    for size, name in ((DESK, "desk"), ({"width": 390, "height": 780}, "phone")):
        page = open_page(viewport=size, language=language)
        sign_in(page, live, path=f"map?at={lon:.5f},{lat:.5f},{ZOOMS[0]}")
        page.wait_for_selector(READY)
        for zoom in ZOOMS:
            page.goto(f"{live.url}/desk/map?at={lon:.5f},{lat:.5f},{zoom}")
            page.wait_for_selector(READY)
            keep(page, f"{name}-{language[:2]}-{zoom}-2d")
        assert page.complaints == []  # type: ignore[attr-defined]


def shifted(day: str, by: int) -> str:
    """A day so many days later."""
    return str(date.fromisoformat(day) + timedelta(days=by))
