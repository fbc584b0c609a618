"""退单: back, with a reason, to a fixed receiver. The clocks of a returned assignment stand still until it is
settled who takes over; see `rules.states.RETURNS` for the five ways back."""

from __future__ import annotations

from typing import Any

from onegrid.cases.errors import NoCentre
from onegrid.cases.flow.locate import below
from onegrid.cases.flow.work import Work
from onegrid.cases.rules.states import Action, Receiver

RETURNED, ASKED_REPORTER = "returned", "reporter"


def return_back(work: Work, data: dict[str, Any]) -> None:
    """An assignee gives it back to the dispatcher, or a centre to the lower centre or to the reporter."""
    if data["to"] == Receiver.LOWER_CENTRE:
        centre = below(work.centres, work.case.desk_path)
        if centre is None:
            raise NoCentre()
        data = {**data, "centre": centre}
    work.record(Action.RETURN_BACK, data, assignment=work.assignment)
    if data["to"] == Receiver.REPORTER:
        work.clocks.pause(ASKED_REPORTER)
    elif data["to"] == Receiver.DISPATCHER and not data.get("pending"):
        work.clocks.pause(RETURNED, assignment=work.assignment)


def approve_return(work: Work, data: dict[str, Any]) -> None:
    """The dispatcher agrees: the assignment leaves its bearer."""
    work.record(Action.APPROVE_RETURN, data, assignment=work.assignment)
    work.clocks.pause(RETURNED, assignment=work.assignment)


def refuse_return(work: Work, data: dict[str, Any]) -> None:
    """It stays where it is, and its clock never stopped."""
    work.record(Action.REFUSE_RETURN, data, assignment=work.assignment)
