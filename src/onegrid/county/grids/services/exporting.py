"""Grids as a file: GeoJSON for programs, GeoPackage for a GIS."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np

from onegrid.county.grids.rules.files.writing import Sheet, geojson, write_gpkg

Format = Literal["geojson", "gpkg"]
KINDS: dict[Format, str] = {"geojson": "application/geo+json", "gpkg": "application/geopackage+sqlite3"}


def file_of(sheets: Sequence[Sheet], kind: Format) -> bytes:
    """The file's bytes: all levels in one GeoJSON layer, each level a layer of its own in a GeoPackage."""
    if kind == "geojson":
        return "".join(geojson(_joined(sheets))).encode()
    with tempfile.TemporaryDirectory(prefix="onegrid-export-") as folder:
        path = Path(folder) / "grids.gpkg"
        write_gpkg(path, sheets)
        return path.read_bytes()


def _joined(sheets: Sequence[Sheet]) -> Sheet:
    names = sheets[0].columns if sheets else ()
    shapes = np.concatenate([one.shapes for one in sheets]) if sheets else np.empty(0, dtype=object)
    return Sheet("grids", shapes, {name: [value for one in sheets for value in one.columns[name]] for name in names})
