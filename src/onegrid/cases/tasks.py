"""What the clock wakes: limits that passed, limits soon to pass, receipts too old to matter.

One sweeper, not a job per case. It takes rows nobody else holds (SKIP LOCKED), so two sweepers never do one thing
twice and never wait for a person at work on a case; what is held now is taken in the next round.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from onegrid.cases.flow import breach
from onegrid.cases.models import Case, CaseReporter, Clock, Receipt
from onegrid.cases.permissions import Actor
from onegrid.cases.selectors import classifying, detail
from onegrid.foundation.database import localities
from onegrid.foundation.database.context import in_locality, standing
from onegrid.foundation.journal.services.outbox import Event
from onegrid.foundation.kernel.texts import Lang, text
from onegrid.foundation.messages import services as messages

SYSTEM: Final = Actor(kind="system")
LANG: Final[Lang] = "zh-CN"
"""Residents' messages are in Chinese: nobody asked for another language when the phone was left."""
TOLD = frozenset({"report", "dispatch", "reject", "merge", "close", "reopen"})
"""Steps a reporter gets a message of; of the rest he reads when he looks."""
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


def retrain(locality: str) -> bool:
    """Teach the classifier what people decided since. Whether there was enough to learn from."""
    with in_locality(locality, "pack"):
        return classifying.retrain() is not None


def tell_reporters(event: Event, now: datetime) -> None:
    """Outbox handler: a message to everybody who reported the case and left a phone, in plain words.

    Runs in the event's own transaction, so a message is sent once however often the event is tried.
    """
    if event.payload["action"] not in TOLD:
        return
    case = Case.objects.filter(pk=event.payload["case"]).first()
    if case is None:
        return
    words = messages_for(case, int(event.payload["seq"]), now=now)
    for reporter in CaseReporter.objects.filter(case=case, user__isnull=True):
        if reporter.phone and words:
            messages.send(reporter.phone, words, now=now)


def messages_for(case: Case, seq: int, *, now: datetime) -> str:
    """What a reporter is told of one step; empty when it says nothing to him."""
    place = localities.find(standing().locality)
    named = {"locality": place.title_zh if place else "", "number": case.number}
    parts = detail.load(SYSTEM, case)
    if parts.actions and parts.actions[0].seq == seq:
        return text("cases.message.received", LANG, **named, code=case.track_code)
    page = detail.track_page(
        replace(parts, actions=[one for one in parts.actions if one.seq == seq]), now=now, lang=LANG
    )
    return text("cases.message.moved", LANG, **named, text=page["steps"][0]["text"]) if page["steps"] else ""
