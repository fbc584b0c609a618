"""``onegrid keys status|rotate|retire|return``: under which key personal values lie, sealing all of them anew, and
taking keys under which nothing lies any more out of the key file into one of their own, or back.

Works while everything is served: other processes see a new key within a second. A rotation that was stopped goes on
where it was, because every value says under which key it lies; only a finished one is followed by another key.
To change the algorithm set ONEGRID_CIPHER, restart, and rotate.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from onegrid.county.registers.services.loading import uploads
from onegrid.foundation.database import fields, localities, rotation
from onegrid.foundation.database.context import in_locality
from onegrid.foundation.kernel import sealed
from onegrid.foundation.messages import services as messages
from onegrid.shell.cli.say import Bar, Trouble, note, table
from onegrid.shell.serve.database import reachable

PASSES = 5
"""Times to look again for what others sealed with the old key meanwhile, or held."""


def run(arguments: argparse.Namespace) -> int:
    """As the owner: do it. As anybody else: start a process that does. 1 when values are left under an older key."""
    if settings.ONEGRID_DB_ROLE != "owner":
        data = Path(settings.ONEGRID_DATA)
        with reachable(data, note) as database:
            words = [arguments.what, "--rate", str(arguments.rate)]
            words += ["--new-key"] if arguments.new_key else []
            words += ["--json"] if arguments.json else []
            words += ["--file", str(Path(arguments.file).resolve())] if arguments.file else []
            command = [sys.executable, "-m", "onegrid.shell.cli.main", "keys", *words]
            return subprocess.run(command, env=database.environment("owner", data), check=False).returncode
    names = [one.name for one in localities.all_localities()]
    if arguments.what == "rotate":
        with _alone():
            rotate(names, rate=max(1, arguments.rate), new_key=arguments.new_key)
    elif arguments.what in ("retire", "return"):
        with _alone():
            _move(names, arguments.what, arguments.file)
    return _tell(_counts(names), as_json=arguments.json)


@contextmanager
def _alone() -> Iterator[None]:
    """One rotation of this data folder at a time; the lock goes with the process, however it ends."""
    with (fields.key_file().parent / "rotating").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as why:
            raise Trouble("another rotation is running on this data folder") from why
        yield


def rotate(names: list[str], *, rate: int, new_key: bool = False) -> None:
    """Add a key unless the last one is not yet everywhere, then seal every value with it."""
    counts = _counts(names)
    unfinished = _old(counts)
    algorithm, newest = rotation.newest()
    # A key serves one algorithm only.
    mixed = any(one.key == newest and one.algorithm != algorithm for _, one in counts)
    if unfinished and not mixed and not new_key:
        note(f"going on: {unfinished} values lie under an older key")
    else:
        ring = sealed.add_key(fields.key_file(), fields.cipher())
        fields.ring.renewed()
        note(f"key {ring.newest} ({ring.algorithm}) seals from now on; older keys stay, for backups")
        time.sleep(2 * fields.LOOK_AGAIN)
    for _ in range(PASSES):
        left = _old(_counts(names))
        if not left:
            return
        bar, done, cells, started = Bar("sealing anew"), 0, 0, time.monotonic()
        for name in names:
            for one in rotation.tables():
                step = rotation.Step(None, 1)
                while step.rows:
                    with in_locality(name, "rotate"):
                        step = rotation.step(one, step.after)
                    done, cells = done + step.rows, cells + step.rows * len(one.columns)
                    if step.rows:
                        bar(f"{name} {one.table}", min(0.99, cells / left))
                    time.sleep(max(0.0, done / rate - (time.monotonic() - started)))
        bar("", 1)
        if done == 0:
            time.sleep(fields.LOOK_AGAIN)


def _move(names: list[str], what: str, file: str | None) -> None:
    """Keys nothing lies under go into a file of their own, or come back from one."""
    if not file:
        raise Trouble(f"keys {what} needs --file: the file the keys go to, or come from")
    try:
        if what == "return":
            ring = sealed.return_keys(fields.key_file(), Path(file), fields.cipher())
            note(f"keys {_listed(ring.keys)} are in the key file")
            return
        idle = sorted(set(fields.ring().keys) - in_use(names))
        if not idle:
            note("no key to retire: something lies under each of them")
            return
        sealed.retire_keys(fields.key_file(), idle, Path(file), fields.cipher())
    except (ValueError, sealed.KeysMissing) as why:
        raise Trouble(str(why)) from why
    fields.ring.renewed()
    note(f"keys {_listed(idle)} are in {file} and no longer in the key file; keep it with the backups of their time")


def in_use(names: list[str]) -> set[int]:
    """Numbers of the keys something lies under, or will: tables, uploads on the disk, messages on their way."""
    found = {rotation.newest()[1]} | {one.key for _, one in _counts(names)}
    for name in names:
        found |= uploads.sealed_with(name)
        with in_locality(name, "rotate"):
            found |= messages.sealed_with()
    return found


def _listed(numbers: Iterable[int]) -> str:
    return ", ".join(map(str, sorted(numbers)))


Counts = list[tuple[str, rotation.Count]]


def _counts(names: list[str]) -> Counts:
    """What lies under which key, by locality."""
    found: Counts = []
    for name in names:
        with in_locality(name, "rotate"):
            found += [(name, one) for table_ in rotation.tables() for one in rotation.count(table_)]
    return found


def _old(counts: Counts) -> int:
    """Values under another key or algorithm than new ones."""
    now = rotation.newest()
    return sum(one.cells for _, one in counts if (one.algorithm, one.key) != now)


def _tell(counts: Counts, *, as_json: bool) -> int:
    """Print it; 1 when something is left to do."""
    algorithm, newest = rotation.newest()
    old = _old(counts)
    if as_json:
        rows = [
            {"locality": name, "table": c.table, "column": c.column, "algorithm": c.algorithm, "key": c.key,
             "cells": c.cells}
            for name, c in counts
        ]  # fmt: skip
        print(json.dumps({"algorithm": algorithm, "key": newest, "left": old, "cells": rows}))
        return 1 if old else 0
    lines = [(name, f"{c.table}.{c.column}", c.algorithm, str(c.key), f"{c.cells:,}") for name, c in counts]
    print(table(("locality", "column", "algorithm", "key", "values"), lines))
    print(f"new values: {algorithm}, key {newest}; " + (f"{old:,} under older keys" if old else "nothing is left"))
    return 1 if old else 0
