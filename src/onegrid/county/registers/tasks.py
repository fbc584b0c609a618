"""What the registers do in the background: imports that wait for it, and deleting what was kept long enough."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from onegrid.county.registers.models import Import
from onegrid.county.registers.services import duplicates, retention
from onegrid.county.registers.services.changes import receipts
from onegrid.county.registers.services.loading import desk, runs
from onegrid.foundation.database.context import in_locality


def next_import(locality: str, now: datetime) -> int | None:
    """The import to be run next: one somebody started, or one whose process is gone. None while another runs."""
    with in_locality(locality, "import"):
        silent = Q(state="running", beat_at__lt=now - runs.SILENT)
        if Import.objects.filter(state="running").exclude(silent).exists():
            return None
        return (
            Import.objects.exclude(stored="")
            .filter(Q(state="waiting") | silent)
            .order_by("pk")
            .values_list("pk", flat=True)
            .first()
        )


def forget_uploads(locality: str, now: datetime) -> int:
    """Remove files of imports of a month ago; how many."""
    with in_locality(locality, "import"):
        return desk.forget_uploads(now)


def purge(locality: str, now: datetime) -> int:
    """Every few hours: everything kept as long as the pack says goes, block by block; how much it was."""
    done = 0
    for key in retention.PURGES:
        while True:
            with in_locality(locality, "retention"):
                block = retention.purge(key, now=now)
            done += block
            if not block:
                break
    return done


def compare_residents(locality: str, now: datetime) -> int:
    """Every few seconds: whoever was added, changed or moved is compared with who may be the same; how many."""
    with in_locality(locality, "merge"):
        return duplicates.compare_changed(now)


def forget_receipts(locality: str, now: datetime) -> int:
    """Every hour: answers nobody will ask for again; how many."""
    with in_locality(locality, "receipt"):
        return receipts.forget(now)
