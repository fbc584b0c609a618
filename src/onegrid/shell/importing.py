"""Imports that somebody started at the desk: each runs in a process of its own, so that no other job waits for it.

The worker process waits for it and says meanwhile that it lives. When the import dies it is taken up again at once;
when the worker dies too, whoever looks next finds the run silent and takes it up.
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from typing import Final

from onegrid.county.registers import tasks
from onegrid.foundation.kernel.clock import read_clock

EACH: Final = 5.0
"""Seconds after which it is said that the process lives."""


def run_waiting(locality: str) -> int:
    """Run the next import of a locality to its end; 1 when there was one."""
    run = tasks.next_import(locality, read_clock())
    if run is None:
        return 0
    behind = tasks.at_row(locality, run)
    words = [sys.executable, "-m", "onegrid.shell.cli.main", "import", "--locality", locality, "--run", str(run)]
    with subprocess.Popen(words, env=dict(os.environ), stdin=subprocess.DEVNULL) as process:
        try:
            _wait(process, locality, run)
        except BaseException:
            process.kill()
            raise
    if process.returncode:
        tasks.lost(locality, run, behind)
    return 1


def _wait(process: subprocess.Popen[bytes], locality: str, run: int) -> None:
    while True:
        with suppress(subprocess.TimeoutExpired):
            process.wait(EACH)
            return
        tasks.beat(locality, run, read_clock())
