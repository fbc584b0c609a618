"""One case, every hand, in every locality: from a resident's photo to a rating, each step clicked on a page.

One server carries them all side by side. Staff whose position has the desk act at the desk; a step that only somebody
without a desk may take is taken over the API, for it is the worker's pages' to prove.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.e2e.conftest import Live, until
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


@pytest.fixture(params=NAMES)
def county(request: pytest.FixtureRequest, live: Live) -> Live:
    """One locality of the server."""
    name = str(request.param)
    if name not in live.carried:
        pytest.skip(f"the server that was named carries no {name}")
    return live.carried[name]


def test_from_a_photo_to_a_rating(county: Live, open_page: Callable[..., Page], photo: Path) -> None:
    """The resident's number is accepted, dispatched, handled, verified, closed and rated; no page complains."""
    hands = {role: Hand(county.url, county.account(role)) for role in ROLES if has(county, role)}
    grid = hands["worker"].get(f"/grids/{hands['worker'].me['hats'][0]['grid_id']}")
    resident = open_page(viewport=PHONE, at=(float(grid["lon"]), float(grid["lat"])))
    code = report(resident, county, photo)
    case = str(Hand(county.url).get(f"/track/{code}")["id"])

    staff = Staff(county, open_page, hands, photo)
    for _ in range(MOST_STEPS):
        if hands["dispatcher"].get(f"/cases/{case}")["status"] == "closed":
            break
        staff.step(case)
    assert hands["dispatcher"].get(f"/cases/{case}")["status"] == "closed"
    assert {"accept", "dispatch", "handle"} <= set(staff.at_desk)

    rate(resident)
    track = Hand(county.url).get(f"/track/{code}")
    assert track["rating"]["stars"] == 5
    for page in (resident, *staff.pages.values()):
        assert page.complaints == []  # type: ignore[attr-defined]


def has(county: Live, role: str) -> bool:
    """Whether this locality has the position at all."""
    return any(role in (entry["role"], entry["username"]) for entry in county.accounts)


def report(page: Page, county: Live, photo: Path) -> str:
    """Photo, place, words; the tracking code."""
    page.goto(f"{county.url}/resident/report")
    page.wait_for_selector(".address")
    page.set_input_files("input[type=file]", str(photo))
    page.wait_for_selector(".photo img")
    page.fill("#words", "垃圾桶满了没人清，垃圾堆到路边")
    page.click("text=不留姓名")
    page.click("button[type=submit]")
    page.wait_for_selector(".number")
    return page.url.split("/track/")[1].split("?")[0]


def rate(page: Page) -> None:
    """Five stars on the page that has followed the case all along."""
    page.reload()
    page.click("text=评价")
    page.click(".stars label >> nth=4")
    page.click("text=提交评价")
    page.wait_for_selector(".rating")


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
            self.fill(page, offer)
            page.click(".now button[type=submit]")
        self.moved(role, case, detail["version"], page)

    def fill(self, page: Page, offer: dict[str, Any]) -> None:
        """What a person must say; a dispatch goes to the demo's officer."""
        for field in offer["fields"]:
            box = f".now [data-field={field['name']}]"
            kind = field["kind"]
            if kind == "department":
                self.pick(page, box, self.hands["officer"].me["hats"][0]["department"]["name"])
            elif kind == "departments":
                while page.locator(f"{box} .chosen button").count():
                    page.locator(f"{box} .chosen button").first.click()
            elif kind == "choices":
                for tick in page.locator(f"{box} input").all():
                    tick.check()
            elif not field["required"]:
                continue
            elif kind == "matter" and not page.input_value(f"{box} input"):
                self.pick(page, box, "")
            elif kind == "text":
                page.fill(f"{box} textarea", "已按要求清理干净")
            elif kind == "photos":
                page.set_input_files(f"{box} input[type=file]", str(self.photo))
                page.wait_for_selector(f"{box} .photo img")
                until(page, "document.querySelectorAll('.photo .progress').length === 0", "the photo is sent")
            elif kind in {"bool", "choice"}:
                page.locator(f"{box} .pick").first.click()

    @staticmethod
    def pick(page: Page, box: str, name: str) -> None:
        """Type a few letters, take the first that is meant."""
        page.click(f"{box} input")
        page.fill(f"{box} input", name)
        page.locator(f"{box} [role=option]:not([aria-disabled])", has_text=name).first.click()

    def moved(self, role: str, case: str, version: int, page: Page) -> None:
        """Waits until the case has moved on; says what the page says if it does not."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            answer = self.hands["dispatcher"].get(f"/cases/{case}")
            if answer["version"] > version:
                page.wait_for_selector(".now form", state="detached")
                return
            time.sleep(0.2)
        pytest.fail(f"{role}: {page.inner_text('.now')}")

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
