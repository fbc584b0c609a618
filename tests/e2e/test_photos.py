"""Photos as people take them: their kind, what is written into them, what cannot be read, and how one looks at them."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageStat
from playwright.sync_api import Page, expect

from tests.e2e.album import sign_in
from tests.e2e.conftest import Live, until
from tests.e2e.hands import Hand

pytestmark = pytest.mark.e2e

GREY = (148, 140, 128)
"""The ground of the test's photo."""


@pytest.fixture(scope="session")
def ground(live: Live) -> tuple[float, float]:
    """A point inside the worker's grid."""
    return Hand(live.url, live.account("worker")).ground()


@pytest.fixture
def heic(tmp_path: Path) -> Path:
    """A photo in a phone's own format, by its first bytes."""
    path = tmp_path / "IMG_0001.HEIC"
    path.write_bytes(b"\x00\x00\x00\x18ftypheic" + bytes(200))
    return path


def filed(live: Live, words: str) -> dict[str, object]:
    """The case that was reported with these words, once it has arrived."""
    centre = Hand(live.url, live.account("dispatcher"))
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        rows = centre.get("/cases", tab="all", q=words, limit=5)["items"]
        if rows:
            return dict(centre.get(f"/cases/{rows[0]['id']}"))
        time.sleep(0.3)
    pytest.fail(f"no case says {words}")


def band(live: Live, path: str) -> float:
    """How dark the lowest part of a photo is: 0 black, 255 white."""
    centre = Hand(live.url, live.account("dispatcher"))
    answer = centre.http.get(f"/{path}")
    picture = Image.open(io.BytesIO(answer.content)).convert("L")
    low = picture.crop((0, picture.height - 40, picture.width, picture.height))
    return float(ImageStat.Stat(low).median[0])


def test_a_workers_photos_have_their_kind_and_what_the_pack_asks(
    live: Live, open_page: Callable[..., Page], ground: tuple[float, float], photo: Path
) -> None:
    """Near and far by their own button; time and place on a dark band; the place beside the picture too."""
    photo.touch()
    page = open_page(at=ground)
    sign_in(page.context, live, "worker")
    page.goto(f"{live.url}/worker/report")
    page.wait_for_selector(".address")
    for kind in ("near", "far"):
        with page.expect_file_chooser() as asked:
            page.click(f"[data-kind={kind}]")
        asked.value.set_files(photo)
        until(page, f"document.querySelectorAll('.photo img').length === {1 if kind == 'near' else 2}", kind)
    expect(page.locator("figcaption.kind")).to_have_text(["近景", "远景"])
    words = f"路灯不亮 {time.time_ns()}"
    page.fill("#words", words)
    page.click("button[type=submit]")
    case = filed(live, words)
    photos = case["photos"]
    assert isinstance(photos, list)
    assert sorted(one["kind"] for one in photos) == ["far", "near"]
    assert all(one["taken_at"] for one in photos)
    assert band(live, photos[0]["url"]) < 110, "the band with time and place is dark"
    assert page.complaints == []  # type: ignore[attr-defined]


def test_a_residents_photo_is_left_as_it_is_and_can_be_looked_at(
    live: Live, open_page: Callable[..., Page], ground: tuple[float, float], photo: Path
) -> None:
    """No stamp; thumbnails are small; the viewer goes on by key and closes by Escape."""
    page = open_page(at=ground)
    page.goto(f"{live.url}/resident/report")
    page.wait_for_selector(".address")
    page.set_input_files("input[type=file]", [str(photo), str(photo)])
    until(page, "document.querySelectorAll('.photo img').length === 2", "both photos are there")
    words = f"路灯不亮 {time.time_ns()}"
    page.fill("#words", words)
    page.click("text=不留姓名")
    page.click("button[type=submit]")
    page.wait_for_selector(".number")
    photos = filed(live, words)["photos"]
    assert isinstance(photos, list)
    assert abs(band(live, photos[0]["url"]) - 141) < 12, "nothing was written into it"
    small = "[...document.querySelectorAll('.thumb img')].filter((one) => one.naturalWidth === 320).length === 2"
    until(page, small, "thumbnails load")
    assert page.get_attribute(".thumb img", "loading") == "lazy"
    page.click(".thumb >> nth=0")
    page.wait_for_selector("dialog[open] figcaption:has-text('第 1 张，共 2 张')")
    page.keyboard.press("ArrowRight")
    until(page, "document.querySelector('dialog[open] figcaption').textContent.includes('第 2 张')", "the next one")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog[open]", state="detached")
    assert page.complaints == []  # type: ignore[attr-defined]


def test_what_the_phone_cannot_read_is_refused_before_anything_is_sent(
    live: Live, open_page: Callable[..., Page], ground: tuple[float, float], photo: Path, heic: Path
) -> None:
    """HEIC is named with the setting that helps; the good photo beside it is taken; no request carries the bad one."""
    page = open_page(at=ground)
    sent: list[str] = []
    page.on("request", lambda one: sent.append(one.url) if one.method != "GET" and "/photos" in one.url else None)
    page.goto(f"{live.url}/resident/report")
    page.wait_for_selector(".address")
    page.set_input_files("input[type=file]", [str(heic), str(photo)])
    page.wait_for_selector("[role=alert]:has-text('HEIC')")
    until(page, "document.querySelectorAll('.photo img').length === 1", "the good photo is taken")
    page.wait_for_timeout(500)
    assert len(sent) <= 1
