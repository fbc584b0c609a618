"""An existing partition read from a file, to be checked or imported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from onegrid.county.grids.rules.drawing.ground import Finding
from onegrid.county.grids.rules.files import columns
from onegrid.county.grids.rules.files.datums import Datum
from onegrid.county.grids.rules.files.problems import BadFiles, Problem
from onegrid.county.grids.rules.files.reading import Layer, read_layer
from onegrid.county.grids.rules.files.shapes import Noted, areas_of

EXAMPLES: Final = 3
"""What is shown of a column, so that people know it again."""


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


@dataclass(frozen=True)
class FileColumn:
    """A column of a file: some of what stands in it, and in how many rows something does."""

    name: str
    examples: tuple[str, ...]
    filled: int
    distinct: int


@dataclass(frozen=True)
class FileColumns:
    """The columns of a file, and which of them mean names, codes and levels; empty texts where none does."""

    rows: int
    columns: tuple[FileColumn, ...]
    name: str
    code: str
    level: str


def read_columns(path: Path) -> FileColumns:
    """What a file of grids says besides outlines. Raises BadFiles when it cannot be read."""
    found = read_layer(path, "grids")
    described = []
    for name, column in found.columns.items():
        said = [str(word) for word in columns.words(column, len(found)) if word]
        described.append(FileColumn(name, tuple(dict.fromkeys(said))[:EXAMPLES], len(said), len(set(said))))
    code = columns.find(found.columns, "code") or columns.find(found.columns, "id") or ""
    name, level = (columns.find(found.columns, what) or "" for what in ("name", "level"))
    return FileColumns(len(found), tuple(described), name, code, level)


def read_grids(
    path: Path, *, layer: str | None = None, datum: Datum = "wgs84", fields: Mapping[str, str] | None = None
) -> GridFile:
    """Grids of a GeoJSON, GeoPackage, shapefile (or zip of one), FlatGeobuf or csv with shapes as text.

    ``fields`` says which columns hold "name" and "code"; an empty text says that none does. Raises BadFiles when the
    file cannot be read, holds no outline, or has no such column.
    """
    fields = fields or {}
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
    texts = {what: _texts(found, what, keep, fields.get(what)) for what in ("code", "name", "level", "parent")}
    if not any(texts["code"]) and "code" not in fields:
        texts["code"] = _texts(found, "id", keep)
    return GridFile(
        found.file, np.asarray(shapely.force_2d(shapes[keep]), dtype=object), texts["code"], texts["name"],
        texts["level"], texts["parent"], households[keep], found.rows[keep], notes.findings,
    )  # fmt: skip


def _texts(layer: Layer, what: str, keep: NDArray[np.bool_], field: str | None = None) -> list[str]:
    column = layer.column(what) if field is None else None
    if field:
        named = columns.named(layer.columns, field)
        if named is None:
            names = ", ".join(layer.columns)
            raise BadFiles([Problem("no_such_field", layer.file, column=field, values={"names": names})])
        column = layer.columns[named]
    return [str(word) for word in columns.words(column, len(layer))[keep]]
