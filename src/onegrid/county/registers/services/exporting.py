"""Rows of the register as a workbook: asked for by one person, approved by another, open for a few days.

No file is kept. Each download is made anew, of what lies in the asker's reach then, marked with his name on every row
and every printed page, and on record for every person in it before it leaves.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from io import BytesIO
from itertools import islice
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from onegrid.county.grids.selectors import reading as grids
from onegrid.county.matters.selectors import current_pack
from onegrid.county.registers.errors import ExportNotFound, ExportSettled, ExportTooLarge, OwnExport, PurposeUnknown
from onegrid.county.registers.models import Export, Resident
from onegrid.county.registers.rules.sheets.books import HEAD, Book, Page
from onegrid.county.registers.rules.sheets.writing import Sheet
from onegrid.county.registers.selectors import choices, exports, records
from onegrid.county.registers.selectors.cells import cells
from onegrid.county.registers.selectors.records import Asked
from onegrid.county.registers.selectors.sight import Sight, sight
from onegrid.county.registers.services import looks
from onegrid.foundation.accounts.actor import Actor
from onegrid.foundation.database.managers import upper_bound
from onegrid.foundation.journal import services as journal
from onegrid.foundation.kernel.errors import Forbidden, KeyReused
from onegrid.foundation.kernel.texts import Lang, text

MOST: Final = 50_000
"""Rows of one workbook. Who needs more narrows by grid."""
BLOCK: Final = 1_000
SINGULAR: Final = {
    "residents": "resident",
    "households": "household",
    "dwellings": "dwelling",
    "buildings": "building",
    "premises": "premises",
    "organisations": "organisation",
}


@dataclass(frozen=True)
class Wanted:
    """What somebody asks to take out, and what for."""

    key: UUID
    asked: Asked
    whole: bool
    purpose: str
    words: str


@dataclass(frozen=True)
class File:
    """A finished workbook."""

    name: str
    content: bytes
    rows: int


def ask(actor: Actor, wanted: Wanted, *, now: datetime) -> tuple[Export, bool]:
    """Ask for an export; whether it is new. A repeat of the key gives the same one.

    Raises `Forbidden` for a kind the hat does not see, `PurposeUnknown` unless the pack has the purpose for this kind,
    `ExportTooLarge`, `KeyReused`, and what the list raises for a filter it does not have.
    """
    kind = wanted.asked.kind
    seen = sight(actor)
    if kind not in seen.kinds():
        raise Forbidden()
    purpose = choices.purposes().get(wanted.purpose)
    if purpose is None or kind not in purpose.kinds:
        raise PurposeUnknown()
    told = json.dumps(asdict(wanted.asked), sort_keys=True)
    known = Export.objects.filter(pk=wanted.key).first()
    if known is not None:
        if (known.asked_by, known.filter, known.whole) != (actor.user_id, told, wanted.whole):
            raise KeyReused()
        return known, False
    rows = records.rows_of(wanted.asked).order_by()[: MOST + 1].count()
    if rows > MOST:
        raise ExportTooLarge(rows=rows, most=MOST)
    made = Export.objects.create(
        id=wanted.key, scope_path=actor.scope_path, kind=kind, filter=told, whole=wanted.whole, purpose=wanted.purpose,
        words=wanted.words or None, rows=rows, asked_by=actor.user_id or 0, asked_hat=actor.hat_id or 0, asked_at=now,
    )  # fmt: skip
    _note(actor, made, "asked", now)
    return made, True


def decide(actor: Actor, export: UUID, *, approve: bool, now: datetime) -> Export:
    """Approve or refuse somebody else's export. Repeating the same decision changes nothing.

    Raises `ExportNotFound` outside the caller's reach or without a duty to decide, `OwnExport`, `ExportSettled`.
    """
    row = _locked(actor, export)
    if not exports.may_decide(actor):
        raise ExportNotFound()
    if row.asked_by == actor.user_id:
        raise OwnExport()
    state = "approved" if approve else "refused"
    if row.state == state and row.decided_by == actor.user_id:
        return row
    if row.state != "asked":
        raise ExportSettled()
    row.state, row.decided_by, row.decided_at = state, actor.user_id, now
    if approve:
        row.expires_at = now + timedelta(days=choices.keeping()["exports"].days)
    row.save(update_fields=["state", "decided_by", "decided_at", "expires_at"])
    _note(actor, row, state, now)
    return row


def withdraw(actor: Actor, export: UUID, *, now: datetime) -> Export:
    """Take back one's own. Repeating it changes nothing. Raises `ExportNotFound`, `ExportSettled` once refused."""
    row = _locked(actor, export)
    if row.asked_by != actor.user_id:
        raise ExportNotFound()
    if row.state == "refused":
        raise ExportSettled()
    if row.state != "withdrawn":
        row.state = "withdrawn"
        row.save(update_fields=["state"])
        _note(actor, row, "withdrawn", now)
    return row


def download(actor: Actor, export: UUID, *, now: datetime) -> File:
    """The workbook of one's own approved export, under the hat it was asked with, on record for everybody in it.

    Raises `ExportNotFound` for another's, `ExportSettled` when it is not approved or has run out, `ExportTooLarge` when
    more came to lie in it meanwhile.
    """
    row = _locked(actor, export)
    if row.asked_by != actor.user_id or row.scope_path != actor.scope_path:
        raise ExportNotFound()
    if row.state != "approved" or row.expires_at is None or now >= row.expires_at:
        raise ExportSettled()
    asked = Asked(**json.loads(row.filter))
    held = BytesIO()
    count = _write(held, actor, row, asked, now)
    row.downloads += 1
    row.save(update_fields=["downloads"])
    _note(actor, row, "downloaded", now, rows=count)
    stamp = now.astimezone(_zone()).strftime("%Y%m%d_%H%M")
    return File(f"{text(f'register_sheets.kind.{row.kind}', actor.lang)}_{stamp}.xlsx", held.getvalue(), count)


def _write(target: BytesIO, actor: Actor, row: Export, asked: Asked, now: datetime) -> int:
    """All rows, each marked; then who took them out, when and for what."""
    lang, seen = actor.lang, sight(actor)
    known = {name: list(choices.choices(name).values()) for name in choices.part().choices}
    keys = ["id", "version", *seen.table(asked.kind)]
    sheet = Sheet(asked.kind, known, lang, keys)
    mark = watermark(actor, row, now)
    count = 0
    with Book(target) as book:
        page = book.page(text(f"register_sheets.kind.{asked.kind}", lang), [*sheet.widths, 40])
        page.footer = mark
        notes = book.page(text("register_access.export.notes", lang), [18, 80], held=True)
        page.add([*sheet.titles, text("register_access.export.mark", lang)], style=HEAD)
        for told in _told(actor, row, asked, seen, now):
            count += 1
            if count > MOST:
                raise ExportTooLarge(rows=count, most=MOST)
            page.add([*sheet.cells(told), mark])
        _notes(notes, row, mark, count, lang)
    return count


def _told(actor: Actor, row: Export, asked: Asked, seen: Sight, now: datetime) -> Iterator[dict[str, Any]]:
    """Values of each row by column; each block is put on record before it is told."""
    rows = records.every(asked)
    singular = SINGULAR[asked.kind]
    while block := list(islice(rows, BLOCK)):
        subjects = [(one.pk, one.scope_path) for one in block]
        looks.look(actor, subjects, how="export", now=now, purpose=row.purpose, kind=singular)
        keys = {_grid_of(one) for one in block}
        names = {key: info.name for key, info in grids.infos(keys).items()}
        for one in block:
            told = cells(seen, asked.kind, one, whole=row.whole)
            if "grid" in told:
                told["grid"] = names.get(_grid_of(one), "")
            yield {"id": one.pk, "version": one.version, **told}


def _grid_of(one: Any) -> int:
    return int(one.household.grid_id if isinstance(one, Resident) else one.grid_id)


def _notes(page: Page, row: Export, mark: str, count: int, lang: Lang) -> None:
    """The second sheet: what this is, for whoever finds it."""
    said = {
        "mark": mark,
        "approved": exports.name_of(row.decided_by),
        "purpose": _purpose(row.purpose, lang),
        "words": row.words or "",
        "rows": str(count),
        "until": row.expires_at.astimezone(_zone()).strftime("%Y-%m-%d %H:%M") if row.expires_at else "",
        "duty": text("register_access.export.duty_words", lang),
    }
    for key, value in said.items():
        if value:
            page.add([text(f"register_access.export.{key}", lang), value])


def _purpose(key: str, lang: Lang) -> str:
    one = choices.purposes().get(key)
    return key if one is None else one.title.en if lang == "en" else one.title.zh


def watermark(actor: Actor, row: Export, now: datetime) -> str:
    """Who took it out, when, and which export it is."""
    local = now.astimezone(_zone()).strftime("%Y-%m-%d %H:%M")
    return " ".join(part for part in (actor.unit, actor.name, local, str(row.pk)[-8:]) if part)


def _locked(actor: Actor, export: UUID) -> Export:
    """The export, held until the transaction ends. Raises `ExportNotFound` outside the caller's grids."""
    sight(actor)
    below = {"scope_path__gte": actor.scope_path, "scope_path__lt": upper_bound(actor.scope_path)}
    row = Export.objects.select_for_update().filter(pk=export, **below).first()
    if row is None:
        raise ExportNotFound()
    return row


def _note(actor: Actor, row: Export, what: str, now: datetime, **detail: object) -> None:
    journal.record(
        actor, f"export.{what}", ("export", row.pk), now=now, scope_path=row.scope_path, purpose=row.purpose,
        detail={"kind": row.kind, "whole": row.whole, "rows": row.rows, **detail},
    )  # fmt: skip


def _zone() -> ZoneInfo:
    return ZoneInfo(current_pack().content["cases"]["calendar"]["timezone"])
