"""Pictures of the pages, made from a living demo.

`python scripts/pictures.py` makes those of the guides in docs/pictures; `--all FOLDER` one of every page at three sizes
in both languages.

It needs a Chromium and the packages of the tests; it starts a demo of its own and ends it.
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.e2e import album  # noqa: E402  # the checkout is no package
from tests.e2e.conftest import FLAGS, Live, demo, find_browser  # noqa: E402

GUIDES: Final = ROOT / "docs" / "pictures"
SCALE: Final = "0.01"


@dataclass(frozen=True)
class Shot:
    """One picture of a guide: a page of the album."""

    name: str
    face: str
    sheet: str
    languages: tuple[str, ...] = ("zh",)


SHOTS: Final = (
    Shot("resident-home", "resident", "home", languages=("zh", "en")),
    Shot("resident-report", "resident", "report"),
    Shot("resident-track", "resident", "track"),
    Shot("resident-grid", "resident", "grid"),
    Shot("worker-today", "worker", "today", languages=("zh", "en")),
    Shot("worker-report", "worker", "report"),
    Shot("worker-case", "worker", "case"),
    Shot("desk-queue", "desk", "queue", languages=("zh", "en")),
    Shot("desk-case", "desk", "case"),
    Shot("desk-keys", "desk", "keys"),
    Shot("desk-dashboard", "desk", "dashboard"),
)


def main() -> int:
    """Make the pictures; exit code 0 when all were made."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--all", metavar="FOLDER", help="every page, three sizes, both languages")
    parser.add_argument("--scale", default=SCALE, help="of the demo county")
    arguments = parser.parse_args()
    with county(arguments.scale) as live, chromium() as browser:
        opened = album.Album(browser, live)
        made = everything(opened, Path(arguments.all)) if arguments.all else guides(opened)
        opened.close()
    print(f"{made} pictures")
    return 0


def guides(opened: album.Album) -> int:
    """The pictures the guides show, small enough to live in the repository."""
    GUIDES.mkdir(parents=True, exist_ok=True)
    made = 0
    for shot in SHOTS:
        sheet = next(one for one in album.sheets_of(shot.face) if one.name == shot.sheet)
        for language in shot.languages:
            page = opened.open(sheet, language)
            page.wait_for_timeout(500)
            ending = "" if language == "zh" else f"-{language}"
            keep(page.screenshot(), GUIDES / f"{shot.name}{ending}.webp")
            page.close()
            made += 1
    return made


def everything(opened: album.Album, folder: Path) -> int:
    """The whole album."""
    folder.mkdir(parents=True, exist_ok=True)
    made = 0
    for sheet in album.SHEETS:
        for language in album.LANGUAGES:
            page = opened.open(sheet, language)
            for width, height in album.SIZES:
                if width in sheet.widths:
                    page.set_viewport_size({"width": width, "height": height})
                    album.settle(page, 3)
                    keep(page.screenshot(), folder / f"{sheet.face}-{sheet.name}-{language}-{width}.webp")
                    made += 1
            page.close()
    return made


def keep(content: bytes, path: Path) -> None:
    """As WebP: a third of the PNG, letters still sharp."""
    Image.open(io.BytesIO(content)).convert("RGB").save(path, "WEBP", quality=80, method=6)


@contextmanager
def county(scale: str) -> Iterator[Live]:
    """A demo of its own, ended afterwards."""
    with (
        tempfile.TemporaryDirectory(prefix="onegrid-pictures-") as folder,
        demo(Path(folder), "--scale", scale) as live,
    ):
        yield live


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser without a screen."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), headless=True, args=FLAGS)
        yield browser
        browser.close()


if __name__ == "__main__":
    sys.exit(main())
