"""``onegrid work``: the background jobs."""

from __future__ import annotations

import argparse
from pathlib import Path

from django.conf import settings

from onegrid.shell.config.environment import heartbeat_path
from onegrid.shell.jobs import work
from onegrid.shell.schedule import JOBS


def run(arguments: argparse.Namespace) -> int:
    """Run every job until stopped; the demo's life only where it was asked for."""
    work(
        [job for job in JOBS if settings.ONEGRID_LIFE or not job.demo_only], heartbeat_path(Path(settings.ONEGRID_DATA))
    )
    return 0
