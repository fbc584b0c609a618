"""Dashboards of a whole county while it writes: `onegrid bench dashboard [--cases N]`.

The value is the p99 of reading the county's last 30 days by matter, in milliseconds, statement to rows; the floor is
the p99 of reading one case by its primary key, on the same connection in the same seconds. Meanwhile two processes file
500 cases a second and one folds. Answers are compared with counts over the rows inside single snapshots.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import psycopg
from django.db import connection

from bench import _django
from bench._county import County, county
from bench._figures import end, options, tell
from onegrid.cases.selectors import figures
from onegrid.cases.selectors.setting import setting
from onegrid.county.grids import selectors as grids
from onegrid.foundation.database.context import ROOT, Standing, acting, in_locality
from onegrid.foundation.journal.services import tallies
from onegrid.foundation.kernel.clock import read_clock
from onegrid.insight.command import selectors

assert _django.READY
WRITERS = 2
DAYS = 30
MEASURES = ("reported", "open", "closed", "closed_in_time", "on_the_spot", "returned", "reopened", "rated", "rated_5")


def main() -> None:
    """Build or reuse the county, roll it up, measure under load, compare, print."""
    parser = options(__doc__ or "")
    parser.add_argument("--cases", type=int, default=10_000_000)
    parser.add_argument("--rate", type=float, default=500.0, help="new cases a second while measuring")
    parser.add_argument("--rounds", type=int, default=600)
    parser.add_argument("--whole", action="store_true", help="compare every roll-up there is with the rows at the end")
    asked = parser.parse_args()
    if asked.quick:
        asked.cases, asked.rounds, asked.rate, asked.whole = min(asked.cases, 5_000), 60, 50.0, True
    with county(cases=asked.cases, tell=lambda words: tell(asked.json, words)) as found:
        rolled = roll_up(found, asked.json)
        with in_locality(found.locality):
            zone = setting().zone
        today = read_clock().astimezone(zone).date()
        with at_work(found.locality, asked.rate) as work:
            time.sleep(1.0 if asked.quick else 5.0)
            tell(asked.json, "reading")
            times = read(found, today, asked.rounds)
            tell(asked.json, "comparing with the rows")
            compared = [compare(found.locality, today, number) for number in range(2 if asked.quick else 5)]
        backlog = piled_up(found.locality, today, 5_000 if asked.quick else 100_000)
        wrong = whole(found.locality) if asked.whole else None
    value, floor = p(times["matter"], 99), p(times["key"], 99)
    end(
        name="dashboard",
        value=round(value, 3),
        unit="ms p99, county, 30 days by matter",
        floor=round(floor, 3),
        ratio=round(value / floor, 2),
        n=asked.cases,
        runs=len(times["matter"]),
        ms={name: {"p50": round(p(took, 50), 3), "p99": round(p(took, 99), 3)} for name, took in times.items()},
        child_ratio=round(p(times["child"], 99) / floor, 2),
        compared=sum(compared),
        unequal=wrong,
        backlog=backlog,
        **rolled,
        **work,
    )


def p(took: list[float], percent: int) -> float:
    """A percentile of times in seconds, in milliseconds."""
    return sorted(took)[min(len(took) - 1, len(took) * percent // 100)] * 1000


def roll_up(found: County, quiet: bool) -> dict[str, Any]:
    """Count from the rows unless the roll-ups are already theirs."""
    with in_locality(found.locality, "fold"), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM cases_case")
        rows = cursor.fetchone()[0]
        [counted] = tallies.read(ROOT, ["total"], [tallies.ALWAYS])
    began = time.perf_counter()
    if counted.reported != rows:
        tell(quiet, f"rolling {rows:,} cases up")
        with in_locality(found.locality, "fold"):
            tallies.rebuild(figures.footprints(), [grid.scope_path for grid in grids.children(grids.root().id)])
        with psycopg.connect(found.superuser, autocommit=True) as server:
            for statement in ("VACUUM (ANALYZE) journal_tally, journal_tallydelta", "CHECKPOINT"):
                server.execute(statement)
    took = time.perf_counter() - began
    with in_locality(found.locality), connection.cursor() as cursor:
        cursor.execute("SELECT count(*), pg_total_relation_size('journal_tally') FROM journal_tally")
        cells, size = cursor.fetchone()
    return {"rows": rows, "rebuild_s": round(took, 1), "cells": cells, "cells_mb": round(size / 2**20)}


@contextmanager
def at_work(locality: str, rate: float) -> Iterator[dict[str, Any]]:
    """The county writes and folds until the block ends; then it says what it did."""
    words = [["fold"]] + [["write", "--rate", str(rate / WRITERS), "--seed", str(number)] for number in range(WRITERS)]
    workers = [
        subprocess.Popen(
            [sys.executable, "-m", "bench._writing", *word, "--locality", locality],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=dict(os.environ),
        )
        for word in words
    ]  # fmt: skip
    work: dict[str, Any] = {}
    try:
        yield work
    finally:
        told = [json.loads(worker.communicate()[0].splitlines()[-1]) for worker in workers]
    work["fold"] = told[0]
    work["written"] = sum(one["written"] for one in told[1:])
    work["written_per_s"] = round(sum(one["per_second"] for one in told[1:]), 1)


def read(found: County, today: date, rounds: int) -> dict[str, list[float]]:
    """Times of every kind of read, taking turns."""
    since = today - timedelta(days=DAYS - 1)
    month: tallies.Window = (since, today)
    before: tallies.Window = (since - timedelta(days=DAYS), since - timedelta(days=1))
    years: tallies.Window = (today - timedelta(days=729), today)
    chance = random.Random(1)
    dispatcher, scope = found.actors["dispatcher"], Standing(found.locality, ROOT)
    with acting(scope), connection.cursor() as cursor:
        cursor.execute("SELECT id FROM cases_case TABLESAMPLE SYSTEM (1) LIMIT 2000")
        keys = [row[0] for row in cursor.fetchall()] or [None]
        cursor.execute("SELECT scope_path FROM journal_tally WHERE dimension = 'total' AND span = 1 GROUP BY 1")
        nodes = sorted(row[0] for row in cursor.fetchall())
    townships = [node for node in nodes if node.count(".") == 2]
    villages = [node for node in nodes if node.count(".") == 3]

    def key() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM cases_case WHERE id = %s", [chance.choice(keys)])
            cursor.fetchall()

    often: dict[str, Callable[[], object]] = {
        "key": key,
        "matter": lambda: tallies.read(ROOT, ["matter"], [month]),
        "child": lambda: tallies.read(ROOT, ["child"], [month]),
    }
    seldom: dict[str, Callable[[], object]] = {
        "matter_compared": lambda: tallies.read(ROOT, ["matter"], [month, before]),
        "department": lambda: tallies.read(ROOT, ["department"], [month]),
        "hour": lambda: tallies.read(ROOT, ["hour"], [month]),
        "trend_2_years": lambda: tallies.read(ROOT, ["week"], [years]),
        "matter_2_years": lambda: tallies.read(ROOT, ["matter"], [years]),
        "township_matter": lambda: tallies.read(chance.choice(townships), ["matter"], [month]),
        "village_matter": lambda: tallies.read(chance.choice(villages), ["matter"], [month]),
        "late": lambda: figures.late(ROOT, now=found.now),
        "whole_page": lambda: selectors.dashboard(dispatcher, grid=None, day_from=since, day_to=today, now=found.now),
    }
    times: dict[str, list[float]] = {name: [] for name in (*often, *seldom)}
    for number in range(rounds):
        for name, work in {**often, **(seldom if number % 6 == 0 else {})}.items():
            with acting(scope):
                begin = time.perf_counter()
                work()
                times[name].append(time.perf_counter() - begin)
    return times


def compare(locality: str, today: date, number: int) -> int:
    """In one snapshot: the county's month, another month and a township's, counted over the rows; how many numbers."""
    since = today - timedelta(days=DAYS - 1 + 91 * number)
    window: tallies.Window = (since, since + timedelta(days=DAYS - 1))
    connection.ensure_connection()
    raw: Any = connection.connection
    raw.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    try:
        with in_locality(locality, "dashboard"), connection.cursor() as cursor:
            cursor.execute("SELECT max(scope_path) FROM journal_tally WHERE dimension = 'child'")
            township = cursor.fetchone()[0]
            same = 0
            for node in (ROOT, township):
                counted = over_rows(cursor, node, window)
                for dimension, rows in counted.items():
                    tallied = {cell.key: cell[3:] for cell in tallies.read(node, [dimension], [window])}
                    if tallied != rows:
                        raise SystemExit(f"{node} by {dimension} in {window}: the tallies differ from the rows")
                    same += len(rows) * len(MEASURES)
            return same
    finally:
        raw.isolation_level = None


def over_rows(cursor: Any, node: str, window: tallies.Window) -> dict[str, dict[str, tuple[int, ...]]]:
    """The same numbers, counted over the cases by plain SQL that knows nothing of footprints: dimension → key → n."""
    conditions = (
        ("reported_on", "true"),
        ("reported_on", "status NOT IN ('closed', 'rated', 'rejected', 'merged', 'cancelled')"),
        *(("closed_on", condition) for condition in ("true", "in_time", "on_the_spot")),
        ("returned_on", "true"),
        ("reopened_on", "true"),
        *(("rated_on", condition) for condition in ("rating IS NOT NULL", "rating = 5")),
    )
    counts = ", ".join(
        f"count(*) FILTER (WHERE {day} BETWEEN %s AND %s AND {condition})" for day, condition in conditions
    )
    cursor.execute(
        f"SELECT grouping(matter_id), grouping(child), coalesce(matter_id::text, child, ''), {counts} FROM ("
        " SELECT *, array_to_string((string_to_array(rtrim(scope_path, '.'), '.'))[1:%s], '.') || '.' AS child"
        " FROM cases_case WHERE scope_path >= %s AND scope_path < %s) AS rows"
        " GROUP BY GROUPING SETS ((matter_id), (child), ())",
        [*(window * len(conditions)), node.count(".") + 1, node, node.rstrip(".") + "/"],
    )
    found: dict[str, dict[str, tuple[int, ...]]] = {"matter": {}, "child": {}, "total": {}}
    for no_matter, no_child, key, *numbers in cursor.fetchall():
        if any(numbers):
            found["total" if no_matter and no_child else "child" if no_matter else "matter"][key] = tuple(numbers)
    return found


def piled_up(locality: str, today: date, rows: int) -> dict[str, Any]:
    """How a read fares when nobody has folded for long, and how fast the folder gets through; nothing is kept."""
    window: tallies.Window = (today - timedelta(days=DAYS - 1), today)
    connection.ensure_connection()
    took, bites = [], []
    with in_locality(locality, "fold"), connection.cursor() as cursor:
        sql, values = figures.footprints()
        names = ", ".join(tallies.COLUMNS)
        cursor.execute(
            f"INSERT INTO journal_tallydelta ({names}, n)"
            f" SELECT {names}, n FROM ({sql} ORDER BY reported_at DESC LIMIT %s) AS these",
            [*values, rows],
        )
        for _ in range(5):
            begin = time.perf_counter()
            tallies.read(ROOT, ["matter"], [window])
            took.append(time.perf_counter() - begin)
        while True:
            begin = time.perf_counter()
            if not tallies.fold():
                break
            bites.append(time.perf_counter() - begin)
        connection.set_rollback(True)
    return {
        "loose": rows, "read_ms": round(p(took, 50), 1), "bites": len(bites),
        "bite_s": round(sum(bites) / len(bites), 2), "folded_per_s": round(rows / sum(bites)),
    }  # fmt: skip


def whole(locality: str) -> int:
    """Roll-ups that differ from the rows, all of them compared."""
    with in_locality(locality, "fold"):
        return len(tallies.check(figures.footprints()))


if __name__ == "__main__":
    main()
