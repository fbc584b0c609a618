"""The clocks under load: cases whose limits pass evenly, the worker process's own loop, a kill -9 in the middle.

Lateness is from the deadline to the moment another connection sees the breach committed. Floor: the same clocks, due in
the same way, marked by a bare UPDATE … SKIP LOCKED in a loop.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import psycopg

from bench._figures import end, options, tell
from bench._ground import Ground, ground

CASES, SPAN = 60_000, 60.0
REPORTS = 50.0
LEAD = 6.0
"""Seconds between laying out the deadlines and the first of them."""
WORKER = """
import sys, django
django.setup()
from pathlib import Path
from onegrid.shell.jobs import work
from onegrid.shell.schedule import JOBS
work([job for job in JOBS if not job.demo_only], Path(sys.argv[1]))
"""
REPORTER = """
import sys, time
import django
django.setup()
sys.path.insert(0, {tests!r})
from datetime import datetime, UTC
from uuid import UUID, uuid4
from onegrid.cases.flow import intake
from onegrid.cases.flow.intake import Report
from onegrid.cases.permissions import Actor
from onegrid.foundation.database.context import Standing, acting
rate, lon, lat = (float(one) for one in sys.argv[1:4])
who, done, begin = Actor(kind="resident", resident_id=uuid4()), 0, time.monotonic()
standing = Standing({locality!r}, "", "resident", person=str(who.resident_id))
while True:
    said = Report(key=uuid4(), words="路灯不亮", lon=lon, lat=lat, matter="TL-C0203", channel="snap")
    with acting(standing):
        intake.report(actor=who, report=said, now=datetime.now(UTC))
    done += 1
    print(done, flush=True)
    time.sleep(max(0.0, begin + done / rate - time.monotonic()))
"""


@dataclass
class Watch:
    """Sees breaches as soon as they are committed."""

    dsn: str
    late: list[tuple[float, float]] = field(default_factory=list)
    """(deadline as a time stamp, lateness in seconds)."""
    stopping: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Until told to stop: new breaches since the last look, every 50 ms."""
        with psycopg.connect(self.dsn, autocommit=True) as server:
            (last,) = server.execute("SELECT coalesce(max(id), 0) FROM cases_caseaction").fetchone() or (0,)
            while not self.stopping.is_set():
                rows = server.execute(
                    "SELECT id, (data->>'due_at')::timestamptz FROM cases_caseaction"
                    " WHERE id > %s AND action = 'breach' ORDER BY id",
                    [last],
                ).fetchall()
                seen = datetime.now(UTC)
                for number, due in rows:
                    last = number
                    self.late.append((due.timestamp(), (seen - due).total_seconds()))
                self.stopping.wait(0.05)


def lay_out(dsn: str, span: float, *, begin: float | None = None, warn: bool = True, lead: float = LEAD) -> datetime:
    """Make the running clocks due evenly over `span` seconds, from `begin` seconds from now (default: soon) on.

    Cases follow their clocks, as they do in life. The first deadline.
    """
    with psycopg.connect(dsn, autocommit=True) as server:
        server.execute("SET session_replication_role = replica")
        count = running(server)
        first = datetime.now(UTC) + timedelta(seconds=lead + count / 3_000 if begin is None else begin)
        server.execute("DELETE FROM cases_caseaction WHERE action = 'breach'")
        server.execute("UPDATE cases_case c SET last_seq = (SELECT max(seq) FROM cases_caseaction a"
                       " WHERE a.case_id = c.id) WHERE last_seq > 4")  # fmt: skip
        server.execute(
            "UPDATE cases_clock k SET breached_at = NULL, warned_at = NULL, due_at = %(first)s + spread.n * %(step)s,"
            " warn_at = CASE WHEN %(warn)s THEN %(first)s + spread.n * %(step)s - interval '12 s' END"
            " FROM (SELECT id, row_number() OVER (ORDER BY md5(id::text)) - 1 AS n FROM cases_clock"
            " WHERE state = 'running') AS spread WHERE k.id = spread.id",
            {"first": first, "step": timedelta(seconds=span) / max(1, count), "warn": warn},
        )
        server.execute("UPDATE cases_case c SET due_at = k.due_at, warn_at = k.warn_at FROM cases_clock k"
                       " WHERE k.case_id = c.id AND k.state = 'running'")  # fmt: skip
        server.execute("VACUUM ANALYZE cases_clock")
        server.execute("VACUUM ANALYZE cases_case")
    if begin is None and datetime.now(UTC) > first:
        raise SystemExit("this machine is too slow to lay out the clocks before the first is due")
    return first


def running(server: psycopg.Connection[Any]) -> int:
    """How many clocks run."""
    (count,) = server.execute("SELECT count(*) FROM cases_clock WHERE state = 'running'").fetchone() or (0,)
    return int(count)


def worker(place: Ground, folder: Path) -> subprocess.Popen[bytes]:
    """The worker process with all its jobs."""
    return subprocess.Popen([sys.executable, "-c", WORKER, str(folder / "beat.json")], env=dict(place.environment))


def even(place: Ground, span: float, rate: float, folder: Path, lead: float) -> dict[str, Any]:
    """The clocks pass evenly, from `lead` seconds on; in the middle the worker is killed and started again."""
    told = folder / "reports"
    lon, lat = place.world.point
    code = REPORTER.format(tests=str(Path(__file__).resolve().parents[1] / "tests"), locality=place.locality)
    with psycopg.connect(place.superuser) as server:
        expected = running(server)
        newest = server.execute("SELECT max(id) FROM cases_clock").fetchone()
    (folder / "beat.json").unlink(missing_ok=True)
    sweeper, load, watch = worker(place, folder), None, Watch(place.superuser)
    thread = threading.Thread(target=watch.run)
    try:
        while not (folder / "beat.json").exists():
            time.sleep(0.1)
        first = lay_out(place.superuser, span, lead=lead)
        thread.start()
        load = subprocess.Popen(
            [sys.executable, "-c", code, str(rate), str(lon), str(lat)],
            env=dict(place.environment),
            stdout=told.open("wb"),
        )
        middle = first.timestamp() + span / 2
        time.sleep(max(0.0, middle - time.time()))
        sweeper.send_signal(signal.SIGKILL)
        sweeper.wait()
        killed = time.time()
        sweeper = worker(place, folder)
        give_up = first.timestamp() + span + 120
        while len(watch.late) < expected and time.time() < give_up:
            time.sleep(0.1)
        time.sleep(1.5)
    finally:
        for process in filter(None, (load, sweeper)):
            process.kill()
            process.wait()
        watch.stopping.set()
        if thread.is_alive():
            thread.join()
    reports = int((told.read_bytes().split() or [b"0"])[-1])
    return {
        **lateness(watch.late, killed, min(10.0, span / 4)),
        **checked(place.superuser, expected, int((newest or (0,))[0])),
        "reports_per_s": round(reports / (time.time() - first.timestamp() + lead), 1),
    }


def lateness(late: list[tuple[float, float]], killed: float, near: float) -> dict[str, Any]:
    """Before the kill, and of all; a deadline within `near` seconds before it counts as met by it."""
    before = np.array([one for due, one in late if due < killed - near] or [np.nan])
    after = np.array([one for due, one in late if due >= killed - near] or [np.nan])
    return {
        "p50_s": round(float(np.percentile(before, 50)), 3),
        "p99_s": round(float(np.percentile(before, 99)), 3),
        "max_s": round(float(before.max()), 3),
        "restart_p99_s": round(float(np.percentile(after, 99)), 3),
        "restart_max_s": round(float(after.max()), 3),
    }


def checked(dsn: str, expected: int, newest: int) -> dict[str, int]:
    """Breaches recorded twice and never, over the clocks laid out; read from the journal itself."""
    with psycopg.connect(dsn) as server:
        row = server.execute(
            "WITH told AS (SELECT data->>'clock' AS clock, count(*) AS n FROM cases_caseaction WHERE action = 'breach'"
            " AND split_part(data->>'clock', ':', 2)::bigint <= %s GROUP BY 1)"
            " SELECT count(*), coalesce(sum(n - 1), 0) FROM told",
            [newest],
        ).fetchone()
        marked = server.execute(
            "SELECT count(*) FROM cases_clock WHERE breached_at IS NOT NULL AND id <= %s", [newest]
        ).fetchone()
    clocks, doubles = row or (0, 0)
    return {"lost": expected - int(clocks), "doubles": int(doubles), "marked": int((marked or (0,))[0])}


def at_once(place: Ground, folder: Path) -> tuple[float, float]:
    """All clocks passed already when the worker starts: breaches per second until none is left, and milliseconds of
    the worker's own processor time for each (all its jobs and its start included)."""
    lay_out(place.superuser, 0.0, begin=-3600.0, warn=False)
    with psycopg.connect(place.superuser, autocommit=True) as server:
        expected = running(server)
        sweeper, begin, count = worker(place, folder), 0.0, 0
        left = "SELECT count(*) FROM cases_clock WHERE state = 'running' AND breached_at IS NULL"
        try:
            while count < expected:
                (unmarked,) = server.execute(left).fetchone() or (0,)
                count = expected - int(unmarked)
                if count and not begin:
                    begin, already = time.perf_counter(), count
                time.sleep(0.1)
            took = time.perf_counter() - begin
            parts = Path(f"/proc/{sweeper.pid}/stat").read_text().rpartition(")")[2].split()
            busy = (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")
        finally:
            sweeper.kill()
            sweeper.wait()
    return ((expected - already) / took if expected > already else float(expected)), busy / expected * 1000


def bare(dsn: str, span: float, lead: float, batch: int = 250) -> tuple[float, float]:
    """The floor: (p99 lateness in s, clocks/s at once) of a loop of bare updates of the same clocks."""
    first = lay_out(dsn, span, lead=lead)
    update = (
        "UPDATE cases_clock SET breached_at = %s WHERE id IN (SELECT id FROM cases_clock WHERE state = 'running' AND"
        " breached_at IS NULL AND due_at < %s ORDER BY due_at LIMIT %s FOR UPDATE SKIP LOCKED) RETURNING due_at"
    )
    late: list[float] = []
    with psycopg.connect(dsn, autocommit=True) as server:
        total = running(server)
        while len(late) < total:
            now = datetime.now(UTC)
            rows = server.execute(update, [now, now, batch]).fetchall()
            seen = datetime.now(UTC)
            late += [(seen - due).total_seconds() for (due,) in rows]
            if len(rows) < batch:
                time.sleep(1.0 if first < now else 0.2)
        server.execute("UPDATE cases_clock SET breached_at = NULL WHERE state = 'running'")
        server.execute("VACUUM ANALYZE cases_clock")
        begin = time.perf_counter()
        while server.execute(update, [datetime.now(UTC), datetime.now(UTC), batch]).rowcount:
            pass
        rate = total / (time.perf_counter() - begin)
    return float(np.percentile(np.array(late), 99)), rate


def main() -> None:
    """Measure and print."""
    parser = options(__doc__ or "")
    parser.add_argument("--cases", type=int)
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--reports", type=float, default=REPORTS, help="reports per second meanwhile")
    words = parser.parse_args()
    count = words.cases or (300 if words.quick else CASES)
    span = words.seconds or (6.0 if words.quick else SPAN)
    lead = LEAD / 2 if words.quick else LEAD
    with ground("bench_sweep") as place, tempfile.TemporaryDirectory() as place_of_beat:
        folder = Path(place_of_beat)
        os.environ["ONEGRID_DATA"] = place.environment["ONEGRID_DATA"]
        case = place.one_case(datetime.now(UTC))
        place.copies(case, count - 1)
        tell(words.json, f"{count} cases due over {span:g} s, {words.reports:g} reports/s, a kill -9 in the middle")
        found = even(place, span, words.reports, folder, lead)
        tell(words.json, f"{found}")
        rate, busy = at_once(place, folder)
        floor, floor_rate = bare(place.superuser, min(span, 20.0), lead)
    end(
        name="sweep",
        value=found["p99_s"],
        unit="s late, p99",
        floor=round(floor, 3),
        ratio=round(found["p99_s"] / max(floor, 1e-9), 2),
        n=count,
        runs=1,
        **{key: value for key, value in found.items() if key != "p99_s"},
        at_once_per_s=round(rate),
        worker_cpu_ms=round(busy, 2),
        floor_at_once_per_s=round(floor_rate),
    )


if __name__ == "__main__":
    main()
