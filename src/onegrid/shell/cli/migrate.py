"""``onegrid migrate``: roles, schemas and tables, as the owner."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings

from onegrid.foundation.database import localities
from onegrid.foundation.database.bootstrap import bootstrap, create_locality, migrate_all
from onegrid.shell.cli.demo import locality_order
from onegrid.shell.cli.say import Trouble, note
from onegrid.shell.sections import load_pack
from onegrid.shell.serve.database import reachable
from onegrid.shell.serve.prepared import Prepared


def run(arguments: argparse.Namespace) -> int:
    """As the owner: do it. As anybody else: start a process that does, on the engine if there is no DATABASE_URL."""
    if settings.ONEGRID_DB_ROLE != "owner":
        return _as_owner(arguments)
    if arguments.superuser:
        bootstrap(arguments.superuser, settings.DATABASES["default"]["NAME"])
    for name in migrate_all():
        note(f"{name}: up to date")
    for name in arguments.locality or ():
        _add(name)
    return 0


def _add(name: str) -> None:
    root = Path(settings.ONEGRID_LOCALITIES)
    order = locality_order(root)
    if name not in order:
        raise Trouble(f"there is no locality {name!r}; there are: {', '.join(order)}")
    pack = load_pack(root, name)
    known = localities.find(name)
    create_locality(
        name,
        pack.title.zh,
        pack.title.en,
        host=known.host if known else "",
        pack_path=str(pack.path),
        pack_version=known.pack_version if known else "",
        ordinal=order.index(name),
    )
    note(f"{name}: tables ready")


def _as_owner(arguments: argparse.Namespace) -> int:
    data = Path(settings.ONEGRID_DATA)
    with reachable(data, note) as database:
        words = [word for name in arguments.locality or () for word in ("--locality", name)]
        superuser = arguments.superuser or database.superuser
        if superuser:
            words += ["--superuser", superuser]
        command = [sys.executable, "-m", "onegrid.shell.cli.main", "migrate", *words]
        code = subprocess.run(command, env=database.environment("owner", data), check=False).returncode
    if code == 0 and not os.environ.get("DATABASE_URL"):
        Prepared(data).remember(arguments.locality or ())
    return code
