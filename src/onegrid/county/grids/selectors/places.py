"""Where is this: a point's grids at every level of every scheme, and the nearest address.

One index per locality and map version lives in the process; the version is read in the caller's
transaction, so a change of the map is seen by the very next question and never half.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import shapely
from django.db import connection
from numpy.typing import NDArray

from onegrid.county.grids.errors import Nowhere
from onegrid.county.grids.models import GridOutline, MapFeature
from onegrid.county.grids.rules import paths
from onegrid.county.grids.rules.locator import NearestIndex, PointIndex
from onegrid.county.grids.rules.metres import distance_m
from onegrid.county.grids.selectors import reading as selectors
from onegrid.county.grids.selectors.reading import GridInfo
from onegrid.foundation.database.context import standing
from onegrid.foundation.database.stamps import Remembered

ADDRESS_WITHIN_M = 150.0
_KEPT = 12


@dataclass(frozen=True)
class Chain:
    """A point's grids in one scheme, from the locality down; ``scheme`` is empty for official divisions."""

    scheme: str
    grids: tuple[GridInfo, ...]

    @property
    def leaf(self) -> GridInfo:
        """The smallest grid."""
        return self.grids[-1]


@dataclass(frozen=True)
class Place:
    """What is known of a point. The first chain is the one that work follows."""

    chains: tuple[Chain, ...]
    address: str
    address_path: str

    @property
    def leaf(self) -> GridInfo:
        """The smallest grid of the first scheme that covers the point."""
        return self.chains[0].leaf


class Address(NamedTuple):
    """A building by its address. A tuple, because a county has hundreds of thousands."""

    label: str
    lon: float
    lat: float
    scope_path: str
    distance_m: float | None = None


class LocalityIndex:
    """Everything needed to answer where a point is, for one locality at one version of its map."""

    def __init__(
        self, grids: dict[int, GridInfo], leaves: Sequence[tuple[str, PointIndex]], addresses: Sequence[Address]
    ) -> None:
        self.grids = grids
        self.root = next((info for info in grids.values() if info.scope_path == paths.ROOT), None)
        self.leaves = leaves
        self.addresses = addresses
        self._buildings = NearestIndex(
            np.array([address.lon for address in addresses]), np.array([address.lat for address in addresses])
        )

    def chain_of(self, key: int) -> tuple[GridInfo, ...]:
        """A grid with everything above it, top first."""
        found: list[GridInfo] = []
        at: int | None = key
        while at is not None:
            found.append(self.grids[at])
            at = self.grids[at].parent
        return tuple(reversed(found))

    def locate(self, lon: float, lat: float) -> Place | None:
        """The point's chains, schemes in the pack's order, divisions alone where no scheme reaches; None outside."""
        chains: list[Chain] = []
        for scheme, index in self.leaves:
            key = index.locate(lon, lat)
            if key is not None and (scheme or not chains):
                chains.append(Chain(scheme, self.chain_of(key)))
        if not chains:
            return None
        near = self._buildings.nearest(lon, lat, ADDRESS_WITHIN_M)
        address = self.addresses[near[0]] if near else None
        return Place(tuple(chains), address.label if address else "", address.scope_path if address else "")

    def locate_many(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> dict[str, NDArray[np.int64]]:
        """For each scheme (and "" for divisions) the key of the smallest grid at every point, -1 outside."""
        return {scheme: index.locate_many(lon, lat) for scheme, index in self.leaves}

    def nearest_addresses(self, point: tuple[float, float], limit: int) -> list[tuple[Address, float]]:
        """The addresses nearest to a point with their distances in metres, nearest first."""
        found = self._buildings.around(*point, limit)
        lon, lat = np.array([[self.addresses[at].lon, self.addresses[at].lat] for at in found]).reshape(-1, 2).T
        away = distance_m(*point, lon, lat)
        return [(self.addresses[at], float(metres)) for at, metres in zip(found, away, strict=True)]


def locate(lon: float, lat: float) -> Place:
    """The place of a point. Raises Nowhere when the locality does not hold it."""
    place = index().locate(lon, lat)
    if place is None:
        raise Nowhere("grids.errors.nowhere")
    return place


@dataclass(frozen=True)
class Spot:
    """The smallest grid of the first scheme at a point, and the nearest address."""

    id: int
    scope_path: str
    address: str


def chains(scope_paths: Collection[str]) -> Mapping[str, Sequence[GridInfo]]:
    """For each path the grids from the root down to it; ended grids are asked for by one query, once per map."""
    known = index()
    wanted = {path: paths.keys(path) for path in scope_paths if path}
    ended = {key for chain in wanted.values() for key in chain} - known.grids.keys()
    found = _past(ended) if ended else {}
    top = [known.root] if known.root else []
    return {
        path: [*top, *(info for key in chain if (info := known.grids.get(key) or found.get(key)) is not None)]
        for path, chain in wanted.items()
    }


def _past(keys: set[int]) -> Mapping[int, GridInfo]:
    """Grids that are in no index any more, at least these: kept like the index, for old cases name them again and
    again."""
    known = _ended.get()
    if missing := keys - known.keys():
        known.update(selectors.infos(missing))
    return known


def chain(scope_path: str) -> Sequence[GridInfo]:
    """The grids from the root down to one path."""
    return chains([scope_path]).get(scope_path, [])


def find_grid_at(lon: float, lat: float) -> Spot | None:
    """Where work on a thing at this point belongs; None outside the locality."""
    place = index().locate(lon, lat)
    return Spot(place.leaf.id, place.leaf.scope_path, place.address) if place else None


_indexes: OrderedDict[tuple[str, int], LocalityIndex] = OrderedDict()
_building = threading.Lock()
_ended: Remembered[dict[int, GridInfo]] = Remembered(selectors.MAP, read=dict)


def index() -> LocalityIndex:
    """The index of the current locality at its current version; built once per process and version."""
    key = (standing().locality, selectors.map_version())
    found = _indexes.get(key)
    if found is None:
        with _building:
            found = _indexes.get(key)
            if found is None:
                found = _load()
                _forget(key[0])
                _indexes[key] = found
    return found


def forget() -> None:
    """Build again at the next question: rows changed under the same version (tests, rolled-back plantings)."""
    with _building:
        _indexes.clear()


def _forget(locality: str) -> None:
    """Drop older versions of a locality, and the oldest locality when too many are kept."""
    for old in [key for key in _indexes if key[0] == locality]:
        del _indexes[old]
    while len(_indexes) >= _KEPT:
        _indexes.popitem(last=False)


def _load() -> LocalityIndex:
    root = selectors.subtree("r.")
    grids = {info.id: info for info in root}
    parents = {(info.parent, info.scheme) for info in root}
    leaves: dict[str, list[int]] = {scheme.key: [] for scheme in selectors.schemes()}
    covered = {key for key, _ in parents}
    bases = _leaf_divisions_by_scheme(root)
    for info in root:
        if info.scheme and not any((info.id, scheme) in parents for scheme in [info.scheme]):
            leaves[info.scheme].append(info.id)
        elif not info.scheme and (info.id not in covered or (info.id, "") not in parents):
            leaves.setdefault("", []).append(info.id)
    for scheme, keys in bases.items():
        leaves[scheme].extend(keys)
    outlines = _outlines(sorted({key for keys in leaves.values() for key in keys}))
    order = [*(scheme for scheme in leaves if scheme), ""]
    indexes = [
        (scheme, PointIndex(np.array(keys, dtype=np.int64), np.array([outlines[key] for key in keys], dtype=object)))
        for scheme in order
        if (keys := leaves.get(scheme, []))
    ]
    return LocalityIndex(grids, indexes, _addresses())


def _leaf_divisions_by_scheme(grids: Sequence[GridInfo]) -> dict[str, list[int]]:
    """Divisions that are themselves the leaves of a scheme: schemes whose every level is an official one."""
    found: dict[str, list[int]] = {}
    for scheme in selectors.schemes():
        drawn = [level for level in scheme.levels if not level.division and not level.holds]
        if not drawn and scheme.levels:
            last = [level.division for level in scheme.levels if level.division][-1:]
            found[scheme.key] = [info.id for info in grids if not info.scheme and info.level in last]
    return found


def _outlines(keys: Sequence[int]) -> dict[int, shapely.Geometry]:
    rows = list(GridOutline.objects.filter(grid__in=keys, valid_to=None).values_list("grid_id", "wkb"))
    shapes = shapely.from_wkb([bytes(wkb) for _, wkb in rows])
    return {key: shape for (key, _), shape in zip(rows, shapes, strict=True)}


def _addresses() -> list[Address]:
    rows = MapFeature.objects.filter(layer="building").exclude(name="").order_by("pk")
    return [Address(*row) for row in rows.values_list("name", "lon", "lat", "scope_path")]


def version_seen() -> tuple[str, int]:
    """Locality and map version of the caller's transaction, the key of everything cached."""
    connection.ensure_connection()
    return standing().locality, selectors.map_version()
