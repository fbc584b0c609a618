"""Cases over HTTP. Each operation reads like a sentence: parse, one call, answer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.utils.http import content_disposition_header
from ninja import Path, Query, Router, Status

from onegrid.cases.flow import batch, engine, export, held_back, intake, preview, reveal
from onegrid.cases.permissions import actor_of
from onegrid.cases.schemas import (
    ActionIn,
    BatchIn,
    BatchOut,
    BatchPreviewIn,
    BatchPreviewOut,
    CaseDetail,
    CaseFilter,
    CasePage,
    Counts,
    ExportIn,
    ListWords,
    MapPoints,
    PreviewIn,
    PreviewOut,
    QuarantinePage,
    ReasonOut,
    ReportIn,
    RevealIn,
    RevealOut,
    Track,
    TrackPage,
)
from onegrid.cases.selectors import batching, detail, map, own, quarantine, queue, setting, words
from onegrid.foundation.accounts import permissions as accounts
from onegrid.foundation.database.context import standing

router = Router(tags=["cases"])
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.post("/cases/preview", response=PreviewOut, operation_id="preview_case", summary="What a report would become")
def preview_case(request: Any, body: PreviewIn) -> Any:
    """Place, likely matters, proposed department and cases that may be the same; nothing is stored."""
    return preview.preview(
        actor=actor_of(request), words=body.words, lon=body.lon, lat=body.lat, address=body.address, now=request.now
    )


@router.post("/cases", response={201: CaseDetail, 200: CaseDetail}, operation_id="report_case", summary="Report a case")
def report_case(request: Any, body: ReportIn) -> HttpResponse:
    """201 when the case is stored; 200 with the same answer for a repeat of the same key; 409 when the body differs."""
    request.keep_writes = body.device_at is not None
    answer = intake.report(actor=actor_of(request), report=body.as_report(), now=request.now)
    # As it lies in the receipt: checking our own answer against its schema would cost more than making it.
    return HttpResponse(answer.text, status=answer.status, content_type="application/json")


@router.get("/cases", response=CasePage, operation_id="list_cases", summary="A queue of cases")
def list_cases(
    request: Any,
    filters: Query[CaseFilter],
    cursor: str | None = Query(None, max_length=200),
    limit: int = Query(50, ge=1, le=200),
) -> Any:
    """The reader's cases that match, a page at a time."""
    return queue.page(actor_of(request), filters.as_query(), cursor=cursor, limit=limit, now=request.now)


@router.get("/cases/counts", response=Counts, operation_id="count_cases", summary="How many cases in each tab")
def count_cases(request: Any) -> Any:
    """Counts for the tabs of the reader's queue."""
    return queue.counts(actor_of(request), now=request.now)


@router.get("/cases/map", response=MapPoints, operation_id="map_cases", summary="Cases on the map")
def map_cases(
    request: Any,
    filters: Query[CaseFilter],
    zoom: float = Query(14, ge=0, le=24),
) -> Any:
    """Points of a window, coloured by their clock; counted together when there are too many."""
    return map.map_points(actor_of(request), filters.as_query(), zoom=zoom, now=request.now)


@router.get("/cases/words", response=ListWords, operation_id="list_words", summary="Words and bounds of a list")
def list_words(request: Any) -> Any:
    """Every status and way in by its name, and what and how much may be done at once."""
    actor = actor_of(request)
    lang = actor.lang
    return {
        "batch": [
            {"key": one.value, "label": words.action_word(one.value, lang)} for one in batch.offered(actor.duties)
        ],
        "statuses": words.options("status", lang),
        "channels": words.options("channel", lang),
        "export_most": export.MOST,
    }


@router.post(
    "/cases/batch/preview",
    response=BatchPreviewOut,
    operation_id="preview_batch",
    summary="What an action would do to many cases",
)
def preview_batch(request: Any, body: BatchPreviewIn) -> Any:
    """Row by row: possible or why not, and what the platform would fill in; nothing is done."""
    actor = actor_of(request)
    accounts.staff(actor)
    return batching.preview(actor, batch.allowed(body.action), body.cases, now=request.now)


@router.post("/cases/batch", response=BatchOut, operation_id="act_on_cases", summary="One action on many cases")
def act_on_cases(request: Any, body: BatchIn) -> Any:
    """Each row is a step of its own: some may be done and others refused, row by row. A repeat answers as before."""
    actor, who, rows = actor_of(request), standing(), body.as_rows()
    accounts.staff(actor)
    batch.allowed(body.action)

    def perform() -> HttpResponse:
        results = batch.perform(actor=actor, who=who, action=body.action, rows=rows, now=request.now)
        return JsonResponse({"results": results}, json_dumps_params={"ensure_ascii": False})

    # The request's own transaction ends first, so that every row has one to itself.
    request.afterwards = perform
    return {"results": []}


@router.post(
    "/cases/export",
    operation_id="export_cases",
    summary="A queue as a workbook",
    openapi_extra={"responses": {200: {"description": "An Excel workbook", "content": {WORKBOOK: {}}}}},
)
def export_cases(request: Any, body: ExportIn) -> HttpResponse:
    """What the filter shows, in its order, masked; the reason is logged. `X-Rows` says how many, `X-Cut` if not all."""
    actor = actor_of(request)
    accounts.staff(actor)
    made = export.export(actor=actor, query=body.filter.as_query(), reason=body.reason, now=request.now)
    answer = HttpResponse(made.content, content_type=WORKBOOK)
    answer["Content-Disposition"] = content_disposition_header(True, made.name)
    answer["X-Rows"], answer["X-Cut"] = str(made.rows), "yes" if made.cut else "no"
    answer["Cache-Control"] = "no-store"
    return answer


@router.get("/cases/quarantine", response=QuarantinePage, operation_id="list_quarantine", summary="Held-back items")
def list_quarantine(
    request: Any,
    cursor: str | None = Query(None, max_length=200),
    limit: int = Query(50, ge=1, le=200),
) -> Any:
    """What could not be applied: the sender's own, and for a centre all below it."""
    return quarantine.page(actor_of(request), cursor=cursor, limit=limit)


@router.post(
    "/cases/quarantine/{item}/settle", response={204: None}, operation_id="settle_quarantine", summary="Settle an item"
)
def settle_quarantine(request: Any, item: int) -> Status[Any]:
    """Mark a held-back item as dealt with. Repeating it changes nothing."""
    held_back.settle(actor=actor_of(request), item=item, now=request.now)
    return Status(204, None)


@router.get("/cases/{id}", response=CaseDetail, operation_id="get_case", summary="One case")
def get_case(request: Any, id: UUID, track_code: str = Query("", max_length=40)) -> Any:
    """Everything the reader may know of it, and what he may do."""
    return detail.detail(actor_of(request, track_code), id, now=request.now)


@router.post("/cases/{id}/actions/{action}", response=CaseDetail, operation_id="act_on_case", summary="Act on a case")
def act_on_case(
    request: Any, id: UUID, body: ActionIn, action: str = Path(..., max_length=40, pattern=r"^[a-z_]+$")
) -> Any:
    """Do one of the actions the case offers. A repeat of a key answers as the first time did."""
    request.keep_writes = body.device_at is not None
    return engine.act(
        actor=actor_of(request, body.track_code or ""),
        case_id=id,
        action=action,
        key=body.key,
        now=request.now,
        data=body.fields(),
        version=body.version,
        assignment=body.assignment,
        device_at=body.device_at,
    )


@router.post(
    "/cases/{id}/reporters/{reporter}/reveal",
    response=RevealOut,
    operation_id="reveal_reporter",
    summary="See a reporter's contact",
)
def reveal_reporter(request: Any, id: UUID, reporter: int, body: RevealIn) -> Any:
    """Unmask one contact for a purpose; the look is logged before the value leaves."""
    return reveal.reveal(actor=actor_of(request), case_id=id, reporter=reporter, purpose=body.purpose, now=request.now)


@router.get("/track/{track_code}", response=Track, operation_id="track_case", summary="Progress by tracking code")
def track_case(request: Any, track_code: str = Path(..., min_length=8, max_length=40)) -> Any:
    """Progress in plain words for whoever holds the code."""
    return detail.track_by_code(actor_of(request), track_code, now=request.now)


@router.get("/resident/cases", response=TrackPage, operation_id="list_own_cases", summary="A resident's own cases")
def list_own_cases(
    request: Any,
    cursor: str | None = Query(None, max_length=200),
    limit: int = Query(20, ge=1, le=100),
) -> Any:
    """The signed-in resident's reports, newest first."""
    return own.own_cases(actor_of(request), cursor=cursor, limit=limit, now=request.now)


@router.get("/reasons", response=dict[str, list[ReasonOut]], operation_id="list_reasons", summary="Reasons by step")
def list_reasons(request: Any) -> Any:
    """The reasons this locality's pack allows for returning, rejecting, suspending, escalating."""
    return setting.reason_lists(actor_of(request).lang)
