"""The smallest pieces a grid is made of, and which of them touch.

An atom is one storey of a stairwell, or a house; land without homes has atoms of no weight so that the map tiles.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Atoms:
    """Pieces that are never split, one array entry each; metres on the ground's plane.

    ``building`` counts the cleaned ground's buildings and ``unit`` the stairwells of all buildings, both -1 on empty
    land; ``block`` counts the pieces of land between lines, ``area`` the cleaned ground's areas. ``cell`` is the
    piece's land: all cells together cover the areas exactly, without gap or overlap.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    households: NDArray[np.float64]
    weight: NDArray[np.float64]
    building: NDArray[np.int64]
    unit: NDArray[np.int64]
    block: NDArray[np.int64]
    area: NDArray[np.int64]
    cell: NDArray[np.object_]

    def __len__(self) -> int:
        return len(self.x)


@dataclass(frozen=True)
class Edges:
    """Pairs of atoms of one area that share a border, each once, left < right, sorted.

    ``rank`` is that of the highest road or water along the shared border (5 water), -1 where none runs.
    """

    left: NDArray[np.int64]
    right: NDArray[np.int64]
    length_m: NDArray[np.float64]
    rank: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.left)
