"""The county dashboard over HTTP."""

from __future__ import annotations

from typing import Any

from ninja import Query, Router

from onegrid.cases.permissions import actor_of
from onegrid.insight.command import selectors
from onegrid.insight.command.schemas import DashboardOut, DashboardQuery, WallOut

router = Router(tags=["dashboard"])


@router.get("/dashboard", response=DashboardOut, operation_id="dashboard", summary="Figures of a grid over a period")
def dashboard(
    request: Any,
    period: Query[DashboardQuery],
) -> Any:
    """The last 30 days of the reader's own area unless told otherwise."""
    return selectors.dashboard(
        actor_of(request), grid=period.grid, day_from=period.day_from, day_to=period.day_to, bucket=period.bucket,
        now=request.now,
    )  # fmt: skip


@router.get("/dashboard/wall", response=WallOut, operation_id="wall", summary="Today, what is late, what just moved")
def wall(request: Any, grid: str | None = Query(None, max_length=18)) -> Any:
    """For a screen that everybody can read: figures, matters, grids, units and times; nothing that names a person."""
    return selectors.wall(actor_of(request), grid=grid, now=request.now)
