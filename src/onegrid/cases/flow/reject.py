"""Not ours, or not true: the case ends with a reason the reporter is told. And the reporter's own cancelling."""

from __future__ import annotations

from typing import Any

from onegrid.cases.flow.work import Work
from onegrid.cases.rules.states import Action


def reject(work: Work, data: dict[str, Any]) -> None:
    """End the case with a reason; `settle` voids what clocks still ran."""
    work.record(Action.REJECT, data)
    work.clocks.stop("accept")


def cancel(work: Work, data: dict[str, Any]) -> None:
    """The reporter takes it back before anybody was sent."""
    work.record(Action.CANCEL, data)
