"""What the clock wakes: limits that passed, limits soon to pass, receipts too old to matter.

One sweeper, not a job per case. It takes cases nobody else holds (SKIP LOCKED), some hundred at a time, so two sweepers
never do one thing twice and never wait for a person at work on a case; what is held now is taken in the next round.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, Literal, Protocol
from uuid import UUID

from django.db import InterfaceError, OperationalError

from onegrid.cases.flow import breach
from onegrid.cases.models import Case, CaseReporter, Receipt
from onegrid.cases.permissions import Actor
from onegrid.cases.selectors import classifying, detail
from onegrid.cases.selectors.setting import setting
from onegrid.foundation.database import localities
from onegrid.foundation.database.context import in_locality, standing
from onegrid.foundation.journal.services.outbox import Event
from onegrid.foundation.kernel.texts import Lang, text
from onegrid.foundation.messages import services as messages

logger = logging.getLogger(__name__)

SYSTEM: Final = Actor(kind="system")
LANG: Final[Lang] = "zh-CN"
"""Residents' messages are in Chinese: nobody asked for another language when the phone was left."""
TOLD = frozenset({"report", "dispatch", "reject", "merge", "close", "reopen"})
"""Steps a reporter gets a message of; of the rest he reads when he looks."""
BATCH = 250
"""Cases of one transaction of the sweeper: long enough to share its cost, short enough that nobody waits for it."""
ROUNDS = 4
"""Batches before the next kind of thing to sweep, and the next locality, get their turn."""
SET_ASIDE = timedelta(minutes=5)
"""How long the sweeper leaves a case alone that it failed with."""
RECEIPTS_KEPT = timedelta(days=30)
"""A phone may be offline for days; a month later a repeat is no repeat any more."""

Kind = Literal["passed", "near", "ended"]
KINDS: Final[tuple[Kind, ...]] = ("passed", "near", "ended")
"""What the clock has to say. A warning can wait longer than a passed limit, so the worker has a loop for either."""

Claim = Callable[[int, Collection[UUID]], list[UUID]]


class Step(Protocol):
    """What the sweeper does to cases it has locked; how many things were done."""

    def __call__(self, cases: list[UUID], *, now: datetime) -> int: ...


_set_aside: dict[tuple[str, UUID], datetime] = {}
"""Cases the sweeper failed with, and until when it leaves them alone."""


def sweep(locality: str, now: datetime, rounds: int = ROUNDS, *, kinds: Collection[Kind] = KINDS) -> int:
    """Record every limit that has passed (`passed`), tell of those soon to pass (`near`), let suspended cases go on
    whose day has come (`ended`); each once. How many were dealt with; after `BATCH` or more there may be more at once.

    One short transaction per batch: a sweeper that is killed leaves nothing half done, and no lock outlives its batch.
    """
    done = 0
    if "passed" in kinds:
        done += _in_batches(
            locality, now, rounds, lambda most, but: breach.claim_passed(now=now, most=most, but=but), breach.breach
        )
    if "near" in kinds:
        done += _in_batches(
            locality, now, rounds, lambda most, but: breach.claim_near(now=now, most=most, but=but), breach.warn
        )
    if "ended" in kinds:
        with in_locality(locality, "sweep"):
            day = setting().day(now)
        done += _in_batches(
            locality, now, 1, lambda most, but: breach.claim_suspended(day=day, most=most, but=but), breach.resume
        )
    return done


def _in_batches(locality: str, now: datetime, rounds: int, claim: Claim, step: Step) -> int:
    """Claim and do until nothing is left or `rounds` batches were done. How many."""
    done = 0
    for _ in range(rounds):
        _forgive(locality, now)
        but = [case for place, case in _set_aside if place == locality]
        cases: list[UUID] = []
        try:
            with in_locality(locality, "sweep"):
                cases = claim(BATCH, but)
                done += step(cases, now=now) if cases else 0
        except Exception as why:
            if not cases or isinstance(why, OperationalError | InterfaceError):
                raise  # the database went away, or a deadlock: nobody's fault
            logger.exception("a batch of %d cases could not be swept and is tried one by one", len(cases))
            done += sum(_alone(locality, case, now, step) for case in cases)
        if not cases:
            break
    return done


def _alone(locality: str, case: UUID, now: datetime, step: Step) -> int:
    """One case of a batch that failed; the one at fault is set aside for a while, so that it holds up nobody else."""
    try:
        with in_locality(locality, "sweep"):
            free = Case.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk=case).exists()
            return step([case], now=now) if free else 0
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        logger.exception("case %s of %s could not be swept", case, locality)
        _set_aside[locality, case] = now + SET_ASIDE
        return 0


def _forgive(locality: str, now: datetime) -> None:
    for key in [key for key, until in _set_aside.items() if key[0] == locality and until <= now]:
        del _set_aside[key]


def forget_receipts(locality: str, now: datetime) -> int:
    """Delete receipts older than a month. How many."""
    with in_locality(locality, "receipt"):
        deleted, _ = Receipt.objects.filter(at__lt=now - RECEIPTS_KEPT).delete()
    return deleted


def lacks_classifier(locality: str) -> bool:
    """Whether the locality's pack has no classifier yet."""
    with in_locality(locality, "pack"):
        return classifying.lacking()


def classifier_is_old(locality: str, now: datetime) -> bool:
    """Whether the locality's classifier is to learn what a day brought."""
    with in_locality(locality, "pack"):
        return classifying.outdated(now)


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
