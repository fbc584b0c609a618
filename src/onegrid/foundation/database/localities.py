"""The localities of this server: a small public table, kept in memory, read again when a name is unknown."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Final

from django.db import connection

COLUMNS: Final = "name, title_zh, title_en, host, pack_path, pack_version, ordinal"


@dataclass(frozen=True)
class Locality:
    """One deployment: the schema of the same name, its titles, host name (or '') and pack."""

    name: str
    title_zh: str
    title_en: str
    host: str
    pack_path: str
    pack_version: str
    ordinal: int


class _Known:
    """The table in memory. Guarded: unknown names from outside cause at most one read a second."""

    def __init__(self) -> None:
        self.rows: dict[str, Locality] | None = None
        self.read_at = 0.0
        self.lock = threading.Lock()


_known = _Known()
PATIENCE: Final = 1.0


def refresh() -> dict[str, Locality]:
    """Read the table now."""
    with _known.lock:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {COLUMNS} FROM public.onegrid_locality ORDER BY ordinal, name")  # noqa: S608
            rows = [Locality(*row) for row in cursor.fetchall()]
        _known.rows = {row.name: row for row in rows}
        _known.read_at = time.monotonic()
        return _known.rows


def forget() -> None:
    """Read again at the next question (tests, after adding a locality)."""
    _known.rows = None


def all_localities() -> list[Locality]:
    """All of them in their order."""
    return list((_known.rows if _known.rows is not None else refresh()).values())


def find(name: str) -> Locality | None:
    """The locality called `name`; the table is read again, at most once a second, before saying no."""
    rows = _known.rows if _known.rows is not None else refresh()
    if name not in rows and time.monotonic() - _known.read_at > PATIENCE:
        rows = refresh()
    return rows.get(name)


def by_host(host: str) -> Locality | None:
    """The locality a host name belongs to; without one, the only locality there is."""
    rows = all_localities()
    bare = host.partition(":")[0].lower()
    for row in rows:
        if row.host and row.host.lower() == bare:
            return row
    return rows[0] if len(rows) == 1 else None
