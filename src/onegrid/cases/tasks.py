"""What the clock wakes: limits that passed, limits soon to pass, receipts too old to matter.

One sweeper, not a job per case. It takes rows nobody else holds (SKIP LOCKED), so two sweepers never do one thing twice and
never wait for a person at work on a case; what is held now is taken in the next round.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from onegrid.cases.flow import breach
from onegrid.cases.models import Clock, Receipt
from onegrid.foundation.database.context import in_locality

BATCH = 200
RECEIPTS_KEPT = timedelta(days=30)
"""A phone may be offline for days; a month later a repeat is no repeat any more."""


def sweep(locality: str, now: datetime) -> int:
    """Record every limit that has passed, once; and tell once of those soon to pass. How many were dealt with.

    Each case has its own short transaction, so that no lock outlives its case.
    """
    with in_locality(locality, "sweep"):
        passed, near = _passed(now), _near(now)
    done = 0
    for step, cases in ((breach.breach, passed), (breach.warn, near)):
        for case_id in cases:
            with in_locality(locality, "sweep"):
                done += step(case_id=case_id, now=now)
    return done


def forget_receipts(locality: str, now: datetime) -> int:
    """Delete receipts older than a month. How many."""
    with in_locality(locality, "receipt"):
        deleted, _ = Receipt.objects.filter(at__lt=now - RECEIPTS_KEPT).delete()
    return deleted


def _passed(now: datetime) -> list[UUID]:
    clocks = Clock.objects.filter(state="running", breached_at__isnull=True, due_at__lt=now).order_by("due_at")
    return list(dict.fromkeys(clocks.values_list("case_id", flat=True)[:BATCH]))


def _near(now: datetime) -> list[UUID]:
    clocks = Clock.objects.filter(state="running", warned_at__isnull=True, warn_at__lte=now, due_at__gte=now)
    return list(dict.fromkeys(clocks.order_by("warn_at").values_list("case_id", flat=True)[:BATCH]))
