"""What a track is worth: metres walked, time covered, and the gaps. Counted from the points alone.

A browser records only while its page is open and the screen is on, so a track has holes. A hole is a gap with a
beginning and an end: its time is not covered and no metres are counted across it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from math import hypot
from typing import Final

from onegrid.county.grids.rules.metres import metres_per_degree

GOOD_M: Final = 60.0
"""Positions less exact than this many metres say that the phone was there, not how far it went."""
STILL_M: Final = 12.0
"""Steps smaller than this, or than the position is exact, are noise: a phone on a table walks kilometres otherwise."""
FASTEST_MPS: Final = 35.0
"""Metres a second beyond which no worker moves (126 km/h): the position jumped."""


@dataclass(frozen=True)
class Fix:
    """One position, WGS84; `accuracy` in metres as the phone says."""

    at: datetime
    lon: float
    lat: float
    accuracy: float


@dataclass(frozen=True)
class Gap:
    """A stretch without a position."""

    start: datetime
    end: datetime

    @property
    def seconds(self) -> int:
        """How long it was."""
        return int((self.end - self.start).total_seconds())


@dataclass(frozen=True)
class Measured:
    """A track, counted."""

    fixes: int = 0
    metres: int = 0
    covered_s: int = 0
    gaps: tuple[Gap, ...] = ()
    jumps: int = 0

    @property
    def gap_s(self) -> int:
        """Seconds in gaps."""
        return sum(gap.seconds for gap in self.gaps)


def between(fixes: Iterable[Fix], began: datetime, ended: datetime | None) -> list[Fix]:
    """The positions within a patrol, oldest first, one for each instant."""
    inside = {fix.at: fix for fix in fixes if fix.at >= began and (ended is None or fix.at <= ended)}
    return [inside[at] for at in sorted(inside)]


def measure(fixes: Sequence[Fix], began: datetime, ended: datetime, gap_seconds: int) -> Measured:
    """Count a track of positions in order, from the patrol's beginning to its end (or to now)."""
    moments = [began, *(fix.at for fix in fixes), ended]
    gaps = tuple(Gap(one, two) for one, two in pairwise(moments) if (two - one).total_seconds() > gap_seconds)
    whole = int((ended - began).total_seconds())
    metres, jumps = _walked(fixes, gap_seconds)
    return Measured(len(fixes), round(metres), max(0, whole - sum(gap.seconds for gap in gaps)), gaps, jumps)


def _walked(fixes: Sequence[Fix], gap_seconds: int) -> tuple[float, int]:
    """Metres from anchor to anchor, and how often the position jumped. A gap and a jump begin anew behind them."""
    metres, jumps = 0.0, 0
    anchor: Fix | None = None
    before: Fix | None = None
    for fix in fixes:
        if fix.accuracy > GOOD_M:
            continue
        if before is None or anchor is None or (fix.at - before.at).total_seconds() > gap_seconds:
            anchor = before = fix
            continue
        step = distance_m(anchor, fix)
        seconds = max(1.0, (fix.at - before.at).total_seconds())
        if distance_m(before, fix) / seconds > FASTEST_MPS:
            jumps += 1
            anchor = before = fix
            continue
        if step >= max(STILL_M, fix.accuracy):
            metres += step
            anchor = fix
        before = fix
    return metres, jumps


def distance_m(one: Fix, two: Fix) -> float:
    """Metres between two near positions."""
    east, north = metres_per_degree((one.lat + two.lat) / 2)
    return hypot((two.lon - one.lon) * east, (two.lat - one.lat) * north)


def thinned(fixes: Sequence[Fix], gap_seconds: int, most: int) -> list[list[Fix]]:
    """The track as lines to draw, broken at every gap, with `most` points in all at most; ends of lines are kept."""
    lines: list[list[Fix]] = []
    for fix in fixes:
        if lines and (fix.at - lines[-1][-1].at).total_seconds() <= gap_seconds:
            lines[-1].append(fix)
        else:
            lines.append([fix])
    every = max(1, -(-len(fixes) // max(1, most)))
    return [[*line[:-1:every], line[-1]] for line in lines]
