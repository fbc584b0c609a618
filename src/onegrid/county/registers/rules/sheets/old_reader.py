"""Reads an .xls on standard input and writes its rows to standard output, one JSON a line. A process of its own.

The old format is a file system in a file, and its reader trusts what it says: a damaged or malicious one can make it
ask for all memory there is, which ends the process. So it is this one that ends, under limits, and not the one that
serves.
"""

from __future__ import annotations

import io
import json
import sys
from datetime import date, datetime, time, timedelta
from typing import Final, TextIO

import python_calamine as calamine

MEMORY: Final = 2 << 30
SECONDS: Final = 120
EXACT: Final = 1e15
"""From here on a spreadsheet has lost digits."""
Value = int | float | str | bool | time | date | datetime | timedelta


def main(out: TextIO) -> None:
    """First line: sheet, rows and how many cells to leave blank before each, or the reason why it is not read."""
    limit()
    content, wanted = sys.stdin.buffer.read(), sys.argv[1]
    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        name = sheet_of(book, wanted)
        page = book.get_sheet_by_name(name) if name else None
    except calamine.PasswordError:
        json.dump({"reason": "encrypted"}, out)
        return
    except calamine.CalamineError:
        json.dump({"reason": "broken"}, out)
        return
    if page is None:
        json.dump({"reason": "no_sheet" if wanted else "empty"}, out)
        return
    json.dump({"reason": "", "sheet": name, "total": page.total_height, "before": (page.start or (0, 0))[1]}, out)
    for cells in page.iter_rows():
        out.write("\n")
        json.dump([as_text(cell) for cell in cells], out, ensure_ascii=False)


def limit() -> None:
    """Take no more memory and time than a sheet of that format can need. Systems that cannot limit do not."""
    try:
        import resource  # noqa: PLC0415  not on every system
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def sheet_of(book: calamine.CalamineWorkbook, wanted: str) -> str:
    """The sheet called `wanted`, or the first that is shown; "" when there is none."""
    if wanted:
        return wanted if wanted in book.sheet_names else ""
    for one in book.sheets_metadata:
        if one.typ == calamine.SheetTypeEnum.WorkSheet and one.visible == calamine.SheetVisibleEnum.Visible:
            return one.name
    return ""


def as_text(cell: Value) -> str:
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


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    main(sys.stdout)
