"""An existing partition read from a file, to be checked or imported."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from onegrid.county.grids.rules.drawing.ground import Finding
from onegrid.county.grids.rules.files import columns
from onegrid.county.grids.rules.files.datums import Datum
from onegrid.county.grids.rules.files.problems import BadFiles, Problem
from onegrid.county.grids.rules.files.reading import Layer, read_layer
from onegrid.county.grids.rules.files.shapes import Noted, areas_of


@dataclass(frozen=True)
class GridFile:
    """Grids of a file, one entry each; outlines are WGS84 degrees.

    ``codes``, ``names``, ``levels`` and ``parents`` are empty texts and ``households`` NaN where the file says nothing.
    ``rows`` are the features' numbers for messages; a grid without a code is called by its row.
    """

    file: str
    outlines: NDArray[np.object_]
    codes: list[str]
    names: list[str]
    levels: list[str]
    parents: list[str]
    households: NDArray[np.float64]
    rows: NDArray[np.int64]
    findings: list[Finding]

    def __len__(self) -> int:
        return len(self.outlines)

    def called(self, place: int) -> str:
        """What a grid is called in messages."""
        return self.codes[place] or self.names[place] or f"row {self.rows[place]}"


def read_grids(path: Path, *, layer: str | None = None, datum: Datum = "wgs84") -> GridFile:
    """Grids of a GeoJSON, GeoPackage, shapefile (or zip of one), FlatGeobuf or csv with shapes as text.

    Raises BadFiles when it cannot be read or holds no outline.
    """
    found = read_layer(path, "grids", datum=datum, layer=layer)
    notes = Noted()
    shapes, odd = areas_of(found.shapes, points=False)
    rows = np.array([f"row {row}" for row in found.rows], dtype=object)
    for kind, where in odd.items():
        notes.add(kind, found.shapes, where, rows, what=found.file)
    keep = np.array([shape is not None for shape in shapes], dtype=bool)
    if not keep.any():
        raise BadFiles([Problem("no_outlines", found.file)])
    said = columns.find(found.columns, "households")
    households = columns.numbers(found.columns[said]).values if said else np.full(len(found), np.nan)
    texts = {what: _texts(found, what, keep) for what in ("code", "name", "level", "parent")}
    if not any(texts["code"]):
        texts["code"] = _texts(found, "id", keep)
    return GridFile(
        found.file, np.asarray(shapely.force_2d(shapes[keep]), dtype=object), texts["code"], texts["name"],
        texts["level"], texts["parent"], households[keep], found.rows[keep], notes.findings,
    )  # fmt: skip


def _texts(layer: Layer, what: str, keep: NDArray[np.bool_]) -> list[str]:
    return [str(word) for word in columns.words(layer.column(what), len(layer))[keep]]
