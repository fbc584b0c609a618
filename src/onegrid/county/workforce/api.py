"""Who works around me, and how to call him."""

from __future__ import annotations

from typing import Any

from ninja import Router

from onegrid.county.workforce import colleagues
from onegrid.county.workforce.schemas import CallIn, CallOut, ColleagueList
from onegrid.foundation.accounts import permissions

router = Router(tags=["people"])


@router.get("/colleagues", response=ColleagueList, operation_id="list_colleagues", summary="Who works around me")
def list_colleagues(request: Any) -> Any:
    """Everybody at work in the hat's grid, just below it and above it, the nearest first; numbers masked."""
    permissions.staff(request.actor)
    return {"items": colleagues.around(request.actor, now=request.now)}


@router.post("/colleagues/{int:id}/call", response=CallOut, operation_id="call_colleague", summary="Call somebody")
def call_colleague(request: Any, id: int, body: CallIn) -> Any:
    """The whole number of one of them, for a purpose; the look is logged before it leaves."""
    permissions.staff(request.actor)
    return {"phone": colleagues.call(request.actor, id, purpose=body.purpose, now=request.now)}
