"""催办: a reminder. And the words anybody on the case may add."""

from __future__ import annotations

from typing import Any

from onegrid.cases.flow.return_ import ASKED_REPORTER
from onegrid.cases.flow.work import Work
from onegrid.cases.rules.states import Action


def urge(work: Work, data: dict[str, Any]) -> None:
    """Remind those who have it."""
    work.record(Action.URGE, data)


def add_words(work: Work, data: dict[str, Any]) -> None:
    """Add to the record; where the case waited for the reporter, the clocks run on."""
    work.record(Action.ADD_WORDS, data)
    if data.get("answers"):
        work.clocks.resume(why=ASKED_REPORTER)
