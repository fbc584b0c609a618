"""One case, every hand, in every locality: from a resident's photo to a rating, each step clicked on a page.

One server carries them all side by side. Staff whose position has the desk act at the desk; a step that only somebody
without a desk may take is taken over the API, for it is the worker's pages' to prove.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.e2e.conftest import Live, demo, until
from tests.e2e.forms import fill, moved, rate, report
from tests.e2e.hands import Hand

pytestmark = pytest.mark.e2e

PACKS = Path(__file__).parents[2] / "localities"
NAMES = sorted(path.parent.name for path in PACKS.glob("*/pack.yaml") if path.parent.name != "base")
DESK = {"width": 1280, "height": 800}
PHONE = {"width": 360, "height": 780}
ROLES = ("dispatcher", "officer", "inspector", "township", "secretary", "worker", "officer2")
STEPS = ("close", "verify_pass", "handle", "take", "report_in", "dispatch", "accept", "check_report")
"""Latest first: whoever may take the latest step takes it."""
MOST_STEPS = 14


@pytest.fixture(scope="module")
def counties(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Live]]:
    """Every locality, on one server: a demo of all, or the server that was named."""
    if "ONEGRID_E2E_URL" in os.environ:
        yield request.getfixturevalue("live").carried
        return
    with demo(tmp_path_factory.mktemp("counties"), "--locality", "all") as started:
        yield started.carried


@pytest.fixture(params=NAMES)
def county(request: pytest.FixtureRequest, counties: Mapping[str, Live]) -> Live:
    """One locality of the server."""
    name = str(request.param)
    if name not in counties:
        pytest.skip(f"the server that was named carries no {name}")
    return counties[name]


def test_from_a_photo_to_a_rating(county: Live, open_page: Callable[..., Page], photo: Path) -> None:
    """The resident's number is accepted, dispatched, handled, verified, closed and rated; no page complains."""
    hands = {role: Hand(county.url, county.account(role)) for role in ROLES if has(county, role)}
    resident = open_page(viewport=PHONE, at=hands["worker"].ground())
    code = report(resident, county, photo, "垃圾桶满了没人清，垃圾堆到路边")
    case = str(Hand(county.url).get(f"/track/{code}")["id"])

    staff = Staff(county, open_page, hands, photo)
    for _ in range(MOST_STEPS):
        if hands["dispatcher"].get(f"/cases/{case}")["status"] == "closed":
            break
        staff.step(case)
    assert hands["dispatcher"].get(f"/cases/{case}")["status"] == "closed"
    assert {"accept", "dispatch", "handle"} <= set(staff.at_desk)

    resident.reload()
    rate(resident)
    track = Hand(county.url).get(f"/track/{code}")
    assert track["rating"]["stars"] == 5
    for page in (resident, *staff.pages.values()):
        assert page.complaints == []  # type: ignore[attr-defined]


def has(county: Live, role: str) -> bool:
    """Whether this locality has the position at all."""
    return any(role in (entry["role"], entry["username"]) for entry in county.accounts)


class Staff:
    """Everybody with a desk, each at his own."""

    def __init__(self, county: Live, open_page: Callable[..., Page], hands: dict[str, Hand], photo: Path) -> None:
        self.county = county
        self.open_page = open_page
        self.hands = hands
        self.photo = photo
        self.pages: dict[str, Page] = {}
        self.at_desk: list[str] = []

    def step(self, case: str) -> None:
        """The latest step anybody may take now, at his desk if he has one."""
        for action in STEPS:
            for role, hand in self.hands.items():
                answer = hand.http.get(f"/cases/{case}")
                offers = answer.json()["actions"] if answer.status_code == 200 else []
                offer = next((one for one in offers if one["action"] == action), None)
                if offer is None:
                    continue
                if "desk" in hand.me["hats"][0]["faces"]:
                    self.act(role, case, offer, answer.json())
                    self.at_desk.append(action)
                else:
                    hand.act(case, action)
                return
        detail = self.hands["dispatcher"].get(f"/cases/{case}")
        pytest.fail(f"stuck at {detail['status']}: {[one['action'] for one in detail['actions']]}")

    def act(self, role: str, case: str, offer: dict[str, Any], detail: dict[str, Any]) -> None:
        """Click the step; fill its form when it has one."""
        page = self.page(role, f"queue/{case}?tab=all")
        page.wait_for_selector("[data-primary], [data-action]")
        first = next((one for one in detail["actions"] if one["primary"]), None)
        change = page.locator(".first .quiet")
        if first != offer:
            page.click(f"[data-action={offer['action']}] >> nth=0")
        elif offer["action"] == "dispatch" and change.count():
            change.click()
        else:
            page.click("[data-primary]")
        until(page, "document.querySelector('.now form, .told, .now .og-error') !== null", f"{offer['action']} answers")
        if page.locator(".now form").count():
            department = self.hands["officer"].me["hats"][0]["department"]["name"]
            fill(page, ".now", offer, words="已按要求清理干净", department=department, photo=self.photo)
            page.click(".now button[type=submit]")
        moved(self.hands["dispatcher"], case, detail["version"], page, ".now")

    def page(self, role: str, path: str) -> Page:
        """This person's desk, signed in once."""
        page = self.pages.get(role)
        if page is None:
            page = self.pages[role] = self.open_page(viewport=DESK)
            account = self.county.account(role)
            page.goto(f"{self.county.url}/desk/{path}")
            page.fill("#username", account["username"])
            page.fill("#password", account["password"])
            page.click("button[type=submit]")
            page.wait_for_selector(".module")
        else:
            page.goto(f"{self.county.url}/desk/{path}")
        return page
