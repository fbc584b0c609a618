"""上报升级: small matters stay in the community, large ones go to the sub-district, hard ones to the district."""

from __future__ import annotations

from typing import Any

from onegrid.cases.errors import NoCentre
from onegrid.cases.flow.locate import above
from onegrid.cases.flow.work import Work
from onegrid.cases.rules.states import Action, Status


def escalate(work: Work, data: dict[str, Any]) -> None:
    """Pass the case to the next centre up; that centre gets its own time to accept."""
    centre = above(work.centres, work.case.desk_path)
    if centre is None:
        raise NoCentre()
    work.record(Action.ESCALATE, {**data, "centre": centre})
    work.clocks.stop("accept")
    work.clocks.void("handle", "stage", "arrive")
    if work.state.status is Status.REPORTED:
        work.clocks.start("accept", work.accept_limit)
