"""The published figures over HTTP."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ninja import Router

from onegrid.cases.permissions import actor_of
from onegrid.cases.selectors.setting import setting
from onegrid.insight.assessment import selectors
from onegrid.insight.assessment.schemas import PublishedFiguresOut

router = Router(tags=["dashboard"])


@router.get(
    "/figures",
    response=PublishedFiguresOut,
    operation_id="published_figures",
    summary="Published figures beside what the rows say",
)
def published_figures(request: Any) -> Any:
    """For staff with the whole locality in their reach."""
    found = selectors.published(actor_of(request), now=request.now)
    return {"day": setting().day(request.now), "figures": [asdict(one) for one in found]}
