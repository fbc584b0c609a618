"""The worker process: one job's fault is nobody else's."""

from __future__ import annotations

import json
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from onegrid.foundation.database import localities
from onegrid.shell import jobs, learning, schedule
from onegrid.shell.jobs import Runner
from onegrid.shell.schedule import JOBS, Job


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    here = [localities.Locality(name, name, name, "", "", "", 0) for name in ("one", "two")]
    monkeypatch.setattr(localities, "all_localities", lambda: here)
    monkeypatch.setattr(localities, "refresh", dict)
    monkeypatch.setattr(jobs, "close_old_connections", lambda: None)
    monkeypatch.setattr(jobs, "BEAT_EVERY", 0.05)


@pytest.mark.usefixtures("alone")
def test_a_failing_job_backs_off_and_the_others_go_on(tmp_path: Path) -> None:
    seen: list[str] = []

    def fail(locality: str) -> Any:
        raise RuntimeError(f"no luck in {locality}")

    runner = Runner(tmp_path / "beat.json")
    table = (Job("good", 0.05, seen.append), Job("bad", 0.05, fail))
    thread = threading.Thread(target=runner.run, args=(table,))
    thread.start()
    deadline = time.monotonic() + 10
    while (len(seen) < 8 or runner.states["bad"].failures < 2) and time.monotonic() < deadline:
        time.sleep(0.02)
    runner.stopping.set()
    thread.join(5)
    assert {"one", "two"} <= set(seen)
    assert runner.states["bad"].failures >= 2
    beat = json.loads((tmp_path / "beat.json").read_text())
    assert beat["jobs"]["good"]["failures"] == 0
    assert "no luck in two" in beat["jobs"]["bad"]["error"]


@pytest.mark.usefixtures("alone")
def test_recovery_clears_the_count(tmp_path: Path) -> None:
    tries: list[str] = []

    def twice(locality: str) -> Any:
        tries.append(locality)
        if len(tries) <= 2:
            raise RuntimeError("not yet")

    runner = Runner(tmp_path / "beat.json")
    state = jobs.State()
    runner.round(Job("x", 1.0, twice), state)
    assert state.failures == 1
    runner.round(Job("x", 1.0, twice), state)
    assert (state.failures, state.error) == (0, "")


def test_the_schedule_has_what_a_server_needs() -> None:
    names = [job.name for job in JOBS]
    assert len(set(names)) == len(names)
    assert {"fold", "limits", "warnings", "outbox", "seal"} <= set(names)
    assert all(job.every > 0 for job in JOBS)
    assert [job.name for job in JOBS if job.demo_only] == ["life"]


@pytest.mark.usefixtures("alone")
def test_a_round_that_was_full_is_followed_at_once(tmp_path: Path) -> None:
    left = {"one": 35, "two": 5}
    seen: list[float] = []

    def ten(locality: str) -> int:
        done = min(10, left[locality])
        left[locality] -= done
        seen.append(time.monotonic())
        return done

    runner = Runner(tmp_path / "beat.json")
    thread = threading.Thread(target=runner.run, args=((Job("sweep", 30.0, ten, again=10),),))
    thread.start()
    deadline = time.monotonic() + 10
    while sum(left.values()) and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(0.2)
    runner.stopping.set()
    thread.join(5)
    assert not sum(left.values())
    assert len(seen) == 8, "four rounds of two localities: the last was not full, so the next waits its time"


def test_training_happens_in_a_process_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(learning.subprocess, "run", lambda words, **_: started.append(words))
    jobs_by_name = {job.name: job for job in JOBS}
    monkeypatch.setattr(schedule.cases, "classifier_is_old", lambda locality, now: False)
    assert not jobs_by_name["learn"].run("minhou")
    monkeypatch.setattr(schedule.cases, "classifier_is_old", lambda locality, now: True)
    jobs_by_name["learn"].run("minhou")
    assert started == [[sys.executable, "-m", "onegrid.shell.learning", "minhou"]]
    monkeypatch.setattr(schedule.cases, "lacks_classifier", lambda locality: False)
    assert not jobs_by_name["classifier"].run("minhou")
    assert len(started) == 1
