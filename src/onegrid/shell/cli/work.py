"""``onegrid work``: the background jobs."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from django.conf import settings

from onegrid.shell.config.environment import heartbeat_path
from onegrid.shell.config.guard import Unfit, refuse_unfit
from onegrid.shell.jobs import work
from onegrid.shell.schedule import JOBS

UNFIT = 3


def run(arguments: argparse.Namespace) -> int:
    """Run every job until stopped; the demo's life only where it was asked for. Exit code 3: this may not be served."""
    try:
        refuse_unfit()
    except Unfit as error:
        print(f"\n{error}", file=sys.stderr)
        return UNFIT
    work(
        [job for job in JOBS if settings.ONEGRID_LIFE or not job.demo_only], heartbeat_path(Path(settings.ONEGRID_DATA))
    )
    return 0
