"""延期: a longer deadline, asked for by who works and granted by who may, within what the pack allows."""

from __future__ import annotations

from typing import Any

from onegrid.cases.flow.work import Work
from onegrid.cases.rules.states import Action
from onegrid.county.matters.rules.limits import parse_limit


def ask_extension(work: Work, data: dict[str, Any]) -> None:
    """Ask; the clock runs on meanwhile."""
    work.record(Action.ASK_EXTENSION, data, assignment=work.assignment)


def grant_extension(work: Work, data: dict[str, Any]) -> None:
    """Lengthen the handling clock of the assignment, also one that has passed its deadline."""
    work.record(Action.GRANT_EXTENSION, data, assignment=work.assignment)
    work.clocks.extend(parse_limit(data["limit"]), "handle", "stage", assignment=work.assignment)


def refuse_extension(work: Work, data: dict[str, Any]) -> None:
    """The deadline stays."""
    work.record(Action.REFUSE_EXTENSION, data, assignment=work.assignment)
