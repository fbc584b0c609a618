"""Any file that holds a table, as its header and an iterator of its rows.

What a file is, its first bytes say, never its name. Nothing in it is run, followed or expanded: macros, encrypted
files, web pages with another ending and XML with definitions of its own are refused before a row is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO, Final

from onegrid.county.registers.rules.sheets import csvs, old_workbooks, workbooks
from onegrid.county.registers.rules.sheets.headers import likeness
from onegrid.county.registers.rules.sheets.lines import Lines
from onegrid.county.registers.rules.sheets.problems import SheetRefused

ZIP: Final = b"PK\x03\x04"
OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
LOOKED_AT: Final = 12
"""A header stands in the first so many rows; what is above it is a heading."""
MOST_COLUMNS: Final = 256


@dataclass(slots=True)
class Table:
    """An opened sheet. `rows` gives the number of the row as a spreadsheet shows it, and its cells as texts.

    `encoding` is `utf-8`, `utf-8-sig`, `gb18030`, `utf-16-le`, `utf-16-be`, `xlsx` or `xls`; `total` is about how many
    rows follow the header (exact for csv without line breaks in cells). Cells of a row may be fewer or more than those
    of the header. Going on may raise `SheetRefused` at a place that cannot be read. Rows are given once: to read again,
    open again; to go on from a row, skip the ones before.
    """

    name: str
    encoding: str
    header: list[str]
    header_line: int
    rows: Iterator[tuple[int, list[str]]]
    total: int
    sheet: str = ""
    delimiter: str = ""


def open_table(source: Path | BinaryIO, name: str, *, sheet: str = "") -> Table:
    """Open a csv, xlsx or xls file called `name`; of a workbook the named sheet, or the first that is not hidden.

    A file given open must allow seeking, and stays open. The header is the row with most titles known to any kind of
    register, or else the first with two cells. Raises SheetRefused.
    """
    lines = _lines(source, sheet)
    first = list(islice(lines.rows, LOOKED_AT))
    at = _header(first)
    number, header = first[at]
    while header and not header[-1].strip():
        header = header[:-1]
    if len(header) > MOST_COLUMNS:
        raise SheetRefused("columns", most=MOST_COLUMNS)
    return Table(
        name=name,
        encoding=lines.encoding,
        header=header,
        header_line=number,
        rows=chain(first[at + 1 :], lines.rows),
        total=max(lines.total - number, len(first) - at - 1),
        sheet=lines.sheet,
        delimiter=lines.delimiter,
    )


def _lines(source: Path | BinaryIO, sheet: str) -> Lines:
    if isinstance(source, Path):
        with closing(source.open("rb")) as file:
            start = file.read(4096)
    else:
        source.seek(0)
        start = source.read(4096)
        source.seek(0)
    if not start:
        raise SheetRefused("empty")
    if start.startswith(ZIP):
        return workbooks.read(source, sheet)
    if start.startswith(OLE):
        return old_workbooks.read(source, sheet)
    if start.lstrip(b"\xef\xbb\xbf \t\r\n")[:5].lower() in (b"<html", b"<!doc", b"<?xml", b"<tabl", b"<meta"):
        raise SheetRefused("html")
    return csvs.read(source)


def _header(rows: list[tuple[int, list[str]]]) -> int:
    """Which of the first rows is the header. Raises SheetRefused(empty)."""
    known = [likeness(cells) for _, cells in rows]
    if known and max(known) >= 2:
        return known.index(max(known))
    for least in (2, 1):
        for at, (_, cells) in enumerate(rows):
            if sum(1 for cell in cells if cell.strip()) >= least:
                return at
    raise SheetRefused("empty")
