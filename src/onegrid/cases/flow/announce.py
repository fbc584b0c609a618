"""Journal and publish: audit rows, outbox events, the tallies' steps and the line on the live feed."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from onegrid.cases.events import DUE_SOON, MOVED, CaseMoved
from onegrid.cases.flow.counting import TallyKey, deltas
from onegrid.cases.flow.work import Work
from onegrid.cases.models import Case, CaseReporter, Clock
from onegrid.cases.permissions import Actor
from onegrid.foundation.journal import services as journal

FEED = "case"


def tally(before: Counter[TallyKey], after: Counter[TallyKey]) -> None:
    """Append what a step changed of the counts."""
    journal.count(deltas(before, after))


def tell(work: Work) -> None:
    """Log every action of the step, put each into the outbox, and the outcome on the feed."""
    case, paths = work.case, tuple(sorted(work.department_paths))
    for action in work.recorded:
        journal.record(
            work.actor,
            f"case.{action.action}",
            ("case", case.pk),
            now=work.now,
            scope_path=case.scope_path,
            detail={"seq": action.seq, "status": case.status, "number": case.number},
        )
        event = CaseMoved(
            case=str(case.pk),
            number=case.number,
            seq=action.seq,
            action=action.action,
            status=case.status,
            scope_path=case.scope_path,
            departments=paths,
        )
        journal.publish(MOVED, event.payload(), now=work.now)
    last = work.recorded[-1].action
    journal.announce(
        FEED,
        {
            "id": str(case.pk),
            "number": case.number,
            "kind": {"report": "reported", "close": "closed"}.get(last, "moved"),
            "action": last,
            "status": case.status,
            "scope_path": case.scope_path,
            "title": "" if case.confidential else case.title,
            "at": work.now.isoformat(),
            "version": case.version,
        },
        scope_path=case.scope_path,
        now=work.now,
        departments=paths,
        residents=sorted({one.resident for one in work.reporters if one.resident}),
    )


def due_soon(work: Work, clock: Clock) -> None:
    """A limit is near: for who bears it, and on the feed."""
    case = work.case
    payload = {
        "case": str(case.pk),
        "number": case.number,
        "clock": clock.kind,
        "assignment": str(clock.assignment_id) if clock.assignment_id else None,
        "due_at": clock.due_at,
        "scope_path": case.scope_path,
    }
    journal.publish(DUE_SOON, payload, now=work.now)
    journal.announce(
        FEED,
        {
            "id": str(case.pk),
            "number": case.number,
            "kind": "due_soon",
            "action": "",
            "status": case.status,
            "scope_path": case.scope_path,
            "title": "" if case.confidential else case.title,
            "at": work.now.isoformat(),
            "version": case.version,
        },
        scope_path=case.scope_path,
        now=work.now,
        departments=sorted({grant.department_path for grant in work.grants if grant.revoked_at is None}),
    )


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
