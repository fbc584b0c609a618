"""挂账: a reason that lies outside stops the clocks, on somebody's word, until the work goes on."""

from __future__ import annotations

from typing import Any

from onegrid.cases.flow.work import Work
from onegrid.cases.rules.states import Action

SUSPENDED = "suspended"


def suspend(work: Work, data: dict[str, Any]) -> None:
    """A centre that may approve suspends at once; an assignee asks, and his clock runs on until somebody agrees."""
    work.record(Action.SUSPEND, data, assignment=work.assignment)
    if not data.get("pending"):
        work.clocks.pause(SUSPENDED)


def approve_suspend(work: Work, data: dict[str, Any]) -> None:
    """All clocks of the case stand still."""
    work.record(Action.APPROVE_SUSPEND, data)
    work.clocks.pause(SUSPENDED)


def refuse_suspend(work: Work, data: dict[str, Any]) -> None:
    """The work goes on."""
    work.record(Action.REFUSE_SUSPEND, data)


def resume(work: Work, data: dict[str, Any]) -> None:
    """The reason is gone; the clocks that stood still for it run on."""
    work.record(Action.RESUME, data)
    work.clocks.resume(why=SUSPENDED)
