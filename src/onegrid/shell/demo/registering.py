"""Fills the registers the way a county does: writes spreadsheets and lets the importer take them in.

An import that was cut off goes on behind its last batch, for the same county writes the same files.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import connection

from onegrid.county.registers.models import Building, Import
from onegrid.county.registers.rules.kinds import Kind
from onegrid.county.registers.rules.sheets.headers import guess
from onegrid.county.registers.rules.sheets.tables import open_table
from onegrid.county.registers.services import loading
from onegrid.foundation.accounts.actor import Actor
from onegrid.foundation.database.context import ROOT, in_locality
from onegrid.foundation.database.write import turn
from onegrid.shell.demo import planting
from onegrid.shell.demo.sheets import ORDER, Sheets

FILES: Final = {kind: f"{kind}.csv" for kind in ORDER}
_US: Final = Actor(kind="system", scope_path=ROOT)
_DIGEST_BLOCK: Final = 1 << 20


class WasRefused(RuntimeError):
    """The importer found a fault in a file of the demonstration: the file is wrong, or the importer."""


def complete() -> bool:
    """Whether the registers are filled: every file was imported, or so long ago that its list is gone."""
    runs = Import.objects.filter(name__in=FILES.values(), user=None)
    done = set(runs.filter(state="done").values_list("kind", flat=True))
    return done == set(ORDER) if done or runs.exists() else Building.objects.exists()


def fill(locality: str, sheets: Sheets, kind: Kind, now: datetime, report: Callable[[int, int], None]) -> None:
    """Write one file, import it, and forget the file; ``report`` hears rows done and rows in all.

    Raises WasRefused.
    """
    folder = Path(settings.ONEGRID_FILES) / f"demo-{locality}"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        _load(locality, kind, sheets.write(kind, folder), now, report)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if kind == "buildings":
        with in_locality(locality, "demo"):
            turn([(_OUTLINES, [sheets.codes, planting.outlines()])])


def _load(locality: str, kind: Kind, path: Path, now: datetime, report: Callable[[int, int], None]) -> None:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    with in_locality(locality, "demo"):
        if Import.objects.filter(digest=digest, kind=kind, state="done").exists():
            return
        run = loading.resumable(digest, kind) or _begin(kind, path, digest, now)
        run = loading.take_up(loading.resume(_US, run, at=now).pk, at=now)
    # A thread with a connection of its own sees nothing of a transaction that is open around us.
    beside = not connection.in_atomic_block
    running = loading.Running(locality, run, lambda: path, lambda: now, beside=beside)
    run = running.go(lambda told: report(min(told.last_row, told.total), told.total))
    if run.state != "done" or run.bad:
        raise WasRefused(f"{path.name}: {run.state}, {run.bad} rows were refused {run.failure}")


def _begin(kind: Kind, path: Path, digest: str, now: datetime) -> Import:
    table = open_table(path, path.name)
    places = guess(table.header, kind).places
    mapping = {key: table.header[at] for key, at in places.items()}
    draft = loading.Draft(kind, path.name, digest, mapping, table.total, table.encoding)
    return loading.begin(_US, draft, at=now)


_OUTLINES: Final = (
    "UPDATE registers_building b SET feature = outline.feature"
    " FROM unnest(%s::text[], %s::bigint[]) AS outline (code, feature)"
    " WHERE b.code = outline.code AND b.feature IS DISTINCT FROM outline.feature"
)
