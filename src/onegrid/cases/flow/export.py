"""A queue as an Excel workbook: exactly what its filter shows, masked, with the reason on record before it leaves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from io import BytesIO
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from onegrid.cases.permissions import Actor
from onegrid.cases.selectors import queue, sheet
from onegrid.cases.selectors.queue import CaseQuery
from onegrid.cases.selectors.setting import setting
from onegrid.foundation.journal import services as journal
from onegrid.foundation.kernel.masking import mask_numbers
from onegrid.foundation.kernel.texts import text

MOST: Final = 10_000
"""Rows of one workbook. Who needs more narrows by day."""
TIME: Final = "yyyy-mm-dd hh:mm"


@dataclass(frozen=True)
class Exported:
    """A finished workbook; `cut` when more cases fitted than it holds."""

    name: str
    content: bytes
    rows: int
    cut: bool


def export(*, actor: Actor, query: CaseQuery, reason: str, now: datetime) -> Exported:
    """Write the reader's cases that fit the query into a workbook, at most `MOST` of them.

    The log keeps who, why, which filter and how many. Raises what `queue.page` raises for a filter nobody can apply.
    """
    ids, cut = queue.every(actor, query, now=now, most=MOST)
    asked = {name: mask_numbers(str(value)) for name, value in asdict(query).items() if value not in (None, "", False)}
    journal.record(
        actor,
        "case.export",
        ("cases", query.tab),
        now=now,
        scope_path=actor.scope_path,
        purpose=reason,
        detail={"filter": asked, "rows": len(ids), "cut": cut},
    )
    columns = sheet.columns_for(actor)
    book = Workbook(write_only=True)
    _list(book, actor, columns, [list(row) for row in sheet.rows(actor, ids, columns, now=now)])
    _notes(book, actor, query, reason, rows=len(ids), cut=cut, now=now)
    held = BytesIO()
    book.save(held)
    stamp = now.astimezone(setting().zone).strftime("%Y%m%d_%H%M")
    return Exported(f"{text('cases.sheet.file', actor.lang)}_{stamp}.xlsx", held.getvalue(), len(ids), cut)


def _list(book: Any, actor: Actor, columns: Sequence[sheet.Column], rows: Sequence[Sequence[sheet.Value]]) -> None:
    page = book.create_sheet(text("cases.sheet.list", actor.lang))
    for at, (_, width, _) in enumerate(columns, start=1):
        page.column_dimensions[get_column_letter(at)].width = width
    page.freeze_panes = "B2"
    page.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{len(rows) + 1}"
    page.append([_bold(page, title) for title in sheet.titles(columns, actor.lang)])
    for row in rows:
        page.append([_timed(page, value) if isinstance(value, datetime) else value for value in row])


def _notes(book: Any, actor: Actor, query: CaseQuery, reason: str, *, rows: int, cut: bool, now: datetime) -> None:
    """Who took it out, when, why, by which filter, and whether it is all."""
    lang = actor.lang
    page = book.create_sheet(text("cases.sheet.notes", lang))
    page.column_dimensions["A"].width, page.column_dimensions["B"].width = 18, 80
    who = " ".join(part for part in (actor.unit, actor.position, actor.name) if part)
    local = now.astimezone(setting().zone).replace(tzinfo=None, microsecond=0)
    whole = text("cases.sheet.cut" if cut else "cases.sheet.whole", lang, n=rows, most=MOST)
    said = [("by", sheet.plain(who)), ("at", local), ("reason", sheet.plain(reason)), ("rows", whole)]
    for key, value in said:
        shown = _timed(page, value) if isinstance(value, datetime) else value
        page.append([_bold(page, text(f"cases.sheet.note_{key}", lang)), shown])
    for name, value in sheet.filter_words(query, lang):
        page.append([_bold(page, name), value])
    page.append([])
    page.append([None, text("cases.sheet.masked", lang)])


def _bold(page: Any, value: str) -> Any:
    cell = WriteOnlyCell(page, value=value)
    cell.font = Font(bold=True)
    return cell


def _timed(page: Any, value: datetime) -> Any:
    cell = WriteOnlyCell(page, value=value)
    cell.number_format = TIME
    return cell
