"""Drafts of the map over HTTP: begin, look, send, decide. For staff whose hat may draw grids."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Literal

from ninja import Router, Status
from ninja.files import UploadedFile
from ninja.params.functions import File, Form, Query

from onegrid.county.grids.api.reading import grid_out, wants_english
from onegrid.county.grids.permissions import find_draft
from onegrid.county.grids.schemas.drafts import (
    DecideIn,
    DraftList,
    DraftOut,
    FaultList,
    FeatureCollection,
    FileColumnsOut,
    NewIn,
    SendIn,
)
from onegrid.county.grids.schemas.previews import DraftPreviewOut
from onegrid.county.grids.selectors import drafts as reading
from onegrid.county.grids.services.drafts import beginning, checking, deciding, importing, previewing, store
from onegrid.foundation.kernel.texts import text

router = Router(tags=["drafts"])
BOX = r"^(-?\d{1,3}(\.\d+)?(,-?\d{1,3}(\.\d+)?){3})?$"


def out(request: Any, draft: Any) -> dict[str, Any]:
    """One draft for the reader, with whether today's grids moved on."""
    [told] = reading.told(request.actor, [draft], request.lang)
    told["grid"] = grid_out(told["grid"], english=wants_english(request))
    if draft.state in ("open", "sent"):
        told["stale"] = store.fingerprint(draft) != draft.base
    return told


@router.get("/grids/drafts", response=DraftList, operation_id="list_drafts", summary="Drafts of my grids")
def list_drafts(
    request: Any,
    state: str = Query("", max_length=20),
    before: int | None = Query(None, ge=1),
    limit: int = Query(50, ge=1, le=200),
) -> Any:
    """The newest first; dropped ones only when asked for by state."""
    found = reading.listed(request.actor, state=state, before=before, limit=limit)
    items = reading.told(request.actor, found[:limit], request.lang)
    for one in items:
        one["grid"] = grid_out(one["grid"], english=wants_english(request))
    return {"items": items, "next": items[-1]["id"] if len(found) > limit else None}


@router.post("/grids/drafts", response={201: DraftOut}, operation_id="begin_draft", summary="Begin a draft by hand")
def begin_draft(request: Any, body: NewIn) -> Status[Any]:
    """A copy of today's grids inside one grid, to be changed step by step. 422 `not_drawable`."""
    wanted = beginning.Wanted(grid=body.grid, scheme=body.scheme, title=body.title, kind="edited")
    return Status(201, out(request, beginning.copy_today(request.actor, wanted, now=request.now)))


@router.post("/grids/drafts/import", response={201: DraftOut}, operation_id="import_draft", summary="Grids from a file")
def import_draft(
    request: Any,
    file: UploadedFile = File(...),  # noqa: B008
    grid: int = Form(...),
    scheme: str = Form(..., max_length=60),
    level: str = Form("", max_length=60),
    title: str = Form("", max_length=120),
    crs: Literal["wgs84", "gcj02", "bd09"] = Form("wgs84"),
    name_field: str | None = Form(None, max_length=120),
    code_field: str | None = Form(None, max_length=120),
) -> Status[Any]:
    """GeoJSON, GeoPackage, shapefile in a zip, FlatGeobuf. An open draft with the file's faults, which keep it from
    being sent until they are mended. Fields that are not said are found by their names, empty ones are none. 422
    `file_refused` says what is wrong with the file."""
    wanted = beginning.Wanted(grid=grid, scheme=scheme, title=title, kind="imported")
    said = {"name": name_field, "code": code_field}
    fields = {what: one for what, one in said.items() if one is not None}
    sheet = importing.Sheet(name=file.name or "", pieces=file.chunks(), datum=crs, fields=fields)
    return Status(201, out(request, importing.take(request.actor, wanted, sheet, level=level, now=request.now)))


@router.post(
    "/grids/drafts/import/columns", response=FileColumnsOut, operation_id="read_import_columns",
    summary="Columns of a file of grids",
)  # fmt: skip
def read_import_columns(request: Any, file: UploadedFile = File(...)) -> Any:  # noqa: B008
    """Nothing is stored. 422 `file_refused`."""
    sheet = importing.Sheet(name=file.name or "", pieces=file.chunks())
    return asdict(importing.columns(request.actor, sheet))


@router.get("/grids/drafts/{int:id}", response=DraftOut, operation_id="read_draft", summary="One draft")
def read_draft(request: Any, id: int) -> Any:
    """Cheap enough to be asked every second while it is being drawn."""
    return out(request, find_draft(request.actor, id))


@router.get(
    "/grids/drafts/{int:id}/cells", response=FeatureCollection, operation_id="read_draft_cells",
    summary="The cells of one level",
)  # fmt: skip
def read_draft_cells(
    request: Any,
    id: int,
    level: str = Query(..., max_length=60),
    parent: str = Query("", max_length=20),
    bbox: str = Query("", max_length=90, pattern=BOX, description="west,south,east,north"),
) -> Any:
    """At most 5,000; `truncated` says that there are more: ask for one parent, or for a box."""
    draft = find_draft(request.actor, id)
    box = [float(number) for number in bbox.split(",")] if bbox else None
    features, more = reading.cells(draft, level=level, parent=parent, box=box)
    return {"features": features, "truncated": more}


@router.get(
    "/grids/drafts/{int:id}/before", response=FeatureCollection, operation_id="read_draft_before",
    summary="Today's grids of one level in the same place",
)  # fmt: skip
def read_draft_before(request: Any, id: int, level: str = Query(..., max_length=60)) -> Any:
    """To be laid under the draft's own."""
    features, more = reading.before(find_draft(request.actor, id), level=level)
    return {"features": features, "truncated": more}


@router.get(
    "/grids/drafts/{int:id}/faults", response=FaultList, operation_id="read_draft_faults", summary="What is wrong"
)
def read_draft_faults(request: Any, id: int) -> Any:
    """Gaps, overlaps and overhangs keep a draft from being sent; the rest is for whoever draws to judge."""
    draft = find_draft(request.actor, id)
    households = dict(store.shown(draft).values_list("key", "households"))
    here, levels = store.picture(draft), reading.level_keys(draft)
    items = []
    for fault in checking.all_faults(draft, here, households, reading.sizes(draft)):
        cells = [here.cells[key] for key in fault.cells]
        level = levels[cells[0].level] if cells else ""
        said = {"names": [cell.name for cell in cells], "level": level, "text": _words(fault, request.lang)}
        items.append({**asdict(fault), "grave": fault.grave, **said})
    return {"items": items}


def _words(fault: checking.Fault, lang: Any) -> str:
    blanks = {
        "area": f"{round(fault.area_m2):,}",
        "households": round(fault.households),
        "size": round(fault.size),
        "count": fault.count,
    }
    return text(f"drafts.faults.{fault.kind}", lang, **blanks)


@router.get(
    "/grids/drafts/{int:id}/preview",
    response=DraftPreviewOut,
    operation_id="preview_draft",
    summary="Before and after",
    by_alias=True,
)
def preview_draft(request: Any, id: int) -> Any:
    """Grids, homes, open cases and people in charge as they would move; nothing is stored."""
    return asdict(previewing.preview(find_draft(request.actor, id), request.lang, now=request.now))


@router.post("/grids/drafts/{int:id}/send", response=DraftOut, operation_id="send_draft", summary="Ask for approval")
def send_draft(request: Any, id: int, body: SendIn) -> Any:
    """409 `draft_faulty`, `draft_stale`, `draft_closed`."""
    draft = find_draft(request.actor, id, lock=True)
    store.require(draft, "open", step=body.step)
    deciding.send(request.actor, draft, note=body.note, effective_on=body.effective_on, now=request.now)
    return out(request, draft)


@router.post("/grids/drafts/{int:id}/recall", response=DraftOut, operation_id="recall_draft", summary="Take it back")
def recall_draft(request: Any, id: int) -> Any:
    """A sent draft is open again."""
    draft = find_draft(request.actor, id, lock=True)
    return out(request, deciding.recall(request.actor, draft, now=request.now))


@router.post(
    "/grids/drafts/{int:id}/decide", response=DraftOut, operation_id="decide_draft", summary="Approve or refuse"
)
def decide_draft(request: Any, id: int, body: DecideIn) -> Any:
    """Approved for today it holds within a second or two. 403 unless the hat administers a grid around it."""
    draft = find_draft(request.actor, id, lock=True)
    store.require(draft, "sent", step=body.step)
    deciding.decide(
        request.actor, draft, approve=body.approve, reason=body.reason, effective_on=body.effective_on,
        now=request.now,
    )  # fmt: skip
    return out(request, draft)


@router.post("/grids/drafts/{int:id}/drop", response=DraftOut, operation_id="drop_draft", summary="Give it up")
def drop_draft(request: Any, id: int) -> Any:
    """It stays readable, by its state."""
    draft = find_draft(request.actor, id, lock=True)
    return out(request, deciding.drop(request.actor, draft, now=request.now))
