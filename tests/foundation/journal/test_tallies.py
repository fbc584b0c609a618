"""Roll-up plus unfolded deltas is exact at any moment, also while writers and the folder run."""

from __future__ import annotations

import random
import threading
from datetime import UTC, date, datetime

import pytest
from django.db import connection
from support.people import ActingAs

from onegrid.foundation.database.context import Standing, acting
from onegrid.foundation.journal import services as journal
from onegrid.foundation.journal import tasks
from onegrid.foundation.journal.models import Tally, TallyDelta
from onegrid.foundation.journal.services import tallies
from onegrid.foundation.journal.services.tallies import BelowTallies, Delta

DAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, tzinfo=UTC)
PATHS = ["r.1.a.", "r.1.a.x.", "r.1.b.y.", "r.2.c.", "r.2.", "r."]


def fill() -> None:
    journal.count(Delta(path, DAY, "reported", 1, matter=str(n % 2)) for n, path in enumerate(PATHS))


@pytest.mark.parametrize("folded", [False, True])
def test_read_before_and_after_the_fold(acting_as: ActingAs, folded: bool) -> None:
    with acting_as():
        fill()
        if folded:
            assert tallies.fold(depth=2) == len(PATHS)
            assert TallyDelta.objects.count() == 0
            fill()
        k = 2 if folded else 1
        assert tallies.totals("r.") == [("reported", 6 * k)]
        assert tallies.totals("r.1.") == [("reported", 3 * k)]
        assert tallies.totals("r.1.a.") == [("reported", 2 * k)]
        assert tallies.totals("r.", by=("matter",), since=DAY, until=DAY, measures=["reported"]) == [
            ("0", 3 * k),
            ("1", 3 * k),
        ]
        assert tallies.totals("r.", by=(), children=True) == [("r.", k), ("r.1.", 3 * k), ("r.2.", 2 * k)]
        assert tallies.totals("r.1.", by=("measure",), children=True) == [
            ("r.1.a.", "reported", 2 * k),
            ("r.1.b.", "reported", k),
        ]
        assert tallies.totals("r.", since=date(2026, 3, 3)) == []
        with pytest.raises(BelowTallies):
            tallies.totals("r.1.a.x.")
        assert not Tally.objects.filter(scope_path="r.1.a.x.").exists()


def test_steps_that_cancel_leave_nothing(acting_as: ActingAs) -> None:
    with acting_as():
        journal.count([Delta("r.1.", DAY, "status:reported", n) for n in (1, -1, 0)])
        assert tallies.fold() == 2
        assert Tally.objects.count() == 0


def test_a_narrow_scope_counts_its_own_subtree_only(acting_as: ActingAs) -> None:
    with acting_as():
        fill()
        tallies.fold()
        fill()
    with acting_as("r.1."):
        assert tallies.totals("r.1.") == [("reported", 6)]
        assert tallies.totals("r.2.") == []
        assert tallies.totals("r.") == [
            ("reported", 3)
        ]  # the county's roll-up is out of sight; its own new ones are not


@pytest.mark.django_db(transaction=True)
def test_every_snapshot_under_concurrent_writers_is_exact() -> None:
    """Two writers, a folder and a reader; the reader compares the tallies with a count of rows in one snapshot."""
    who, stop, faults = Standing("testland", "r."), threading.Event(), []

    def guarded(work: object) -> None:
        try:
            while not stop.is_set():
                work()  # type: ignore[operator]
        except Exception as why:
            faults.append(why)
            stop.set()
        finally:
            connection.close()

    def write(rng: random.Random) -> None:
        with acting(who):
            path = rng.choice(PATHS)
            journal.count([Delta(path, DAY, "reported", 1)])
            journal.publish("row", {"path": path}, now=NOW)

    works = [lambda: write(random.Random(random.random())), lambda: write(random.Random(random.random()))]
    works.append(lambda: tasks.fold("testland"))
    threads = [threading.Thread(target=guarded, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    exact = 0
    try:
        while exact < 60 and not stop.is_set():
            with acting(who), connection.cursor() as cursor:
                cursor.execute(
                    "SELECT (SELECT count(*) FROM journal_outbox),"
                    " (SELECT coalesce(sum(n), 0) FROM journal_tally WHERE scope_path = 'r.')"
                    " + (SELECT coalesce(sum(n), 0) FROM journal_tallydelta)"
                )
                rows, counted = cursor.fetchone()
                assert rows == counted
                exact += rows > 0
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert not faults
    with acting(who):
        tallies.fold()
        assert tallies.totals("r.")[0][1] == Tally.objects.get(scope_path="r.").n
