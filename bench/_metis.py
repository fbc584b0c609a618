"""METIS as the floor of drawing: k-way, contiguous, the same atoms and borders, one call for each community."""

from __future__ import annotations

import time

import numpy as np
import pymetis
from numpy.typing import NDArray
from scipy import sparse

from onegrid.county.grids.rules.drawing.atoms import Atoms, Edges

UNIT, BUILDING, OPEN, STREET = 80, 30, 10, 1
"""What a cut through a stairwell, a building, open land and along a street costs METIS: whole numbers, as it wants."""


def k_way(atoms: Atoms, edges: Edges, size: float, seed: int = 1) -> tuple[NDArray[np.int64], float]:
    """Grids of about that many households, and the processor seconds METIS itself took."""
    grid = np.full(len(atoms), -1, np.int64)
    weights = _weights(atoms, edges)
    place = np.empty(len(atoms), np.int64)
    order = np.argsort(atoms.area, kind="stable")
    first = np.searchsorted(atoms.area[order], np.arange(atoms.area.max() + 2))
    by_area = np.argsort(atoms.area[edges.left], kind="stable")
    edge_first = np.searchsorted(atoms.area[edges.left][by_area], np.arange(atoms.area.max() + 2))
    made, took = 0, 0.0
    for area in range(int(atoms.area.max()) + 1):
        its, own = order[first[area] : first[area + 1]], by_area[edge_first[area] : edge_first[area + 1]]
        place[its] = np.arange(len(its))
        count = max(1, int(np.floor(atoms.households[its].sum() / size + 0.5)))
        pairs = place[edges.left[own]], place[edges.right[own]]
        graph = sparse.coo_matrix((weights[own], pairs), (len(its), len(its))).tocsr()
        graph = (graph + graph.T).tocsr()
        near = pymetis.CSRAdjacency(graph.indptr.astype(np.int32), graph.indices.astype(np.int32))
        options = pymetis.Options(contig=1, seed=seed)
        flats = np.rint(atoms.households[its]).astype(np.int32)
        begin = time.process_time()
        _, label = pymetis.part_graph(
            count, near, vweights=flats, eweights=graph.data.astype(np.int32), recursive=False, options=options
        )
        took += time.process_time() - begin
        grid[its] = np.asarray(label) + made
        made += count
    return grid, took


def _weights(atoms: Atoms, edges: Edges) -> NDArray[np.int64]:
    left, right = edges.left, edges.right
    house = (atoms.building[left] == atoms.building[right]) & (atoms.building[left] >= 0)
    well = house & (atoms.unit[left] == atoms.unit[right])
    return np.select([well, house, edges.rank >= 1], [UNIT, BUILDING, STREET], OPEN)
