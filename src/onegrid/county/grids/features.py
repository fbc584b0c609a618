"""Grids and buildings for other systems' maps. Open to everybody, as the map is; nothing in them is personal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import shapely
from django.db.models import Q, QuerySet

from onegrid.county.grids import selectors
from onegrid.county.grids.models import GridOutline, MapFeature
from onegrid.foundation.features.asking import number
from onegrid.foundation.features.collections import Asked, Collection, Extent, Feature, Found, Kind

BLOCK: Final = 500
REACH: Final = 0.003
"""Degrees a building reaches from the point it is filed under, at most."""
FLOOR_M: Final = 3.0
_GRID: Final[dict[str, Kind]] = {
    "code": "string", "name": "string", "scheme": "string", "level": "string", "level_title": "string",
    "parent": "string", "households": "integer", "area_m2": "number", "version": "integer",
    "valid_from": "date-time",
}  # fmt: skip
_BUILDING: Final[dict[str, Kind]] = {
    "kind": "string", "address": "string", "levels": "integer", "height": "number",
}  # fmt: skip
_WANTED: Final = (
    *("pk", "version", "valid_from", "valid_to", "wkb", "area_m2", "grid_id", "grid__code", "grid__name"),
    *("grid__scheme__key", "grid__level__key", "grid__level__title_zh", "grid__level__title_en", "grid__parent_id"),
    "grid__households",
)
Rows = QuerySet[Any]
Read = Callable[[Sequence[Any]], Feature]


def _everybody(_: Any) -> None:
    """Nobody is refused."""


def _walk(rows: Rows, columns: Sequence[str], key: str, asked: Asked, read: Read) -> Found:
    """A page in the order of `key`; what does not touch the box is passed over, block by block."""
    after = number(asked.after, "cursor") if asked.after else 0
    found: list[tuple[int, Feature]] = []
    while len(found) <= asked.limit:
        block = list(rows.filter(**{f"{key}__gt": after}).order_by(key).values_list(key, *columns)[:BLOCK])
        found += [(at, feature) for at, feature in _touching(block, asked, read)]
        if len(block) < BLOCK:
            break
        after = block[-1][0]
    page = found[: asked.limit]
    following = str(page[-1][0]) if len(found) > asked.limit else ""
    matched = rows.count() if asked.box is None and not asked.after else None
    return Found([feature for _, feature in page], following, matched)


def _touching(block: Sequence[Sequence[Any]], asked: Asked, read: Read) -> Iterator[tuple[int, Feature]]:
    for row in block:
        feature = read(row[1:])
        if asked.box is None or shapely.intersects(feature.shape, shapely.box(*asked.box)):
            yield row[0], feature


def _valid(rows: Rows, asked: Asked) -> Rows:
    """Outlines that held at some moment of the interval."""
    if asked.until is not None:
        rows = rows.filter(valid_from__lte=asked.until)
    if asked.since is not None:
        rows = rows.filter(Q(valid_to=None) | Q(valid_to__gt=asked.since))
    return rows


def _chosen(rows: Rows, asked: Asked) -> Rows:
    ways = {"level": "grid__level__key", "code": "grid__code"}
    for name, value in asked.equal.items():
        if name == "scheme":
            rows = rows.filter(grid__scheme__key=value or None)
        elif name == "parent":
            rows = rows.filter(grid__parent=number(value, "parent"))
        else:
            rows = rows.filter(**{ways[name]: value})
    return rows


def _grid_feature(lang: str, *, dated: bool) -> Read:
    def read(row: Sequence[Any]) -> Feature:
        _, version, since, until, wkb, area, key, code, name, scheme, level, zh, en, parent, households = row
        about: dict[str, Any] = {
            "code": code, "name": name, "scheme": scheme or "", "level": level,
            "level_title": en if lang == "en" else zh, "parent": str(parent) if parent else None,
            "households": households, "area_m2": round(area, 1), "version": version, "valid_from": since,
        }  # fmt: skip
        if dated:
            about |= {"grid": str(key), "valid_to": until}
        return Feature(f"{key}-{version}" if dated else str(key), shapely.from_wkb(bytes(wkb)), about)

    return read


def _current() -> Rows:
    return GridOutline.objects.filter(valid_to=None, grid__active=True)


def _grids(actor: Any, asked: Asked) -> Found:
    rows = _valid(_chosen(_current(), asked), asked)
    if asked.box is not None:
        west, south, east, north = asked.box
        rows = rows.filter(grid__west__lte=east, grid__east__gte=west, grid__south__lte=north, grid__north__gte=south)
    return _walk(rows, _WANTED, "grid_id", asked, _grid_feature(actor.lang, dated=False))


def _grid(actor: Any, key: str) -> Feature | None:
    if not key.isdigit() or len(key) > 18:
        return None
    row = _current().filter(grid=int(key)).values_list(*_WANTED).first()
    return _grid_feature(actor.lang, dated=False)(row) if row else None


def _past(actor: Any, asked: Asked) -> Found:
    rows = _valid(_chosen(GridOutline.objects.all(), asked), asked)
    return _walk(rows, _WANTED, "id", asked, _grid_feature(actor.lang, dated=True))


def _past_one(actor: Any, key: str) -> Feature | None:
    grid, _, version = key.partition("-")
    if not (grid.isdigit() and version.isdigit()) or len(key) > 30:
        return None
    row = GridOutline.objects.filter(grid=int(grid), version=int(version)).values_list(*_WANTED).first()
    return _grid_feature(actor.lang, dated=True)(row) if row else None


def _building_feature(row: Sequence[Any]) -> Feature:
    key, kind, name, levels, wkb = row
    about = {"kind": kind, "address": name, "levels": levels, "height": max(1, levels) * FLOOR_M}
    return Feature(str(key), shapely.from_wkb(bytes(wkb)), about)


_BUILDING_COLUMNS: Final = ("pk", "kind", "name", "levels", "wkb")


def _buildings(_: Any, asked: Asked) -> Found:
    rows: Rows = MapFeature.objects.filter(layer="building")
    if "kind" in asked.equal:
        rows = rows.filter(kind=asked.equal["kind"])
    if asked.box is not None:
        west, south, east, north = asked.box
        rows = rows.filter(lon__range=(west - REACH, east + REACH), lat__range=(south - REACH, north + REACH))
    return _walk(rows, _BUILDING_COLUMNS, "id", asked, _building_feature)


def _building(_: Any, key: str) -> Feature | None:
    if not key.isdigit() or len(key) > 18:
        return None
    row = MapFeature.objects.filter(layer="building", pk=int(key)).values_list(*_BUILDING_COLUMNS).first()
    return _building_feature(row) if row else None


def extent(_: Any) -> Extent:
    """The locality's own box."""
    return Extent(selectors.root().bbox)


COLLECTIONS: Final = (
    Collection(
        id="grids", title="features.grids.title", description="features.grids.description", properties=_GRID,
        allowed=_everybody, items=_grids, one=_grid, extent=extent, filters=("level", "scheme", "parent", "code"),
    ),
    Collection(
        id="grid_history", title="features.grid_history.title", description="features.grid_history.description",
        properties={**_GRID, "grid": "string", "valid_to": "date-time"}, allowed=_everybody, items=_past,
        one=_past_one, extent=extent, filters=("level", "scheme", "parent", "code"),
    ),
    Collection(
        id="buildings", title="features.buildings.title", description="features.buildings.description",
        properties=_BUILDING, allowed=_everybody, items=_buildings, one=_building, extent=extent, filters=("kind",),
    ),
)  # fmt: skip
