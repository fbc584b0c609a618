"""Grids drawn at the desk, in a real browser: by hand with split, undo, merge and a lasso, approved by the county and
seen in the map; drawn from the registers; a partition from a file with its faults; and what works without WebGL."""

from __future__ import annotations

import itertools
import json
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import mapbox_vector_tile
import pytest
from playwright.sync_api import Page, Response, expect
from shapely.geometry import shape

from tests.e2e.conftest import Live, until
from tests.e2e.hands import Hand
from tests.e2e.test_desk import sign_in
from tests.e2e.test_desk_list import DESK

pytestmark = pytest.mark.e2e

CELLS = "document.querySelectorAll('[data-cell]').length"
NO_WEBGL = """
(() => {
  const real = HTMLCanvasElement.prototype.getContext
  HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
    return String(kind).startsWith('webgl') ? null : real.call(this, kind, ...rest)
  }
})()
"""


@pytest.fixture(scope="module")
def township(live: Live) -> Hand:
    """Who draws."""
    return Hand(live.url, live.account("township"))


@pytest.fixture(scope="module")
def village(live: Live, township: Hand) -> dict[str, Any]:
    """A village of the township with several grids at its lowest level, where nobody of the other tests works."""
    busy = {
        step["id"]
        for role in ("worker", "secretary")
        for step in township.get(f"/grids/{Hand(live.url, live.account(role)).me['hats'][0]['grid_id']}")["chain"]
    }
    for village in township.get(f"/grids/{township.me['hats'][0]['grid_id']}/children")["items"]:
        schemes = township.get("/grids/drafts/plan", grid=village["id"])["schemes"]
        for scheme in schemes if village["id"] not in busy else []:
            if scheme["levels"][-1]["grids"] > 1:
                return {**village, "scheme_drawn": scheme["scheme"], "lowest": scheme["levels"][-1]["level"]}
    pytest.fail("the township has no village with two grids or more")


def begin_by_hand(page: Page, live: Live, village: dict[str, Any], title: str) -> None:
    """A new draft from today's grids of a village, its lowest level in sight."""
    page.goto(f"{live.url}/desk/grids/new?grid={village['id']}")
    page.check("[data-way=hand]")
    page.fill("#draft-title", title)
    page.click("form .go")
    page.select_option(".level select", village["lowest"])
    page.wait_for_selector(f"[data-level={village['lowest']}] [data-cell]")


def cells(page: Page) -> int:
    """How many grids the list shows."""
    return int(page.evaluate(CELLS))


def pick(page: Page, *keys: str) -> None:
    """Picks exactly these in the list."""
    for ticked in page.locator("[data-cell] input:checked").all():
        ticked.uncheck()
    for key in keys:
        page.check(f"[data-cell='{key}'] input")


def keys_of(page: Page) -> list[str]:
    """The grids of the list, in order."""
    found: list[str] = page.evaluate("[...document.querySelectorAll('[data-cell]')].map((one) => one.dataset.cell)")
    return found


def canvas_box(page: Page) -> tuple[float, float, float, float]:
    """Where the map is on the screen: left, top, width, height."""
    box = page.locator(".draft-map canvas").bounding_box()
    assert box is not None
    return box["x"], box["y"], box["width"], box["height"]


def take_tool(page: Page, tool: str, kind: str) -> None:
    """Takes a tool and waits until its pen is there."""
    page.click(f"[data-tool={tool}]")
    page.wait_for_selector(f".draft-map[data-pen={kind}]")


def click_on(page: Page, points: list[tuple[float, float]]) -> None:
    """Clicks on the map, in shares of its width and height."""
    left, top, width, height = canvas_box(page)
    for across, down in points:
        page.mouse.move(left + across * width, top + down * height)
        page.mouse.click(left + across * width, top + down * height)


def drawn(live: Live, lon: float, lat: float) -> set[int]:
    """The grids that the map's tile around a point draws, at its deepest zoom."""
    zoom, spread = 18, 2**18
    x = int((lon + 180) / 360 * spread)
    y = int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * spread)
    tile = httpx.get(f"{live.url}/api/v1/tiles/grids/{zoom}/{x}/{y}.mvt").raise_for_status().content
    return {int(one["properties"]["id"]) for one in mapbox_vector_tile.decode(tile)["grids"]["features"]}


class Watched:
    """The map of a colleague in another browser, open over the grid that is about to change."""

    def __init__(self, hand: Hand, page: Page, live: Live, old: str, village: dict[str, Any]):
        self.hand, self.page = hand, page
        self.grid = grid = hand.get(f"/grids/{old}")
        level = f"{village['scheme_drawn']}.{village['lowest']}"
        place = f"{grid['lon']:.5f},{grid['lat']:.5f},16.0"
        sign_in(page, live, "dispatcher", path=f"map?at={place}&layers=&measure=&level={level}")
        page.wait_for_selector("[data-ready=yes]")
        self.before = page.locator("[data-version]").first.get_attribute("data-version")
        self.tiles: list[Response] = []
        page.on("response", lambda one: self.tiles.append(one) if "/tiles/grids/" in one.url else None)

    def must_follow(self) -> None:
        """It asks for the new grids by itself, nobody having touched this browser, and gets the heir of the old one."""
        heir, seen, deadline = self.grid["id"], set[str](), time.monotonic() + 30
        while heir == self.grid["id"] or heir not in seen:
            assert time.monotonic() < deadline, f"the open map never drew {heir}, but {sorted(seen)}"
            self.page.wait_for_timeout(50)
            heir = self.hand.get("/grids/locate", lon=self.grid["lon"], lat=self.grid["lat"])["chains"][0]["grids"][-1][
                "id"
            ]
            fresh, self.tiles = self.tiles, []
            for one in fresh:
                if one.ok and f"v={self.before}" not in one.url:
                    layer = mapbox_vector_tile.decode(one.body()).get("grids", {"features": []})
                    seen |= {str(feature["properties"]["id"]) for feature in layer["features"]}


def drag_a_border(page: Page, township: Hand, draft: str, level: str) -> None:
    """A corner more in a border between two grids, moved by the keys alone, let go, and taken back."""
    before = township.get(f"/grids/drafts/{draft}")["step"]
    one, other = bordering(township, draft, level)
    page.click("[data-pane=grids]")
    pick(page, one, other)
    page.keyboard.press("v")
    page.wait_for_selector("[data-bend]:not([data-bend=''])")
    corners = int(page.get_attribute("[data-bend]", "data-bend") or 0)
    expect(page.locator(".bend .finish")).to_be_disabled()
    page.keyboard.press("+")
    expect(page.locator("[data-bend]")).to_have_attribute("data-bend", str(corners + 1))
    for key in ("ArrowLeft", "ArrowUp") * 6:
        page.keyboard.press(key)
    page.keyboard.press("Delete")
    expect(page.locator("[data-bend]")).to_have_attribute("data-bend", str(corners))
    page.keyboard.press("+")
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"[data-cell='{one}'] .tag.redrawn, [data-cell='{one}'] .tag.new")
    until(page, "document.querySelector('[data-bend]') === null", "the border is let go")
    assert township.get(f"/grids/drafts/{draft}")["step"] == before + 1
    page.keyboard.press("z")
    page.wait_for_selector(".redo:enabled")


def bordering(township: Hand, draft: str, level: str) -> tuple[str, str]:
    """Two grids of a level with one border between them."""
    found = township.get(f"/grids/drafts/{draft}/cells", level=level)["features"]
    for one, other in itertools.combinations(found, 2):
        if one["properties"]["parent"] == other["properties"]["parent"]:
            shared = shape(one["geometry"]).intersection(shape(other["geometry"]))
            if shared.length > 0 and shared.geom_type != "GeometryCollection":
                return one["id"], other["id"]
    pytest.fail("no two grids touch")


def test_grids_are_changed_by_hand_approved_and_seen_in_the_map(
    live: Live, open_page: Callable[..., Page], township: Hand, village: dict[str, Any]
) -> None:
    """Split with the pen, undo, redo, merge and back, a lasso, sent, approved by the county; the map draws it."""
    page = open_page(viewport=DESK)
    sign_in(page, live, "township", path="grids")
    begin_by_hand(page, live, village, f"手工调整 {time.time_ns()}")
    page.wait_for_selector(".draft-map [data-ready]")
    first = keys_of(page)
    page.click(f"[data-cell='{first[0]}'] .name")
    page.wait_for_timeout(500)  # Not asleep: the map flies to the grid.
    take_tool(page, "split", "linestring")
    click_on(page, [(0.03, 0.5), (0.5, 0.5), (0.9, 0.5)])
    page.click(".pen .finish")
    until(page, f"{CELLS} === {len(first) + 1}", "the grid is two")
    page.keyboard.press("z")
    until(page, f"{CELLS} === {len(first)}", "the split is undone")
    page.keyboard.press("y")
    until(page, f"{CELLS} === {len(first) + 1}", "the split is done again")
    halves = [key for key in keys_of(page) if key not in first]
    assert len(halves) == 2, halves
    pick(page, *halves)
    page.click("[data-tool=merge]")
    until(page, f"{CELLS} === {len(first)}", "the halves are one again")
    page.click(".undo")
    until(page, f"{CELLS} === {len(first) + 1}", "the merge is undone")
    pick(page, halves[0])
    take_tool(page, "border", "polygon")
    click_on(page, [(0.6, 0.2), (0.7, 0.2)])
    page.keyboard.press("z")
    expect(page.locator(".pen .finish")).to_be_disabled()
    page.wait_for_selector(".draft-map[data-pen=polygon]")
    click_on(page, [(0.4, 0.3), (0.5, 0.3), (0.5, 0.7), (0.4, 0.7)])
    page.keyboard.press("Enter")
    expect(page.get_by_text("边界已调整。")).to_be_visible()
    drag_a_border(page, township, page.url.split("/draft/")[1].split("?")[0], village["lowest"])
    page.click("[data-pane=preview]")
    page.wait_for_selector("[data-moved=households]")
    page.click(".turn-send")
    page.fill("#turn-words", "东边新建了小区")
    page.click("dialog .go")
    page.wait_for_selector("[data-state=sent]")
    assert not page.complaints, page.complaints  # type: ignore[attr-defined]
    draft = page.url.split("/draft/")[1].split("?")[0]

    county = open_page(viewport=DESK)
    sign_in(county, live, "admin", path=f"grids/draft/{draft}")
    county.wait_for_selector(".turn-approve")
    old = str(first[0]).removeprefix("g")
    watched = Watched(township, open_page(viewport=DESK), live, old, village)
    county.click(".turn-approve")
    county.click("dialog .go")
    watched.must_follow()
    county.wait_for_selector("[data-state=applied]")
    county.goto(f"{live.url}/desk/grids/history?grid={old}")
    expect(county.locator(".relative")).to_have_count(2)
    gone = township.get(f"/grids/{old}")
    heir = township.get("/grids/locate", lon=gone["lon"], lat=gone["lat"])["chains"][0]["grids"][-1]
    assert not gone["active"] and heir["id"] != old
    assert int(heir["id"]) in drawn(live, heir["lon"], heir["lat"])


def test_a_village_is_drawn_from_the_registers(
    live: Live, open_page: Callable[..., Page], village: dict[str, Any]
) -> None:
    """Levels and sizes come from the pack; once it is drawn, its figures stand beside the map."""
    page = open_page(viewport=DESK)
    sign_in(page, live, "township", path=f"grids/new?grid={village['id']}")
    page.wait_for_selector("[data-wish]")
    page.fill("#draft-title", title := f"系统绘制 {time.time_ns()}")
    page.click("form .go")
    page.wait_for_selector("[data-cell]", timeout=240_000)
    page.click("[data-pane=measures]")
    pieces = page.locator("tbody tr", has_text="不连片的网格").locator("td")
    assert set(pieces.all_inner_texts()) == {"0"}
    page.goto(f"{live.url}/desk/grids")
    expect(page.locator(".draft", has_text=title)).to_have_attribute("data-state", "open")


def test_a_partition_from_a_file_shows_its_faults(
    live: Live, open_page: Callable[..., Page], township: Hand, village: dict[str, Any], tmp_path: Path
) -> None:
    """One grid is missing in the file: the gap is named, marked, and keeps the draft from being sent."""
    about = {"grid": village["id"], "scheme": village["scheme_drawn"]}
    today = township.post("/grids/drafts", **about, title="核对")["id"]
    found = township.get(f"/grids/drafts/{today}/cells", level=village["lowest"])["features"]
    kept = [{**one, "properties": {"WGMC": one["properties"]["name"]}} for one in found[1:]]
    sheet = tmp_path / "网格.geojson"
    sheet.write_text(json.dumps({"type": "FeatureCollection", "features": kept}), encoding="utf-8")
    page = open_page(viewport=DESK)
    sign_in(page, live, "township", path=f"grids/import?grid={village['id']}")
    page.set_input_files("#partition", str(sheet))
    page.select_option("#partition-level", village["lowest"])
    page.select_option("#partition-name", "WGMC")
    page.click("form .go")
    page.wait_for_selector(".fault.grave")
    expect(page.locator(".turn-send")).to_be_disabled()
    assert page.locator("[data-fault=gap]").count() >= 1
    page.click("[data-pane=grids]")
    page.select_option(".level select", village["lowest"])
    expect(page.locator(".line .name", has_text=found[1]["properties"]["name"]).first).to_be_visible()


def test_who_drafts_nothing_sees_only_what_became_of_grids(live: Live, open_page: Callable[..., Page]) -> None:
    """The county's dispatcher by an address somebody sent him: why, and the past of grids; no tab that is refused."""
    page = open_page(viewport=DESK)
    sign_in(page, live, "dispatcher", path="grids/new")
    page.wait_for_selector(".unasked")
    assert page.locator(".tab").all_inner_texts() == ["网格沿革"]
    page.wait_for_selector(".version")


def test_all_but_the_pen_works_without_webgl(
    live: Live, open_page: Callable[..., Page], village: dict[str, Any]
) -> None:
    """The list renames, undoes and merges; what needs a map says so."""
    page = open_page(viewport=DESK)
    page.add_init_script(NO_WEBGL)
    sign_in(page, live, "township", path="grids")
    begin_by_hand(page, live, village, f"没有地图 {time.time_ns()}")
    first = keys_of(page)[0]
    pick(page, first)
    expect(page.locator("[data-tool=split]")).to_be_disabled()
    expect(page.locator("[data-tool=split]")).to_have_attribute("title", "这台设备打不开地图，不能手工画线")
    page.keyboard.press("e")
    page.fill("#grid-name", "东边新网格")
    page.press("#grid-name", "Enter")
    expect(page.locator(f"[data-cell='{first}'] .name")).to_have_text("东边新网格")
    page.click(".undo")
    expect(page.locator(f"[data-cell='{first}'] .name")).not_to_have_text("东边新网格")
