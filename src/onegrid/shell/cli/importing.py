"""``onegrid import KIND FILE…``: sheets into a locality's registers, with a workbook of what was wrong.

Exit code 0: every row went in. 2: some did not (they are in the report). 1: a file could not be read to its end.
"""

from __future__ import annotations

import argparse
import os
from importlib import import_module

from onegrid.shell.cli.say import Trouble, note
from onegrid.shell.config import environment
from onegrid.shell.serve.database import reachable

KINDER = 10
"""Niceness of the process: whoever works at the desk goes first."""


def run(arguments: argparse.Namespace) -> int:
    """Import each file in turn. Works while the locality is served; starts the engine when it is not."""
    if hasattr(os, "nice"):
        os.nice(KINDER)
    if os.environ.get("DATABASE_URL"):
        return _run(arguments)
    data = environment.read().data
    with reachable(data, note) as database:
        os.environ.update(database.environment("app", data))
        return _run(arguments)


def _run(arguments: argparse.Namespace) -> int:
    import_module("django").setup()
    work = import_module("onegrid.shell.cli.importing_run")
    if arguments.run:
        return int(work.go_on(arguments.locality, arguments.run))
    if not arguments.kind or not arguments.files:
        raise Trouble("say what to import: onegrid import residents FILE …")
    return int(work.run_files(arguments))
