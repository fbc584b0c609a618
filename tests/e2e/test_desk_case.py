"""The desk's frame and its open case: palette, every key, pages side by side, the next case, duplicates, paper."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Live, until
from tests.e2e.hands import Hand
from tests.e2e.test_desk import DESK, centre, fill_form, ground, settled, sign_in

pytestmark = pytest.mark.e2e
__all__ = ["centre", "ground"]

PHONE_NUMBER = "13800004321"
FRAME = {"mod+k", "g q", "g t", "g r", "g d", "g m", "g n", "g p", "g s", "g w", "n", "[", "]", "w", "?"}
"""The keys of the frame, as the county's dispatcher has them."""


def file(centre: Hand, ground: tuple[float, float], words: str, **more: object) -> dict[str, object]:
    """A case of its own words, by a caller who left a number."""
    contact = {"name": "陈小明", "phone": PHONE_NUMBER}
    return centre.report(words, *ground, channel="hotline", contact=contact, **more)


def unique(words: str) -> str:
    """Words that no other test files."""
    return f"{words}{time.time_ns()}"


def rest(page: Page) -> None:
    """Leave whatever field the page put the cursor into."""
    page.evaluate("document.activeElement?.blur()")


def keys_of(page: Page, *groups: str) -> set[str]:
    """What the sheet says these groups answer to."""
    rest(page)
    page.keyboard.press("?")
    page.wait_for_selector("dialog.sheet[open]")
    rows = page.locator(",".join(f"[data-group='keys.group.{group}'] [data-key]" for group in groups))
    found = {str(row.get_attribute("data-key")) for row in rows.all()}
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog.sheet:not([open])", state="attached")
    return found


def ask(page: Page, words: str) -> None:
    """Open the palette and type."""
    page.keyboard.press("Control+k")
    page.wait_for_selector("dialog.palette[open]")
    page.keyboard.type(words)


def test_the_palette_goes_anywhere(
    live: Live, open_page: Callable[..., Page], centre: Hand, ground: tuple[float, float]
) -> None:
    """A page by its initials, a case by its number, a grid by its name, a step of the open case by its name."""
    page = open_page(viewport=DESK)
    sign_in(page, live)
    ask(page, "zl")
    page.wait_for_selector("[data-command=go-dashboard][aria-selected=true]")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/dashboard"))
    case = file(centre, ground, unique("井盖松动"))
    ask(page, str(case["number"]))
    page.wait_for_selector(f"[data-command='case-{case['id']}']")
    page.keyboard.press("Enter")
    page.wait_for_selector(".timeline .step")
    assert str(case["id"]) in page.url
    grid = centre.get(f"/cases/{case['id']}")["chain"][1]
    ask(page, grid["name"])
    page.wait_for_selector(f"[data-command='grid-{grid['id']}']")
    page.click(f"[data-command='grid-{grid['id']}']")
    page.wait_for_url(re.compile(rf"grid={grid['id']}"))
    page.goto(f"{live.url}/desk/queue/{case['id']}?tab=all")
    page.wait_for_selector(".now .others button")
    label = page.locator(".now .others button").first.evaluate("one => one.firstChild.textContent.trim()")
    ask(page, label)
    page.wait_for_selector("[data-command^='step-']")
    page.keyboard.press("Enter")
    page.wait_for_selector(".now form")
    page.keyboard.press("Control+k")
    page.wait_for_selector("dialog.palette[open]")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog.palette", state="detached")
    assert page.locator(".now form").count() == 1, "leaving the palette closed the form"
    assert page.complaints == []  # type: ignore[attr-defined]


def test_every_key_of_the_frame(live: Live, open_page: Callable[..., Page]) -> None:
    """The sheet names exactly these keys, and each does what it says."""
    page = open_page(viewport=DESK)
    sign_in(page, live)
    assert keys_of(page, "frame", "any") == FRAME
    for keys, path in (
        ("gd", "/dashboard"),
        ("gt", "/map"),
        ("gm", "/messages"),
        ("gn", "/notices"),
        ("gp", "/published"),
        ("gr", "/registers"),
        ("gw", "/rounds"),
        ("n", "/new"),
        ("gq", "/queue"),
    ):
        for key in keys:
            page.keyboard.press(key)
        page.wait_for_url(re.compile(path))
        if path == "/new":
            # The form takes the cursor once its draft is read; what is typed before that is a key, after it a word.
            page.wait_for_selector("#words:focus")
        rest(page)
    assert page.locator(".strip .tab").count() == 9
    page.keyboard.press("]")
    page.wait_for_url(re.compile("/dashboard"))
    page.keyboard.press("[")
    page.wait_for_url(re.compile("/queue"))
    page.keyboard.press("w")
    page.wait_for_url(re.compile("/dashboard"))
    assert page.locator(".strip .tab").count() == 8
    page.keyboard.press("g")
    page.keyboard.press("s")
    page.wait_for_url(re.compile("/screen"))
    page.wait_for_selector(".card .n")
    assert keys_of_screen(page) == {"f", "Escape", "?"}
    page.keyboard.press("Escape")
    page.wait_for_url(re.compile("/dashboard"))
    assert page.complaints == []  # type: ignore[attr-defined]


def keys_of_screen(page: Page) -> set[str]:
    page.keyboard.press("?")
    page.wait_for_selector("dialog.sheet[open]")
    found = {str(row.get_attribute("data-key")) for row in page.locator("dialog.sheet [data-key]").all()}
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog.sheet:not([open])", state="attached")
    return found


def test_every_key_of_a_case(
    live: Live, open_page: Callable[..., Page], centre: Hand, ground: tuple[float, float]
) -> None:
    """`e` and the numbers are the steps on offer, Ctrl-Enter sends, d compares, o opens a page, p the paper."""
    words = unique("路边堆放建筑垃圾")
    file(centre, ground, words)
    case = file(centre, ground, f"{words} 还在")
    page = open_page(viewport=DESK)
    sign_in(page, live, path=f"queue/{case['id']}?tab=all")
    page.wait_for_selector("[data-primary]")
    offers = centre.get(f"/cases/{case['id']}")["actions"]
    others = [one for one in offers if not one["primary"]]
    numbers = {str(place + 1) for place in range(min(9, len(others)))}
    assert keys_of(page, "steps") == {"e"} | numbers
    assert keys_of(page, "case") == {"d", "o", "p"}
    for place, offer in enumerate(others[:9]):
        page.keyboard.press(str(place + 1))
        page.wait_for_selector(".now form")
        assert page.inner_text(".now h3").startswith(offer["label"])
        page.keyboard.press("Escape")
        until(page, "document.querySelector('.now form') === null", "Escape closes the form")
    page.keyboard.press("d")
    page.wait_for_selector("dialog.compare[open]")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog.compare", state="detached")
    with page.context.expect_page() as paper:
        page.keyboard.press("p")
    paper.value.wait_for_selector(".facts")
    paper.value.close()
    page.keyboard.press("o")
    page.wait_for_url(re.compile(rf"/case/{case['id']}"))
    page.wait_for_selector("[data-primary]")
    page.keyboard.press(next(str(at + 1) for at, one in enumerate(others) if one["action"] == "add_words"))
    page.fill("[data-field=words] textarea", "现场又来了一车")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".told")
    assert centre.get(f"/cases/{case['id']}")["timeline"][-1]["words"] == "现场又来了一车"
    page.keyboard.press("Escape")
    page.wait_for_url(re.compile("/queue"))
    assert page.complaints == []  # type: ignore[attr-defined]


def test_pages_wait_side_by_side(
    live: Live, open_page: Callable[..., Page], centre: Hand, ground: tuple[float, float]
) -> None:
    """The list comes back with its filter, a case of its own page with half a form; a closed page is gone."""
    case = file(centre, ground, unique("树枝挡住红绿灯"))
    page = open_page(viewport=DESK)
    sign_in(page, live, path="queue?tab=all&due=soon")
    page.goto(f"{live.url}/desk/case/{case['id']}")
    page.wait_for_selector("[data-action=add_words]")
    page.click("[data-action=add_words]")
    page.fill("[data-field=words] textarea", "写到一半的话")
    tabs = page.locator(".strip .tab")
    expect(tabs).to_have_count(2)
    expect(tabs.nth(1)).to_have_text(str(case["number"]))
    expect(page.locator(".crumbs li").last).to_have_text(str(case["number"]))
    tabs.nth(0).locator("a").click()
    page.wait_for_url(re.compile(r"due=soon"))
    page.click("nav.side .to-dashboard")
    page.wait_for_selector(".tile")
    tabs.nth(1).locator("a").click()
    page.wait_for_selector("[data-field=words] textarea")
    assert page.input_value("[data-field=words] textarea") == "写到一半的话"
    page.reload()
    expect(tabs).to_have_count(3)
    tabs.nth(1).locator("button").click()
    page.wait_for_url(re.compile("/dashboard"))
    expect(tabs).to_have_count(2)
    page.click("nav.side .to-queue")
    page.wait_for_url(re.compile(r"due=soon"))
    rest(page)
    page.click("nav.side .to-queue")
    page.wait_for_url(re.compile(r"/queue$"))
    assert page.complaints == []  # type: ignore[attr-defined]


def test_the_next_case_opens_after_a_step(
    live: Live, open_page: Callable[..., Page], centre: Hand, ground: tuple[float, float]
) -> None:
    """What was dispatched leaves the list of what waits; the next one opens, and one can go back to the last."""
    words = unique("公厕停水")
    cases = [file(centre, ground, f"{words} {at}") for at in range(2)]
    for case in cases:
        while centre.get(f"/cases/{case['id']}")["status"] == "reported":
            first = next(one for one in centre.get(f"/cases/{case['id']}")["actions"] if one["primary"])
            centre.act(str(case["id"]), first["action"])
    newest, older = cases[1], cases[0]
    page = open_page(viewport=DESK)
    sign_in(page, live, path=f"queue?tab=todo&q={words}")
    page.wait_for_selector(".row >> nth=1")
    page.click(f"[data-case='{newest['id']}']")
    page.wait_for_selector("[data-primary]")
    before = centre.get(f"/cases/{newest['id']}")
    page.click(".detail h2")
    page.keyboard.press("e")
    until(page, "document.querySelector('.told, .now form, .flash') !== null", "the key does something")
    if page.locator(".now form").count():
        fill_form(page, next(one for one in before["actions"] if one["primary"]))
    settled(centre, str(newest["id"]), int(before["version"]))
    page.wait_for_url(re.compile(str(older["id"])))
    expect(page.locator(".flash")).to_contain_text(str(newest["number"]))
    expect(page.locator(".detail .number")).to_have_text(str(older["number"]))
    page.click(".flash .act >> nth=0")
    page.wait_for_url(re.compile(str(newest["id"])))
    assert page.complaints == []  # type: ignore[attr-defined]


def test_duplicates_side_by_side_become_one(
    live: Live, open_page: Callable[..., Page], centre: Hand, ground: tuple[float, float]
) -> None:
    """Both with their pictures; merged from there, with the other case already filled in."""
    words = unique("围墙倒了一段")
    first = file(centre, ground, words, photos=[centre.photo()])
    second = file(centre, ground, f"{words} 很危险", photos=[centre.photo()])
    page = open_page(viewport=DESK)
    sign_in(page, live, path=f"queue/{second['id']}?tab=all")
    page.click(f"[data-near='{first['id']}']")
    page.wait_for_selector("dialog.compare .there .number")
    expect(page.locator("dialog.compare .here .number")).to_contain_text(str(second["number"]))
    expect(page.locator("dialog.compare .there .number")).to_contain_text(str(first["number"]))
    until(
        page,
        "[...document.querySelectorAll('.compare .pictures img')].filter(one => one.naturalWidth > 0).length === 2",
        "both pictures show",
    )
    page.click("[data-compare=merge]")
    page.wait_for_selector(".now form")
    offer = next(one for one in centre.get(f"/cases/{second['id']}")["actions"] if one["action"] == "merge")
    assert [one["name"] for one in offer["fields"] if one["required"]] == ["into"], "only the other case must be named"
    page.click(".now button[type=submit]")
    page.wait_for_selector(".told")
    merged = centre.get(f"/cases/{second['id']}")
    assert (merged["status"], merged["merged_into"]) == ("merged", first["id"])
    assert len(centre.get(f"/cases/{first['id']}")["reporters"]) == 2
    assert page.complaints == []  # type: ignore[attr-defined]


def test_a_case_says_who_looks_and_how_long_is_left(
    live: Live, open_page: Callable[..., Page], centre: Hand, ground: tuple[float, float]
) -> None:
    """The reader's name lies over the contact, the contact is masked, every running limit has icon and words."""
    case = file(centre, ground, unique("夜里施工很吵"))
    page = open_page(viewport=DESK)
    sign_in(page, live, path=f"queue/{case['id']}?tab=all")
    page.wait_for_selector(".timeline .step")
    me = centre.get("/me")
    assert me["name"] in str(page.get_attribute(".detail .watermark", "data-words"))
    assert PHONE_NUMBER not in page.content()
    running = [one for one in centre.get(f"/cases/{case['id']}")["clocks"] if one["state"] in ("running", "paused")]
    chips = page.locator(".detail .clocks").first.locator(".due")
    assert chips.count() == len(running) > 0
    for chip in chips.all():
        assert chip.locator("svg").count() == 1
        assert re.match("剩|超|已暂停", chip.inner_text().strip()), chip.inner_text()
    step = page.locator(".timeline .step").first
    assert me["name"] in step.inner_text()
    assert page.complaints == []  # type: ignore[attr-defined]


def test_a_case_on_paper(live: Live, open_page: Callable[..., Page], centre: Hand, ground: tuple[float, float]) -> None:
    """Everything that happened, nothing that names a caller; no buttons on the paper, but who printed it."""
    case = file(centre, ground, unique("消防通道被占"))
    page = open_page(viewport=DESK)
    sign_in(page, live)
    page.goto(f"{live.url}/desk/print/case/{case['id']}")
    page.wait_for_selector(".facts")
    text = page.inner_text(".sheet")
    detail = centre.get(f"/cases/{case['id']}")
    assert str(detail["number"]) in text
    assert str(detail["words"]) in text
    assert page.locator(".sheet tbody tr").count() == len(detail["timeline"])
    assert PHONE_NUMBER not in text
    assert "陈小明" not in text
    assert centre.get("/me")["name"] in page.inner_text(".sheet footer")
    page.emulate_media(media="print")
    assert not page.is_visible(".bar")
    assert page.is_visible(".signs")
    assert page.pdf(format="A4")[:4] == b"%PDF"
    assert page.complaints == []  # type: ignore[attr-defined]


def test_the_frame_fits_a_small_phone_in_english(live: Live, open_page: Callable[..., Page], centre: Hand) -> None:
    """Palette, sheet of keys, a case's own page and its paper, at 360 pixels: nothing sticks out sideways."""
    page = open_page(language="en-US", viewport={"width": 360, "height": 780})
    sign_in(page, live)
    case = centre.get("/cases", tab="all", limit=1)["items"][0]
    for path in (f"case/{case['id']}", f"print/case/{case['id']}", "screen"):
        page.goto(f"{live.url}/desk/{path}")
        page.wait_for_selector(".timeline .step, .facts, .card .n")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
    page.goto(f"{live.url}/desk/queue?tab=all")
    page.click(".find")
    box = page.locator("dialog.palette").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360
    page.click("[data-command=keys]")
    page.wait_for_selector("dialog.sheet[open]")
    assert page.evaluate("document.querySelector('dialog.sheet').scrollWidth") <= 360
    assert page.complaints == []  # type: ignore[attr-defined]
