"""The wall: its numbers are the queue's, it lives, it says when it does not, and nothing on it names a person."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from itertools import combinations
from typing import Any
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Live, until
from tests.e2e.hands import Hand
from tests.e2e.test_desk import centre, ground, sign_in

pytestmark = pytest.mark.e2e
__all__ = ["centre", "ground"]

WALL = {"width": 1920, "height": 1080}
PARTS = ("trend", "mix", "heat", "map", "ticker", "late", "rank", "figures")


def hang(page: Page, live: Live, query: str = "") -> None:
    """The dispatcher's wall, with everything on it."""
    sign_in(page, live)
    page.goto(f"{live.url}/desk/screen{query}")
    page.wait_for_selector(".trend-line .days a")
    page.wait_for_selector(".wall-map [data-ready=yes]")


def shown_as_told(page: Page, told: list[dict[str, Any]]) -> dict[str, Any]:
    """The answer the cards show: the last one that came, which another may follow at any moment."""
    for _ in range(50):
        wall = told[-1]
        cards = [int(one.replace(",", "")) for one in page.locator(".card .n").all_inner_texts()]
        if cards == [one["n"] for one in (*wall["today"], *wall["now"])]:
            return wall
        page.wait_for_timeout(200)
    pytest.fail(f"the cards show {cards}, the last of {len(told)} answers says {wall['today']} {wall['now']}")


def test_the_numbers_are_the_queues(live: Live, open_page: Callable[..., Page], centre: Hand) -> None:
    """What stands on the wall is what the API says, and a click lists as many cases."""
    page = open_page(viewport=WALL)
    told: list[dict[str, Any]] = []
    page.on("response", lambda one: told.append(one.json()) if "/dashboard/wall" in one.url and one.ok else None)
    hang(page, live)
    assert set(told[-1]) == set(centre.get("/dashboard/wall"))
    wall = shown_as_told(page, told)
    overdue = next(one for one in wall["now"] if one["key"] == "overdue")
    page.click(".card.is-overdue")
    page.wait_for_url(re.compile(r"/queue\?.*due=over"))
    # Time goes on between the two looks: some may have become overdue, none has ceased to be.
    expected = min(overdue["n"], 30)
    until(page, f"document.querySelectorAll('.row').length >= {expected}", "the overdue are listed")
    page.go_back()
    page.wait_for_selector(".late-list li a, .late-list .none")
    if wall["late"]:
        page.locator(".late-list li a").first.click()
        page.wait_for_url(re.compile(str(wall["late"][0]["id"])))
    assert page.complaints == []  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("width", "height", "shape"),
    [(1920, 1080, "wide"), (1366, 768, "wide"), (3440, 1440, "ultra"), (3840, 1080, "ultra")],
)
def test_every_part_has_its_place(
    live: Live, open_page: Callable[..., Page], width: int, height: int, shape: str
) -> None:
    """Nothing sticks out, nothing covers anything else, in the longer language."""
    page = open_page(language="en-US", viewport={"width": width, "height": height})
    hang(page, live)
    assert page.get_attribute(".screen", "data-shape") == shape
    assert page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]") == [
        width,
        height,
    ]
    boxes = {part: page.locator(f".parts > .{part}").bounding_box() for part in PARTS}
    for part, box in boxes.items():
        assert box, part
        assert box["x"] >= 0, part
        assert box["y"] >= 0, part
        assert box["x"] + box["width"] <= width + 0.5, part
        assert box["y"] + box["height"] <= height + 0.5, part
    for (one, a), (other, b) in combinations(boxes.items(), 2):
        assert a
        assert b
        apart = a["x"] + a["width"] <= b["x"] + 0.5 or b["x"] + b["width"] <= a["x"] + 0.5
        above = a["y"] + a["height"] <= b["y"] + 0.5 or b["y"] + b["height"] <= a["y"] + 0.5
        assert apart or above, (one, other)
    assert page.complaints == []  # type: ignore[attr-defined]


def test_it_lives_and_names_nobody(
    live: Live, open_page: Callable[..., Page], centre: Hand, ground: tuple[float, float]
) -> None:
    """A new case counts and stands in the ticker within seconds; not a word of its caller is on the wall."""
    page = open_page(viewport=WALL)
    answers: list[str] = []
    page.on("response", lambda one: answers.append(one.text()) if "/dashboard" in one.url and one.ok else None)
    hang(page, live)
    expect(page.locator(".fresh:not(.stale)")).to_be_visible()
    reported = int(page.locator(".card .n").first.inner_text().replace(",", ""))
    words = f"欧阳守义家门口污水外溢{time.time_ns()}"
    case = centre.report(words, *ground, channel="hotline", contact={"name": "欧阳守义", "phone": "13800007788"})
    page.wait_for_selector(f".ticker-list a[href*='{case['id']}']", timeout=20_000)
    until(page, f"Number(document.querySelector('.card .n').textContent.replace(',', '')) > {reported}", "it counts")
    said = json.dumps(centre.get("/dashboard/wall"), ensure_ascii=False)
    assert str(case["id"]) in said
    for text in (page.inner_text("body"), said, *answers):
        for secret in ("欧阳", "污水外溢", "13800007788"):
            assert secret not in text
    assert page.complaints == []  # type: ignore[attr-defined]


def test_it_says_when_it_is_not_live(live: Live, open_page: Callable[..., Page], centre: Hand) -> None:
    """Cut off, the wall keeps its figures and says how old they are."""
    page = open_page(viewport=WALL)
    sign_in(page, live)
    feed = urljoin(page.url, centre.get("/locality")["feed_url"])
    page.route(lambda url: url.startswith(feed), lambda route: route.abort())
    page.goto(f"{live.url}/desk/screen")
    page.wait_for_selector(".fresh.stale")
    expect(page.locator(".fresh")).to_contain_text("数据停在")
    expect(page.locator(".card")).to_have_count(6)


def test_a_grid_below_has_a_wall_of_its_own(live: Live, open_page: Callable[..., Page]) -> None:
    """A name in the ranking leads one level down, the address keeps it, the button leads back up."""
    page = open_page(viewport=WALL)
    hang(page, live, "?days=90")
    page.click(".rank-list header button >> nth=1")
    name = page.locator(".rank-list button.name").first.inner_text().strip()
    page.locator(".rank-list button.name", has_text=name).first.click()
    page.wait_for_url(re.compile(r"grid=\d+"))
    expect(page.locator(".head h1")).to_contain_text(name)
    page.reload()
    expect(page.locator(".head h1")).to_contain_text(name)
    assert "days=90" in page.url
    page.click(".head .quiet >> nth=0")
    page.wait_for_url(re.compile(r"screen\?days=90$"))
    assert page.complaints == []  # type: ignore[attr-defined]
