"""What a synthetic locality is made of: divisions, schemes and how big each level is.

The plan is plain data taken from a pack; drawing knows nothing else of a locality. Sizes are the
full locality's; `scale` makes them smaller without losing a level anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Cells = Literal["lots", "building", "unit", "household"]


@dataclass(frozen=True)
class DivisionPlan:
    """One official division: its code as published (6, 9 or 12 digits), name, level and parent's code."""

    code: str
    name: str
    level: str
    parent: str


@dataclass(frozen=True)
class LevelPlan:
    """One level of a scheme.

    ``division`` names the official level it is, if it is one. ``count`` is how many the full
    locality has, ``households`` how many one grid holds, ``children`` how many one parent has: the first that
    is set decides. ``cells`` says what the smallest grids are cut out of; households are register
    rows and not drawn.
    """

    key: str
    title: str
    division: str = ""
    count: int | None = None
    households: int | None = None
    children: int | None = None
    cells: Cells = "lots"


@dataclass(frozen=True)
class SchemePlan:
    """One tree of grids: its levels top to bottom and the divisions it covers.

    Empty covers everything; None covers what the schemes before it left over.
    """

    key: str
    levels: tuple[LevelPlan, ...]
    covers: frozenset[str] | None = frozenset()

    def drawn(self) -> tuple[LevelPlan, ...]:
        """The levels that are cut below divisions."""
        return tuple(level for level in self.levels if not level.division and level.cells != "household")

    def base(self) -> str:
        """The division level below which the first drawn level hangs: the last one named, else the village."""
        named = [level.division for level in self.levels if level.division]
        return named[-1] if named else "village"


@dataclass(frozen=True)
class LandPlan:
    """Everything drawing needs: a centre, who is where, how many households, which villages come first."""

    lon: float
    lat: float
    divisions: tuple[DivisionPlan, ...]
    schemes: tuple[SchemePlan, ...]
    households: int
    scale: float = 1.0
    urban: float = 0.35
    focus: frozenset[str] = field(default_factory=frozenset)
    floors: tuple[int, ...] = (5, 6, 6, 11, 17)
    """How high slabs are, drawn from at random; two homes to a floor of each stairwell."""
    buildings: int = 0
    """Inhabited buildings, where a level is made of them and their number is published; else 0: as many as it takes."""
    stairwells: int = 0
    """And the stairwells in them."""

    def leaves(self) -> list[DivisionPlan]:
        """Divisions without a division below them, in the order of the list."""
        parents = {division.parent for division in self.divisions}
        return [division for division in self.divisions if division.code not in parents]
