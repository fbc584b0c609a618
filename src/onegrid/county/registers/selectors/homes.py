"""Who lives in which building, for whoever draws grids: counts and places, nobody's name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from onegrid.county.grids.rules.paths import upper_bound
from onegrid.county.grids.surroundings import Homes, Leaders
from onegrid.county.registers.models import Resident
from onegrid.county.workforce.following import phones
from onegrid.foundation.database.fields import blind

_HOMES = """
SELECT b.lon, b.lat, coalesce(h.n, 0), coalesce(h.people, 0), b.levels, b.units, coalesce(b.feature, -1), b.name
FROM registers_building b LEFT JOIN (
    SELECT d.building_id, count(*) AS n, sum(k.people) AS people FROM registers_dwelling d
    JOIN registers_household k ON k.dwelling_id = d.id
    WHERE d.scope_path >= %s AND d.scope_path < %s GROUP BY d.building_id
) h ON h.building_id = b.id WHERE b.scope_path >= %s AND b.scope_path < %s ORDER BY b.id
"""


def homes(path: str) -> Homes:
    """Every building of a subtree with its households and residents, as the caller's own scope lets him see them."""
    bound = upper_bound(path)
    with connection.cursor() as cursor:
        cursor.execute(_HOMES, [path, bound, path, bound])
        rows = cursor.fetchall()
    if not rows:
        return Homes()
    lon, lat, households, residents, floors, units, feature, name = zip(*rows, strict=True)
    return Homes(
        np.array(lon, dtype=float), np.array(lat, dtype=float), _whole(households), _whole(residents),
        _whole(floors), _whole(units), _whole(feature), name,
    )  # fmt: skip


def _whole(numbers: Sequence[int]) -> NDArray[np.int64]:
    return np.array(numbers, dtype=np.int64)


def leaders(path: str, scheme: str, day: date) -> Leaders:
    """The building each leader of a grid lives in: the one resident of the subtree with his phone. A phone that leads
    to several buildings, or to none, tells nothing. As the caller's own scope lets him see them."""
    levels: dict[bytes, list[str]] = defaultdict(list)
    for level, phone in phones(path, scheme, day):
        levels[blind(Resident, "phone_index", phone)].append(level)
    rows = Resident.objects.filter(
        phone_index__in=list(levels), left_on=None, died_on=None, scope_path__gte=path,
        scope_path__lt=upper_bound(path),
    )  # fmt: skip
    spots: dict[bytes, set[tuple[float, float]]] = defaultdict(set)
    building = "household__dwelling__building"
    for index, lon, lat in rows.values_list("phone_index", f"{building}__lon", f"{building}__lat"):
        spots[bytes(index)].add((lon, lat))
    found = [
        (*next(iter(places)), level)
        for index, places in sorted(spots.items())
        if len(places) == 1
        for level in levels[index]
    ]
    if not found:
        return Leaders()
    lons, lats, own = zip(*found, strict=True)
    return Leaders(np.array(lons, dtype=float), np.array(lats, dtype=float), own)
