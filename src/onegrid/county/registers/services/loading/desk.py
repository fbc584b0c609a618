"""An import by the desk: upload, choose columns, look what would happen, start, and take back what was wrong."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import BinaryIO, Final

from onegrid.county.registers.errors import FieldClosed, FileRefused, ImportNotFound, ImportOver
from onegrid.county.registers.models import Import, ImportBatch
from onegrid.county.registers.rules.fields import DERIVED, TIED
from onegrid.county.registers.rules.kinds import COLUMNS, NEEDED, Kind, column
from onegrid.county.registers.rules.sheets import headers
from onegrid.county.registers.rules.sheets.problems import Problem, SheetRefused, masked
from onegrid.county.registers.rules.sheets.tables import Table, open_table
from onegrid.county.registers.rules.sheets.writing import write_report, write_template
from onegrid.county.registers.selectors import choices
from onegrid.county.registers.selectors.sight import sight
from onegrid.county.registers.services.loading import files, runs, uploads
from onegrid.county.registers.services.loading.running import Running
from onegrid.foundation.accounts.actor import Actor
from onegrid.foundation.database.context import Standing, standing
from onegrid.foundation.journal import services as journal
from onegrid.foundation.kernel.errors import Forbidden
from onegrid.foundation.kernel.texts import Lang

SAMPLE: Final = 5
TRIED: Final = 500
"""Rows a look ahead works out."""
MOST_LISTED: Final = 50
KEPT: Final = timedelta(days=30)
"""So long an upload is kept for its report."""


@dataclass(frozen=True)
class Field:
    """A column of ours in the wizard."""

    key: str
    title: str
    needed: bool
    found: str
    """The title in the file it is taken from, '' for none."""


@dataclass(frozen=True)
class Sheet:
    """What an uploaded file looks like."""

    header: list[str]
    fields: list[Field]
    unknown: tuple[str, ...]
    missing: list[str]
    """What is lacking, a group of columns each, one of which is needed; nothing starts with any of them."""
    sample: list[dict[str, str]]


@dataclass(frozen=True)
class Ahead:
    """What the first rows of a file would do."""

    rows: int
    added: int
    changed: int
    same: int
    bad: int
    problems: list[Problem]


def upload(actor: Actor, kind: Kind, name: str, pieces: Iterable[bytes], *, at: datetime) -> Import:
    """Keep a file and note an import of it, with the columns guessed. Raises `FileRefused`, `Forbidden`."""
    if not sight(actor).edits(kind):
        raise Forbidden()
    stored, digest = uploads.keep(pieces)
    try:
        table = _open(stored, name)
        mapping = _titles(table, headers.guess(table.header, kind))
    except FileRefused:
        uploads.drop(stored)
        raise
    draft = runs.Draft(kind, name, digest, mapping, table.total, table.encoding, stored=stored)
    return runs.begin(actor, draft, at=at, waiting=False)


def find(actor: Actor, run: int) -> Import:
    """An import within the caller's scope, of a kind he may edit. Raises `ImportNotFound`."""
    found = Import.objects.filter(pk=run).first()
    if found is None or not sight(actor).edits(found.kind):  # type: ignore[arg-type]
        raise ImportNotFound()
    return found


def listed(actor: Actor) -> list[Import]:
    """The newest imports of the caller's scope."""
    mine = [kind for kind in COLUMNS if sight(actor).edits(kind)]
    return list(Import.objects.filter(kind__in=mine).order_by("-pk")[:MOST_LISTED])


def sheet(run: Import, lang: Lang) -> Sheet:
    """What the file of an import looks like, with a few rows, masked. Raises `FileRefused` when it is gone."""
    kind: Kind = run.kind  # type: ignore[assignment]
    table = _open(run.stored, run.name)
    mapping = _chosen(table, kind, run.mapping)
    needed = {key for group in NEEDED[kind] if len(group) == 1 for key in group}
    fields = [
        Field(
            one.key, headers.title(kind, one.key, lang), one.key in needed,
            headers.shown(table.header[mapping.places[one.key]]) if one.key in mapping.places else "",
        )
        for one in COLUMNS[kind]
    ]  # fmt: skip
    sample = []
    for _, cells in islice(table.rows, SAMPLE):
        row = {key: cells[at] for key, at in mapping.places.items() if at < len(cells)}
        sample.append({key: _shown(kind, key, cell) for key, cell in row.items()})
    missing = [
        ("、" if lang == "zh-CN" else ", ").join(headers.title(kind, key, lang) for key in group)
        for group in mapping.missing
    ]
    return Sheet([headers.shown(one) for one in table.header], fields, mapping.unknown, missing, sample)


def choose(run: Import, mapping: Mapping[str, str]) -> Import:
    """Set which of the file's columns is which. Raises `FileRefused`, `ImportOver` once it was started."""
    if run.state != "uploaded":
        raise ImportOver()
    table = _open(run.stored, run.name)
    run.mapping = _titles(table, _chosen(table, run.kind, mapping))  # type: ignore[arg-type]
    run.save(update_fields=["mapping"])
    return run


def look_ahead(run: Import, *, at: datetime) -> Ahead:
    """What the first rows would do, worked out and not stored. Raises `FileRefused`."""
    _whole(run)
    here = standing()
    trial = Running(here.locality, _dated(run, at), lambda: file_of(here, run), lambda: at, beside=False)
    try:
        plan, rows = trial.ahead(TRIED)
    except SheetRefused as why:
        raise files.refused(why) from why
    return Ahead(rows, plan.added, plan.changed, plan.same, plan.bad, plan.problems[:MOST_LISTED])


def start(actor: Actor, run: Import, *, mode: runs.Mode, dry_run: bool, at: datetime) -> Import:
    """Let it run. Raises `FileRefused` for a missing column, `FieldClosed` for one the caller may not write."""
    if run.state != "uploaded":
        raise ImportOver()
    _whole(run)
    seen, kind = sight(actor), run.kind
    for key, title in run.mapping.items():
        plain = key in ("id", "version") or f"{kind}.{key}" in DERIVED or key == "grid"
        if not title or plain:
            continue
        level = seen.access("residents", TIED[key]) if key in TIED else seen.access(kind, key)  # type: ignore[arg-type]
        if level != "write":
            raise FieldClosed()
    run.mode, run.dry_run = mode, dry_run
    run.save(update_fields=["mode", "dry_run"])
    return runs.resume(actor, run, at=at)


def report(actor: Actor, run: Import, lang: Lang, *, at: datetime) -> bytes:
    """The rows that did not go in, as a workbook to correct and import again. On record before it leaves.

    Whole only for who handed the file in; a colleague gets what is personal masked.
    """
    kind: Kind = run.kind  # type: ignore[assignment]
    table = _open(run.stored, run.name)
    mapping = _chosen(table, kind, run.mapping)
    out = io.BytesIO()
    own = run.user is not None and run.user == actor.user_id
    count = write_report(out, run.name, table.header, bad_rows(run, table), mapping, lang, whole=own)
    journal.record(
        actor, "import.report", ("import", run.pk), now=at, scope_path=run.scope_path, detail={"rows": count}
    )
    return out.getvalue()


def template(kind: Kind, lang: Lang) -> bytes:
    """An empty sheet of a kind."""
    out = io.BytesIO()
    write_template(out, kind, choices.part().choices, lang)
    return out.getvalue()


def bad_rows(run: Import, table: Table) -> Iterator[tuple[int, list[str], list[Problem]]]:
    """Rows of the file that did not go in, in its order, with what was wrong."""
    wrong: dict[int, list[Problem]] = {}
    rows = iter(table.rows)
    for batch in ImportBatch.objects.filter(run=run.pk, bad__gt=0).order_by("last_row").iterator(chunk_size=20):
        wrong = {}
        for line, key, value, reason, params in batch.problems:
            wrong.setdefault(line, []).append(Problem(line, key, value, reason, params))
        for line, cells in rows:
            if line in wrong:
                yield line, cells, wrong[line]
            if line >= batch.last_row:
                break


def forget_uploads(at: datetime) -> int:
    """Remove the files of imports that were begun a month ago; how many. At root scope."""
    old = list(Import.objects.exclude(stored="").filter(created_at__lt=at - KEPT).exclude(state="running")[:200])
    for run in old:
        uploads.drop(run.stored)
        run.stored = ""
        run.save(update_fields=["stored"])
    return len(old)


def _shown(kind: Kind, key: str, cell: str) -> str:
    return masked(column(kind, key), cell)


def _whole(run: Import) -> None:
    files.whole_mapping(_open(run.stored, run.name), run.kind, run.mapping)  # type: ignore[arg-type]


def _dated(run: Import, at: datetime) -> Import:
    run.started_at = run.started_at or at
    return run


def file_of(standing: Standing, run: Import) -> BinaryIO:
    """The uploaded file of an import, open from its beginning. Raises `FileRefused` when it is gone."""
    return io.BufferedReader(uploads.reopen(run.stored, standing.locality), uploads.PIECE)


def _open(stored: str, name: str) -> Table:
    try:
        return open_table(io.BufferedReader(uploads.reopen(stored), uploads.PIECE), name)
    except SheetRefused as why:
        raise files.refused(why) from why


def _chosen(table: Table, kind: Kind, mapping: Mapping[str, str]) -> headers.Mapping:
    try:
        return headers.chosen(table.header, kind, mapping)
    except SheetRefused as why:
        raise files.refused(why) from why


def _titles(table: Table, mapping: headers.Mapping) -> dict[str, str]:
    return {
        one.key: headers.shown(table.header[mapping.places[one.key]]) if one.key in mapping.places else ""
        for one in COLUMNS[mapping.kind]
    }
