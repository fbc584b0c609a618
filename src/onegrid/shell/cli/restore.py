"""``onegrid restore FOLDER``: into an empty data folder."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from onegrid.shell.cli.say import Trouble, note
from onegrid.shell.config import environment
from onegrid.shell.serve import archive
from onegrid.shell.serve.database import programs, reachable, run_step
from onegrid.shell.serve.prepared import Prepared


def run(arguments: argparse.Namespace) -> int:
    """Verify, restore, compare; then bring the tables up to this version."""
    told = environment.read()
    source = Path(arguments.source).expanduser().absolute()
    manifest = archive.verify(source)
    note(f"the backup of {manifest['made_at']} is whole")
    if (told.data / "engine" / "pg").exists() and not os.environ.get("DATABASE_URL"):
        raise Trouble(f"{told.data} is not empty; restore into a new folder with --data")
    told.data.mkdir(parents=True, exist_ok=True)
    with reachable(told.data, note) as database:
        superuser = database.superuser or os.environ.get("ONEGRID_SUPERUSER_DSN")
        if not superuser:
            raise Trouble("restoring to a server of your own needs ONEGRID_SUPERUSER_DSN")
        run_step(database, told.data, "owner", ["migrate", "--superuser", superuser])
        archive.read(source, told.data, superuser, told.database.name, programs())
        run_step(database, told.data, "owner", ["migrate", "--superuser", superuser])
    names = sorted({name.split(".")[0] for name in manifest["rows"]} - {"public"})
    Prepared(told.data).remember(names)
    note(f"restored {sum(manifest['rows'].values())} rows of {', '.join(names)}; every table's count agrees")
    return 0
