"""督办: a superior watches the case until it is closed."""

from __future__ import annotations

from typing import Any

from onegrid.cases.flow.work import Work
from onegrid.cases.rules.states import Action


def supervise(work: Work, data: dict[str, Any]) -> None:
    """Begin to watch."""
    work.record(Action.SUPERVISE, data)


def lift_supervision(work: Work, data: dict[str, Any]) -> None:
    """Stop watching."""
    work.record(Action.LIFT_SUPERVISION, data)
