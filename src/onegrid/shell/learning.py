"""Training apart: a process of its own, nice to the others.

Training keeps a processor busy for seconds to minutes. In the worker process every other job would wait five
milliseconds for each answer of the database, because a busy thread gives Python's lock away that seldom.
``python -m onegrid.shell.learning LOCALITY`` is what the worker starts.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from importlib import import_module

from onegrid.shell.engine.account import dies_with_parent

NICENESS = 10


def learn(locality: str) -> int:
    """Train the classifier of a locality in a process of its own and wait for it. Raises when it failed."""
    subprocess.run(
        [sys.executable, "-m", "onegrid.shell.learning", locality],
        check=True,
        preexec_fn=dies_with_parent(signal.SIGKILL),
    )
    return 1


def main(locality: str) -> None:
    """Train, here."""
    os.nice(NICENESS)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "onegrid.shell.config.settings")
    import_module("django").setup()
    import_module("onegrid.cases.tasks").retrain(locality)


if __name__ == "__main__":
    main(sys.argv[1])
