"""What a pack asks to be written on photos reaches the pages."""

from __future__ import annotations

from pathlib import Path

from support.people import Api
from support.world import plant

from onegrid.foundation.database.context import in_locality
from onegrid.foundation.files.section import FilesPart
from onegrid.shell.sections import load_pack

LOCALITIES = Path(__file__).parents[3] / "localities"
PACKS = Path(__file__).parents[2] / "support" / "packs"


def test_the_page_is_told_what_photos_carry_in_one_order(api: Api, locality: str) -> None:
    """Testland writes `[name, time]`; the pages are given the fixed order."""
    with in_locality(locality):
        plant(PACKS, "testland")
    assert api.get("/locality").json()["photos"] == {"stamp": ["time", "name"]}


def test_photos_carry_nothing_unless_the_pack_asks() -> None:
    """The default is a bare picture; a name is written only where a pack names it."""
    names = ("haizhou", "minhou", "suichuan")
    asked = [load_pack(LOCALITIES, name).section("files", FilesPart).stamp for name in names]
    assert asked == [(), ("time", "place"), ("time", "place", "name")]
