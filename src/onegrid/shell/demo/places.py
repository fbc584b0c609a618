"""Where things can happen: points beside buildings, the thicker the more people live there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from django.db import connection

from onegrid.county.grids import selectors as grids
from onegrid.shell.demo.lattice import Floats, Ints
from onegrid.shell.demo.scripts import Spot

MOST = 24_000
"""More buildings than this nobody would tell apart; a larger locality is drawn from."""
NEAR = 240
_LEAST_NEAR = 60
_THICKEST = 40


def spots(centre: tuple[float, float]) -> list[Spot]:
    """A point by every building, as often as people live there; of a large locality some, and all around the centre."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select b.id, b.lon, b.lat, coalesce(h.n, 1) from registers_building b left join "
            "(select building_id, count(*) as n from registers_dwelling group by 1) h on h.building_id = b.id "
            "order by b.id"
        )
        table = np.array(cursor.fetchall(), dtype=np.float64).reshape(-1, 4)
        table = table[_chosen(table, centre)]
        cursor.execute("select id, name from registers_building where id = any(%s)", [table[:, 0].astype(int).tolist()])
        names = dict(cursor.fetchall())
    # A few metres beside the building, so that the point is on the street and not inside the wall.
    lon, lat = table[:, 1] + 4e-5, table[:, 2] - 6e-5
    index = grids.index()
    found = index.locate_many(lon, lat)
    scheme = next(iter(found))
    leaf = np.where(found[scheme] >= 0, found[scheme], -1)
    for keys in found.values():
        leaf = np.where(leaf >= 0, leaf, keys)
    whole = len(table) < MOST
    made: list[Spot] = []
    for at in np.flatnonzero(leaf >= 0).tolist():
        grid = index.grids[int(leaf[at])]
        spot = Spot(float(lon[at]), float(lat[at]), grid.id, grid.scope_path, names[int(table[at, 0])])
        made += [spot] * (int(min(table[at, 3], _THICKEST)) if whole else 1)
    return made


def _chosen(table: Floats, centre: tuple[float, float]) -> Ints:
    """Rows to keep: all of a small table; else the nearest to the centre and others by how many live there."""
    if len(table) <= MOST:
        return np.arange(len(table))
    near = np.argsort(_away(table[:, 1:3], centre), kind="stable")[: 2 * NEAR]
    rng = np.random.default_rng(len(table))
    others = rng.choice(len(table), MOST - len(near), replace=False, p=table[:, 3] / table[:, 3].sum())
    return np.unique(np.concatenate([near, others]))


def close_by(places: Sequence[Spot], centre: tuple[float, float]) -> list[Spot]:
    """The places nearest to a point: a twelfth of all, some sixty at least and some hundreds at most."""
    away = _away(np.array([(spot.lon, spot.lat) for spot in places]).reshape(-1, 2), centre)
    wanted = max(_LEAST_NEAR, min(NEAR, len(places) // 12))
    return [places[int(at)] for at in np.argsort(away, kind="stable")[:wanted]]


def _away(points: Floats, centre: tuple[float, float]) -> Floats:
    away: Floats = np.abs(points - np.array(centre)).sum(axis=1)
    return away
