"""It is back, or was never fixed: the same case begins a new round, with new clocks and the old ones on record."""

from __future__ import annotations

from typing import Any

from onegrid.cases.flow.work import Work
from onegrid.cases.rules.states import Action


def reopen(work: Work, data: dict[str, Any]) -> None:
    """The reporter opens it again within the days the pack allows."""
    work.record(Action.REOPEN, data)
    begin_round(work)


def begin_round(work: Work) -> None:
    """Count the round, remember the day, and start the centre's clock to route it."""
    work.case.round = work.state.round
    work.case.reopened_on = work.setting.day(work.now)
    work.clocks.start("accept", work.setting.default_limit("accept"))
