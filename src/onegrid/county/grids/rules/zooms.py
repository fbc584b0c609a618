"""Which level of the tree a map shows at which zoom: one of each scheme, with frames around it.

A level comes when its usual grid is wide enough to be looked at, and goes when the next finer one comes. Divisions
stay as frames, and so does the level right above the one that is shown.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

MAX_ZOOM: Final = 20
PIXELS: Final = 512
"""A tile is so many pixels wide on the screen."""
SHOWN: Final = 48.0
"""Pixels a usual grid must be wide for its level to be shown by itself."""
ASKED: Final = 16.0
"""Pixels that are enough when the level is asked for by name: some 1,000 grids to a tile, four times that where it is
dense. Smaller ones cannot be told apart, and a tile of them took 150 ms."""
LABELLED: Final = 1600.0
"""Pixels from which on a name in the middle of a grid is seldom in sight."""

Key = tuple[str, str]
"""Scheme (empty for divisions) and level."""


@dataclass(frozen=True)
class Shown:
    """One level: from which zoom to which it is shown by itself (none when `last` is below `first`), from which zoom on
    it may be asked for, and to which it is labelled."""

    key: Key
    first: int
    last: int
    asked: int
    labelled: int


@dataclass(frozen=True)
class Zooms:
    """All levels of a locality, top down, divisions first."""

    levels: tuple[Shown, ...]

    def shown(self, z: int, level: Key | None = None) -> dict[Key, bool]:
        """What a tile at a zoom holds, and of each level whether it is a frame only.

        `level`: shown whatever the zoom (once it is wide enough to be seen at all), with what lies above it as frames.
        """
        if level is not None:
            return self._asked(z, level)
        found = {one.key: False for one in self.levels if one.first <= z <= one.last}
        for key in list(found):
            for above in self._above(key):
                found.setdefault(above.key, True)
        return found

    def _asked(self, z: int, level: Key) -> dict[Key, bool]:
        own = self.find(level)
        if own is None:
            return {}
        found = {above.key: True for above in self._above(level) if above.first <= z}
        if z >= own.asked:
            found[level] = False
        return found

    def _above(self, key: Key) -> list[Shown]:
        """The frames of a level: the divisions above it, and the scheme's own level right above."""
        scheme, _ = key
        divisions = [one for one in self.levels if not one.key[0]]
        if not scheme:
            return divisions[: next(at for at, one in enumerate(divisions) if one.key == key)]
        own = [one for one in self.levels if one.key[0] == scheme]
        at = next(at for at, one in enumerate(own) if one.key == key)
        return divisions + own[max(0, at - 1) : at]

    def find(self, key: Key) -> Shown | None:
        """The level of this name; None when no grid is of it."""
        return next((one for one in self.levels if one.key == key), None)


def first_zoom(size: float, pixels: float) -> int:
    """The first zoom at which something `size` degrees wide is as many pixels wide; 0 to `MAX_ZOOM`."""
    return min(MAX_ZOOM, max(0, math.ceil(math.log2(pixels / (size * PIXELS / 360.0)))))


def zooms(sizes: Mapping[Key, float], order: Sequence[Key]) -> Zooms:
    """The table for levels whose usual grid is so many degrees wide; `order` names all levels, each scheme top down,
    divisions first. Levels without a grid are left out."""
    known = [key for key in order if key in sizes]
    first = {key: first_zoom(sizes[key], SHOWN) for key in known}
    top = next((key for key in known if not key[0]), None)
    if top is not None:
        first[top] = 0
    found = []
    for key in known:
        finer = _finer(key, known, first)
        found.append(
            Shown(
                key,
                first[key],
                finer - 1 if finer is not None else MAX_ZOOM,
                first_zoom(sizes[key], ASKED),
                first_zoom(sizes[key], LABELLED),
            )
        )
    return Zooms(tuple(found))


def _finer(key: Key, known: Sequence[Key], first: Mapping[Key, int]) -> int | None:
    """The zoom at which something finer than a level takes over; for the lowest division the first scheme to come."""
    below = [other for other in known[known.index(key) + 1 :] if other[0] == key[0]]
    if not key[0]:
        # Divisions give way to each other, and all of them to the grids.
        below += [other for other in known if other[0]]
    return min((first[other] for other in below), default=None)
