"""Who may do what now. `available` lists it, `decide` refuses the rest: both ask `why_not`, so they cannot differ.

`decide` also turns the sender's fields into what the journal records, so that folding never needs the rules of the day.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from onegrid.cases import errors
from onegrid.cases.rules.fields import Field, StepRules, complaints_about, destinations, fields_of
from onegrid.cases.rules.record import AssignmentState, CaseState
from onegrid.cases.rules.states import ANY_TIME, EDGES, MAY_AFTER_RETURN, Action, Receiver, Relation, Status
from onegrid.county.matters.rules.limits import parse_limit

A, S, R = Action, Status, Relation


@dataclass(frozen=True)
class Viewer:
    """Who asks, as far as one case is concerned."""

    duties: frozenset[str] = frozenset()
    relations: frozenset[Relation] = frozenset()
    assignments: frozenset[str] = frozenset()
    """Ids of this case's assignments that the viewer's department or grid bears."""
    actor: str = ""
    """The same word the journal has as `Recorded.actor`."""


@dataclass(frozen=True)
class Offer:
    """One thing the viewer may do now, and its form."""

    action: Action
    assignment: str | None
    fields: tuple[Field, ...]
    primary: bool


@dataclass(frozen=True)
class _Question:
    state: CaseState
    viewer: Viewer
    rules: StepRules
    now: datetime
    assignment: AssignmentState | None
    as_assignee: bool


def available(state: CaseState, viewer: Viewer, rules: StepRules, *, now: datetime) -> tuple[Offer, ...]:
    """All the viewer may do at `now`, the loop before the side doors; nothing here is refused by `decide`."""
    offers = []
    for action, edge in EDGES.items():
        if edge.by == () or R.SYSTEM in {who.relation for who in edge.by}:
            continue
        for assignment in _candidates(state, viewer, action):
            if why_not(state, action, viewer, rules, assignment=assignment, now=now) is None:
                one = state.assignment(assignment)
                fields = fields_of(action, state, one, rules, as_assignee=assignment is not None)
                offers.append(Offer(action, assignment, fields, action in _PRIMARY.get(state.status, ())))
    return tuple(offers)


def check(
    state: CaseState,
    action: Action,
    viewer: Viewer,
    rules: StepRules,
    data: Mapping[str, Any],
    *,
    assignment: str | None = None,
    now: datetime,
) -> None:
    """Raise the `CaseError` that forbids the action or its fields; None when it may be done."""
    refusal = why_not(state, action, viewer, rules, assignment=assignment, now=now)
    if refusal is not None:
        raise refusal
    one = state.assignment(assignment)
    fields = fields_of(action, state, one, rules, as_assignee=assignment is not None)
    faults = complaints_about(fields, data) | _faults_between(state, action, data)
    if faults:
        raise errors.BadFields(faults)
    if action in (A.ASK_EXTENSION, A.GRANT_EXTENSION):
        _check_extension(one, rules, data.get("limit") or (one.asked_extension if one else None))


def decide(
    state: CaseState,
    action: Action,
    viewer: Viewer,
    rules: StepRules,
    data: Mapping[str, Any],
    *,
    assignment: str | None = None,
    now: datetime,
) -> dict[str, Any]:
    """`check`, then the data to record: the sender's fields plus what the rules of today make of them.

    The caller adds what only it can know: `assignments` (from `assigning.plan`) for dispatch and whistle, and `centre`
    (a scope path) for escalate, relocate and a return to the lower centre.
    """
    check(state, action, viewer, rules, data, assignment=assignment, now=now)
    recorded = {name: value for name, value in data.items() if value not in (None, "", [])}
    one = state.assignment(assignment)
    if action is A.RETURN_BACK and assignment is not None:
        recorded |= {"to": Receiver.DISPATCHER.value, "pending": rules.return_needs_approval}
    elif action is A.SUSPEND:
        recorded["pending"] = assignment is not None
    elif action is A.GRANT_EXTENSION and one is not None:
        limit = parse_limit(recorded.get("limit") or one.asked_extension or "")
        recorded |= {"limit": str(limit), "value": limit.value}
    elif action is A.VERIFY_FAIL:
        recorded["assignments"] = _failed(state, assignment)
    elif action is A.RATE:
        recorded["revisit"] = recorded["stars"] < rules.return_visit_below
    elif action is A.HANDLE and one is not None and one.stage:
        recorded["stage"] = one.stage
    elif action is A.ADD_WORDS:
        recorded["answers"] = state.returned_to is Receiver.REPORTER and _answers(state, viewer)
    return recorded


def why_not(
    state: CaseState,
    action: Action,
    viewer: Viewer,
    rules: StepRules,
    *,
    assignment: str | None = None,
    now: datetime,
) -> errors.CaseError | None:
    """What forbids the action, fields apart; None when nothing does."""
    edge = EDGES.get(action)
    if edge is None or not _has_standing(viewer, action, state, assignment):
        return errors.NotYours(action=action.value)
    if state.status not in edge.sources:
        return errors.NotFromHere(action=action.value, status=state.status.value)
    one = state.assignment(assignment)
    if assignment is not None and (one is None or one not in state.current):
        return errors.AssignmentNotThere(action=action.value)
    if edge.per_assignment and one is None:
        return errors.AssignmentNotThere(action=action.value)
    if not _allowed_after_return(state, action, one):
        return errors.OnlyRepair(action=action.value)
    guard = _GUARDS.get(action)
    asked = _Question(state, viewer, rules, now, one, assignment is not None)
    return guard(asked) if guard else None


def _candidates(state: CaseState, viewer: Viewer, action: Action) -> tuple[str | None, ...]:
    """The assignments an action could be about: one's own for a bearer, any for a centre, none for the rest."""
    current = tuple(one.id for one in state.current)
    if EDGES[action].per_assignment:
        return current
    if action in _BEARERS_TOO:
        return (None, *(id for id in current if id in viewer.assignments))
    return (None,)


_BEARERS_TOO = frozenset({A.RETURN_BACK, A.SUSPEND})
"""Actions with and without an assignment: the bearer speaks for his own, a centre for the case."""


def _has_standing(viewer: Viewer, action: Action, state: CaseState, assignment: str | None) -> bool:
    for who in EDGES[action].by:
        if who.duty is not None and who.duty not in viewer.duties:
            continue
        if who.relation is R.ASSIGNEE:
            if _bears(viewer, action, state, assignment):
                return True
        elif who.relation in viewer.relations and not (action in _BEARERS_TOO and assignment is not None):
            return True
    return False


def _bears(viewer: Viewer, action: Action, state: CaseState, assignment: str | None) -> bool:
    if assignment is not None:
        return assignment in viewer.assignments
    if action in (A.RESUME, A.ADD_WORDS):
        return any(one.id in viewer.assignments for one in state.current)
    return False


def _allowed_after_return(state: CaseState, action: Action, one: AssignmentState | None) -> bool:
    """A returned case: its receiver repairs or re-routes; departments that still work on their own part go on."""
    if state.status not in (S.RETURNED, S.REOPENED) or state.returned_to is None or action in ANY_TIME:
        return True
    if action in MAY_AFTER_RETURN[state.returned_to]:
        return True
    return one is not None and one.live and action in _OWN_PART


_OWN_PART = frozenset({A.REPORT_IN, A.CONFIRM_ARRIVAL, A.TAKE, A.HANDLE, A.RETURN_BACK, A.ASK_EXTENSION})


# -- guards: one per action that needs more than the table


def _idle(asked: _Question) -> errors.CaseError | None:
    return errors.AssignmentsLive() if asked.state.live else None


def _accept(asked: _Question) -> errors.CaseError | None:
    state = asked.state
    if state.report_checked is False:
        return errors.NotTrue()
    if asked.rules.verify_before_accept and not state.seen_by_staff and state.report_checked is None:
        return errors.ReportUnchecked()
    return None


def _check_report(asked: _Question) -> errors.CaseError | None:
    if asked.state.seen_by_staff or not asked.rules.verify_before_accept:
        return errors.StepOff()
    return errors.NotIndependent() if asked.viewer.actor == asked.state.reporter else None


def _reject(asked: _Question) -> errors.CaseError | None:
    """A case that was closed once cannot become one that never was accepted."""
    return (
        errors.NotFromHere(action="reject", status=asked.state.status.value) if asked.state.round > 1 else _idle(asked)
    )


def _dispatch(asked: _Question) -> errors.CaseError | None:
    return errors.MatterUnknown() if asked.state.matter is None else None


def _whistle(asked: _Question) -> errors.CaseError | None:
    return _accept(asked) if asked.state.status is S.REPORTED else None


def _in_state(*states: str) -> Callable[[_Question], errors.CaseError | None]:
    def guard(asked: _Question) -> errors.CaseError | None:
        one = asked.assignment
        return None if one is not None and one.state in states else errors.AssignmentNotThere()

    return guard


def _report_in(asked: _Question) -> errors.CaseError | None:
    one = asked.assignment
    return None if one and one.kind == "whistle" and one.state == "offered" else errors.AssignmentNotThere()


def _confirm_arrival(asked: _Question) -> errors.CaseError | None:
    """Only after reporting in, once, and not by the department that came."""
    one = asked.assignment
    if (
        one is None
        or one.kind != "whistle"
        or one.confirmed is not None
        or one.state not in ("arrived", "handling", "handled")
    ):
        return errors.AssignmentNotThere()
    return errors.NotIndependent() if one.id in asked.viewer.assignments else None


def _take(asked: _Question) -> errors.CaseError | None:
    one = asked.assignment
    if one is None or one.state not in ("offered", "arrived"):
        return errors.AssignmentNotThere()
    return _not_reported_in(one) or _undecided(one)


def _handle(asked: _Question) -> errors.CaseError | None:
    one = asked.assignment
    if one is None or not one.live:
        return errors.AssignmentNotThere()
    return _not_reported_in(one) or _undecided(one)


def _not_reported_in(one: AssignmentState) -> errors.CaseError | None:
    return errors.NotReportedIn() if one.kind == "whistle" and one.state == "offered" else None


def _undecided(one: AssignmentState) -> errors.CaseError | None:
    """Who asked to be rid of it waits for the answer before going on."""
    return errors.AskedAlready() if one.asked_return is not None else None


def _on_the_spot(asked: _Question) -> errors.CaseError | None:
    return None if asked.rules.on_the_spot else errors.StepOff()


def _verify(asked: _Question) -> errors.CaseError | None:
    """By somebody else: not who handled it, and not the department that did (another worker of the same grid may)."""
    state, viewer = asked.state, asked.viewer
    own = any(one.id in viewer.assignments and one.department is not None for one in state.current)
    return errors.NotIndependent() if own or viewer.actor in state.handlers else None


def _close(asked: _Question) -> errors.CaseError | None:
    state, viewer, rules = asked.state, asked.viewer, asked.rules
    spot = state.on_the_spot and not rules.verify_on_the_spot
    if not (R.CENTRE in viewer.relations and "triage" in viewer.duties) and not (
        spot and viewer.actor in state.handlers
    ):
        return errors.NotYours(action="close")
    if state.verified or spot or not (rules.verify_before_close or (state.on_the_spot and rules.verify_on_the_spot)):
        return None
    return errors.Unverified()


def _rate(asked: _Question) -> errors.CaseError | None:
    if not asked.rules.rating or asked.state.seen_by_staff:
        return errors.StepOff()
    return None


def _return_visit(asked: _Question) -> errors.CaseError | None:
    """After a poor rating, or a call to who gave none; never to a worker who reported what he saw."""
    state = asked.state
    if state.seen_by_staff:
        return errors.StepOff()
    return None if state.revisit_due or state.status is S.CLOSED else errors.NothingAsked()


def _reopen(asked: _Question) -> errors.CaseError | None:
    closed, days = asked.state.closed_at, asked.rules.reopen_within_days
    if asked.state.seen_by_staff or not days:
        return errors.StepOff()
    late = closed is None or asked.now > closed + timedelta(days=days)
    return errors.TooLate(days=days) if late else None


def _return_back(asked: _Question) -> errors.CaseError | None:
    one = asked.assignment
    if not asked.as_assignee:
        if asked.state.live:
            return errors.AssignmentsLive()
        return None if destinations(asked.state, asked.rules) else errors.NoCentre()
    if one is None or not one.live:
        return errors.AssignmentNotThere()
    return _undecided(one)


def _return_asked(asked: _Question) -> errors.CaseError | None:
    one = asked.assignment
    return None if one and one.live and one.asked_return is not None else errors.NothingAsked()


def _escalate(asked: _Question) -> errors.CaseError | None:
    return _idle(asked) if asked.rules.centre_above else errors.NoCentre()


def _suspend(asked: _Question) -> errors.CaseError | None:
    if asked.state.pending_suspension is not None:
        return errors.AskedAlready()
    if not asked.as_assignee:
        return None
    one = asked.assignment
    return None if one and one.live else errors.AssignmentNotThere()


def _suspension_asked(asked: _Question) -> errors.CaseError | None:
    """Not by who asked for it."""
    asker = asked.state.pending_suspension
    if asker is None:
        return errors.NothingAsked()
    return errors.NotIndependent() if asker in asked.viewer.assignments else None


def _ask_extension(asked: _Question) -> errors.CaseError | None:
    one = asked.assignment
    if one is None or not one.live or one.running_limit is None:
        return errors.AssignmentNotThere()
    if one.asked_extension:
        return errors.AskedAlready()
    if one.extensions >= asked.rules.extension_max_times or _room(one, asked.rules) < 1:
        return errors.ExtensionSpent(times=asked.rules.extension_max_times)
    return None


def _extension_asked(asked: _Question) -> errors.CaseError | None:
    one = asked.assignment
    if one is None or not one.asked_extension:
        return errors.NothingAsked()
    return errors.NotIndependent() if one.id in asked.viewer.assignments else None


def _urge(asked: _Question) -> errors.CaseError | None:
    """Only reporters are held to a pause between reminders."""
    last, hours = asked.state.urged_at, asked.rules.urge_every_hours
    official = bool(asked.viewer.relations - {R.REPORTER}) and bool(asked.viewer.duties)
    if official or last is None:
        return None
    return errors.TooSoon(hours=hours) if asked.now < last + timedelta(hours=hours) else None


def _supervise(asked: _Question) -> errors.CaseError | None:
    return errors.AskedAlready() if asked.state.supervised else None


def _lift(asked: _Question) -> errors.CaseError | None:
    return None if asked.state.supervised else errors.NothingAsked()


def _cancel(asked: _Question) -> errors.CaseError | None:
    """Before anybody was sent; a returned case only when it waits for the reporter's words."""
    state = asked.state
    waits_for_others = state.status is S.RETURNED and state.returned_to is not Receiver.REPORTER
    if waits_for_others or state.round > 1:
        return errors.NotFromHere(action="cancel", status=state.status.value)
    return _idle(asked)


_GUARDS: Mapping[Action, Callable[[_Question], errors.CaseError | None]] = {
    A.CHECK_REPORT: _check_report,
    A.ACCEPT: _accept,
    A.REJECT: _reject,
    A.DISPATCH: _dispatch,
    A.WHISTLE: _whistle,
    A.REPORT_IN: _report_in,
    A.CONFIRM_ARRIVAL: _confirm_arrival,
    A.TAKE: _take,
    A.HANDLE: _handle,
    A.HANDLE_ON_THE_SPOT: _on_the_spot,
    A.VERIFY_PASS: _verify,
    A.VERIFY_FAIL: _verify,
    A.CLOSE: _close,
    A.RATE: _rate,
    A.RETURN_VISIT: _return_visit,
    A.REOPEN: _reopen,
    A.RETURN_BACK: _return_back,
    A.APPROVE_RETURN: _return_asked,
    A.REFUSE_RETURN: _return_asked,
    A.WITHDRAW: _in_state("offered", "arrived", "handling", "returned"),
    A.ESCALATE: _escalate,
    A.SUSPEND: _suspend,
    A.APPROVE_SUSPEND: _suspension_asked,
    A.REFUSE_SUSPEND: _suspension_asked,
    A.ASK_EXTENSION: _ask_extension,
    A.GRANT_EXTENSION: _extension_asked,
    A.REFUSE_EXTENSION: _extension_asked,
    A.URGE: _urge,
    A.SUPERVISE: _supervise,
    A.LIFT_SUPERVISION: _lift,
    A.MERGE: _idle,
    A.CANCEL: _cancel,
}


# -- fields that need each other


def _faults_between(state: CaseState, action: Action, data: Mapping[str, Any]) -> dict[str, str]:
    if action is not A.DISPATCH or state.lead is not None:
        return {}
    named = [name for name in ("department", "grid") if data.get(name)]
    if len(named) != 1:
        return {"department": "required" if not named else "one_of"}
    return {"joint": "repeated"} if data.get("department") in (data.get("joint") or ()) else {}


def _room(one: AssignmentState, rules: StepRules) -> int:
    """How much an assignment may still be extended, in its limit's unit; at least one for a limit of one."""
    if one.running_limit is None:
        return 0
    allowed = max(1, int(parse_limit(one.running_limit).value * rules.extension_max_share))
    return allowed - one.extended


def _check_extension(one: AssignmentState | None, rules: StepRules, asked: str | None) -> None:
    """In the limit's own unit, within the share: three working days more say nothing about four working hours."""
    if one is None or one.running_limit is None or asked is None:
        raise errors.AssignmentNotThere()
    limit, more = parse_limit(one.running_limit), parse_limit(asked)
    if more.unit is not limit.unit:
        raise errors.BadFields({"limit": "other_unit"})
    if more.value > _room(one, rules):
        raise errors.ExtensionSpent(most=_room(one, rules))


def _failed(state: CaseState, assignment: str | None) -> list[str]:
    """Whose work verification refused: the one named, else the lead's; nobody's when it was settled on the spot."""
    if assignment is not None:
        return [assignment]
    return [state.lead.id] if state.lead else []


def _answers(state: CaseState, viewer: Viewer) -> bool:
    return R.REPORTER in viewer.relations or (R.CENTRE in viewer.relations and "triage" in viewer.duties)


_PRIMARY: Mapping[Status, tuple[Action, ...]] = {
    S.REPORTED: (A.ACCEPT, A.CHECK_REPORT, A.HANDLE_ON_THE_SPOT),
    S.ACCEPTED: (A.DISPATCH,),
    S.DISPATCHED: (A.TAKE, A.REPORT_IN, A.CONFIRM_ARRIVAL),
    S.HANDLING: (A.HANDLE, A.CONFIRM_ARRIVAL),
    S.HANDLED: (A.VERIFY_PASS, A.CLOSE),
    S.VERIFIED: (A.CLOSE,),
    S.CLOSED: (A.RATE,),
    S.RATED: (A.RETURN_VISIT,),
    S.RETURNED: (A.DISPATCH, A.HANDLE, A.ADD_WORDS),
    S.REOPENED: (A.DISPATCH,),
    S.SUSPENDED: (A.RESUME,),
}
"""What a page shows as the one big key."""
