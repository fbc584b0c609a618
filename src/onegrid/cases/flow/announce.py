"""Journal and publish: audit rows, outbox events, the tallies' steps and the line on the live feed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from onegrid.cases.events import BREACHED, MOVED, CaseMoved
from onegrid.cases.flow.counting import TallyKey, deltas
from onegrid.cases.flow.work import Work
from onegrid.cases.models import Case, CaseAction, CaseReporter, Clock
from onegrid.cases.permissions import Actor
from onegrid.foundation.journal import services as journal
from onegrid.foundation.journal.services import batches

FEED = "case"


def tally(before: Counter[TallyKey], after: Counter[TallyKey]) -> None:
    """Append what a step changed of the counts."""
    journal.count(deltas(before, after))


def tell(work: Work) -> None:
    """Log every action of the step, put each into the outbox, and the outcome on the feed."""
    case, paths = work.case, tuple(sorted(work.department_paths))
    entries = [
        batches.Entry(f"case.{action.action}", ("case", str(case.pk)), case.scope_path, log_detail(case, action))
        for action in work.recorded
    ]
    batches.record_many(work.actor, entries, now=work.now, keys=work.drawn.audit if work.drawn else ())
    for topic, told in groupby(work.recorded, key=lambda one: BREACHED if one.action == "breach" else MOVED):
        batches.publish_many(topic, [moved(case, action, paths).payload() for action in told], now=work.now)
    last = work.recorded[-1].action
    journal.announce(
        FEED,
        line(case, {"report": "reported", "close": "closed"}.get(last, "moved"), last, now=work.now),
        scope_path=case.scope_path,
        now=work.now,
        departments=paths,
        residents=sorted({one.resident for one in work.reporters if one.resident}),
    )


def log_detail(case: Case, action: CaseAction) -> dict[str, Any]:
    """What the log keeps of an action: nothing personal."""
    return {"seq": action.seq, "status": case.status, "number": case.number}


def moved(case: Case, action: CaseAction, departments: Sequence[str]) -> CaseMoved:
    """What the outbox tells of an action; `departments` are the paths of those who may see the case."""
    return CaseMoved(
        case=str(case.pk),
        number=case.number,
        seq=action.seq,
        action=action.action,
        status=case.status,
        scope_path=case.scope_path,
        departments=tuple(departments),
    )


def line(case: Case, kind: str, action: str, *, now: datetime) -> dict[str, Any]:
    """What open pages are told of a case: nothing personal, and no title of what is confidential."""
    return {
        "id": str(case.pk),
        "number": case.number,
        "kind": kind,
        "action": action,
        "status": case.status,
        "scope_path": case.scope_path,
        "title": "" if case.confidential else case.title,
        "at": now.isoformat(),
        "version": case.version,
    }


def due_soon_payload(case: Case, clock: Clock) -> dict[str, Any]:
    """What the outbox tells of a limit that is near."""
    return {
        "case": str(case.pk),
        "number": case.number,
        "clock": clock.kind,
        "assignment": str(clock.assignment_id) if clock.assignment_id else None,
        "due_at": clock.due_at,
        "scope_path": case.scope_path,
    }


def revealed(*, actor: Actor, case: Case, reporter: CaseReporter, purpose: str, now: datetime) -> None:
    """Log a look at somebody's contact, with its purpose."""
    journal.record(
        actor,
        "case.reveal",
        ("reporter", reporter.pk),
        now=now,
        scope_path=case.scope_path,
        purpose=purpose,
        detail={"case": str(case.pk), "number": case.number, "resident": str(reporter.resident or "")},
    )
