"""Outbox: in the writer's transaction, at least once, exactly once in the database, dead with a reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from support.people import ActingAs

from onegrid.foundation.journal import selectors
from onegrid.foundation.journal import services as journal
from onegrid.foundation.journal.models import Outbox, TallyDelta
from onegrid.foundation.journal.services import outbox
from onegrid.foundation.journal.services.outbox import Event
from onegrid.foundation.journal.services.tallies import Footprint

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
EFFECT = Footprint("r.", START.date(), 0, "", True, "", None, None)


class Clock:
    """A clock the test turns."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


def count_it(event: Event, now: datetime) -> None:
    """A handler with an effect in the database."""
    journal.count({replace(EFFECT, status="handled"): 1})


def break_it(event: Event, now: datetime) -> None:
    """A handler that cannot."""
    journal.count({replace(EFFECT, status="broken"): 1})
    raise ConnectionError("secret 13800001111")


def publish(acting_as: ActingAs, n: int = 1) -> None:
    with acting_as("", role="resident", person="0195d3c0-0000-7000-8000-000000000000"):
        for i in range(n):
            journal.publish("moved", {"n": i}, now=START)


def measures(acting_as: ActingAs) -> list[str]:
    with acting_as():
        return sorted(TallyDelta.objects.values_list("status", flat=True))


def test_anybody_may_publish_and_nobody_but_the_app_reads(acting_as: ActingAs) -> None:
    publish(acting_as)
    with pytest.raises(Exception, match="permission denied"), acting_as("", role="department", department="d.1."):
        Outbox.objects.count()


def test_each_handler_runs_once_and_the_event_is_done(acting_as: ActingAs) -> None:
    publish(acting_as, 3)
    clock = Clock()
    assert outbox.dispatch("testland", {"moved": (count_it,)}, clock) == 3
    assert outbox.dispatch("testland", {"moved": (count_it,)}, clock) == 0
    assert measures(acting_as) == ["handled"] * 3
    assert outbox.dispatch("otherland", {"moved": (count_it,)}, clock) == 0


def test_a_failure_rolls_back_its_own_handler_only_and_is_tried_again_later(acting_as: ActingAs) -> None:
    publish(acting_as)
    clock = Clock()
    handlers = {"moved": (count_it, break_it)}
    outbox.dispatch("testland", handlers, clock)
    assert measures(acting_as) == ["handled"]
    assert outbox.dispatch("testland", handlers, clock) == 0
    clock.now += outbox.backoff(1)
    assert outbox.dispatch("testland", handlers, clock) == 1
    assert measures(acting_as) == ["handled"]  # the first handler is not run again


def test_after_eight_tries_it_is_dead_with_the_kind_of_error_and_the_queue_goes_on(acting_as: ActingAs) -> None:
    publish(acting_as)
    clock = Clock()
    for attempt in range(outbox.MAX_ATTEMPTS):
        assert outbox.dispatch("testland", {"moved": (break_it,)}, clock) == 1, attempt
        clock.now += timedelta(hours=2)
    assert outbox.dispatch("testland", {"moved": (break_it,)}, clock) == 0
    with acting_as():
        [dead] = selectors.dead_letters()
        assert (dead.reason, dead.attempts) == ("ConnectionError", outbox.MAX_ATTEMPTS)
        assert selectors.backlog(clock.now) == {"oldest_s": 0.0, "dead": 1.0}
    assert outbox.revive("testland", dead.pk, clock.now)
    assert outbox.dispatch("testland", {"moved": (count_it,)}, clock) == 1


def test_a_dead_workers_claim_runs_out_and_the_late_worker_changes_nothing(acting_as: ActingAs) -> None:
    publish(acting_as)
    clock = Clock()
    [(event, handled)] = outbox._claim("testland", clock.now, 10)
    assert outbox._claim("testland", clock.now, 10) == []
    clock.now += outbox.CLAIM + timedelta(seconds=1)
    assert outbox.dispatch("testland", {"moved": (count_it,)}, clock) == 1
    outbox._deliver("testland", event, handled, (count_it,), clock)  # the zombie wakes up
    assert measures(acting_as) == ["handled"]


def test_a_rolled_back_step_publishes_nothing(acting_as: ActingAs) -> None:
    def step() -> None:
        with acting_as():
            journal.publish("moved", {}, now=START)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        step()
    with acting_as(), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM journal_outbox")
        assert cursor.fetchone() == (0,)


def test_backoff_grows_to_an_hour() -> None:
    assert [outbox.backoff(n).total_seconds() for n in (1, 2, 3, 20)] == [5, 10, 20, 3600]
