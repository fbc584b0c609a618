"""Imports that somebody started at the desk: each runs in a process of its own, so that no other job waits for it.

The worker process only waits for it. When that process dies, the run is found silent after a while and taken up again.
"""

from __future__ import annotations

import os
import subprocess
import sys

from onegrid.county.registers import tasks
from onegrid.foundation.kernel.clock import read_clock


def run_waiting(locality: str) -> int:
    """Run the next import of a locality to its end; 1 when there was one."""
    run = tasks.next_import(locality, read_clock())
    if run is None:
        return 0
    words = [sys.executable, "-m", "onegrid.shell.cli.main", "import", "--locality", locality, "--run", str(run)]
    subprocess.run(words, env=dict(os.environ), stdin=subprocess.DEVNULL, check=False)
    return 1
