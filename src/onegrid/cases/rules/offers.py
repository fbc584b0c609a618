"""Who may do what now. `available` lists it, `decide` refuses the rest: both ask `why_not`, so they cannot differ.

`decide` also turns the sender's fields into what the journal records, so that folding never needs the rules of the day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from onegrid.cases import errors
from onegrid.cases.rules.fields import Field, StepRules, complaints_about, fields_of
from onegrid.cases.rules.guards import GUARDS, Question, room
from onegrid.cases.rules.record import AssignmentState, CaseState, Viewer
from onegrid.cases.rules.states import ANY_TIME, EDGES, MAY_AFTER_RETURN, Action, Receiver, Relation, Status
from onegrid.county.matters.rules.limits import parse_limit

__all__ = ["Offer", "Viewer", "available", "check", "decide", "why_not"]

A, S, R = Action, Status, Relation


@dataclass(frozen=True)
class Offer:
    """One thing the viewer may do now, and its form."""

    action: Action
    assignment: str | None
    fields: tuple[Field, ...]
    primary: bool


def available(state: CaseState, viewer: Viewer, rules: StepRules, *, now: datetime) -> tuple[Offer, ...]:
    """All the viewer may do at `now`, the loop before the side doors; nothing here is refused by `decide`."""
    offers = []
    for action, edge in EDGES.items():
        if state.status not in edge.sources or all(who.relation is R.SYSTEM for who in edge.by):
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
    guard = GUARDS.get(action)
    asked = Question(state, viewer, rules, now, one, assignment is not None)
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


# -- fields that need each other


def _faults_between(state: CaseState, action: Action, data: Mapping[str, Any]) -> dict[str, str]:
    if action is not A.DISPATCH or state.lead is not None:
        return {}
    named = [name for name in ("department", "grid") if data.get(name)]
    if len(named) != 1:
        return {"department": "required" if not named else "one_of"}
    return {"joint": "repeated"} if data.get("department") in (data.get("joint") or ()) else {}


def _check_extension(one: AssignmentState | None, rules: StepRules, asked: str | None) -> None:
    """In the limit's own unit, within the share: three working days more say nothing about four working hours."""
    if one is None or one.running_limit is None or asked is None:
        raise errors.AssignmentNotThere()
    limit, more = parse_limit(one.running_limit), parse_limit(asked)
    if more.unit is not limit.unit:
        raise errors.BadFields({"limit": "other_unit"})
    if more.value > room(one, rules):
        raise errors.ExtensionSpent(most=room(one, rules))


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
