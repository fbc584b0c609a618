"""Workbooks of Excel 97 to 2003 (.xls), at most 65,536 rows of 256 columns, read by calamine."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import BinaryIO, Final

import python_calamine as calamine

from onegrid.county.registers.rules.sheets.lines import Lines
from onegrid.county.registers.rules.sheets.problems import SheetRefused

MOST_BYTES: Final = 128 << 20
EXACT: Final = 1e15
"""From here on a spreadsheet has lost digits."""
_MACROS: Final = "_VBA_PROJECT".encode("utf-16-le")
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")


def read(source: Path | BinaryIO, sheet: str) -> Lines:
    """The rows of a sheet. Raises SheetRefused: bomb, macros, encrypted, broken, no_sheet, empty."""
    if isinstance(source, Path):
        content = source.read_bytes() if source.stat().st_size <= MOST_BYTES else b""
    else:
        source.seek(0)
        content = source.read(MOST_BYTES + 1)
    if not 0 < len(content) <= MOST_BYTES:
        raise SheetRefused("bomb")
    if _ENCRYPTED in content:
        raise SheetRefused("encrypted")
    if _MACROS in content:
        raise SheetRefused("macros")
    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        name = _name(book, sheet)
        page = book.get_sheet_by_name(name)
    except calamine.PasswordError:
        raise SheetRefused("encrypted") from None
    except calamine.CalamineError:
        raise SheetRefused("broken", line=1) from None
    return Lines(encoding="xls", rows=_rows(page), total=page.total_height, sheet=name)


def _name(book: calamine.CalamineWorkbook, wanted: str) -> str:
    shown = [
        one.name
        for one in book.sheets_metadata
        if one.typ == calamine.SheetTypeEnum.WorkSheet and one.visible == calamine.SheetVisibleEnum.Visible
    ]
    if wanted and wanted not in book.sheet_names:
        raise SheetRefused("no_sheet", sheet=wanted[:60])
    if not wanted and not shown:
        raise SheetRefused("empty")
    return wanted or shown[0]


def _rows(page: calamine.CalamineSheet) -> Iterator[tuple[int, list[str]]]:
    first = (page.start or (0, 0))[1]
    before = [""] * first
    for number, cells in enumerate(page.iter_rows(), 1):
        yield number, before + [_text(cell) for cell in cells]


def _text(cell: int | float | str | bool | time | date | datetime | timedelta) -> str:
    """A cell as text: days as ISO, whole numbers without a point, those too long for Excel with their power."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        if cell.is_integer():
            return str(int(cell)) if abs(cell) < EXACT else f"{cell:.14E}"
        return repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell)
