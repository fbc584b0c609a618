"""Set to work and answer with evidence; a staged limit is answered stage by stage."""

from __future__ import annotations

from typing import Any

from onegrid.cases.flow.dispatch import start_stage
from onegrid.cases.flow.work import Work
from onegrid.cases.rules.states import Action, Status


def take(work: Work, data: dict[str, Any]) -> None:
    """The bearer sets to work."""
    work.record(Action.TAKE, data, assignment=work.assignment)
    work.clocks.stop("arrive", assignment=work.assignment)


def handle(work: Work, data: dict[str, Any]) -> None:
    """Answer. The last answer of the last bearer makes the case handled and starts the clock of those who check it."""
    work.record(Action.HANDLE, data, assignment=work.assignment)
    work.clocks.stop("arrive", assignment=work.assignment)
    bearer = work.state.assignment(str(work.assignment))
    if data.get("stage"):
        work.clocks.stop("stage", assignment=work.assignment, stage=data["stage"])
        if bearer is not None and bearer.stage and work.assignment:
            start_stage(work, bearer.stage, work.assignment)
    else:
        work.clocks.stop("handle", assignment=work.assignment)
    after_handling(work)


def handle_on_the_spot(work: Work, data: dict[str, Any]) -> None:
    """A worker settles a reported case himself, without assignment."""
    work.record(Action.HANDLE_ON_THE_SPOT, data)
    work.clocks.stop("accept")
    after_handling(work)


def after_handling(work: Work) -> None:
    """Start the next clock once all is handled: verify by, or close by where nobody verifies."""
    if work.state.status is Status.HANDLED:
        spot = work.state.on_the_spot
        verified = work.rules.verify_on_the_spot if spot else work.rules.verify_before_close
        kind = "verify" if verified else "close"
        work.clocks.start(kind, work.setting.default_limit(kind))
