"""The worker process: every job of ``schedule.JOBS`` in its own thread, for every locality in turn.

A job that fails is logged, backs off, and does not disturb the others. The heartbeat file says when the process last
went round and which jobs keep failing; ``GET /healthz`` reads it. ``onegrid serve`` starts it as ``onegrid work``.
"""

from __future__ import annotations

import json
import logging
import os
import random
import signal
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from django.db import DatabaseError, close_old_connections

from onegrid.foundation.database import localities
from onegrid.shell.schedule import Job

log = logging.getLogger("onegrid.jobs")

BEAT_EVERY = 2.0
REFRESH_EVERY = 10.0
LONGEST_PAUSE = 60.0
RARE = 60.0
RARE_WAITS = 15.0


@dataclass
class State:
    """What is known about one job."""

    failures: int = 0
    error: str = ""


@dataclass
class Runner:
    """Runs jobs until told to stop. ``beat_path`` is where the heartbeat goes."""

    beat_path: Path
    stopping: threading.Event = field(default_factory=threading.Event)
    states: dict[str, State] = field(default_factory=dict)

    def run(self, jobs: Sequence[Job]) -> None:
        """Start every job's thread, beat until stopped, then wait for what is running."""
        self.states = {job.name: State() for job in jobs}
        threads = [threading.Thread(target=self.loop, args=(job,), name=job.name, daemon=True) for job in jobs]
        self.beat()
        for thread in threads:
            thread.start()
        refreshed = time.monotonic()
        while not self.stopping.wait(BEAT_EVERY):
            try:
                self.beat()
                if time.monotonic() - refreshed > REFRESH_EVERY:
                    localities.refresh()
                    refreshed = time.monotonic()
            except (OSError, DatabaseError) as error:
                log.warning("heartbeat: %s", error)
                close_old_connections()
        for thread in threads:
            thread.join(10)

    def loop(self, job: Job) -> None:
        """One job's thread."""
        state = self.states[job.name]
        # Spread out, so that all jobs do not ask the database at the same instant; what is rare lets the start pass.
        self.stopping.wait(random.random() * min(job.every, 1.0) + (RARE_WAITS if job.every >= RARE else 0))
        while not self.stopping.is_set():
            started = time.monotonic()
            done = self.round(job, state)
            if job.again and done >= job.again and state.failures == 0:
                continue
            pause = job.every if state.failures == 0 else min(LONGEST_PAUSE, job.every * 2 ** min(state.failures, 6))
            self.stopping.wait(max(0.05, pause - (time.monotonic() - started)))

    def round(self, job: Job, state: State) -> int:
        """One run for every locality; the most it did for one of them. Errors end here."""
        faults, most = [], 0
        try:
            names = [locality.name for locality in localities.all_localities()]
        except DatabaseError as error:
            close_old_connections()
            state.failures, state.error = state.failures + 1, str(error)
            return 0
        for name in names:
            if self.stopping.is_set():
                return 0
            close_old_connections()
            try:
                done = job.run(name)
                most = max(most, done) if isinstance(done, int) else most
            except Exception as error:  # one job's fault must not stop the process; it is logged and /healthz shows it
                faults.append(f"{name}: {type(error).__name__}: {error}")
                trace = not isinstance(error, DatabaseError) and state.failures < 3
                log.warning("%s failed in %s, time %d: %s", job.name, name, state.failures + 1, error, exc_info=trace)
        state.failures, state.error = (state.failures + 1, "; ".join(faults)) if faults else (0, "")
        return most

    def beat(self) -> None:
        """Write the heartbeat in one step."""
        jobs = {name: {"failures": state.failures, "error": state.error} for name, state in self.states.items()}
        temporary = self.beat_path.with_suffix(f".{os.getpid()}")
        temporary.write_text(json.dumps({"pid": os.getpid(), "jobs": jobs}))
        temporary.replace(self.beat_path)


def work(jobs: Sequence[Job], beat_path: Path) -> None:
    """Run until SIGINT or SIGTERM."""
    runner = Runner(beat_path)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: runner.stopping.set())
    runner.run(jobs)
