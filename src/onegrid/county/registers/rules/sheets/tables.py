"""Any file that holds a table, as its header and an iterator of its rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(slots=True)
class Table:
    """An opened sheet. `rows` gives the number of the row as a spreadsheet shows it, and its cells as texts.

    `encoding` is `utf-8`, `utf-8-sig`, `gb18030`, `utf-16-le`, `utf-16-be`, `xlsx` or `xls`; `total` is about how many
    rows follow the header (exact for csv without line breaks in cells). Cells of a row may be fewer or more than those
    of the header. Going on may raise `SheetRefused` at a place that cannot be read. Rows are given once: to read again,
    open again; to go on from a row, skip the ones before (a row that is skipped costs a microsecond or two).
    """

    encoding: str
    header: list[str]
    header_line: int
    rows: Iterator[tuple[int, list[str]]]
    total: int
    sheet: str = ""
    delimiter: str = ","
