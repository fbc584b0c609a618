"""The inner loops against slow ways that are surely right; and where what was compiled is kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.sparse import csgraph
from support.lattice import lattice

from onegrid.county.grids.rules.drawing.partition import compiled
from onegrid.county.grids.rules.drawing.partition.flood import flood
from onegrid.county.grids.rules.drawing.partition.graph import Graph, Land, bundles, graph_of, hilbert, problems
from onegrid.county.grids.rules.drawing.partition.swap import may_leave


def graph(wide: int, high: int, seed: int) -> Graph:
    atoms, edges = lattice(wide, high, seed)
    land = Land.of(atoms, edges)
    whole = np.zeros(len(land), np.int64)
    return graph_of(land, whole, atoms.households[land.atom], np.arange(len(land)))


def test_the_curve_visits_every_field_once_and_goes_to_a_neighbour() -> None:
    x, y = (axis.ravel().astype(float) for axis in np.meshgrid(np.arange(0, 65536, 2048), np.arange(0, 65536, 2048)))
    curve = np.empty(len(x), np.int64)
    hilbert(x, y, curve)
    order = np.argsort(curve)
    steps = np.abs(np.diff(x[order])) + np.abs(np.diff(y[order]))
    assert len(np.unique(curve)) == len(curve)
    assert set(steps) == {2048.0}


@settings(max_examples=20, deadline=None)
@given(wide=st.integers(2, 9), high=st.integers(2, 9), seed=st.integers(0, 999))
def test_land_goes_to_whoever_reaches_it_first(wide: int, high: int, seed: int) -> None:
    town = graph(wide, high, seed)
    count = len(town)
    seeds = np.random.default_rng(seed).permutation(count)[:2].astype(np.int64)
    owner, reach = np.zeros(count, np.int64), np.empty(count)
    room = len(town.to) + 3
    flood(
        0, count, town.start, town.to, town.walk, seeds, np.array([0.0, 13.0]), owner, reach, np.empty(room),
        np.empty(room, np.int64),
    )  # fmt: skip
    links = sparse.csr_matrix((town.walk, town.to, town.start), (count, count))
    far = csgraph.dijkstra(links, indices=seeds) + np.array([[0.0], [13.0]])
    for v in np.setdiff1d(np.arange(count), seeds):
        # No way leads through another grid's seed, so a node can be reached later than by the plain distance.
        assert reach[v] >= far[owner[v], v] - 1e-9
    for g in (0, 1):
        its = np.flatnonzero(owner == g)
        assert csgraph.connected_components(links[its][:, its], directed=False)[0] == 1
    assert owner[seeds].tolist() == [0, 1]


@settings(max_examples=20, deadline=None)
@given(wide=st.integers(1, 8), high=st.integers(2, 8), seed=st.integers(0, 999))
def test_a_piece_may_leave_only_if_the_rest_stays_connected(wide: int, high: int, seed: int) -> None:
    town = graph(wide, high, seed)
    count = len(town)
    owner = np.random.default_rng(seed).integers(0, 2, count)
    links = sparse.csr_matrix((np.ones(len(town.to)), town.to, town.start), (count, count))
    mark, queue, wanted = np.full(count, -1, np.int64), np.empty(4096, np.int64), np.empty(1, np.int64)
    for v in range(count):
        its = np.flatnonzero(owner == owner[v])
        parts = csgraph.connected_components(links[its][:, its], directed=False)[1]
        own = its[parts == parts[np.searchsorted(its, v)]]
        rest = own[own != v]
        right = len(rest) > 0 and csgraph.connected_components(links[rest][:, rest], directed=False)[0] == 1
        said = may_leave(v, 0, town.start, town.to, owner, mark, wanted, queue, 2 * v + 2, 400)
        assert said == right


def test_bundles_are_connected_and_small() -> None:
    atoms, edges = lattice(30, 30, seed=2)
    land = Land.of(atoms, edges)
    homes = atoms.households[land.atom]
    problem = problems(land, np.zeros(len(land), np.int64), np.ones(len(land), bool))
    bundle = bundles(land, problem, homes, 400.0, np.arange(len(land)))
    assert len(np.unique(bundle)) < len(land) / 4
    assert np.bincount(bundle, homes).max() <= 0.3 * 400
    same = bundle[land.left] == bundle[land.right]
    links = sparse.coo_matrix((np.ones(same.sum()), (land.left[same], land.right[same])), 2 * (len(land),))
    assert csgraph.connected_components(links, directed=False)[0] == len(np.unique(bundle))


def test_what_was_compiled_is_kept_where_it_can_be(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    class Config:
        CACHE_DIR = ""

    sources, home, passing = tmp_path / "package", tmp_path / "home", tmp_path / "passing"
    sources.mkdir()
    (sources / "swap.py").write_text("1")
    refused: set[Path] = set()
    monkeypatch.setattr(compiled, "_HERE", sources)
    monkeypatch.setattr(compiled, "import_module", lambda name: Config)
    monkeypatch.setattr(compiled.tempfile, "gettempdir", lambda: str(passing))
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(home))
    real = compiled._writable
    monkeypatch.setattr(
        compiled, "_writable", lambda folder: not any(one in folder.parents for one in refused) and real(folder)
    )
    seen = []
    for closed in (None, sources, home):
        refused |= {closed} if closed else set()
        Config.CACHE_DIR = ""
        compiled._choose_folder()
        seen.append(Path(Config.CACHE_DIR))
    assert [seen[0].parent.parent, seen[1].parent.parent, seen[2].parent.parent] == [sources, home, passing]
    assert not compiled.is_stored()
    (seen[2] / compiled._WHOLE).touch()
    assert compiled.is_stored()
    (sources / "levels.py").write_text("what is no inner loop changes nothing")
    assert compiled.is_stored()
    (sources / "swap.py").write_text("2")
    assert not compiled.is_stored()
    Config.CACHE_DIR = ""
    refused.clear()
    compiled._choose_folder()
    assert Path(Config.CACHE_DIR).name != seen[0].name
