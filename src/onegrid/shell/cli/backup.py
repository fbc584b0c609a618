"""``onegrid backup FOLDER``."""

from __future__ import annotations

import argparse
from pathlib import Path

from onegrid.shell.cli.say import note
from onegrid.shell.config import environment
from onegrid.shell.serve import archive
from onegrid.shell.serve.database import programs, reachable


def run(arguments: argparse.Namespace) -> int:
    """Write a backup while everything goes on running."""
    data = environment.read().data
    target = Path(arguments.target).expanduser().absolute()
    with reachable(data, note) as database:
        manifest = archive.write(target, data, database.url, programs(), note)
    note(f"wrote {target}: {sum(manifest['rows'].values())} rows, {len(manifest['files'])} files")
    note("it holds the keys of personal fields; keep it as safe as the database")
    return 0
