"""A file that lies on this machine, from the command line or a job: opened, begun (or resumed) and run to its end."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from onegrid.county.registers.errors import FileRefused
from onegrid.county.registers.models import Import
from onegrid.county.registers.rules.kinds import COLUMNS, Kind
from onegrid.county.registers.rules.sheets import headers
from onegrid.county.registers.rules.sheets.problems import SheetRefused
from onegrid.county.registers.rules.sheets.tables import Table, open_table
from onegrid.county.registers.services.loading import runs
from onegrid.county.registers.services.loading.running import Clock, Running
from onegrid.foundation.accounts.actor import SYSTEM, Actor
from onegrid.foundation.database.context import Standing, acting

Report = Callable[[Import], None]


@dataclass(frozen=True)
class Wish:
    """How a file is to be imported. `mapping`: our column → title in the file; what is not said is guessed."""

    kind: Kind
    mapping: Mapping[str, str] | None = None
    mode: runs.Mode = "all_good"
    dry_run: bool = False
    resume: bool = False


def import_file(
    standing: Standing, path: Path, wish: Wish, clock: Clock, *, actor: Actor = SYSTEM, report: Report = lambda _: None
) -> Import:
    """Import a file in the scope of `standing`; the finished run.

    With `resume` an unfinished run of the same bytes goes on behind its last batch, if there is one. Raises
    `FileRefused`, `AnotherImport`.
    """
    digest = digest_of(path)
    with acting(standing):
        run = runs.resumable(digest, wish.kind) if wish.resume else None
        if run is not None:
            run = runs.resume(actor, run, at=clock())
        else:
            table = opened(path)
            draft = runs.Draft(
                wish.kind, path.name, digest, whole_mapping(table, wish.kind, wish.mapping or {}), table.total,
                table.encoding, wish.mode, wish.dry_run,
            )  # fmt: skip
            run = runs.begin(actor, draft, at=clock())
        run = runs.take_up(run.pk, at=clock())
    return Running(standing.locality, run, lambda: path, clock).go(report)


def opened(path: Path) -> Table:
    """The table in a file. Raises `FileRefused`."""
    try:
        return open_table(path, path.name)
    except SheetRefused as why:
        raise refused(why) from why


def refused(why: SheetRefused) -> FileRefused:
    """Why a file cannot be read, as an error for its sender."""
    error = FileRefused(f"register_sheets.refused.{why.reason}")
    error.values = dict(why.params)
    return error


def whole_mapping(table: Table, kind: Kind, wanted: Mapping[str, str]) -> dict[str, str]:
    """Every column of ours → its title in the file, '' for none: what is chosen now holds when the run is resumed.

    Raises `FileRefused`, also when a column is missing without which nothing can be imported.
    """
    try:
        mapping = headers.chosen(table.header, kind, wanted)
    except SheetRefused as why:
        raise refused(why) from why
    if mapping.missing:
        raise FileRefused("register_loading.errors.columns_missing", columns=titles(kind, mapping.missing[0]))
    return {
        column.key: headers.shown(table.header[mapping.places[column.key]]) if column.key in mapping.places else ""
        for column in COLUMNS[kind]
    }


def titles(kind: Kind, keys: tuple[str, ...]) -> str:
    """Columns by the words people know, Chinese first: the counties' sheets are."""
    return "、".join(headers.title(kind, key, "zh-CN") for key in keys)


def digest_of(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
