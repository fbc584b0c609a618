"""吹哨报到: the community calls named departments, and they must turn up by a limit and be seen to have come."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from onegrid.cases.flow.dispatch import check_departments, maker, start_clocks
from onegrid.cases.flow.work import Work
from onegrid.cases.rules.assigning import plan
from onegrid.cases.rules.states import Action


def whistle(work: Work, data: dict[str, Any]) -> None:
    """Call departments to the place. The whistle accepts the case too: the community saw it itself."""
    check_departments("departments", data["departments"])
    planned = plan(work.state, Action.WHISTLE, data, work.terms, make_id=maker(work))
    work.record(Action.WHISTLE, {**data, **planned})
    work.clocks.stop("accept")
    for row in planned["assignments"]:
        start_clocks(work, row)
        work.clocks.start("arrive", work.setting.whistle_arrive, assignment=UUID(row["id"]))


def report_in(work: Work, data: dict[str, Any]) -> None:
    """The department has come."""
    work.record(Action.REPORT_IN, data, assignment=work.assignment)
    work.clocks.stop("arrive", assignment=work.assignment)


def confirm_arrival(work: Work, data: dict[str, Any]) -> None:
    """The community saw it come, or did not: then the arrive-by clock runs as if nobody had reported in."""
    arrived = work.state.assignment(str(work.assignment))
    work.record(Action.CONFIRM_ARRIVAL, data, assignment=work.assignment)
    if not data["present"] and arrived is not None and arrived.state == "arrived" and work.assignment:
        work.clocks.take_back("arrive", assignment=work.assignment)
