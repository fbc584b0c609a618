"""Grids by what people type: part of the name, the beginning of the code, pinyin initials; 甘蔗 一网格 names both."""

from __future__ import annotations

from collections.abc import Sequence

from onegrid.county.grids.selectors.places import LocalityIndex, index
from onegrid.county.grids.selectors.reading import GridInfo
from onegrid.foundation.kernel import pinyin

BEGINS, HOLDS, SOUNDS, CODED = 0, 1, 2, 3
"""How well a name fits, best first."""


def search(words: str, *, limit: int = 20) -> list[GridInfo]:
    """Active grids that fit the words, best first and larger ones before smaller; none without words.

    The last word must fit the grid itself, each before it the grid or one above it.
    """
    *before, last = words.lower().split() or [""]
    if not last:
        return []
    known = index()
    scored = []
    for grid in known.grids.values():
        fits = score(last, grid)
        if fits is not None and grid.active and all(_above(known, grid, word) for word in before):
            scored.append((fits, grid.depth, grid.code, grid))
    return [grid for *_, grid in sorted(scored, key=lambda one: one[:3])[:limit]]


def score(word: str, grid: GridInfo) -> int | None:
    """How well one word (lower case) fits a grid; None when it does not."""
    name = grid.name.lower()
    if word in name:
        return BEGINS if name.startswith(word) else HOLDS
    if word.isdigit():
        return CODED if grid.code.startswith(word) else None
    if pinyin.typed(word):
        found = pinyin.found_in(word, name)
        return None if found is None else BEGINS if found == 0 else SOUNDS
    return CODED if grid.code.lower().startswith(word) else None


def _above(known: LocalityIndex, grid: GridInfo, word: str) -> bool:
    return any(score(word, one) is not None for one in known.chain_of(grid.id))


def places_of(found: Sequence[GridInfo]) -> dict[int, str]:
    """Where each grid lies: the names above it, the locality's own left out."""
    known = index()
    return {grid.id: " · ".join(one.name for one in known.chain_of(grid.id)[1:-1]) for grid in found}
