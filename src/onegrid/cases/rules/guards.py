"""What the table of edges cannot say: one guard per action that needs more than status, relation and duty."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from onegrid.cases import errors
from onegrid.cases.rules.fields import StepRules, destinations
from onegrid.cases.rules.record import AssignmentState, CaseState, Viewer
from onegrid.cases.rules.states import Action, Receiver, Relation, Status
from onegrid.county.matters.rules.limits import parse_limit

A, S, R = Action, Status, Relation


@dataclass(frozen=True)
class Question:
    """What a guard looks at. `as_assignee`: the viewer speaks for one assignment, not for the case."""

    state: CaseState
    viewer: Viewer
    rules: StepRules
    now: datetime
    assignment: AssignmentState | None
    as_assignee: bool


def room(one: AssignmentState, rules: StepRules) -> int:
    """How much an assignment may still be extended, in its limit's unit; at least one for a limit of one."""
    if one.running_limit is None:
        return 0
    allowed = max(1, int(parse_limit(one.running_limit).value * rules.extension_max_share))
    return allowed - one.extended


def _idle(asked: Question) -> errors.CaseError | None:
    return errors.AssignmentsLive() if asked.state.live else None


def _accept(asked: Question) -> errors.CaseError | None:
    state = asked.state
    if state.report_checked is False:
        return errors.NotTrue()
    if asked.rules.verify_before_accept and not state.seen_by_staff and state.report_checked is None:
        return errors.ReportUnchecked()
    return None


def _check_report(asked: Question) -> errors.CaseError | None:
    if asked.state.seen_by_staff or not asked.rules.verify_before_accept:
        return errors.StepOff()
    return errors.NotIndependent() if asked.viewer.actor == asked.state.reporter else None


def _reject(asked: Question) -> errors.CaseError | None:
    """A case that was closed once cannot become one that never was accepted."""
    return (
        errors.NotFromHere(action="reject", status=asked.state.status.value) if asked.state.round > 1 else _idle(asked)
    )


def _dispatch(asked: Question) -> errors.CaseError | None:
    return errors.MatterUnknown() if asked.state.matter is None else None


def _whistle(asked: Question) -> errors.CaseError | None:
    return _accept(asked) if asked.state.status is S.REPORTED else None


def _in_state(*states: str) -> Callable[[Question], errors.CaseError | None]:
    def guard(asked: Question) -> errors.CaseError | None:
        one = asked.assignment
        return None if one is not None and one.state in states else errors.AssignmentNotThere()

    return guard


def _report_in(asked: Question) -> errors.CaseError | None:
    one = asked.assignment
    return None if one and one.kind == "whistle" and one.state == "offered" else errors.AssignmentNotThere()


def _confirm_arrival(asked: Question) -> errors.CaseError | None:
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


def _take(asked: Question) -> errors.CaseError | None:
    one = asked.assignment
    if one is None or one.state not in ("offered", "arrived"):
        return errors.AssignmentNotThere()
    return _not_reported_in(one) or _undecided(one)


def _handle(asked: Question) -> errors.CaseError | None:
    one = asked.assignment
    if one is None or not one.live:
        return errors.AssignmentNotThere()
    return _not_reported_in(one) or _undecided(one)


def _not_reported_in(one: AssignmentState) -> errors.CaseError | None:
    return errors.NotReportedIn() if one.kind == "whistle" and one.state == "offered" else None


def _undecided(one: AssignmentState) -> errors.CaseError | None:
    """Who asked to be rid of it waits for the answer before going on."""
    return errors.AskedAlready() if one.asked_return is not None else None


def _on_the_spot(asked: Question) -> errors.CaseError | None:
    return None if asked.rules.on_the_spot else errors.StepOff()


def _verify(asked: Question) -> errors.CaseError | None:
    """By somebody else: not who handled it, and not the department that did (another worker of the same grid may)."""
    state, viewer = asked.state, asked.viewer
    own = any(one.id in viewer.assignments and one.department is not None for one in state.current)
    return errors.NotIndependent() if own or viewer.actor in state.handlers else None


def _close(asked: Question) -> errors.CaseError | None:
    state, viewer, rules = asked.state, asked.viewer, asked.rules
    spot = state.on_the_spot and not rules.verify_on_the_spot
    if not (R.CENTRE in viewer.relations and "triage" in viewer.duties) and not (
        spot and viewer.actor in state.handlers
    ):
        return errors.NotYours(action="close")
    if state.verified or spot or not (rules.verify_before_close or (state.on_the_spot and rules.verify_on_the_spot)):
        return None
    return errors.Unverified()


def _rate(asked: Question) -> errors.CaseError | None:
    if not asked.rules.rating or asked.state.seen_by_staff:
        return errors.StepOff()
    return None


def _return_visit(asked: Question) -> errors.CaseError | None:
    """After a poor rating, or a call to who gave none; never to a worker who reported what he saw."""
    state = asked.state
    if state.seen_by_staff:
        return errors.StepOff()
    return None if state.revisit_due or state.status is S.CLOSED else errors.NothingAsked()


def _reopen(asked: Question) -> errors.CaseError | None:
    closed, days = asked.state.closed_at, asked.rules.reopen_within_days
    if asked.state.seen_by_staff or not days:
        return errors.StepOff()
    late = closed is None or asked.now > closed + timedelta(days=days)
    return errors.TooLate(days=days) if late else None


def _return_back(asked: Question) -> errors.CaseError | None:
    one = asked.assignment
    if not asked.as_assignee:
        if asked.state.live:
            return errors.AssignmentsLive()
        return None if destinations(asked.state, asked.rules) else errors.NoCentre()
    if one is None or not one.live:
        return errors.AssignmentNotThere()
    return _undecided(one)


def _return_asked(asked: Question) -> errors.CaseError | None:
    one = asked.assignment
    return None if one and one.live and one.asked_return is not None else errors.NothingAsked()


def _escalate(asked: Question) -> errors.CaseError | None:
    return _idle(asked) if asked.rules.centre_above else errors.NoCentre()


def _suspend(asked: Question) -> errors.CaseError | None:
    if asked.state.pending_suspension is not None:
        return errors.AskedAlready()
    if not asked.as_assignee:
        return None
    one = asked.assignment
    return None if one and one.live else errors.AssignmentNotThere()


def _suspension_asked(asked: Question) -> errors.CaseError | None:
    """Not by who asked for it."""
    asker = asked.state.pending_suspension
    if asker is None:
        return errors.NothingAsked()
    return errors.NotIndependent() if asker in asked.viewer.assignments else None


def _ask_extension(asked: Question) -> errors.CaseError | None:
    one = asked.assignment
    if one is None or not one.live or one.running_limit is None:
        return errors.AssignmentNotThere()
    if one.asked_extension:
        return errors.AskedAlready()
    if one.extensions >= asked.rules.extension_max_times or room(one, asked.rules) < 1:
        return errors.ExtensionSpent(times=asked.rules.extension_max_times)
    return None


def _extension_asked(asked: Question) -> errors.CaseError | None:
    one = asked.assignment
    if one is None or not one.asked_extension:
        return errors.NothingAsked()
    return errors.NotIndependent() if one.id in asked.viewer.assignments else None


def _urge(asked: Question) -> errors.CaseError | None:
    """Only reporters are held to a pause between reminders."""
    last, hours = asked.state.urged_at, asked.rules.urge_every_hours
    official = bool(asked.viewer.relations - {R.REPORTER}) and bool(asked.viewer.duties)
    if official or last is None:
        return None
    return errors.TooSoon(hours=hours) if asked.now < last + timedelta(hours=hours) else None


def _supervise(asked: Question) -> errors.CaseError | None:
    return errors.AskedAlready() if asked.state.supervised else None


def _lift(asked: Question) -> errors.CaseError | None:
    return None if asked.state.supervised else errors.NothingAsked()


def _cancel(asked: Question) -> errors.CaseError | None:
    """Before anybody was sent; a returned case only when it waits for the reporter's words."""
    state = asked.state
    waits_for_others = state.status is S.RETURNED and state.returned_to is not Receiver.REPORTER
    if waits_for_others or state.round > 1:
        return errors.NotFromHere(action="cancel", status=state.status.value)
    return _idle(asked)


GUARDS: Mapping[Action, Callable[[Question], errors.CaseError | None]] = {
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
