"""The closed list of measures a published figure can be computed by, and what each takes.

A measure is a count over rows or a rate of two counts. What it counts stands in `selectors.py`; here is only what a
pack may write, so that a pack that asks for something unknown is refused before it is loaded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from onegrid.foundation.packs.problems import Place

LEVEL, POSITION, SIDE, CASES, LIMIT, NOTHING = "level", "position", "side", "cases", "limit", ""
MEASURES: Final[Mapping[str, str]] = {
    "residents": NOTHING,
    "households": NOTHING,
    "buildings": NOTHING,
    "premises": NOTHING,
    "people_and_homes": NOTHING,
    "register_records": NOTHING,
    "grids": LEVEL,
    "all_grids": NOTHING,
    "usual_size": LEVEL,
    "matters": NOTHING,
    "matters_handed_down": NOTHING,
    "departments": SIDE,
    "appointments": POSITION,
    "limit_minutes": LIMIT,
    "reported": CASES,
    "closed": CASES,
    "closed_in_time": CASES,
    "closed_in_time_rate": CASES,
    "closed_share": CASES,
    "closed_in_grid": CASES,
    "closed_in_grid_rate": CASES,
    "on_the_spot_rate": CASES,
    "closed_per_day": CASES,
    "days_to_close": NOTHING,
    "five_seen": NOTHING,
    "rated": CASES,
    "rated_five": CASES,
}
"""Measure → what its ``of`` names: a level, a position, handling or collecting departments, a matter's limit as
``code#condition:accept``; ``cases`` may be narrowed by kind of matter, channel, bearer and on the spot or not.

``usual_size``: how many grids of the level below most grids of this one have; households where it is the lowest."""
SIDES = ("handling", "collecting")
BEARERS = ("grid", "department")
KINDS = ("component", "event", "dispute", "petition", "service")
CHANNELS = ("patrol", "visit", "desk", "hotline", "petition", "deliberation", "counter", "snap")
LIMIT_FORM = re.compile(r"[A-Z0-9]+#[1-9][0-9]?:(accept|arrive)\Z")
CAPABILITY = re.compile(r"[GWCMRPSVAOBI][1-9]\Z")
YEARS: Final = 2
"""Published case figures are taken over so many years, the demonstration's whole past."""


@dataclass(frozen=True)
class Narrowed:
    """Which cases a measure is about: any where a field is empty."""

    kinds: tuple[str, ...] = ()
    channel: str = ""
    bearer: str = ""
    on_the_spot: bool | None = None


@dataclass(frozen=True)
class How:
    """How a figure is computed."""

    measure: str
    of: str = ""
    cases: Narrowed = field(default_factory=Narrowed)


@dataclass(frozen=True)
class Lot:
    """A part of the demonstration's closed cases, told so that the published figures come out of the rows.

    ``open`` of them more stay unfinished. Without ``in_time`` all are; without ``bearer`` the catalogue decides who
    handles them. Cases on the spot are handled by who reports them, and nobody rates them.
    """

    closed: int
    in_time: int
    rated: int = 0
    five: int = 0
    open: int = 0
    cases: Narrowed = field(default_factory=Narrowed)
    place: Place = field(default=Place("", 0), compare=False)


def same(published: float, computed: float | None, unit: str) -> bool:
    """Whether a computed value is the published one: a count exactly, a share to the places it was published with."""
    if computed is None:
        return False
    if unit != "share":
        return round(computed, 6) == published
    percent = Decimal(repr(published)) * 100
    places = Decimal(1).scaleb(min(0, int(percent.normalize().as_tuple().exponent)))
    return (Decimal(repr(computed)) * 100).quantize(places, ROUND_HALF_UP) == percent
