"""Rows that look like one somebody is about to add: offered before it is made, so that nothing is entered twice.

By number, by what stands within a few steps, and by name: for buildings, premises and organisations. Who is entered
twice among residents is found afterwards (`duplicates.py`), for nobody's name is tried out here.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import cos, radians
from typing import Any, Final, Literal

from django.db.models import Q

from onegrid.county.grids.errors import Nowhere
from onegrid.county.grids.selectors import locate
from onegrid.county.registers.rules.merging import Values
from onegrid.county.registers.selectors import records, searching
from onegrid.county.registers.selectors.cells import MODELS
from onegrid.county.registers.selectors.sight import Sight
from onegrid.county.registers.services.finding import of_kind
from onegrid.county.registers.services.search import hasher
from onegrid.foundation.accounts.actor import Actor
from onegrid.foundation.kernel.masking import normalise

Placed = Literal["buildings", "premises", "organisations"]
NEAR_M: Final = 25.0
"""Two buildings whose points are nearer than this are looked at as one."""
METRES_A_DEGREE: Final = 111_320.0
MOST: Final = 5


def alike(actor: Actor, kind: Placed, given: Values, lon: float | None, lat: float | None) -> list[Any]:
    """At most five rows in the actor's reach, the surest first. Raises `Forbidden` for who sees nothing of the kind."""
    who = of_kind(actor, kind)
    keys: list[int] = []
    for found in _ways(actor, who, kind, given, lon, lat):
        keys += [key for key in found if key not in keys]
        if len(keys) >= MOST:
            break
    rows = records.by_keys(kind, keys[:MOST])
    return [rows[key] for key in keys if key in rows]


def _ways(
    actor: Actor, who: Sight, kind: Placed, given: Values, lon: float | None, lat: float | None
) -> Iterator[list[int]]:
    number = "credit_code" if kind == "organisations" else "code"
    said = str(given.get(number) or "").strip()
    if said and who.sees(kind, number):
        wanted = normalise(said) if number == "credit_code" else said
        yield _keys(kind, Q(**{number: wanted}))
    if kind == "buildings" and lon is not None and lat is not None:
        yield _near(kind, lon, lat)
    name = str(given.get("name") or "").strip()
    if who.sees(kind, "name") and searching.searchable(name):
        for hits in searching.find(hasher(), [kind], name, place=actor.scope_path):
            yield [row.pk for row in hits.rows]


def _near(kind: Placed, lon: float, lat: float) -> list[int]:
    """Within a square around the point, in the leaf grid it lies in: an index leads to that grid's rows."""
    try:
        leaf = locate(lon, lat).leaf
    except Nowhere:
        return []
    north = NEAR_M / METRES_A_DEGREE
    east = north / max(0.1, cos(radians(lat)))
    box = Q(lon__range=(lon - east, lon + east), lat__range=(lat - north, lat + north))
    return _keys(kind, Q(scope_path=leaf.scope_path) & box)


def _keys(kind: Placed, wanted: Q) -> list[int]:
    return list(MODELS[kind].objects.filter(wanted).order_by("pk").values_list("pk", flat=True)[:MOST])
