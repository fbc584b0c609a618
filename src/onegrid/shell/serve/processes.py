"""Child processes that are kept running."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from onegrid.shell.engine.account import dies_with_parent

LONGEST_PAUSE = 30.0
STEADY_AFTER = 60.0
"""A child that ran this many seconds is not in a crash loop; its pause starts again from the shortest."""


@dataclass
class Child:
    """One long-running process. It has its own group, so that its own children go with it."""

    name: str
    command: list[str]
    env: Mapping[str, str]
    report: Callable[[str], None]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = 0.5
    due: float = field(default=0.0)

    def start(self) -> None:
        """Start it."""
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            self.command,
            env=dict(self.env),
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr,  # our own stdout is the command's answer
            start_new_session=True,
            preexec_fn=dies_with_parent(signal.SIGTERM),  # noqa: PLW1509
        )

    def tend(self) -> None:
        """Start it again if it died, after a pause that grows while it keeps dying."""
        now = time.monotonic()
        if self.process is not None and self.process.poll() is None:
            return
        if self.process is not None:
            code = self.process.returncode
            self.kill_group()
            self.process = None
            self.pause = 0.5 if now - self.started > STEADY_AFTER else min(LONGEST_PAUSE, self.pause * 2)
            self.due = now + self.pause
            self.report(f"{self.name} ended (code {code}); starting it again in {self.pause:.0f} s")
        if now >= self.due:
            self.start()

    def stop(self, patience: float) -> None:
        """Ask it to stop, then insist."""
        process = self.process
        if process is None:
            return
        if process.poll() is None:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(patience)
        self.kill_group()
        with suppress(subprocess.TimeoutExpired):
            process.wait(5)

    def kill_group(self) -> None:
        """Whatever it started goes too: a web worker that outlives its parent would keep the port."""
        if self.process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
