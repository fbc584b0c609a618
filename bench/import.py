"""Sheets into the registers: rows a second from csv to committed rows; floor = server-side COPY of the same rows.

The floor copies the very rows the import made, sealed and with their search terms, out of the tables and back: same
tables, indexes and constraints, one session, nothing to read, check, seal or decide. With a queue beside, the floor is
taken twice: alone (which the ratio is against) and with the same queue beside it. Before all that some sheets go in
once as csv and once as workbooks, and must come to the same.

./run bench import --rows 200000
./run bench import                     2.12 million rows
./run bench import --rows 300000 --queue 60000
"""

# ruff: noqa: PLC0415
from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from bench._figures import end, options, tell
from bench._ground import Ground, ground
from bench._sheets import Sheets, sheets
from bench._workbooks import workbook

ROWS = 2_120_000
FORMATS = 200_000
"""So many rows at most are imported once as csv and once as xlsx."""
ORDER = ("buildings", "dwellings", "households", "premises", "residents")
TABLES = (
    "registers_building", "registers_dwelling", "registers_household", "registers_premises", "registers_resident",
    "registers_searchterms",
)  # fmt: skip
OUTCOME = ("added", "changed", "same", "bad")


class Finished:
    """The finished rows, lying in files beside the server's data for as long as this is open."""

    def __init__(self, place: Ground) -> None:
        self.place = place

    def __enter__(self) -> Finished:
        with psycopg.connect(self.place.superuser, autocommit=True) as server:
            row = server.execute("SHOW data_directory").fetchone()
            assert row is not None
            self.files = {table: str(Path(row[0]) / f"bench-{table}.copy") for table in TABLES}
            for table, file in self.files.items():
                server.execute(sql.SQL("COPY {} TO {}").format(sql.Identifier(table), sql.Literal(file)))
        return self

    def __exit__(self, *_: object) -> None:
        for file in self.files.values():
            Path(file).unlink(missing_ok=True)

    def copy(self) -> dict[str, float]:
        """Seconds of COPY FROM for every table, all of them empty before."""
        took = {}
        empty(self.place)
        with psycopg.connect(self.place.superuser, autocommit=True) as server:
            for table, file in self.files.items():
                begin = time.perf_counter()
                server.execute(sql.SQL("COPY {} FROM {}").format(sql.Identifier(table), sql.Literal(file)))
                took[table] = round(time.perf_counter() - begin, 2)
        return took


def empty(place: Ground) -> None:
    """No rows in any register."""
    with psycopg.connect(place.superuser, autocommit=True) as server:
        server.execute("TRUNCATE {} CASCADE".format(", ".join(TABLES)))
        server.execute("CHECKPOINT")


class Reader:
    """A dispatcher who looks at the queue again and again: how long each look takes."""

    def __init__(self, place: Ground, cases: int) -> None:
        from datetime import UTC, datetime

        self.place, self.now = place, datetime.now(UTC)
        place.copies(place.one_case(self.now), cases)
        self.stop, self.took = threading.Event(), list[float]()

    def look(self) -> None:
        """Until told to stop, twenty times a second."""
        from onegrid.cases.selectors import queue
        from onegrid.cases.selectors.queue import CaseQuery

        actor = self.place.world.staff("dispatcher", scope="r.")
        while not self.stop.is_set():
            begin = time.perf_counter()
            with self.place.acting():
                queue.page(actor, CaseQuery(tab="todo"), cursor=None, limit=50, now=self.now)
                queue.counts(actor, now=self.now)
            self.took.append(time.perf_counter() - begin)
            self.stop.wait(0.05)

    def during(self, work: Any) -> tuple[Any, float]:
        """What `work` gives, and the p99 of the looks meanwhile in milliseconds."""
        self.stop, self.took = threading.Event(), []
        thread = threading.Thread(target=self.look)
        thread.start()
        try:
            found = work()
        finally:
            self.stop.set()
            thread.join()
        ordered = sorted(self.took)
        return found, round(ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)] * 1000, 1)


class Spent:
    """Processor seconds of the server's sessions in our database, those that have ended included."""

    def __enter__(self) -> Spent:
        self.stop, self.of = threading.Event(), dict[str, float]()
        self._look()
        self.before = dict(self.of)
        self.thread = threading.Thread(target=self._watch)
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._look()
        self.stop.set()
        self.thread.join()
        self.seconds = round(sum(spent - self.before.get(one, 0.0) for one, spent in self.of.items()), 1)

    def _watch(self) -> None:
        while not self.stop.wait(0.2):
            self._look()

    def _look(self) -> None:
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                command = (folder / "cmdline").read_bytes()
                if command.startswith(b"postgres:") and b"onegrid_bench_import" in command:
                    fields = (folder / "stat").read_text().rpartition(")")[2].split()
                    self.of[folder.name] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
            except OSError:
                continue


def load(place: Ground, files: dict[str, Path], module: str = "_importing") -> dict[str, Any]:
    """Import them in a process of its own, or read and check them only."""
    words = [sys.executable, "-m", f"bench.{module}", place.locality, *[f"{kind}={files[kind]}" for kind in ORDER]]
    out = subprocess.run(words, env=dict(place.environment), stdout=subprocess.PIPE, text=True, check=True)
    return dict(json.loads(out.stdout.splitlines()[-1]))


def formats(place: Ground, made: Sheets) -> dict[str, Any]:
    """The same sheets as csv and as workbooks into empty registers: rows a second read and checked, and imported.

    Every sheet is new to the registers, so every row is written. Leaves the registers empty.
    """
    rows = sum(made.rows.values())
    found: dict[str, Any] = {"rows": rows}
    outcomes = []
    for name, files in (("csv", made.files), ("xlsx", {kind: workbook(path) for kind, path in made.files.items()})):
        read = load(place, files, "_reading")
        told = load(place, files)["files"]
        empty(place)
        outcomes.append({kind: [one[word] for word in OUTCOME] for kind, one in told.items()})
        people = told["residents"]
        found[name] = {
            "read_and_checked": round(rows / sum(one["s"] for one in read.values())),
            "imported": round(rows / sum(one["s"] for one in told.values())),
            "residents_read_and_checked": round(made.rows["residents"] / read["residents"]["s"]),
            "residents_imported": round(made.rows["residents"] / people["s"]),
        }
    if outcomes[0] != outcomes[1] or not sum(one[0] for one in outcomes[0].values()):
        raise SystemExit(f"a workbook came to something else than its csv: {outcomes}")
    return found


def main() -> None:
    """Measure and print."""
    parser = options(__doc__ or "")
    parser.add_argument("--rows", type=int, default=0, help="in all sheets together")
    parser.add_argument("--queue", type=int, default=0, metavar="CASES", help="also look at a queue of so many cases")
    parser.add_argument("--formats", type=int, default=0, metavar="ROWS", help="so many for csv against xlsx")
    asked = parser.parse_args()
    rows = asked.rows or (4_000 if asked.quick else ROWS)
    some = asked.formats or min(rows // 2, FORMATS)
    with ground("onegrid_bench_import") as place, tempfile.TemporaryDirectory() as folder:
        with place.acting():
            from onegrid.county.grids import selectors as grids

            box = grids.grid(place.world.leaves[0].id).bbox
        tell(asked.json, f"csv against xlsx: {some:,} rows")
        by_format = formats(place, sheets(Path(folder), some, box, seed=2))
        tell(asked.json, f"writing {rows:,} rows")
        made = sheets(Path(folder), rows, box)
        reader = Reader(place, asked.queue) if asked.queue else None
        idle = reader.during(lambda: time.sleep(2 if asked.quick else 15))[1] if reader else None
        tell(asked.json, "importing")
        begin = time.perf_counter()
        with Spent() as server:
            told, busy = reader.during(lambda: load(place, made.files)) if reader else (load(place, made.files), None)
        wall = time.perf_counter() - begin
        bad = sum(one["bad"] for one in told["files"].values())
        if bad != made.bad or any(one["state"] != "done" for one in told["files"].values()):
            raise SystemExit(f"expected {made.bad} bad rows: {told}")
        tell(asked.json, "the floor")
        with Finished(place) as finished:
            with Spent() as copying:
                base = finished.copy()
            beside = reader.during(finished.copy) if reader else None
    took, least = sum(one["s"] for one in told["files"].values()), sum(base.values())
    end(
        name="import",
        value=round(rows / took, 1),
        unit="rows/s",
        floor=round((rows - bad) / least, 1),
        ratio=round(least / took, 3),
        n=rows,
        runs=1,
        wall_s=round(wall, 1),
        import_s=round(took, 1),
        floor_s=round(least, 1),
        cpu_s={
            "import": round(sum(one["cpu"] for one in told["files"].values()), 1),
            "server": server.seconds,
            "floor": copying.seconds,
        },
        peak_mb=told["peak_mb"],
        files=told["files"],
        floor_of=base,
        formats=by_format,
        queue_p99_ms={"idle": idle, "meanwhile": busy, "beside_the_floor": beside[1] if beside else None},
        ratio_of_both_beside_the_queue=round(sum(beside[0].values()) / took, 3) if beside else None,
    )


if __name__ == "__main__":
    main()
