"""CSV with points, shapes as text, or plain values: decoded to its end first, so the encoding is known."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from onegrid.county.grids.rules.files import columns
from onegrid.county.grids.rules.files.columns import Column
from onegrid.county.grids.rules.files.problems import BadFiles, Problem

_SEPARATORS: Final = ",;\t|"
_ENCODINGS: Final = ("utf-8-sig", "gb18030")
_LINE_END: Final = re.compile(r"[\r\n]")
_SAID: Final = re.compile(r'"?sep=([,;\t|])"?')
"""A first line with which spreadsheets say the separator."""
_SYSTEM: Final = re.compile(r"^SRID=\d+;", re.IGNORECASE)
"""What PostGIS writes before a shape."""
LONGEST: Final = 1 << 28
"""Letters of one cell: the outline of a district is a long text, a cell that is never closed is a longer one."""


def read_table(path: Path, shown: str) -> tuple[dict[str, Column], NDArray[np.int64], str]:
    """Columns of a csv by name, the line each row begins on (the header is line 1), and its encoding.

    Raises BadFiles when the file is no text, has no header, or a row has more cells than the header.
    """
    words, encoding = _decoded(path.read_bytes(), shown)
    first = _LINE_END.split(words, maxsplit=1)[0]
    told = _SAID.fullmatch(first)
    csv.field_size_limit(LONGEST)
    separator = told[1] if told else max(_SEPARATORS, key=first.count)
    reader = csv.reader(io.StringIO(words, newline=""), delimiter=separator)
    rows: list[list[str]] = []
    lines: list[int] = []
    problems: list[Problem] = []
    try:
        if told:
            next(reader)
        header = _single([name.strip() for name in next(reader, [])])
        before = reader.line_num
        for cells in reader:
            line, before = before + 1, reader.line_num
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :]):
                problems.append(
                    Problem("too_many_cells", shown, line, values={"cells": len(cells), "head": len(header)})
                )
            rows.append((cells + [""] * len(header))[: len(header)])
            lines.append(line)
    except csv.Error as why:
        raise BadFiles([Problem("csv_broken", shown, reader.line_num, values={"why": str(why)})]) from why
    if not any(header):
        raise BadFiles([Problem("empty_file", shown)])
    if problems:
        raise BadFiles(problems[:50])
    turned = list(zip(*rows, strict=True)) if rows else [() for _ in header]
    table = {name: np.array(cells, dtype=object) for name, cells in zip(header, turned, strict=True) if name}
    return table, np.array(lines, dtype=np.int64), encoding


def _single(header: list[str]) -> list[str]:
    """Names with those that are there again numbered: the first keeps its name."""
    return [
        f"{name} ({header[: place + 1].count(name)})" if name and name in header[:place] else name
        for place, name in enumerate(header)
    ]


def _decoded(raw: bytes, shown: str) -> tuple[str, str]:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", errors="replace"), "utf-16"
    for encoding in _ENCODINGS:
        try:
            return raw.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise BadFiles([Problem("no_text", shown)])


def table_shapes(table: dict[str, Column], shown: str) -> NDArray[np.object_]:
    """The shape of each row, from a column of well-known text or from lon and lat; None where a row has none.

    Raises BadFiles when the table has neither.
    """
    lon, lat, text = (columns.find(table, what) for what in ("lon", "lat", "shape"))
    if text is not None:
        cells = [_SYSTEM.sub("", cell) for cell in columns.words(table[text], len(table[text]))]
        with np.errstate(invalid="ignore"):
            try:
                return np.asarray(shapely.from_wkt(cells, on_invalid="ignore"), dtype=object)
            except NotImplementedError:
                return _one_by_one(cells)
    if lon is None or lat is None:
        names = ", ".join(list(table)[:12])
        raise BadFiles([Problem("no_place_columns", shown, 1, values={"names": names})])
    x = columns.numbers(table[lon], least=-np.inf).values
    y = columns.numbers(table[lat], least=-np.inf).values
    shapes: NDArray[np.object_] = np.full(len(x), None, dtype=object)
    known = np.isfinite(x) & np.isfinite(y)
    shapes[known] = shapely.points(x[known], y[known])
    return shapes


def _one_by_one(cells: Sequence[str]) -> NDArray[np.object_]:
    """The shapes of texts some of which are curves, which cannot be read: None for those."""
    shapes: NDArray[np.object_] = np.full(len(cells), None, dtype=object)
    for place, cell in enumerate(cells):
        with suppress(NotImplementedError):
            shapes[place] = shapely.from_wkt(cell, on_invalid="ignore")
    return shapes
