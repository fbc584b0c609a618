"""The clock's own steps: a limit passed, or soon will; a suspension's last day came. Recorded once, by the system.

Limits end by the thousand, so breaches and warnings are decided for many cases at once: the cases are locked in the
order of their deadlines (what somebody holds is skipped and comes next time), their rows are read by a handful of
statements and written by a handful, all in the caller's transaction. What a breach *means* is asked of the very code a
person's step uses: `Work.record` advances the fold and `settle.derive` brings the row in line with it. Where that
changes more than the count of actions, the case is done the long way, by itself.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection

from onegrid.cases.events import BREACHED, DUE_SOON
from onegrid.cases.flow import announce, suspend
from onegrid.cases.flow.engine import open_work
from onegrid.cases.flow.limits import LIVE, Clocks
from onegrid.cases.flow.settle import derive, settle
from onegrid.cases.flow.work import Work
from onegrid.cases.models import Case, CaseAction, CaseReporter, Clock, Grant
from onegrid.cases.permissions import Actor
from onegrid.cases.rules.fields import StepRules
from onegrid.cases.rules.folding import fold
from onegrid.cases.rules.record import Recorded
from onegrid.cases.rules.states import Action, Status
from onegrid.cases.selectors.folded import recorded_of
from onegrid.cases.selectors.setting import setting
from onegrid.foundation.journal.services import batches, feeding

SYSTEM: Final = Actor(kind="system")
CLOCK_COLUMNS: Final = (
    "case_id", "assignment_id", "kind", "stage", "round", "state", "due_at", "warn_at", "warned_at", "breached_at",
)  # fmt: skip
ACTION_COLUMNS: Final = (
    "case_id", "seq", "action", "at", "data", "assignment", "user", "resident", "actor_kind",
)  # fmt: skip
NOT_LOADED: Final = ("words", "address", "guesses")
NO_RULES: Final = StepRules()
"""The clock asks nobody's leave: no rule of a person's step is read."""


# -- which cases: locked in the order of their deadlines; what somebody works on is skipped


def claim_passed(*, now: datetime, most: int, but: Collection[UUID] = ()) -> list[UUID]:
    """Lock cases with a running limit that passed before `now` and was not recorded; oldest deadline first."""
    return _claim(PASSED, [now, list(but), most])


def claim_near(*, now: datetime, most: int, but: Collection[UUID] = ()) -> list[UUID]:
    """Lock cases with a running limit that is near and was not told of."""
    return _claim(NEAR, [now, now, list(but), most])


def claim_suspended(*, day: date, most: int, but: Collection[UUID] = ()) -> list[UUID]:
    """Lock cases whose suspension ends on `day` (local) or ended before."""
    return _claim(SUSPENDED, [str(Status.SUSPENDED), day, list(but), most])


def _claim(sql: str, values: Sequence[Any]) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(dict.fromkeys(case for (case,) in cursor.fetchall()))


PASSED: Final = """
SELECT c.id FROM cases_clock k JOIN cases_case c ON c.id = k.case_id
WHERE k.state = 'running' AND k.breached_at IS NULL AND k.due_at < %s AND c.id <> ALL(%s::uuid[])
ORDER BY k.due_at LIMIT %s FOR NO KEY UPDATE OF c SKIP LOCKED
"""
NEAR: Final = """
SELECT c.id FROM cases_clock k JOIN cases_case c ON c.id = k.case_id
WHERE k.state = 'running' AND k.warned_at IS NULL AND k.warn_at <= %s AND k.due_at >= %s AND c.id <> ALL(%s::uuid[])
ORDER BY k.warn_at LIMIT %s FOR NO KEY UPDATE OF c SKIP LOCKED
"""
SUSPENDED: Final = """
SELECT id FROM cases_case WHERE status = %s AND resume_on <= %s AND id <> ALL(%s::uuid[])
ORDER BY resume_on LIMIT %s FOR NO KEY UPDATE SKIP LOCKED
"""


# -- what is done to them


def breach(cases: Sequence[UUID], *, now: datetime) -> int:
    """Record each running limit of these locked cases that has passed and was not recorded yet. How many.

    A deadline that moved meanwhile (pause, extension, answer) is seen, for the rows are read under the lock.
    """
    done, alone = list[Work](), list[UUID]()
    for work in _open_many(cases, now=now):
        before = _columns(work.case)
        if not _record_passed(work):
            continue
        derive(work)
        if _columns(work.case) == before:
            done.append(work)
        else:
            alone.append(work.case.pk)
    _write(done, now=now)
    return sum(len(work.recorded) for work in done) + sum(_breach_one(case, now) for case in alone)


def _record_passed(work: Work) -> list[Clock]:
    """Record the limits of one case that have passed, oldest first, each under a key of its own: a limit cannot be
    missed twice."""
    passed = [one for one in work.clocks.live() if _passed(one, work.now)]
    for clock in sorted(passed, key=lambda one: (one.due_at, one.pk)):
        due = clock.due_at.isoformat() if clock.due_at else ""
        work.record(Action.BREACH, {"clock": f"{clock.kind}:{clock.pk}", "due_at": due}, assignment=clock.assignment_id)
        work.recorded[-1].key = f"breach {clock.pk} {due}"
        work.clocks.mark_breached(clock)
    return passed


def _passed(clock: Clock, now: datetime) -> bool:
    return clock.state == "running" and clock.breached_at is None and clock.due_at is not None and clock.due_at < now


def _breach_one(case: UUID, now: datetime) -> int:
    """One case the long way, as a person's step goes."""
    work = open_work(actor=SYSTEM, case_id=case, key="", now=now)
    passed = _record_passed(work)
    if passed:
        settle(work, quiet=True)
    return len(passed)


def resume(cases: Sequence[UUID], *, now: datetime) -> int:
    """Let suspended cases go on whose day has come. How many; one by one, for they are few."""
    done = 0
    for case in cases:
        work = open_work(actor=SYSTEM, case_id=case, key="", now=now)
        until = work.state.suspension_until
        if work.state.status is not Status.SUSPENDED or not until:
            continue
        if date.fromisoformat(until) > work.setting.day(now):
            continue
        work.key = f"resume {until} {work.state.seq}"
        suspend.resume(work, {"until": until})
        settle(work)
        done += 1
    return done


def warn(cases: Sequence[UUID], *, now: datetime) -> int:
    """Tell once that limits of these locked cases are near. How many."""
    near = [
        clock
        for clock in Clock.objects.filter(case__in=cases, state="running", warned_at__isnull=True).order_by("warn_at")
        if clock.warn_at is not None and clock.due_at is not None and clock.warn_at <= now <= clock.due_at
    ]
    if not near:
        return 0
    held = {clock.case_id for clock in near}
    rows = {case.pk: case for case in Case.objects.defer(*NOT_LOADED).filter(pk__in=held)}
    paths = _departments(held)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE cases_clock SET warned_at = %s WHERE id = ANY(%s)", [now, [clock.pk for clock in near]])
    payloads = [announce.due_soon_payload(rows[clock.case_id], clock) for clock in near]
    batches.publish_many(DUE_SOON, payloads, now=now)
    tellings = [
        feeding.Telling(announce.line(rows[case], "due_soon", "", now=now), rows[case].scope_path, sorted(paths[case]))
        for case in dict.fromkeys(clock.case_id for clock in near)
    ]
    feeding.announce_many(announce.FEED, tellings, now=now)
    return len(near)


# -- many cases under the hand


def _open_many(cases: Sequence[UUID], *, now: datetime) -> list[Work]:
    """The works of locked cases, by five statements: case, actions, live clocks. Good for steps of the clock only."""
    local = setting()
    clocks: dict[UUID, list[Clock]] = defaultdict(list)
    for clock in Clock.objects.only(*CLOCK_COLUMNS).filter(case__in=cases, state__in=LIVE).order_by("pk"):
        clocks[clock.case_id].append(clock)
    actions: dict[UUID, list[Recorded]] = defaultdict(list)
    rows: Iterable[Any] = CaseAction.objects.filter(case__in=cases).values_list(*ACTION_COLUMNS, named=True)
    for row in rows:
        actions[row.case_id].append(recorded_of(row))
    found = {case.pk: case for case in Case.objects.defer(*NOT_LOADED).filter(pk__in=cases)}
    return [
        Work(
            case=found[case],
            actor=SYSTEM,
            setting=local,
            rules=NO_RULES,
            now=now,
            key="",
            device_at=None,
            state=fold(actions[case]),
            clocks=Clocks(found[case], clocks[case], calendar=local.calendar, warn_share=local.warn_share, now=now),
            assignment=None,
            assignments={},
            centres=(),
            reporters=[],
            grants=[],
            before=Counter(),
        )
        for case in cases
        if case in found
    ]


def _columns(case: Case) -> dict[str, Any]:
    """The stored columns of a case but for the count of its actions."""
    return {name: value for name, value in case.__dict__.items() if name not in ("_state", "last_seq")}


@dataclass(frozen=True)
class _Seen:
    departments: Mapping[UUID, set[str]]
    residents: Mapping[UUID, set[UUID]]


def _write(works: Sequence[Work], *, now: datetime) -> None:
    """Journal, clocks, cases, log, outbox and feed of breaches that moved nothing else: one statement each."""
    if not works:
        return
    held = [work.case.pk for work in works]
    seen = _Seen(_departments(held), _residents(held))
    recorded = [action for work in works for action in work.recorded]
    for work in works:
        for action in work.recorded:
            action.scope_path = work.case.scope_path
    CaseAction.objects.bulk_create(recorded)
    clocks = [clock for work in works for clock in work.clocks.changed()[1]]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE cases_clock SET breached_at = %s, warned_at = coalesce(warned_at, %s) WHERE id = ANY(%s::bigint[])",
            [now, now, _array(clock.pk for clock in clocks)],
        )
        cursor.execute(
            "UPDATE cases_case c SET last_seq = moved.seq FROM unnest(%s::uuid[], %s::int[]) AS moved(id, seq)"
            " WHERE c.id = moved.id",
            [_array(held), _array(work.case.last_seq for work in works)],
        )
    _tell(works, recorded, seen, now=now)


def _tell(works: Sequence[Work], recorded: Sequence[CaseAction], seen: _Seen, *, now: datetime) -> None:
    cases = {work.case.pk: work.case for work in works}
    logged = [
        batches.Entry(
            f"case.{action.action}",
            ("case", str(action.case_id)),
            action.scope_path,
            announce.log_detail(cases[action.case_id], action),
        )
        for action in recorded
    ]
    batches.record_many(SYSTEM, logged, now=now)
    moved = [
        {
            **announce.moved(cases[action.case_id], action, sorted(seen.departments[action.case_id])).payload(),
            "clock": action.data["clock"],
            "due_at": action.data["due_at"],
        }
        for action in recorded
    ]
    batches.publish_many(BREACHED, moved, now=now)
    tellings = [
        feeding.Telling(
            announce.line(case, "moved", str(Action.BREACH), now=now),
            case.scope_path,
            sorted(seen.departments[key]),
            sorted(seen.residents[key]),
        )
        for key, case in cases.items()
    ]
    # Last: readers of the feed wait for whoever has drawn a number.
    feeding.announce_many(announce.FEED, tellings, now=now)


def _array(values: Iterable[object]) -> str:
    """Numbers or ids as PostgreSQL writes an array: one parameter, not hundreds."""
    return "{" + ",".join(str(value) for value in values) + "}"


def _departments(cases: Collection[UUID]) -> dict[UUID, set[str]]:
    """Paths of the departments that may see each case."""
    found: dict[UUID, set[str]] = defaultdict(set)
    rows = Grant.objects.filter(case__in=cases, revoked_at__isnull=True).values_list("case_id", "department_path")
    for case, path in rows:
        found[case].add(path)
    return found


def _residents(cases: Collection[UUID]) -> dict[UUID, set[UUID]]:
    """Residents among each case's reporters."""
    found: dict[UUID, set[UUID]] = defaultdict(set)
    rows = CaseReporter.objects.filter(case__in=cases, resident__isnull=False).values_list("case_id", "resident")
    for case, resident in rows:
        if resident is not None:
            found[case].add(resident)
    return found
