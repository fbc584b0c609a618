"""``onegrid serve``: serve the localities that are set up."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from onegrid.shell.cli.say import Trouble, note
from onegrid.shell.config import environment
from onegrid.shell.serve.certificate import certificate_for
from onegrid.shell.serve.database import Reachable, run_step
from onegrid.shell.serve.parent import Options, Parent, choose_port
from onegrid.shell.serve.prepared import Prepared


def run(arguments: argparse.Namespace) -> int:
    """Start everything and stay until stopped."""
    told = environment.read()
    data = told.data
    data.mkdir(parents=True, exist_ok=True)
    if arguments.workers < 1:
        raise Trouble("--workers: at least one")
    options = Options(
        data=data,
        host=arguments.host,
        port=choose_port(arguments.port, arguments.host),
        workers=arguments.workers,
        demo=told.demo,
        life=told.life,
        certificate=certificate_for(arguments.host, told) if arguments.https else None,
    )

    def fill(database: Reachable) -> None:
        _bring_up_to_date(database, data)

    def ready() -> None:
        for line in (f"OneGrid ready: {options.url}", *options.hints()):
            print(line, flush=True)

    return Parent(options, note).run(fill, ready)


def _bring_up_to_date(database: Reachable, data: Path) -> None:
    """Our own engine is migrated at start; somebody's server only by an explicit `onegrid migrate`."""
    prepared = Prepared(data)
    if os.environ.get("DATABASE_URL") or prepared.covers(()):
        return
    words = ["migrate"] + (["--superuser", database.superuser] if database.superuser else [])
    run_step(database, data, "owner", words)
    prepared.remember(())
