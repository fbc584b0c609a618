"""What the registers do in the background: imports that wait for it, and deleting what was kept long enough."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from onegrid.county.registers.models import Import
from onegrid.county.registers.services import duplicates, lapsing, retention
from onegrid.county.registers.services.changes import receipts
from onegrid.county.registers.services.loading import desk, runs
from onegrid.foundation.database.context import in_locality


def next_import(locality: str, now: datetime) -> int | None:
    """The import to be run next: one somebody started, or one whose process is gone. None while another runs."""
    with in_locality(locality, "import"):
        silent = Q(state="running") & runs.silent(now)
        if Import.objects.filter(state="running").exclude(silent).exists():
            return None
        return (
            Import.objects.exclude(stored="")
            .filter(Q(state="waiting") | silent)
            .order_by("pk")
            .values_list("pk", flat=True)
            .first()
        )


def beat(locality: str, run: int, now: datetime) -> None:
    """The process of a run lives, whatever it is at."""
    with in_locality(locality, "import"):
        runs.beat(run, at=now)


def lost(locality: str, run: int, behind: int) -> bool:
    """The process of a run is gone and the run is not over: it is waiting again, unless it came no further than the row
    `behind`. Whether it waits."""
    with in_locality(locality, "import"):
        return runs.lost(run, behind=behind)


def at_row(locality: str, run: int) -> int:
    """The last row of its file that a run has settled."""
    with in_locality(locality, "import"):
        return Import.objects.values_list("last_row", flat=True).get(pk=run)


def forget_uploads(locality: str, now: datetime) -> int:
    """Remove files of imports of a month ago; how many."""
    with in_locality(locality, "import"):
        return desk.forget_uploads(now)


def purge(locality: str, now: datetime) -> int:
    """Every few hours: what waited too long lapses, and everything kept as long as the pack says goes; how much."""
    done = lapse(locality, now)
    for key in retention.PURGES:
        while True:
            with in_locality(locality, "retention"):
                block = retention.purge(key, now=now)
            done += block
            if not block:
                break
    return done


def lapse(locality: str, now: datetime) -> int:
    """What nobody confirmed in time lapses, block by block; how many."""
    done = 0
    while True:
        with in_locality(locality, "retention"):
            block = lapsing.lapse(now)
        done += block
        if not block:
            return done


def compare_residents(locality: str, now: datetime) -> int:
    """Every few seconds: whoever was added, changed or moved is compared with who may be the same; how many."""
    with in_locality(locality, "merge"):
        return duplicates.compare_changed(now)


def forget_receipts(locality: str, now: datetime) -> int:
    """Every hour: answers nobody will ask for again; how many."""
    with in_locality(locality, "receipt"):
        return receipts.forget(now)
