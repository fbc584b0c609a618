"""Buildings of the register by addresses written another way than the register writes them.

An address that only says the same in other words (township in front, 三号楼 for 3栋, full-width figures, 村 left out)
is that building; one that merely resembles a building's is refused, and the row says which it resembles.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from onegrid.county.grids import selectors as grids
from onegrid.county.grids.rules.addresses.gazetteer import Gazetteer, Labelled, Named
from onegrid.county.grids.rules.addresses.resolver import resolve
from onegrid.foundation.database.write import read

SAME_FIT: Final = 0.88
SAME_CONFIDENCE: Final = 0.85
"""Other words for one building; a sign that differs in a name costs more."""
LIKE_FIT: Final = 0.6
MOST: Final = 100_000
"""Different addresses of one run that are looked up so; they take milliseconds each."""


class Likely(NamedTuple):
    """The building an address means, or only resembles."""

    id: int
    grid: int
    path: str
    label: str
    same: bool


class Likeness:
    """Every building in the importer's scope by its words; read when the first address is unknown."""

    def __init__(self) -> None:
        self._rows: list[tuple[int, str, int, str]] = []
        self._book: Gazetteer | None = None
        self._known: dict[str, Likely | None] = {}

    def find(self, address: str) -> Likely | None:
        """What an address means or resembles most; None for neither, or when a run has asked too often."""
        if address in self._known:
            return self._known[address]
        if len(self._known) >= MOST:
            return None
        found = self._known[address] = self._find(address)
        return found

    def _find(self, address: str) -> Likely | None:
        found = resolve(self._opened(), address, limit=2)
        first = next((one for one in found if one.kind == "building" and one.fit >= LIKE_FIT), None)
        if first is None:
            return None
        key, name, grid, path = self._rows[first.at]
        same = first is found[0] and first.fit >= SAME_FIT and first.confidence >= SAME_CONFIDENCE
        return Likely(key, grid, path, name, same)

    def _opened(self) -> Gazetteer:
        if self._book is None:
            self._rows = read(_ALL, [])
            places = [Named(one.name, one.scope_path, not one.scheme) for one in grids.index().grids.values()]
            self._book = Gazetteer(places, [Labelled(name, path) for _, name, _, path in self._rows])
        return self._book


_ALL: Final = "SELECT id, name, grid_id, scope_path FROM registers_building ORDER BY id"
