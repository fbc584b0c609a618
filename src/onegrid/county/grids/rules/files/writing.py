"""Writing grids: GeoJSON (RFC 7946) and GeoPackage, whole or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from onegrid.county.grids.rules.files.problems import BadFiles, Problem

MULTI: Final = 6
"""shapely's number of shapes in several pieces."""


WRITTEN: Final = "2000-01-01T00:00:00.000Z"
"""What a GeoPackage says of when its layers changed: the same drawing is the same file to the last byte."""


@dataclass(frozen=True)
class Sheet:
    """One layer: a name, shapes in WGS84 degrees, and columns of the same length."""

    name: str
    shapes: NDArray[np.object_]
    columns: Mapping[str, Sequence[Any]] = field(default_factory=dict)


def geojson(sheet: Sheet) -> Iterable[str]:
    """A layer as the pieces of a GeoJSON text. Coordinates keep all digits: rounding would open gaps.

    Outer rings turn left, as RFC 7946 asks.
    """
    turned = shapely.orient_polygons(sheet.shapes)
    names = list(sheet.columns)
    yield '{"type": "FeatureCollection", "name": ' + json.dumps(sheet.name, ensure_ascii=False) + ', "features": ['
    for place, shape in enumerate(shapely.to_geojson(turned)):
        values = {name: plain(sheet.columns[name][place]) for name in names}
        said = json.dumps(values, ensure_ascii=False)
        yield f'{"," if place else ""}\n{{"type": "Feature", "properties": {said}, "geometry": {shape or "null"}}}'
    yield "\n]}\n"


def write_text(path: Path, pieces: Iterable[str]) -> None:
    """Write a text file under another name first, so that an interrupted run leaves no half of one."""
    whole(path, lambda target: _write(target, pieces))


def _write(target: Path, pieces: Iterable[str]) -> None:
    with target.open("w", encoding="utf-8") as file:
        file.writelines(pieces)


@contextmanager
def into(folder: Path) -> Iterator[None]:
    """Around writing into ``folder``: what the disk will not take is told like a fault of a file (BadFiles)."""
    try:
        yield
    except OSError as why:
        raise BadFiles([Problem("out_folder", str(folder), values={"why": why.strerror or str(why)})]) from why


def whole(path: Path, write: Callable[[Path], None]) -> None:
    """Let ``write`` make a file beside ``path`` and put it there when it is complete."""
    beside = path.with_name(f".{path.stem}.part{os.getpid()}{path.suffix}")
    try:
        write(beside)
        beside.replace(path)
    finally:
        for rest in (beside, beside.with_name(f"{beside.name}-journal")):
            rest.unlink(missing_ok=True)


def write_geojson(path: Path, sheet: Sheet) -> None:
    """One layer as one GeoJSON file."""
    write_text(path, geojson(sheet))


def write_gpkg(path: Path, sheets: Sequence[Sheet]) -> None:
    """All layers as one GeoPackage, which QGIS and every GIS open."""
    whole(path, lambda target: _gpkg(target, sheets))


def _gpkg(target: Path, sheets: Sequence[Sheet]) -> None:
    import pyogrio  # noqa: PLC0415  (only who writes a GeoPackage needs it)

    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": WRITTEN})
    for place, sheet in enumerate(sheets):
        columns = [_column(values) for values in sheet.columns.values()]
        # A layer of the format has one kind of shapes: one island makes all of them such.
        several = bool((shapely.get_type_id(sheet.shapes) == MULTI).any())
        try:
            pyogrio.raw.write(
                str(target), shapely.to_wkb(sheet.shapes), [values for values, _ in columns], list(sheet.columns),
                field_mask=[mask for _, mask in columns], layer=sheet.name, driver="GPKG", crs="EPSG:4326",
                geometry_type="MultiPolygon" if several else "Polygon", append=place > 0, promote_to_multi=several,
            )  # fmt: skip
        except RuntimeError as why:  # all of GDAL's own: a full disk, as a rule
            raise OSError(" ".join(str(why).split())[:300]) from why


def _column(values: Sequence[Any]) -> tuple[NDArray[Any], NDArray[np.bool_] | None]:
    plainly = [plain(value) for value in values]
    missing = np.array([value is None for value in plainly], dtype=bool)
    known = [value for value in plainly if value is not None]
    if known and all(isinstance(value, bool) for value in known):
        return np.array([bool(value) for value in plainly]), missing if missing.any() else None
    if known and all(isinstance(value, int) for value in known):
        return np.array([value or 0 for value in plainly], dtype=np.int64), missing if missing.any() else None
    if known and all(isinstance(value, int | float) for value in known):
        numbers = np.array([np.nan if value is None else float(value) for value in plainly])
        return numbers, missing if missing.any() else None
    return np.array([None if value is None else str(value) for value in plainly], dtype=object), None


def plain(value: Any) -> Any:
    """A numpy value as Python's own; what is no number as None, which JSON can say. Whole numbers lose their .0."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        if not np.isfinite(value):
            return None
        return int(value) if value.is_integer() and abs(value) < 1 << 53 else value
    if isinstance(value, np.ndarray | tuple | list):
        return [plain(one) for one in value]
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    return value
