"""Every page of every face in both languages: readable for everybody, no wider than its screen.

Where ``ONEGRID_TEST_RESULTS`` names a folder, each is kept there as a picture, below ``pages``; look at them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.album import LANGUAGES, SHEETS, SIZES, WEB, Album, Sheet, routes_of, settle, sideways
from tests.e2e.conftest import Live

pytestmark = pytest.mark.e2e

AXE = WEB / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
ASK = f"""
axe.run(document, {{ runOnly: {RULES!r}, resultTypes: ['violations'] }}).then((found) =>
found.violations.flatMap((one) => {{
  const bar = (node) => document.querySelector(node.target[0])?.closest('[data-chart]')
  const nodes = one.nodes.filter((node) => one.id !== 'target-size' || !bar(node))
  const why = (node) => [...node.any, ...node.all, ...node.none].map((check) => check.message).join('; ').slice(0, 200)
  const words = nodes.slice(0, 4).map((node) =>
     `${{node.target.join(' ')}} ${{node.html.slice(0, 150)}} ${{why(node)}}`)
  return nodes.length ? [`${{one.id}}: ${{one.help}}: ${{words.join(' | ')}}`] : []
}}))
"""
"""Bars of a chart may be small targets: what they open is reached from the figures beside them too (WCAG 2.5.8)."""
PICTURES = os.environ.get("ONEGRID_TEST_RESULTS", "")
"""Drawing two hundred pages in three sizes takes two minutes of a machine without a graphics card."""


@pytest.fixture(scope="module")
def album(live: Live, browser: Browser) -> Iterator[Album]:
    """The county's pages."""
    opened = Album(browser, live)
    yield opened
    opened.close()


@pytest.mark.parametrize("face", ["desk", "worker", "resident"])
def test_no_page_is_left_out(face: str) -> None:
    """Every path of a router has its sheet in the album."""
    assert routes_of(face) - {sheet.route for sheet in SHEETS if sheet.face == face} == set()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: f"{sheet.face}-{sheet.name}")
def test_a_page(album: Album, sheet: Sheet, language: str) -> None:
    """No WCAG A or AA violation, nothing sticks out sideways on any screen, no fault of a script."""
    page = album.open(sheet, language)
    try:
        faults = axe(page)
        faults += [f"{width} px: {wide}" for width in sheet.widths if (wide := look(page, sheet, language, width))]
        faults += page.complaints  # type: ignore[attr-defined]
        assert not faults, "\n".join(faults)
    finally:
        page.close()


def axe(page: Page) -> list[str]:
    """What axe finds, in words."""
    page.evaluate(AXE.read_text())
    return [str(one) for one in page.evaluate(ASK)]


def look(page: Page, sheet: Sheet, language: str, width: int) -> str:
    """A picture at one width; what sticks out there."""
    size = {"width": width, "height": dict(SIZES)[width]}
    if page.viewport_size != size:
        page.set_viewport_size(size)  # type: ignore[arg-type]
        settle(page, 3)
    if PICTURES:
        folder = Path(PICTURES) / "pages"
        folder.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=folder / f"{sheet.face}-{sheet.name}-{language}-{width}.jpg", type="jpeg", quality=80)
    return sideways(page)
