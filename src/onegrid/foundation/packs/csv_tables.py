"""Reads CSV tables into rows that know their line: UTF-8 with or without BOM, or GB18030, found out by trying.

A quoted cell may span lines; a row's line is the one it starts on.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from onegrid.foundation.packs.problems import Place, Problems, one_of


@dataclass(frozen=True, slots=True)
class Row:
    """One row. ``below`` is the row of the pack this one extends, which fills blank cells."""

    place: Place
    cells: dict[str, str]
    below: Row | None = None

    def text(self, column: str) -> str:
        """The cell, or the cell below it, or ''."""
        value = self.cells.get(column, "")
        return value if value or self.below is None else self.below.text(column)

    def where(self, column: str) -> Place:
        """Where the cell's value was written."""
        if self.below is not None and not self.cells.get(column, "") and self.below.text(column):
            return self.below.where(column)
        return self.place


def decode(raw: bytes, file: str, problems: Problems) -> str | None:
    """Text of a file in UTF-8 or GB18030 (what spreadsheets in China write); None and a problem otherwise."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    problems.add(Place(file, 1), "", "the text can be read neither as UTF-8 nor as GB18030", "UTF-8")
    return None


def read_csv(
    text: str, file: str, columns: Sequence[str], optional: Sequence[str], problems: Problems
) -> tuple[Row, ...]:
    """All rows with content. Unknown, missing and repeated columns, and rows too long, are problems."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[Row] = []
    line = 1
    try:
        header = [cell.strip() for cell in next(reader, [])]
        if not _check_header(header, file, columns, optional, problems):
            return ()
        line = reader.line_num + 1
        for cells in reader:
            place = Place(file, line)
            line = reader.line_num + 1
            values = [cell.strip() for cell in cells]
            if not any(values):
                continue
            if len(values) != len(header):
                problems.add(place, "", f"{len(values)} cells in this row", f"{len(header)} cells, as in the first row")
                continue
            rows.append(Row(place, dict(zip(header, values, strict=True))))
    except csv.Error as error:
        problems.add(Place(file, line), "", f"not valid CSV: {error}", "cells with commas or quotes in double quotes")
    return tuple(rows)


def _check_header(
    header: list[str], file: str, columns: Sequence[str], optional: Sequence[str], problems: Problems
) -> bool:
    place = Place(file, 1)
    known = [*columns, *optional]
    for name in dict.fromkeys(header):
        if name not in known:
            problems.add(place, name, f"unknown column {name!r}", one_of(name, known))
        if header.count(name) > 1:
            problems.add(place, name, f"column {name!r} stands {header.count(name)} times", "each column once")
    missing = [name for name in columns if name not in header]
    for name in missing:
        problems.add(place, name, f"column {name!r} is missing", f"the columns {', '.join(columns)}")
    return not missing and len(set(header)) == len(header)
