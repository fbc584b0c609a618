"""结案: the case is over."""

from __future__ import annotations

from typing import Any

from onegrid.cases.flow.work import Work
from onegrid.cases.rules.states import Action


def close(work: Work, data: dict[str, Any]) -> None:
    """End the case; whether it was in time was decided by its handling clocks."""
    work.record(Action.CLOSE, data)
    work.clocks.stop("close", "verify")
