"""Derives everything the fold tells, and writes a step: journal, rows, tallies, feed, messages. One place for all
steps.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, tzinfo
from uuid import UUID

from onegrid.cases.flow import announce
from onegrid.cases.flow.counting import TallyKey, contribution
from onegrid.cases.flow.locate import grid_of
from onegrid.cases.flow.work import Work
from onegrid.cases.models import Assignment, Case, Clock, Grant
from onegrid.cases.rules.record import AssignmentState
from onegrid.cases.rules.states import OPEN, Status
from onegrid.cases.selectors import searching
from onegrid.county.organisations import selectors as organisations
from onegrid.foundation.database.write import gathered, insertion, number, write

CLOSED = frozenset({Status.CLOSED, Status.RATED})
GONE = frozenset({"returned", "withdrawn"})
STAMP_OF_STATE = {"arrived": "arrived_at", "handling": "taken_at", "handled": "handled_at"}


def settle(work: Work, *, quiet: bool = False) -> None:
    """Derive the case from its state, write all that changed, and tell those who listen. Call once, at the end."""
    derive(work)
    if not quiet:
        work.case.version += 1
    with gathered():
        _write_assignments(work)
        _write_grants(work)
        _write_clocks(work)
        for action in work.recorded:
            action.scope_path = work.case.scope_path
        _write_case(work)
        write([insertion(work.recorded)])
        for row in work.new_rows:
            # One by one: a contact is sealed with its row's own key.
            row.scope_path = row.scope_path or work.case.scope_path
            number([row])
            write([insertion([row])])
        announce.tally(work.before, counted(work.case, work.setting.zone))
        announce.tell(work)


def counted(case: Case, zone: tzinfo) -> Counter[TallyKey]:
    """What the case adds to the tallies as it stands; `zone` is the locality's."""
    return contribution(case, zone)


def derive(work: Work) -> None:
    """Bring the case's columns in line with its fold and its clocks; writes nothing."""
    case, state, now = work.case, work.state, work.now
    before = case.status
    case.status = str(state.status)
    case.waits_on = state.waits_on
    case.pending = pending(work)
    case.desk_path = state.centre or case.desk_path
    case.supervised = state.supervised
    ends = state.suspension_until if state.status is Status.SUSPENDED else None
    case.resume_on = date.fromisoformat(ends) if ends else None
    case.urged_at = state.urged_at
    case.on_the_spot = state.on_the_spot
    case.reopened = state.reopened_count
    case.round = state.round
    case.merged_into_id = UUID(state.merged_into) if state.merged_into else None
    case.department_id = lead_department(work)
    today = work.setting.day(now)
    if state.status in CLOSED:
        if case.closed_on is None:
            case.closed_at, case.closed_on, case.in_time = now, today, work.clocks.in_time()
    else:
        case.closed_at = case.closed_on = case.in_time = None
    if state.rating != case.rating:
        case.rating, case.rated_on = state.rating, today if state.rating else None
    if state.status is Status.RETURNED and before != Status.RETURNED:
        case.returned_on = today
    if state.status is Status.HANDLED and before != Status.HANDLED:
        case.handled_at = now
    _derive_due(work)
    case.last_seq = state.seq


def _derive_due(work: Work) -> None:
    case, earliest = work.case, work.clocks.earliest()
    if work.state.status not in OPEN:
        work.clocks.void()
        earliest = None
    case.due_at = earliest.due_at if earliest else None
    case.warn_at = earliest.warn_at if earliest else None
    case.due_kind = earliest.kind if earliest else ""
    case.paused = earliest is None and any(clock.state == "paused" for clock in work.clocks.all)


def pending(work: Work) -> str:
    """What waits for an approver's or dispatcher's answer."""
    if work.state.pending_suspension is not None:
        return "suspension"
    if work.state.pending_extension is not None:
        return "extension"
    return "return" if work.state.pending_return is not None else ""


def lead_department(work: Work) -> int | None:
    """The department that leads now, or led when it was handled; nobody after a return."""
    lead = work.state.lead
    return int(lead.department) if lead is not None and lead.department else None


def _write_case(work: Work) -> None:
    if work.case._state.adding:
        work.case.version = 1
        write([insertion([work.case]), searching.remember(work.case)])
        work.case._state.adding = False
    else:
        work.case.save(force_update=True)


def _write_assignments(work: Work) -> None:
    fresh, changed = [], []
    for one in work.state.assignments:
        row = work.assignments.get(UUID(one.id))
        if row is None:
            row = _new_assignment(work, one)
            work.assignments[row.pk] = row
            fresh.append(row)
        elif row.state != one.state:
            _move(row, one.state, work.now)
            changed.append(row)
    if fresh:
        write([insertion(fresh)])
    for row in changed:
        row.save(force_update=True)


def _new_assignment(work: Work, one: AssignmentState) -> Assignment:
    grid = grid_of(one.grid) if one.grid else None
    row = Assignment(
        pk=UUID(one.id),
        case=work.case,
        scope_path=work.case.scope_path,
        kind=one.kind,
        department_id=int(one.department) if one.department else None,
        grid_id=grid.id if grid else None,
        grid_path=grid.scope_path if grid else "",
        offered_at=work.now,
        round=one.round,
        state="offered",
    )
    if one.state != "offered":
        _move(row, one.state, work.now)
    return row


def _move(row: Assignment, state: str, now: datetime) -> None:
    row.state = state
    stamp = STAMP_OF_STATE.get(state)
    if stamp and getattr(row, stamp) is None:
        setattr(row, stamp, now)
    row.ended_at = now if state in GONE else None


def _write_grants(work: Work) -> None:
    """A department sees the case while one of its assignments was neither returned nor withdrawn; copies stay."""
    wanted = {int(one.department) for one in work.state.assignments if one.department and one.state not in GONE}
    known = {grant.department_id: grant for grant in work.grants if grant.kind == "assignment"}
    missing = wanted - known.keys()
    work.department_paths = {
        grant.department_path for grant in work.grants if grant.department_id in wanted or grant.kind == "copy"
    }
    if missing:
        paths = organisations.paths(missing)
        work.department_paths |= set(paths.values())
        fresh = [
            Grant(
                case=work.case,
                scope_path=work.case.scope_path,
                department_id=department,
                department_path=paths[department],
                reported_at=work.case.reported_at,
                kind="assignment",
                granted_at=work.now,
            )
            for department in sorted(missing)
        ]
        write([insertion(fresh)])
    for department, grant in known.items():
        revoked = None if department in wanted else (grant.revoked_at or work.now)
        if revoked != grant.revoked_at:
            grant.revoked_at = revoked
            grant.save(update_fields=["revoked_at"])


def _write_clocks(work: Work) -> None:
    fresh, changed = work.clocks.changed()
    if changed:
        Clock.objects.bulk_update(changed, CLOCK_COLUMNS)
    if fresh:
        number(fresh, work.drawn.clocks if work.drawn else ())
        write([insertion(fresh)])


CLOCK_COLUMNS: Iterable[str] = (
    "assignment", "limit_value", "limit_unit", "extensions", "segments", "state",
    "due_at", "warn_at", "warned_at", "breached_at", "stopped_at",
)  # fmt: skip
