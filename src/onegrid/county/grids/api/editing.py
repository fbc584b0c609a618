"""Editing a draft over HTTP: each call is one step, and each step can be taken back."""

from __future__ import annotations

from typing import Any

from ninja import Router
from ninja.params.functions import Query

from onegrid.county.grids.api.drafts import out
from onegrid.county.grids.errors import BorderUnusable
from onegrid.county.grids.permissions import find_draft
from onegrid.county.grids.rules.editing import Change
from onegrid.county.grids.schemas.drafts import (
    BorderIn,
    DraftOut,
    DraftStepIn,
    EditedOut,
    MergeCellsIn,
    RenameIn,
    SharedBorderOut,
    SplitIn,
)
from onegrid.county.grids.services.drafts import editing, store

router = Router(tags=["drafts"])


def open_draft(request: Any, draft_id: int, step: int | None) -> Any:
    """The draft, locked and open, at the step the page shows. Raises DraftNotFound, DraftClosed, DraftMovedOn."""
    draft = find_draft(request.actor, draft_id, lock=True)
    store.require(draft, "open", step=step)
    return draft


def edited(request: Any, draft: Any, change: Change) -> dict[str, Any]:
    """The draft after a step."""
    return {**out(request, draft), "changed": [cell.key for cell in change.put], "removed": list(change.gone)}


@router.post(
    "/grids/drafts/{int:id}/split", response=EditedOut, operation_id="split_draft_cell", summary="Split a grid"
)
def split_draft_cell(request: Any, id: int, body: SplitIn) -> Any:
    """Along a line that is snapped to streets and corners; buildings stay whole. 422 `line_does_not_split`."""
    draft = open_draft(request, id, body.step)
    change = editing.split(
        request.actor, draft, cell=body.cell, line=body.line, names=body.names, snap_m=body.snap_m, now=request.now
    )
    return edited(request, draft, change)


@router.post(
    "/grids/drafts/{int:id}/merge", response=EditedOut, operation_id="merge_draft_cells", summary="Merge grids"
)
def merge_draft_cells(request: Any, id: int, body: MergeCellsIn) -> Any:
    """Siblings that touch. 422 `grids_not_siblings`, `grids_not_adjacent`."""
    draft = open_draft(request, id, body.step)
    change = editing.merge(request.actor, draft, cells=body.cells, name=body.name, now=request.now)
    return edited(request, draft, change)


@router.post(
    "/grids/drafts/{int:id}/border", response=EditedOut, operation_id="move_draft_border", summary="Move a border"
)
def move_draft_border(request: Any, id: int, body: BorderIn) -> Any:
    """The cell gets the outline, or takes the land, or the line is its border with the other one; siblings give way and
    take what is left. Snapped to streets and corners; buildings stay whole. 422 `border_unusable`."""
    draft = open_draft(request, id, body.step)
    if sum(one is not None for one in (body.outline, body.take, body.line)) != 1:
        raise BorderUnusable("drafts.errors.border_one_of_three")
    if body.line is not None:
        change = editing.bend(
            request.actor, draft, cell=body.cell, other=body.other, line=body.line, snap_m=body.snap_m,
            now=request.now,
        )  # fmt: skip
        return edited(request, draft, change)
    change = editing.border(
        request.actor, draft, cell=body.cell, land=body.outline if body.take is None else body.take,
        exactly=body.take is None, snap_m=body.snap_m, now=request.now,
    )  # fmt: skip
    return edited(request, draft, change)


@router.get(
    "/grids/drafts/{int:id}/border", response=SharedBorderOut, operation_id="read_draft_border",
    summary="The border two grids share",
)  # fmt: skip
def read_draft_border(
    request: Any, id: int, cell: str = Query(..., max_length=20), other: str = Query(..., max_length=20)
) -> Any:
    """Its corners, to be dragged. 422 `grids_not_siblings`, `grids_not_adjacent`, `border_unusable` for a ring."""
    return {"lines": editing.shared_border(find_draft(request.actor, id), cell, other)}


@router.post(
    "/grids/drafts/{int:id}/rename", response=EditedOut, operation_id="rename_draft_cell", summary="Rename a grid"
)
def rename_draft_cell(request: Any, id: int, body: RenameIn) -> Any:
    """The code stays."""
    draft = open_draft(request, id, body.step)
    return edited(request, draft, editing.rename(request.actor, draft, cell=body.cell, name=body.name, now=request.now))


@router.post("/grids/drafts/{int:id}/undo", response=DraftOut, operation_id="undo_draft", summary="Take back a step")
def undo_draft(request: Any, id: int, body: DraftStepIn) -> Any:
    """409 `nothing_to_undo`."""
    draft = open_draft(request, id, body.step)
    editing.undo(draft, now=request.now)
    return out(request, draft)


@router.post("/grids/drafts/{int:id}/redo", response=DraftOut, operation_id="redo_draft", summary="Do a step again")
def redo_draft(request: Any, id: int, body: DraftStepIn) -> Any:
    """409 `nothing_to_undo`."""
    draft = open_draft(request, id, body.step)
    editing.redo(draft, now=request.now)
    return out(request, draft)
