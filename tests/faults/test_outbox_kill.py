"""kill -9 in the middle of a handler: the event is taken up again and its effect is there once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from onegrid.foundation.database.context import in_locality
from onegrid.foundation.journal import services as journal
from onegrid.foundation.journal.models import Outbox, TallyDelta
from onegrid.foundation.journal.services import outbox
from onegrid.foundation.journal.services.outbox import Event
from onegrid.foundation.journal.services.tallies import Footprint

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
WORKER = """
import sys, time
from datetime import datetime, timezone
import django
django.setup()
from onegrid.foundation.journal import services as journal
from onegrid.foundation.journal.services import outbox
from onegrid.foundation.journal.services.tallies import Footprint

def effect(event, now):
    journal.count({Footprint("r.", now.date(), 0, "effect", True, "", None, None): 1})
    print("half done", flush=True)
    time.sleep(60)

outbox.dispatch("testland", {"moved": (effect,)}, lambda: datetime(2026, 3, 2, 9, tzinfo=timezone.utc))
"""


def effect(event: Event, now: datetime) -> None:
    """What the killed worker had begun."""
    journal.count({Footprint("r.", now.date(), 0, "effect", True, "", None, None): 1})


@pytest.mark.django_db(transaction=True)
def test_a_killed_workers_event_is_done_once() -> None:
    with in_locality("testland"):
        journal.publish("moved", {}, now=START)
    connection.close()
    entry = settings.DATABASES["default"]
    env = os.environ | {
        "DATABASE_URL": f"postgresql:///{entry['NAME']}?host={entry['HOST']}",
        "ONEGRID_DATA": str(settings.ONEGRID_DATA),
        "DJANGO_SETTINGS_MODULE": "onegrid.shell.config.settings",
    }
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER], env=env, stdout=subprocess.PIPE, cwd=Path(__file__).parent, text=True
    )
    assert worker.stdout
    assert worker.stdout.readline() == "half done\n"
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    clock = START + timedelta(seconds=1)
    assert outbox.dispatch("testland", {"moved": (effect,)}, lambda: clock) == 0  # the claim still holds
    clock += outbox.CLAIM
    for _ in range(50):  # until the server has noticed that the dead worker's connection is gone
        if outbox.dispatch("testland", {"moved": (effect,)}, lambda: clock):
            break
        time.sleep(0.1)
    with in_locality("testland"):
        assert TallyDelta.objects.filter(status="effect").count() == 1
        event = Outbox.objects.get()
        assert (event.attempts, event.done_at) == (2, clock)
