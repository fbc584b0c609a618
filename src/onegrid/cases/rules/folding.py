"""Folds recorded actions to what they mean. Total over what `offers.decide` lets through; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import reduce
from typing import Any

from onegrid.cases.rules.record import AssignmentState, CaseState, Recorded
from onegrid.cases.rules.states import EDGES, Action, Receiver, Status

A, S = Action, Status


def fold(actions: Iterable[Recorded]) -> CaseState:
    """The state a case is in after `actions`, in order of `seq`."""
    return reduce(advance, sorted(actions, key=lambda one: one.seq), CaseState())


def advance(state: CaseState, recorded: Recorded) -> CaseState:
    """The state after one more action."""
    moved = _EFFECTS[recorded.action](state, recorded)
    edge = EDGES.get(recorded.action)
    status = moved.status if edge is None or edge.target is None else edge.target
    return replace(moved, status=status, seq=recorded.seq)


def standing(state: CaseState) -> CaseState:
    """`state` with the status and the receiver that its assignments tell. Handled means: lead and all joint ones are.

    A lead that came back or was withdrawn puts the case before the dispatcher even while joint departments still work.
    """
    current, live = state.current, state.live
    lead_is_back = any(one.leads and one.state == "returned" for one in current)
    receiver: Receiver | None = None
    led = any(one.leads for one in current)
    if lead_is_back or (current and not led) or (not live and any(one.state == "returned" for one in current)):
        status, receiver = S.RETURNED, Receiver.DISPATCHER
    elif any(one.failed for one in live):
        status, receiver = S.RETURNED, Receiver.ASSIGNEE
    elif live:
        begun = any(one.state in ("handling", "handled") or one.stages_done for one in current)
        status = S.HANDLING if begun else S.DISPATCHED
    elif current:
        status = S.HANDLED
    else:
        status = S.ACCEPTED if state.round == 1 else S.REOPENED
    return replace(state, status=status, returned_to=receiver)


def _change(case: CaseState, id: str | None, /, **changes: Any) -> CaseState:
    return replace(
        case, assignments=tuple(replace(one, **changes) if one.id == id else one for one in case.assignments)
    )


def _report(state: CaseState, done: Recorded) -> CaseState:
    data = done.data
    return replace(
        state,
        status=S.REPORTED,
        centre=data.get("centre", ""),
        matter=data.get("matter"),
        reporter=done.actor,
        seen_by_staff=bool(data.get("seen_by_staff")),
        confidential=bool(data.get("confidential")),
        complained=data.get("complained"),
    )


def _check_report(state: CaseState, done: Recorded) -> CaseState:
    return replace(state, report_checked=bool(done.data["real"]))


def _accept(state: CaseState, done: Recorded) -> CaseState:
    return replace(state, accepted=True, matter=done.data.get("matter") or state.matter, returned_to=None)


def _over(state: CaseState, done: Recorded) -> CaseState:
    return replace(state, returned_to=None, pending_suspension=None, merged_into=done.data.get("into"))


def _classify(state: CaseState, done: Recorded) -> CaseState:
    return replace(state, matter=done.data["matter"])


def _relocate(state: CaseState, done: Recorded) -> CaseState:
    return replace(state, centre=done.data.get("centre") or state.centre)


def _assign(state: CaseState, done: Recorded) -> CaseState:
    """Dispatch and whistle: new assignments; a returned one that is replaced stays in the history."""
    added = tuple(_assignment(row, state.round) for row in done.data["assignments"])
    replaced = set(done.data.get("replaces", ()))
    kept = tuple(replace(one, replaced_by=added[0].id) if one.id in replaced else one for one in state.assignments)
    return standing(replace(state, accepted=True, verified=False, assignments=kept + added))


def _assignment(row: Mapping[str, Any], round: int) -> AssignmentState:
    return AssignmentState(
        id=row["id"],
        kind=row["kind"],
        leads=bool(row["leads"]),
        round=round,
        department=row.get("department"),
        grid=row.get("grid"),
        limit=row.get("limit"),
        stages=tuple(row.get("stages") or ()),
    )


def _report_in(state: CaseState, done: Recorded) -> CaseState:
    return standing(_change(state, done.assignment, state="arrived", confirmed=None))


def _confirm_arrival(state: CaseState, done: Recorded) -> CaseState:
    """An arrival nobody saw did not happen: the department is called still, unless it has set to work meanwhile."""
    one, present = state.assignment(done.assignment), bool(done.data["present"])
    back = {} if present or one is None or one.state != "arrived" else {"state": "offered"}
    moved = _change(state, done.assignment, confirmed=present, **back)
    return standing(moved)


def _take(state: CaseState, done: Recorded) -> CaseState:
    return standing(_change(state, done.assignment, state="handling", failed=False))


def _handle(state: CaseState, done: Recorded) -> CaseState:
    """A staged assignment is handled with its last stage; its pending wishes lapse then."""
    one = state.assignment(done.assignment)
    if one is None:
        return state
    stages_done = min(one.stages_done + 1, len(one.stages))
    handled = stages_done >= len(one.stages)
    lapsed: dict[str, Any] = {"asked_extension": None, "extensions": 0, "extended": 0} if one.stages else {}
    if handled:
        lapsed = {"asked_extension": None, "asked_return": None}
    state = _change(
        state, one.id, state="handled" if handled else "handling", stages_done=stages_done, failed=False, **lapsed
    )
    pending = None if handled and state.pending_suspension == one.id else state.pending_suspension
    return standing(replace(state, handlers=state.handlers | {done.actor}, pending_suspension=pending))


def _handle_on_the_spot(state: CaseState, done: Recorded) -> CaseState:
    return replace(
        state,
        accepted=True,
        on_the_spot=True,
        handlers=frozenset({done.actor}),
        returned_to=None,
        pending_suspension=None,
    )


def _return_back(state: CaseState, done: Recorded) -> CaseState:
    receiver = Receiver(done.data["to"])
    if receiver is Receiver.DISPATCHER:
        if done.data.get("pending"):
            return _change(state, done.assignment, asked_return=done.data.get("reason", ""))
        return _gone(state, done.assignment, "returned")
    return replace(state, status=S.RETURNED, returned_to=receiver, centre=done.data.get("centre") or state.centre)


def _gone(state: CaseState, assignment: str | None, how: str) -> CaseState:
    """An assignment leaves its bearer: whatever it still asked for is void."""
    state = _change(
        state,
        assignment,
        state=how,
        asked_extension=None,
        asked_return=None,
        failed=False,
    )
    if state.pending_suspension == assignment:
        state = replace(state, pending_suspension=None)
    return standing(state)


def _approve_return(state: CaseState, done: Recorded) -> CaseState:
    return _gone(state, done.assignment, "returned")


def _refuse_return(state: CaseState, done: Recorded) -> CaseState:
    return _change(state, done.assignment, asked_return=None)


def _withdraw(state: CaseState, done: Recorded) -> CaseState:
    return _gone(state, done.assignment, "withdrawn")


def _escalate(state: CaseState, done: Recorded) -> CaseState:
    """The next centre up starts afresh: an accepted case waits there for routing, a reported one for acceptance."""
    status = S.REPORTED if not state.accepted else S.ACCEPTED if state.round == 1 else S.REOPENED
    returned = tuple(
        replace(one, state="withdrawn") if one.round == state.round and one.state == "returned" else one
        for one in state.assignments
    )
    return replace(state, status=status, centre=done.data["centre"], returned_to=None, assignments=returned)


def _suspend(state: CaseState, done: Recorded) -> CaseState:
    until = done.data.get("until")
    if done.data.get("pending"):
        return replace(state, pending_suspension=done.assignment or "", suspension_until=until)
    return _approve_suspend(replace(state, suspension_until=until), done)


def _approve_suspend(state: CaseState, done: Recorded) -> CaseState:
    return replace(state, status=S.SUSPENDED, suspended_from=state.status, pending_suspension=None)


def _refuse_suspend(state: CaseState, done: Recorded) -> CaseState:
    return replace(state, pending_suspension=None, suspension_until=None)


def _resume(state: CaseState, done: Recorded) -> CaseState:
    return replace(state, status=state.suspended_from or S.ACCEPTED, suspended_from=None, suspension_until=None)


def _ask_extension(state: CaseState, done: Recorded) -> CaseState:
    return _change(state, done.assignment, asked_extension=done.data["limit"])


def _grant_extension(state: CaseState, done: Recorded) -> CaseState:
    one = state.assignment(done.assignment)
    if one is None:
        return state
    return _change(
        state, one.id, asked_extension=None, extensions=one.extensions + 1, extended=one.extended + done.data["value"]
    )


def _refuse_extension(state: CaseState, done: Recorded) -> CaseState:
    return _change(state, done.assignment, asked_extension=None)


def _urge(state: CaseState, done: Recorded) -> CaseState:
    return replace(state, urged_at=done.at)


def _supervise(state: CaseState, done: Recorded) -> CaseState:
    return replace(state, supervised=True)


def _lift_supervision(state: CaseState, done: Recorded) -> CaseState:
    return replace(state, supervised=False)


def _verify_pass(state: CaseState, done: Recorded) -> CaseState:
    return replace(state, verified=True)


def _verify_fail(state: CaseState, done: Recorded) -> CaseState:
    """Back to those who handled it; what was settled on the spot has no assignee and goes to the dispatcher."""
    failed = set(done.data.get("assignments") or ())
    if not failed:
        return replace(state, status=S.RETURNED, returned_to=Receiver.DISPATCHER, on_the_spot=False)
    assignments = tuple(
        replace(
            one,
            state="offered" if one.kind != "whistle" else "arrived",
            failed=True,
            reworks=one.reworks + 1,
            stages_done=max(0, len(one.stages) - 1),
        )
        if one.id in failed
        else one
        for one in state.assignments
    )
    return standing(replace(state, assignments=assignments))


def _close(state: CaseState, done: Recorded) -> CaseState:
    return replace(state, closed_at=done.at, returned_to=None)


def _rate(state: CaseState, done: Recorded) -> CaseState:
    return replace(state, rating=done.data["stars"], revisit_due=bool(done.data.get("revisit")))


def _reopen(state: CaseState, done: Recorded) -> CaseState:
    return replace(
        state,
        status=S.REOPENED,
        round=state.round + 1,
        reopened_count=state.reopened_count + 1,
        returned_to=Receiver.DISPATCHER,
        verified=False,
        on_the_spot=False,
        handlers=frozenset(),
        closed_at=None,
        rating=None,
        revisit_due=False,
    )


def _return_visit(state: CaseState, done: Recorded) -> CaseState:
    """`unreachable` leaves the visit due; stars given on the call count as the reporter's."""
    state = replace(state, visits=state.visits + 1)
    if done.data["result"] == "unreachable":
        return state
    if done.data["result"] == "redo":
        return _reopen(state, done)
    stars = done.data.get("stars")
    if stars and state.rating is None:
        state = replace(state, rating=stars, status=S.RATED)
    return replace(state, revisit_due=False)


def _add_words(state: CaseState, done: Recorded) -> CaseState:
    if state.returned_to is Receiver.REPORTER and done.data.get("answers", True):
        return replace(state, status=S.ACCEPTED if state.accepted else S.REPORTED, returned_to=None)
    return state


def _breach(state: CaseState, done: Recorded) -> CaseState:
    return replace(state, breaches=(*state.breaches, str(done.data["clock"])))


_EFFECTS: Mapping[Action, Callable[[CaseState, Recorded], CaseState]] = {
    A.REPORT: _report,
    A.CHECK_REPORT: _check_report,
    A.ACCEPT: _accept,
    A.REJECT: _over,
    A.CLASSIFY: _classify,
    A.RELOCATE: _relocate,
    A.DISPATCH: _assign,
    A.WHISTLE: _assign,
    A.REPORT_IN: _report_in,
    A.CONFIRM_ARRIVAL: _confirm_arrival,
    A.TAKE: _take,
    A.HANDLE: _handle,
    A.HANDLE_ON_THE_SPOT: _handle_on_the_spot,
    A.RETURN_BACK: _return_back,
    A.APPROVE_RETURN: _approve_return,
    A.REFUSE_RETURN: _refuse_return,
    A.WITHDRAW: _withdraw,
    A.ESCALATE: _escalate,
    A.SUSPEND: _suspend,
    A.APPROVE_SUSPEND: _approve_suspend,
    A.REFUSE_SUSPEND: _refuse_suspend,
    A.RESUME: _resume,
    A.ASK_EXTENSION: _ask_extension,
    A.GRANT_EXTENSION: _grant_extension,
    A.REFUSE_EXTENSION: _refuse_extension,
    A.URGE: _urge,
    A.SUPERVISE: _supervise,
    A.LIFT_SUPERVISION: _lift_supervision,
    A.MERGE: _over,
    A.VERIFY_PASS: _verify_pass,
    A.VERIFY_FAIL: _verify_fail,
    A.CLOSE: _close,
    A.REOPEN: _reopen,
    A.RATE: _rate,
    A.RETURN_VISIT: _return_visit,
    A.CANCEL: _over,
    A.ADD_WORDS: _add_words,
    A.BREACH: _breach,
}
