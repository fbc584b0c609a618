"""The clock's own step: a limit passed, or soon will. Recorded once, by the system."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid5

from onegrid.cases.flow import announce
from onegrid.cases.flow.engine import open_work
from onegrid.cases.flow.settle import settle
from onegrid.cases.models import Case
from onegrid.cases.permissions import Actor
from onegrid.cases.rules.states import Action
from onegrid.foundation.database.context import widened

SYSTEM = Actor(kind="system")


def breach(*, case_id: UUID, now: datetime) -> int:
    """Record each running limit of the case that has passed and was not recorded yet. How many; 0 when somebody holds
    the case just now. A deadline that moved meanwhile (pause, extension, answer) is seen, for the rows are read anew
    under the lock."""
    with widened("sweep"):
        if not _free(case_id):
            return 0
        work = open_work(actor=SYSTEM, case_id=case_id, key=str(uuid5(case_id, f"breach {now.isoformat()}")), now=now)
        passed = [
            clock
            for clock in work.clocks.live()
            if clock.state == "running"
            and clock.breached_at is None
            and clock.due_at is not None
            and clock.due_at < now
        ]
        for clock in passed:
            work.record(
                Action.BREACH,
                {"clock": f"{clock.kind}:{clock.pk}", "due_at": clock.due_at.isoformat() if clock.due_at else ""},
                assignment=clock.assignment_id,
            )
            work.clocks.mark_breached(clock)
        if passed:
            settle(work, quiet=True)
        return len(passed)


def warn(*, case_id: UUID, now: datetime) -> int:
    """Tell once that limits of the case are near. How many."""
    with widened("sweep"):
        if not _free(case_id):
            return 0
        work = open_work(actor=SYSTEM, case_id=case_id, key="", now=now)
        near = [
            clock for clock in work.clocks.live()
            if clock.state == "running" and clock.warned_at is None
            and clock.warn_at is not None and clock.due_at is not None and clock.warn_at <= now <= clock.due_at
        ]  # fmt: skip
        for clock in near:
            clock.warned_at = now
            clock.save(update_fields=["warned_at"])
            announce.due_soon(work, clock)
        return len(near)


def _free(case_id: UUID) -> bool:
    """Lock the case, unless somebody works on it."""
    return Case.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk=case_id).exists()
