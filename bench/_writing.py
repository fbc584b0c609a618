"""The county at work, in a process of its own: `python -m bench._writing write|fold`. Ends when its input is closed.

Writes: a new case (a copy of an open one, with the footprint the tallies take) in a transaction of its own, under the
app's role; every fourth one is closed a while later, which takes its footprint away and appends the new one.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import threading
import time
import uuid
from datetime import timedelta
from typing import Any

from django.db import connection

from bench import _django
from onegrid.cases.flow.counting import footprint
from onegrid.cases.models import Case
from onegrid.cases.selectors.setting import setting
from onegrid.foundation.database.context import Standing, acting, in_locality
from onegrid.foundation.journal import tasks
from onegrid.foundation.journal.services import tallies
from onegrid.foundation.kernel.clock import read_clock

assert _django.READY
TEMPLATES = 3000
OWN = ("id", "number", "track_code", "reported_at", "reported_on")


def main() -> None:
    """Work until the parent closes our input, then say on one line what was done."""
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=("write", "fold"))
    parser.add_argument("--locality", required=True)
    parser.add_argument("--rate", type=float, default=250.0, help="cases a second")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    stop = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), stop.set()), daemon=True).start()
    done = folding(options.locality, stop) if options.what == "fold" else writing(options, stop)
    print(json.dumps(done), flush=True)


def folding(locality: str, stop: threading.Event) -> dict[str, Any]:
    """Fold once a second, as the worker process does."""
    took, taken = [0.0], 0
    while not stop.wait(1.0):
        begin = time.perf_counter()
        taken += tasks.fold(locality)
        took.append(time.perf_counter() - begin)
    return {"folds": len(took) - 1, "taken": taken, "longest_s": max(took), "share": sum(took) / max(1, len(took))}


def writing(options: argparse.Namespace, stop: threading.Event) -> dict[str, Any]:
    """New cases at the rate asked for, one transaction each; every fourth is closed about a second later."""
    chance = random.Random(options.seed)
    with in_locality(options.locality):
        zone = setting().zone
        templates = list(Case.objects.filter(due_at__isnull=False).order_by("id")[:TEMPLATES])
    columns = [f'"{field.column}"' for field in Case._meta.concrete_fields]
    plain = ", ".join("%s" if name.strip('"') in OWN else name for name in columns)
    insert = f"INSERT INTO cases_case ({', '.join(columns)}) SELECT {plain} FROM cases_case WHERE id = %s"
    own = [name.strip('"') for name in columns if name.strip('"') in OWN]
    who, waiting, written, closed = Standing(options.locality, "r."), [], 0, 0
    begin = time.perf_counter()
    while not stop.is_set():
        ahead = begin + written / options.rate - time.perf_counter()
        if ahead > 0:
            time.sleep(ahead)
        case, now = chance.choice(templates), read_clock()
        case.reported_at, case.reported_on = now, now.astimezone(zone).date()
        pk = uuid.uuid4()
        fresh = {
            "id": pk, "number": f"W{pk.hex}", "track_code": pk.hex, "reported_at": now, "reported_on": case.reported_on,
        }  # fmt: skip
        step = tallies.steps({footprint(case, zone): 1})
        assert step is not None
        with acting(who), connection.cursor() as cursor:
            cursor.execute(insert, [*(fresh[name] for name in own), case.pk])
            cursor.execute(*step)
        written += 1
        if written % 4 == 0:
            waiting.append((pk, footprint(case, zone)))
        if len(waiting) > options.rate / 4:
            closed += close(who, *waiting.pop(0))
    return {"written": written, "closed": closed, "per_second": written / (time.perf_counter() - begin)}


def close(who: Standing, pk: uuid.UUID, before: tallies.Footprint) -> int:
    """A step: the case is closed in time, its clock stops, its footprint changes."""
    after = tallies.Footprint(
        before.scope_path, before.reported_on, before.hour, "closed", False, before.channel, before.matter,
        before.department, closed_on=before.reported_on, in_time=True, on_the_spot=before.on_the_spot,
        returned_on=before.returned_on, reopened_on=before.reopened_on,
    )  # fmt: skip
    step = tallies.steps({before: -1, after: 1})
    assert step is not None
    with acting(who), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE cases_case SET status = 'closed', closed_on = reported_on, closed_at = reported_at + %s,"
            " in_time = true, due_at = NULL, warn_at = NULL, paused = false, rating = NULL, rated_on = NULL"
            " WHERE id = %s",
            [timedelta(seconds=1), pk],
        )
        cursor.execute(*step)
    return 1


if __name__ == "__main__":
    main()
