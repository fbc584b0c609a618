"""The county dashboard over HTTP."""

from __future__ import annotations

from datetime import date
from typing import Any

from ninja import Query, Router

from onegrid.cases.permissions import actor_of
from onegrid.insight.command import selectors
from onegrid.insight.command.schemas import DashboardOut

router = Router(tags=["dashboard"])


@router.get("/dashboard", response=DashboardOut, operation_id="dashboard", summary="Figures of a grid over a period")
def dashboard(
    request: Any,
    grid: str | None = Query(None, max_length=20),
    day_from: date | None = Query(None, alias="from"),
    day_to: date | None = Query(None, alias="to"),
) -> Any:
    """The last 30 days of the reader's own area unless told otherwise."""
    return selectors.dashboard(actor_of(request), grid=grid, day_from=day_from, day_to=day_to, now=request.now)
