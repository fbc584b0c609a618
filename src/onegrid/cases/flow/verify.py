"""核查: somebody other than the handler looks whether it is really fixed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from onegrid.cases.flow.dispatch import start_stage
from onegrid.cases.flow.work import Work
from onegrid.cases.rules.states import Action
from onegrid.county.matters.rules.limits import parse_limit


def verify_pass(work: Work, data: dict[str, Any]) -> None:
    """It is fixed; the centre may close."""
    work.record(Action.VERIFY_PASS, data)
    work.clocks.stop("verify")
    work.clocks.start("close", work.setting.default_limit("close"))


def verify_fail(work: Work, data: dict[str, Any]) -> None:
    """It is not: those who handled it go on, with the limit of their assignment from now. A limit missed stays
    missed.
    """
    work.record(Action.VERIFY_FAIL, data)
    work.clocks.stop("verify")
    for failed in data.get("assignments", ()):
        one = work.state.assignment(failed)
        if one is None:
            continue
        if one.stage:
            start_stage(work, one.stage, UUID(one.id))
        elif one.limit:
            work.clocks.start("handle", parse_limit(one.limit), assignment=UUID(one.id))
