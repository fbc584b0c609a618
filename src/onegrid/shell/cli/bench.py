"""``onegrid bench NAME``: run one of the measurements in ``bench/``."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys

from onegrid.shell.cli.say import Trouble, note
from onegrid.shell.config import environment
from onegrid.shell.serve.database import reachable


def run(arguments: argparse.Namespace) -> int:
    """Run ``bench/<name>.py`` with a database to work on; without a name, list what there is."""
    folder = environment.PROJECT / "bench"
    names = sorted(path.stem.replace("_", "-") for path in folder.glob("*.py") if not path.stem.startswith("_"))
    if arguments.name is None:
        print("\n".join(names))
        return 0
    if arguments.name not in names:
        raise Trouble(f"there is no measurement {arguments.name!r}; there are: {', '.join(names) or 'none here'}")
    # A folder of its own: what is measured fills a database.
    data = environment.read().data / "bench"
    data.mkdir(parents=True, exist_ok=True)
    with reachable(data, note) as database:
        env = database.environment("app", data)
        if database.superuser:
            env["ONEGRID_SUPERUSER_DSN"] = database.superuser
        env["PYTHONPATH"] = os.pathsep.join(filter(None, [str(environment.PROJECT), env.get("PYTHONPATH", "")]))
        words = (["--json"] if arguments.json else []) + list(arguments.rest)
        # As a module: run by its path, a measurement of queues would hide Python's own `queue`.
        return subprocess.run(
            [sys.executable, "-P", "-m", f"bench.{arguments.name.replace('-', '_')}", *words], env=env, check=False
        ).returncode
