"""The state machine of a case on one screen: statuses, actions, who may move what from where to where, and why.

Actions are recorded, status is derived: `folding.fold` turns a case's actions into a `CaseState`, `offers.available`
reads the table below, `offers.decide` refuses what the table does not allow. Nothing else in the product knows an edge.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Status(StrEnum):
    """Where a case stands. Closed list; packs choose steps and words, never statuses."""

    REPORTED = "reported"
    ACCEPTED = "accepted"
    DISPATCHED = "dispatched"
    HANDLING = "handling"
    HANDLED = "handled"
    VERIFIED = "verified"
    CLOSED = "closed"
    RATED = "rated"
    REJECTED = "rejected"
    SUSPENDED = "suspended"
    RETURNED = "returned"
    REOPENED = "reopened"
    MERGED = "merged"
    CANCELLED = "cancelled"


class Action(StrEnum):
    """What can be recorded of a case. Closed list."""

    REPORT = "report"
    CHECK_REPORT = "check_report"
    """核实: is the report true? Before acceptance."""
    ACCEPT = "accept"
    REJECT = "reject"
    CLASSIFY = "classify"
    RELOCATE = "relocate"
    DISPATCH = "dispatch"
    WHISTLE = "whistle"
    REPORT_IN = "report_in"
    CONFIRM_ARRIVAL = "confirm_arrival"
    TAKE = "take"
    HANDLE = "handle"
    HANDLE_ON_THE_SPOT = "handle_on_the_spot"
    RETURN_BACK = "return_back"
    APPROVE_RETURN = "approve_return"
    REFUSE_RETURN = "refuse_return"
    WITHDRAW = "withdraw"
    ESCALATE = "escalate"
    SUSPEND = "suspend"
    APPROVE_SUSPEND = "approve_suspend"
    REFUSE_SUSPEND = "refuse_suspend"
    RESUME = "resume"
    ASK_EXTENSION = "ask_extension"
    GRANT_EXTENSION = "grant_extension"
    REFUSE_EXTENSION = "refuse_extension"
    URGE = "urge"
    SUPERVISE = "supervise"
    LIFT_SUPERVISION = "lift_supervision"
    MERGE = "merge"
    VERIFY_PASS = "verify_pass"  # noqa: S105 - an action, no password
    """核查: is it really fixed? Before closing."""
    VERIFY_FAIL = "verify_fail"
    CLOSE = "close"
    REOPEN = "reopen"
    RATE = "rate"
    RETURN_VISIT = "return_visit"
    CANCEL = "cancel"
    ADD_WORDS = "add_words"
    BREACH = "breach"
    """A limit passed; recorded by the system, moves nothing."""


class Relation(StrEnum):
    """How a viewer stands to one case. A viewer may stand in several relations at once."""

    CENTRE = "centre"
    """A grid centre that holds the case now."""
    ABOVE = "above"
    """A centre above the one that holds it."""
    BELOW = "below"
    """A centre on the case's path, below the one that holds it (the community that whistles)."""
    WORKER = "worker_in_grid"
    """Appointed in a grid the case lies in."""
    ASSIGNEE = "assignee"
    """Bears an assignment of the case: see `Viewer.assignments`."""
    REPORTER = "reporter"
    SYSTEM = "system"


class Receiver(StrEnum):
    """Who must act on a returned case. Five returns, each with one fixed receiver: see `RETURNS`."""

    DISPATCHER = "dispatcher"
    LOWER_CENTRE = "lower_centre"
    ASSIGNEE = "assignee"
    REPORTER = "reporter"


S, A, R = Status, Action, Relation
OPEN = frozenset(S) - {S.CLOSED, S.RATED, S.REJECTED, S.MERGED, S.CANCELLED}
"""The case is somebody's work."""
FINAL = frozenset({S.REJECTED, S.MERGED, S.CANCELLED})
"""Nothing moves any more. Closed and rated cases may still be rated, visited and reopened."""
AT_CENTRE = frozenset({S.ACCEPTED, S.RETURNED, S.REOPENED})
"""Waits for a centre to route it."""
AT_WORK = frozenset({S.DISPATCHED, S.HANDLING, S.RETURNED})
"""May have live assignments; a returned case has when only its lead came back, or when verification failed."""


@dataclass(frozen=True)
class Who:
    """One way to be allowed: a relation, and a duty of the hat worn (None: the relation is enough)."""

    relation: Relation
    duty: str | None = None


@dataclass(frozen=True)
class Edge:
    """From any of `sources`, by any of `by`. `target` None: the assignments tell the status, or nothing moves."""

    action: Action
    sources: frozenset[Status]
    target: Status | None
    by: tuple[Who, ...]
    per_assignment: bool = False


def _centre(*duties: str) -> tuple[Who, ...]:
    return tuple(Who(R.CENTRE, duty) for duty in duties)


def _upward(*duties: str) -> tuple[Who, ...]:
    """The holding centre or any centre above it."""
    return tuple(Who(relation, duty) for relation in (R.CENTRE, R.ABOVE) for duty in duties)


def _anyone_on_the_path(*duties: str) -> tuple[Who, ...]:
    return tuple(Who(relation, duty) for relation in (R.CENTRE, R.ABOVE, R.BELOW, R.WORKER) for duty in duties)


ASSIGNEE, REPORTER, SYSTEM = (Who(R.ASSIGNEE, "handle"),), (Who(R.REPORTER),), (Who(R.SYSTEM),)


def _edge(action: Action, sources: Any, target: Status | None, by: tuple[Who, ...], each: bool = False) -> Edge:
    return Edge(action, frozenset(sources), target, by, each)


EDGES: Mapping[Action, Edge] = {
    edge.action: edge
    for edge in (
        # -- the loop
        _edge(A.CHECK_REPORT, {S.REPORTED}, S.REPORTED, _anyone_on_the_path("verify")),
        _edge(A.ACCEPT, {S.REPORTED}, S.ACCEPTED, _centre("triage")),
        # A department may find that nothing is there: the dispatcher rejects what came back, in round one only.
        _edge(A.REJECT, {S.REPORTED, S.ACCEPTED, S.RETURNED}, S.REJECTED, _centre("triage")),
        _edge(A.CLASSIFY, {S.REPORTED} | AT_CENTRE, None, _centre("triage")),
        _edge(A.RELOCATE, {S.REPORTED} | AT_CENTRE, None, _centre("triage")),
        # With a lead at work, dispatching adds joint departments only.
        _edge(A.DISPATCH, AT_CENTRE | AT_WORK, None, _centre("triage")),
        # The community saw it itself, so its whistle is the acceptance too; it may whistle for a case held above it.
        _edge(
            A.WHISTLE,
            {S.REPORTED} | AT_CENTRE | AT_WORK,
            None,
            (*_centre("whistle"), Who(R.BELOW, "whistle"), Who(R.WORKER, "whistle")),
        ),
        _edge(A.REPORT_IN, AT_WORK, None, ASSIGNEE, True),
        _edge(A.CONFIRM_ARRIVAL, AT_WORK | {S.HANDLED}, None, _anyone_on_the_path("attend"), True),
        _edge(A.TAKE, AT_WORK, None, ASSIGNEE, True),
        _edge(A.HANDLE, AT_WORK, None, ASSIGNEE, True),
        _edge(
            A.HANDLE_ON_THE_SPOT,
            {S.REPORTED, S.ACCEPTED},
            S.HANDLED,
            (Who(R.WORKER, "handle"), Who(R.WORKER, "report")),
        ),
        _edge(A.VERIFY_PASS, {S.HANDLED}, S.VERIFIED, _anyone_on_the_path("verify")),
        _edge(A.VERIFY_FAIL, {S.HANDLED}, None, _anyone_on_the_path("verify")),
        # From HANDLED only where the pack asks for no verification, and for what a worker settled on the spot.
        _edge(
            A.CLOSE,
            {S.HANDLED, S.VERIFIED},
            S.CLOSED,
            (*_centre("triage"), Who(R.WORKER, "handle"), Who(R.WORKER, "report")),
        ),
        _edge(A.RATE, {S.CLOSED}, S.RATED, REPORTER),
        # A call to somebody who gave no stars counts as well; `redo` sends the case back to the dispatcher.
        _edge(A.RETURN_VISIT, {S.CLOSED, S.RATED}, None, _anyone_on_the_path("revisit")),
        _edge(A.REOPEN, {S.CLOSED, S.RATED}, S.REOPENED, REPORTER),
        # -- returns: see RETURNS
        _edge(A.RETURN_BACK, {S.REPORTED} | AT_CENTRE | AT_WORK, None, (*ASSIGNEE, *_centre("triage"))),
        _edge(A.APPROVE_RETURN, AT_WORK, None, _centre("triage"), True),
        _edge(A.REFUSE_RETURN, AT_WORK, None, _centre("triage"), True),
        # -- side doors
        _edge(A.WITHDRAW, AT_WORK, None, _centre("triage"), True),
        _edge(A.ESCALATE, {S.REPORTED} | AT_CENTRE, None, _centre("triage")),
        _edge(A.SUSPEND, AT_CENTRE | AT_WORK, None, (*ASSIGNEE, *_upward("approve"))),
        _edge(A.APPROVE_SUSPEND, AT_CENTRE | AT_WORK, S.SUSPENDED, _upward("approve")),
        _edge(A.REFUSE_SUSPEND, AT_CENTRE | AT_WORK, None, _upward("approve")),
        # The system resumes what was suspended until a day, when that day comes.
        _edge(A.RESUME, {S.SUSPENDED}, None, (*ASSIGNEE, *_upward("approve", "triage"), *SYSTEM)),
        _edge(A.ASK_EXTENSION, AT_WORK, None, ASSIGNEE, True),
        _edge(A.GRANT_EXTENSION, AT_WORK, None, _upward("approve"), True),
        _edge(A.REFUSE_EXTENSION, AT_WORK, None, _upward("approve"), True),
        _edge(
            A.URGE, OPEN - {S.SUSPENDED}, None, (*REPORTER, *_upward("triage", "supervise"), Who(R.BELOW, "whistle"))
        ),
        _edge(A.SUPERVISE, OPEN, None, _upward("supervise")),
        _edge(A.LIFT_SUPERVISION, frozenset(S), None, _upward("supervise")),
        _edge(A.MERGE, {S.REPORTED} | AT_CENTRE, S.MERGED, _centre("triage")),
        _edge(A.CANCEL, {S.REPORTED, S.ACCEPTED, S.RETURNED}, S.CANCELLED, REPORTER),
        _edge(
            A.ADD_WORDS,
            OPEN,
            None,
            (*REPORTER, Who(R.CENTRE), Who(R.ABOVE), Who(R.BELOW), Who(R.WORKER), Who(R.ASSIGNEE)),
        ),
        _edge(A.BREACH, frozenset(S), None, SYSTEM),
    )
}
"""Every action but `report`, which begins a case."""


@dataclass(frozen=True)
class ReturnPath:
    """One way back. The receiver may only repair or re-route, never push the case forward."""

    by: str
    action: Action
    receiver: Receiver


RETURNS = (
    ReturnPath("assignee", A.RETURN_BACK, Receiver.DISPATCHER),
    ReturnPath("dispatcher", A.RETURN_BACK, Receiver.LOWER_CENTRE),
    ReturnPath("verifier", A.VERIFY_FAIL, Receiver.ASSIGNEE),
    ReturnPath("return visit", A.RETURN_VISIT, Receiver.DISPATCHER),
    ReturnPath("centre", A.RETURN_BACK, Receiver.REPORTER),
)

ROUTING = frozenset(
    {A.CLASSIFY, A.RELOCATE, A.DISPATCH, A.WHISTLE, A.ESCALATE, A.RETURN_BACK, A.WITHDRAW, A.MERGE, A.REJECT}
)
MAY_AFTER_RETURN: Mapping[Receiver, frozenset[Action]] = {
    # Rejecting and merging end a case rather than push it forward, so they count as routing.
    Receiver.DISPATCHER: ROUTING,
    Receiver.LOWER_CENTRE: ROUTING - {A.REJECT},
    Receiver.ASSIGNEE: frozenset({A.TAKE, A.HANDLE, A.RETURN_BACK, A.ASK_EXTENSION, A.WITHDRAW, A.CONFIRM_ARRIVAL}),
    # The centre may ring an anonymous reporter and add the words itself, or give up.
    Receiver.REPORTER: frozenset({A.ADD_WORDS, A.CANCEL, A.REJECT}),
}
ANY_TIME = frozenset(
    {
        A.ADD_WORDS,
        A.URGE,
        A.SUPERVISE,
        A.LIFT_SUPERVISION,
        A.BREACH,
        A.SUSPEND,
        A.APPROVE_SUSPEND,
        A.REFUSE_SUSPEND,
        A.GRANT_EXTENSION,
        A.REFUSE_EXTENSION,
        A.APPROVE_RETURN,
        A.REFUSE_RETURN,
    }
)
"""Allowed whoever has to act on a return: they neither repair nor push."""

IN_BATCH: Mapping[Action, str] = {
    A.ACCEPT: "triage",
    A.DISPATCH: "triage",
    A.CLOSE: "triage",
    A.URGE: "triage",
    A.SUPERVISE: "supervise",
    A.LIFT_SUPERVISION: "supervise",
    A.TAKE: "handle",
    A.WITHDRAW: "triage",
}
"""What may be done to many cases at once, and the duty a page offers it to. What asks for looking (verifying, handling,
judging a return) is not here."""
