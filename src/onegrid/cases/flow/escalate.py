"""上报升级: small matters stay in the community, large ones go to the sub-district, hard ones to the district."""

from __future__ import annotations

from typing import Any

from onegrid.cases.errors import NoCentre
from onegrid.cases.flow.locate import above
from onegrid.cases.flow.work import Work
from onegrid.cases.rules.states import Action


def escalate(work: Work, data: dict[str, Any]) -> None:
    """Pass the case to the next centre up; that centre gets its own time to take it in hand: to accept it, or to
    dispatch what was accepted below."""
    centre = above(work.centres, work.case.desk_path)
    if centre is None:
        raise NoCentre()
    work.record(Action.ESCALATE, {**data, "centre": centre})
    work.clocks.stop("accept")
    work.clocks.void("handle", "stage", "arrive")
    # An accepted case too waits for a hand there: without a limit nobody would notice that none reached for it.
    work.clocks.start("accept", work.accept_limit)
