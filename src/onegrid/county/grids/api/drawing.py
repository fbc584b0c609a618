"""Drawing over the registers, in the background: wish, watch, stop, go on; and what the engine says of its work."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from ninja import Router, Status
from ninja.params.functions import Query

from onegrid.county.grids.api.drafts import out
from onegrid.county.grids.api.editing import open_draft
from onegrid.county.grids.api.reading import grid_out, wants_english
from onegrid.county.grids.permissions import find_draft
from onegrid.county.grids.schemas.drafts import DraftOut
from onegrid.county.grids.schemas.drawn import DrawIn, PlanOut, RedrawIn, ReportOut
from onegrid.county.grids.selectors import drafts as reading
from onegrid.county.grids.services.drafts import beginning, drawing, store

router = Router(tags=["drafts"])


@router.get("/grids/drafts/plan", response=PlanOut, operation_id="plan_draft", summary="What may be drawn in a grid")
def plan_draft(request: Any, grid: int = Query(..., ge=1)) -> Any:
    """Schemes with their levels and sizes as the locality has them, and how many live there."""
    found = reading.plan(request.actor, grid, request.now)
    return {**found, "grid": grid_out(found["grid"], english=wants_english(request))}


@router.post(
    "/grids/drafts/draw", response={201: DraftOut}, operation_id="draw_draft", summary="Draw over the registers"
)
def draw_draft(request: Any, body: DrawIn) -> Status[Any]:
    """It runs in the background, village by village; ask `GET /grids/drafts/{id}` how far it is. Grids of today go on
    as those that have most of their households. 422 `not_drawable`."""
    wanted = beginning.Wanted(
        grid=body.grid, scheme=body.scheme, title=body.title, kind="drawn",
        levels=[level.dict() for level in body.levels],
        wish={"seed": body.seed, "workload": body.workload, "leaders": body.leaders},
    )  # fmt: skip
    return Status(201, out(request, drawing.wish(request.actor, wanted, now=request.now)))


@router.post(
    "/grids/drafts/{int:id}/redraw", response=DraftOut, operation_id="redraw_draft_cells", summary="Draw a part anew"
)
def redraw_draft_cells(request: Any, id: int, body: RedrawIn) -> Any:
    """Some siblings with all that lies in them; everything else stays as it is. A small part is drawn at once: the
    draft is open still, with one step more. A large one is drawn in the background: the draft waits, and is open again
    when it is done. 422 `cannot_redraw`."""
    draft = open_draft(request, id, body.step)
    here = store.picture(draft)
    drawing.wish_part(
        request.actor, draft, here, cells=body.cells, size=body.size, tolerance=body.tolerance, seed=body.seed,
        now=request.now,
    )  # fmt: skip
    if drawing.is_small(draft):
        import_module("onegrid.county.grids.services.drafts.parts").at_once(request.actor, draft, here, now=request.now)
    return out(request, draft)


@router.post("/grids/drafts/{int:id}/stop", response=DraftOut, operation_id="stop_draft", summary="Stop a drawing")
def stop_draft(request: Any, id: int) -> Any:
    """Villages that were drawn stay."""
    draft = find_draft(request.actor, id, lock=True)
    return out(request, drawing.stop(request.actor, draft, now=request.now))


@router.post("/grids/drafts/{int:id}/resume", response=DraftOut, operation_id="resume_draft", summary="Go on drawing")
def resume_draft(request: Any, id: int) -> Any:
    """With the next village."""
    draft = find_draft(request.actor, id, lock=True)
    return out(request, drawing.resume(request.actor, draft, now=request.now))


@router.get(
    "/grids/drafts/{int:id}/report", response=ReportOut, operation_id="read_draft_report", summary="What was measured"
)
def read_draft_report(request: Any, id: int) -> Any:
    """Figures of each level, grids out of tolerance and why, and what was mended or left out. 404 `draft_not_drawn`."""
    return reading.report(find_draft(request.actor, id), request.lang)
