"""What several tests do with the forms of a case: report it, fill what a step asks for and wait for it, rate it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.e2e.conftest import Live
from tests.e2e.hands import Hand

MOVED_S = 30.0


def fill_report(page: Page, live: Live, photo: Path | None, words: str) -> None:
    """A resident's photo, place by GPS, words."""
    page.goto(f"{live.url}/resident/report")
    page.wait_for_selector(".address")
    if photo:
        page.set_input_files("input[type=file]", str(photo))
        page.wait_for_selector(".photo img")
    page.fill("#words", words)


def report(page: Page, live: Live, photo: Path | None, words: str) -> str:
    """A resident who leaves no name; the tracking code."""
    fill_report(page, live, photo, words)
    page.click("text=不留姓名")
    page.click("button[type=submit]")
    page.wait_for_selector(".number")
    return page.url.split("/track/")[1].split("?")[0]


def rate(page: Page) -> None:
    """Five stars, on the page that tells the resident how far it is."""
    page.click("text=评价")
    page.click(".stars label >> nth=4")
    page.click("text=提交评价")
    page.wait_for_selector(".rating")


def fill(page: Page, where: str, offer: dict[str, Any], *, words: str, department: str, photo: Path) -> None:
    """What a person must say; a dispatch goes to `department` and to nobody else."""
    for field in offer["fields"]:
        box, kind = f"{where} [data-field={field['name']}]", field["kind"]
        if kind == "department":
            pick(page, box, department)
        elif kind == "departments":
            while page.locator(f"{box} .chosen button").count():
                page.locator(f"{box} .chosen button").first.click()
        elif kind == "choices":
            for tick in page.locator(f"{box} input").all():
                tick.check()
        elif kind == "photos":
            page.set_input_files(f"{box} input[type=file]", str(photo))
            page.wait_for_selector(f"{box} .photo img")
        elif not field["required"]:
            continue
        elif kind == "matter" and not page.input_value(f"{box} input"):
            pick(page, box, "")
        elif kind == "text":
            page.fill(f"{box} textarea", words)
        elif kind in {"bool", "choice"}:
            page.locator(f"{box} .pick").first.click()


def pick(page: Page, box: str, name: str) -> None:
    """Type a few letters, take the first that is meant."""
    page.click(f"{box} input")
    page.fill(f"{box} input", name)
    page.locator(f"{box} [role=option]:not([aria-disabled])", has_text=name).first.click()


def press_first(page: Page, offer: dict[str, Any], button: str) -> None:
    """Waits until the page puts this offer first, as the server already does, and presses it."""
    page.locator(button).filter(has_text=offer["label"]).click()


def moved(hand: Hand, case: str, version: int, page: Page, where: str) -> None:
    """Waits until the case has moved on from a version and its form is closed; else says what the page says."""
    deadline = time.monotonic() + MOVED_S
    while time.monotonic() < deadline:
        if hand.get(f"/cases/{case}")["version"] > version:
            page.wait_for_selector(f"{where} form", state="detached")
            return
        page.wait_for_timeout(200)
    pytest.fail(page.inner_text(where))
