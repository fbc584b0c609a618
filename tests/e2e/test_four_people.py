"""One case, four people, four browsers open side by side: each sees what the others did without touching his page."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.e2e.conftest import PATIENCE_MS, Live, until
from tests.e2e.forms import fill, moved, press_first, rate, report
from tests.e2e.hands import Hand

pytestmark = pytest.mark.e2e

DESK = {"width": 1366, "height": 768}
LIVE_S = PATIENCE_MS / 1000
"""Longest a change may take to reach somebody else's open page, nobody reloading it."""
FOLLOW_S = 40.0
"""The resident's page asks again every 15 seconds; it has no feed."""
MOST_STEPS = 8


def test_a_report_goes_round_and_everybody_sees_it(live: Live, open_page: Callable[..., Page], photo: Path) -> None:
    """Resident, dispatcher, officer and inspector, from the photo to five stars."""
    loop = Loop(live, open_page, photo)
    dispatcher = loop.desk("dispatcher", "queue?tab=all&sort=-reported")
    officer = loop.phone("officer")
    inspector = loop.desk("inspector", "queue?tab=todo&sort=-reported")
    resident = loop.report()

    loop.appears(dispatcher, f"[data-case='{loop.case}']", "the new case at the desk")
    dispatcher.click(f"[data-case='{loop.case}']")
    loop.work_at(dispatcher, "dispatcher", until_status={"dispatched"})

    line = f"a[href$='{loop.case}']"
    loop.appears(officer, line, "the task on the officer's phone")
    officer.click(line)
    loop.handle_on(officer)

    if loop.status() == "handled":
        loop.appears(inspector, f"[data-case='{loop.case}']", "what was handled at the inspector's desk")
        inspector.click(f"[data-case='{loop.case}']")
        loop.work_at(inspector, "inspector", until_status={"verified", "closed"})
    if loop.status() != "closed":
        loop.work_at(dispatcher, "dispatcher", until_status={"closed"})

    until(
        resident, "document.body.textContent.includes('评价')", "the resident's open page asks for a rating", FOLLOW_S
    )
    rate(resident)
    closed = "[...document.querySelectorAll('.timeline .step')].some((one) => one.textContent.includes('评价'))"
    until(dispatcher, closed, "the rating at the dispatcher's open page", LIVE_S)
    assert Hand(live.url).get(f"/track/{loop.code}")["rating"]["stars"] == 5
    for page in (resident, dispatcher, officer, inspector):
        assert page.complaints == []  # type: ignore[attr-defined]
        assert page.visits == 1, page.url  # type: ignore[attr-defined]


class Loop:
    """The case and the people around it. No page is ever loaded a second time; ``visits`` counts."""

    def __init__(self, live: Live, open_page: Callable[..., Page], photo: Path) -> None:
        self.live, self.open_page, self.photo = live, open_page, photo
        self.hands = {role: Hand(live.url, live.account(role)) for role in ("dispatcher", "officer", "inspector")}
        self.ground = Hand(live.url, live.account("worker")).ground()
        self.code = self.case = ""

    def desk(self, role: str, path: str) -> Page:
        """Somebody's desk, signed in, its feed live."""
        return self._staff(role, f"desk/{path}", DESK)

    def phone(self, role: str) -> Page:
        """Somebody's phone, signed in, its feed live."""
        return self._staff(role, "worker/", None)

    def _staff(self, role: str, path: str, viewport: dict[str, int] | None) -> Page:
        page = self.open_page(viewport=viewport, at=self.ground)
        account = self.live.account(role)
        page.goto(f"{self.live.url}/{path}")
        page.fill("#username", account["username"])
        page.fill("#password", account["password"])
        page.click("button[type=submit]")
        page.wait_for_selector(".feed.live", state="attached")
        count_visits(page)
        return page

    def report(self) -> Page:
        """The resident's report with a photo; his page stays on the progress of it."""
        page = self.open_page(at=self.ground)
        words = f"路口的井盖破了一个洞 {time.time_ns()}"
        self.code = report(page, self.live, self.photo, words)
        self.case = str(Hand(self.live.url).get(f"/track/{self.code}")["id"])
        count_visits(page)
        return page

    def appears(self, page: Page, selector: str, what: str) -> None:
        """Waits until something shows by itself."""
        until(page, f"document.querySelector({selector!r}) !== null", what, LIVE_S)

    def detail(self, role: str = "dispatcher") -> dict[str, Any]:
        """The case as somebody sees it."""
        return dict(self.hands[role].get(f"/cases/{self.case}"))

    def status(self) -> str:
        """Where the case is."""
        return str(self.detail()["status"])

    def work_at(self, page: Page, role: str, *, until_status: set[str]) -> None:
        """Press the one button the page puts first until the case has come where it should."""
        for _ in range(MOST_STEPS):
            before = self.detail(role)
            if before["status"] in until_status:
                return
            offer = next(one for one in before["actions"] if one["primary"])
            first = page.locator(".first", has=page.locator("[data-primary]", has_text=offer["label"]))
            first.wait_for()
            change = first.locator(".quiet")
            if offer["action"] == "dispatch" and change.count():
                change.click()
            else:
                first.locator("[data-primary]").click()
            until(page, "document.querySelector('.now form, .told') !== null", f"{offer['action']} answers")
            if page.locator(".now form").count():
                self.fill(page, ".now", offer)
                page.click(".now button[type=submit]")
            moved(self.hands["dispatcher"], self.case, before["version"], page, ".now")
        pytest.fail(f"{role} did not get it to {until_status}: {self.status()}")

    def handle_on(self, page: Page) -> None:
        """The officer's steps on his phone, up to the answer with a photo."""
        for _ in range(MOST_STEPS):
            before = self.detail("officer")
            offer = next(one for one in before["actions"] if one["primary"])
            press_first(page, offer, ".foot .primary")
            page.wait_for_selector(".sheet form")
            self.fill(page, ".sheet", offer)
            page.click(".sheet button[type=submit]")
            moved(self.hands["dispatcher"], self.case, before["version"], page, ".sheet")
            if offer["action"] == "handle":
                return
        pytest.fail(f"the officer did not handle it: {self.status()}")

    def fill(self, page: Page, where: str, offer: dict[str, Any]) -> None:
        """What a person must say; a dispatch goes to the officer's department."""
        department = self.hands["officer"].me["hats"][0]["department"]["name"]
        fill(page, where, offer, words="已更换井盖，现场已清理", department=department, photo=self.photo)


def count_visits(page: Page) -> None:
    """From now on loading the page again is counted."""
    page.visits = 1  # type: ignore[attr-defined]

    def loaded(_: Page) -> None:
        page.visits += 1  # type: ignore[attr-defined]

    page.on("load", loaded)
