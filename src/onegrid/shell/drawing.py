"""Drawings somebody wished for at the desk: each runs in a process of its own, nice to the others.

The engine's loops are compiled and take a processor for seconds to minutes; neither the worker process nor a page ever
loads them. ``python -m onegrid.shell.drawing LOCALITY DRAFT`` is what the worker starts; when that process dies, the
drawing is found silent after a while and goes on with the next village.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from importlib import import_module

from onegrid.foundation.kernel.clock import read_clock
from onegrid.shell.engine.account import dies_with_parent

NICENESS = 10


def draw(locality: str, draft: int | None) -> int:
    """Run a drawing of a locality to its end; 1 when there was one."""
    if draft is None:
        return 0
    subprocess.run(
        [sys.executable, "-m", "onegrid.shell.drawing", locality, str(draft)],
        check=False,
        stdin=subprocess.DEVNULL,
        preexec_fn=dies_with_parent(signal.SIGKILL),
    )
    return 1


def main(locality: str, draft: int) -> None:
    """Draw, here."""
    os.nice(NICENESS)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "onegrid.shell.config.settings")
    import_module("django").setup()
    import_module("onegrid.county.grids.services.drafts.carving").run(locality, draft, read_clock)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
