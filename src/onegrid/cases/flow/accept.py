"""Take a case in, or refuse to: the centre's first word, after somebody checked whether the report is true."""

from __future__ import annotations

from typing import Any

from onegrid.cases.flow.classify import name_matter
from onegrid.cases.flow.work import Work
from onegrid.cases.rules.states import Action


def check_report(work: Work, data: dict[str, Any]) -> None:
    """核实: somebody went and looked whether it is as reported."""
    work.record(Action.CHECK_REPORT, data)


def accept(work: Work, data: dict[str, Any]) -> None:
    """The centre takes the case; from here it owes an answer."""
    if data.get("matter"):
        name_matter(work, data["matter"], data.get("condition"))
    if data.get("severity"):
        work.case.severity = data["severity"]
    work.record(Action.ACCEPT, data)
    work.clocks.stop("accept")
