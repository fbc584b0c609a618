"""A draft whose ground has moved on: what changed since, and the draft carried over."""

from __future__ import annotations

from typing import Any

from ninja import Router

from onegrid.county.grids.api.drafts import out
from onegrid.county.grids.api.editing import open_draft
from onegrid.county.grids.permissions import find_draft
from onegrid.county.grids.schemas.carrying import SinceOut
from onegrid.county.grids.schemas.drafts import DraftOut, DraftStepIn
from onegrid.county.grids.services.drafts import carrying

router = Router(tags=["drafts"])


@router.get(
    "/grids/drafts/{int:id}/since", response=SinceOut, operation_id="read_draft_since", summary="What changed since"
)
def read_draft_since(request: Any, id: int) -> Any:
    """Grids that are not as they were when the draft was begun, and which of them it changes too."""
    draft = find_draft(request.actor, id)
    found = carrying.since(draft)
    titles = carrying.level_titles(draft, request.lang)
    grids = [
        {"key": one.key, "name": one.name, "level_title": titles[one.level], "how": one.how}
        for one in found.grids[: carrying.NAMED]
    ]
    return {
        "grids": grids, "more": max(0, len(found.grids) - len(grids)), "clashes": found.clashes[: carrying.NAMED],
        "carries": found.carries,
        "drafts": [{"title": one.title, "author": one.author_name, "at": one.applied_at} for one in found.drafts],
    }  # fmt: skip


@router.post(
    "/grids/drafts/{int:id}/carry", response=DraftOut, operation_id="carry_draft", summary="Carry it over to today"
)
def carry_draft(request: Any, id: int, body: DraftStepIn) -> Any:
    """Grids the draft did not touch are as they are today; its steps stay. 409 `draft_clashes` names grids that both
    changed."""
    draft = open_draft(request, id, body.step)
    return out(request, carrying.carry(request.actor, draft, now=request.now))
