"""What `onegrid import` does once the settings know their database."""

from __future__ import annotations

import argparse
import json
import signal
import threading
from pathlib import Path
from typing import Any

from onegrid.county.grids import selectors as grids
from onegrid.county.grids.errors import GridNotFound
from onegrid.county.registers.models import Import
from onegrid.county.registers.rules.kinds import KINDS
from onegrid.county.registers.rules.sheets import apart, headers
from onegrid.county.registers.rules.sheets.writing import write_report
from onegrid.county.registers.services import loading
from onegrid.county.registers.services.loading import desk, files
from onegrid.foundation.database import localities
from onegrid.foundation.database.context import ROOT, Standing, acting, in_locality
from onegrid.foundation.kernel.clock import read_clock
from onegrid.foundation.kernel.errors import OneGridError
from onegrid.foundation.kernel.texts import text
from onegrid.shell.cli.say import Bar, Trouble, note, table

PARTLY = 2


def run_files(arguments: argparse.Namespace) -> int:
    """Each file in turn; 0 when every row went in, 2 when some did not, 1 when a file could not be read to its end."""
    if arguments.kind not in KINDS:
        raise Trouble(f"there is no register {arguments.kind!r}; there are: {', '.join(KINDS)}")
    if arguments.report and len(arguments.files) > 1:
        raise Trouble("one file at a time with --report: each has a workbook of its own")
    apart.stand_back()
    standing = Standing(_locality(arguments.locality), ROOT)
    standing = Standing(standing.locality, _scope(standing, arguments.scope))
    wish = loading.Wish(
        arguments.kind, _mapping(arguments.map), arguments.mode, dry_run=arguments.dry_run, resume=arguments.resume
    )
    done = [_one(standing, Path(name).expanduser(), wish) for name in arguments.files]
    if arguments.report:
        _report(standing, done[0], Path(arguments.files[0]).expanduser(), Path(arguments.report).expanduser())
    _tell(done, as_json=arguments.json, dry=arguments.dry_run)
    if any(run.state != "done" for run in done):
        return 1
    return PARTLY if any(run.bad for run in done) else 0


def go_on(locality: str, run: int) -> int:
    """The background's way: one import that waits, or whose process is gone, to its end."""
    with in_locality(locality, "import"):
        found = loading.take_up(run, at=read_clock())
    standing = Standing(locality, found.scope_path)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    running = loading.Running(locality, found, lambda: desk.file_of(standing, found), read_clock)
    return 0 if running.go(stop=stop).state in ("done", "cancelled", "running") else 1


def _one(standing: Standing, path: Path, wish: loading.Wish) -> Import:
    if not path.is_file():
        raise Trouble(f"there is no file {path}")
    bar = Bar(path.name)

    def report(run: Import) -> None:
        settled = run.added + run.changed + run.same + run.bad
        bar(f"{settled:,} rows, {run.bad:,} bad", settled / max(run.total, settled, 1))

    try:
        found = loading.import_file(standing, path, wish, read_clock, report=report)
    except OneGridError as why:
        raise Trouble(f"{path.name}: {text(why.key, 'en', **why.values)}") from why
    bar.done()
    return found


def _report(standing: Standing, run: Import, source: Path, target: Path) -> None:
    with acting(standing), target.open("wb") as out:
        sheet = files.opened(source)
        mapping = headers.chosen(sheet.header, run.kind, run.mapping)  # type: ignore[arg-type]
        count = write_report(out, source.name, sheet.header, desk.bad_rows(run, sheet), mapping, "zh-CN")
    note(f"{count:,} rows to correct: {target}")


def _tell(done: list[Import], *, as_json: bool, dry: bool) -> None:
    rows = [
        {"import": run.pk, "file": run.name, "encoding": run.encoding, "state": run.state, "failure": run.failure,
         "added": run.added, "changed": run.changed, "same": run.same, "bad": run.bad}
        for run in done
    ]  # fmt: skip
    if as_json:
        print(json.dumps(rows, ensure_ascii=False))
        return
    head = ("file", "encoding", "state", "added", "changed", "same", "bad")
    print(table(head, [[str(row[name]) for name in head] for row in rows]))
    if dry:
        note("nothing was stored: this was a dry run")


def _locality(wanted: str | None) -> str:
    names = [one.name for one in localities.all_localities()]
    if wanted in names:
        return str(wanted)
    if wanted is None and len(names) == 1:
        return names[0]
    raise Trouble(f"say which locality with --locality: {', '.join(names) or 'there is none yet'}")


def _scope(standing: Standing, code: str | None) -> str:
    if not code:
        return ROOT
    with acting(standing):
        try:
            return grids.by_code(code).scope_path
        except GridNotFound as why:
            raise Trouble(f"there is no division with the code {code}") from why


def _mapping(path: str | None) -> dict[str, str]:
    """`--map FILE`: JSON, our column → title in the file."""
    if path is None:
        return {}
    try:
        read: Any = json.loads(Path(path).expanduser().read_text("utf-8"))
    except (OSError, ValueError) as why:
        raise Trouble(f"{path} is no JSON file that can be read") from why
    if not isinstance(read, dict) or not all(isinstance(value, str) for value in read.values()):
        raise Trouble(f'{path}: say {{"name": "姓名", …}}, our column first')
    return {str(key): value for key, value in read.items()}
