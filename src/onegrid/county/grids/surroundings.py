"""What drafts of the map ask of the county above them: who lives where, what is open, who is in charge, what day it is.

Grids know nothing of registers, cases and people in charge. The shell hands these functions in at start; without them
a draft counts nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray


def _floats() -> NDArray[np.float64]:
    return np.zeros(0)


def _ints() -> NDArray[np.int64]:
    return np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class Homes:
    """Buildings with the households and residents in them, one array entry each; degrees."""

    lon: NDArray[np.float64] = field(default_factory=_floats)
    lat: NDArray[np.float64] = field(default_factory=_floats)
    households: NDArray[np.int64] = field(default_factory=_ints)
    residents: NDArray[np.int64] = field(default_factory=_ints)
    floors: NDArray[np.int64] = field(default_factory=_ints)
    units: NDArray[np.int64] = field(default_factory=_ints)
    feature: NDArray[np.int64] = field(default_factory=_ints)
    """Id of the outline on the base map, -1 without one."""
    name: Sequence[str] = ()

    def __len__(self) -> int:
        return len(self.lon)


@dataclass(frozen=True)
class OpenCases:
    """Cases that are not over, one array entry each; degrees, and the path of the grid each lies in."""

    lon: NDArray[np.float64] = field(default_factory=_floats)
    lat: NDArray[np.float64] = field(default_factory=_floats)
    path: Sequence[str] = ()


@dataclass(frozen=True)
class Held:
    """An appointment in force in a grid."""

    grid: int
    person: str
    position: str
    title_zh: str
    title_en: str
    at: tuple[str, ...]
    """Levels the position sits at."""
    headcount: int


@dataclass(frozen=True)
class Leaders:
    """Homes of those in charge of grids of today, one array entry each; degrees, and the key of the grid's level."""

    lon: NDArray[np.float64] = field(default_factory=_floats)
    lat: NDArray[np.float64] = field(default_factory=_floats)
    level: Sequence[str] = ()


@dataclass
class Surroundings:
    """The functions of this process. Each takes a path and answers for its subtree, within the caller's own scope."""

    homes: Callable[[str], Homes] = lambda path: Homes()
    open_cases: Callable[[str], OpenCases] = lambda path: OpenCases()
    held: Callable[[Collection[int], date], Sequence[Held]] = lambda grids, day: ()
    day_of: Callable[[datetime], date] = lambda now: now.date()
    leaders: Callable[[str, str, date], Leaders] = lambda path, scheme, day: Leaders()


_known = Surroundings()


def use(given: Surroundings) -> None:
    """Ask these from now on."""
    _known.homes, _known.open_cases = given.homes, given.open_cases
    _known.held, _known.day_of, _known.leaders = given.held, given.day_of, given.leaders


def homes(path: str) -> Homes:
    """Buildings with their households in a subtree."""
    return _known.homes(path)


def open_cases(path: str) -> OpenCases:
    """Open cases in a subtree."""
    return _known.open_cases(path)


def held(grids: Collection[int], day: date) -> Sequence[Held]:
    """Appointments in force on a day in some grids."""
    return _known.held(grids, day)


def day_of(now: datetime) -> date:
    """The locality's calendar day at an instant."""
    return _known.day_of(now)


def leaders(path: str, scheme: str, day: date) -> Leaders:
    """Where those in charge of a scheme's grids in a subtree live, as far as the registers know."""
    return _known.leaders(path, scheme, day)
