"""Cases over HTTP. Each operation reads like a sentence: parse, one call, answer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from ninja import Path, Query, Router, Status

from onegrid.cases import selectors
from onegrid.cases.flow import engine, held_back, intake, preview, reveal
from onegrid.cases.schemas import (
    ActionIn,
    CaseDetail,
    CaseFilter,
    CasePage,
    Counts,
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

router = Router(tags=["cases"])


@router.post("/cases/preview", response=PreviewOut, operation_id="preview_case", summary="What a report would become")
def preview_case(request: Any, body: PreviewIn) -> PreviewOut:
    """Place, likely matters, proposed department and cases that may be the same; nothing is stored."""
    return preview.preview(actor=request.actor, words=body.words, lon=body.lon, lat=body.lat, now=request.now)


@router.post("/cases", response={201: CaseDetail, 200: CaseDetail}, operation_id="report_case", summary="Report a case")
def report_case(request: Any, body: ReportIn) -> Status[Any]:
    """201 when the case is stored; 200 with the same answer for a repeat of the same key; 409 when the body differs."""
    answer = intake.report(actor=request.actor, body=body, now=request.now)
    return Status(answer.status, answer.body)


@router.get("/cases", response=CasePage, operation_id="list_cases", summary="A queue of cases")
def list_cases(
    request: Any,
    filters: Query[CaseFilter],
    cursor: str | None = Query(None, max_length=200),
    limit: int = Query(50, ge=1, le=200),
) -> CasePage:
    """The reader's cases that match, a page at a time."""
    return selectors.page(request.actor, filters, cursor=cursor, limit=limit, now=request.now)


@router.get("/cases/counts", response=Counts, operation_id="count_cases", summary="How many cases in each tab")
def count_cases(request: Any) -> Counts:
    """Counts for the tabs of the reader's queue."""
    return selectors.counts(request.actor, now=request.now)


@router.get("/cases/map", response=MapPoints, operation_id="map_cases", summary="Cases on the map")
def map_cases(
    request: Any,
    filters: Query[CaseFilter],
    zoom: float = Query(14, ge=0, le=24),
) -> MapPoints:
    """Points of a window, coloured by their clock; counted together when there are too many."""
    return selectors.map_points(request.actor, filters, zoom=zoom, now=request.now)


@router.get("/cases/quarantine", response=QuarantinePage, operation_id="list_quarantine", summary="Held-back items")
def list_quarantine(
    request: Any,
    cursor: str | None = Query(None, max_length=200),
    limit: int = Query(50, ge=1, le=200),
) -> QuarantinePage:
    """What could not be applied: the sender's own, and for a centre all below it."""
    return held_back.page(request.actor, cursor=cursor, limit=limit)


@router.post(
    "/cases/quarantine/{item}/settle", response={204: None}, operation_id="settle_quarantine", summary="Settle an item"
)
def settle_quarantine(request: Any, item: int) -> Status[Any]:
    """Mark a held-back item as dealt with. Repeating it changes nothing."""
    held_back.settle(actor=request.actor, item=item, now=request.now)
    return Status(204, None)


@router.get("/cases/{id}", response=CaseDetail, operation_id="get_case", summary="One case")
def get_case(request: Any, id: UUID) -> CaseDetail:
    """Everything the reader may know of it, and what he may do."""
    return selectors.detail(request.actor, id, now=request.now)


@router.post(
    "/cases/{id}/actions/{action}", response=CaseDetail, operation_id="act_on_case", summary="Act on a case"
)
def act_on_case(
    request: Any, id: UUID, body: ActionIn, action: str = Path(..., max_length=40, pattern=r"^[a-z_]+$")
) -> CaseDetail:
    """Do one of the actions the case offers. A repeat of a key answers as the first time did."""
    return engine.act(actor=request.actor, case_id=id, action=action, body=body, now=request.now)


@router.post(
    "/cases/{id}/reporters/{reporter}/reveal",
    response=RevealOut,
    operation_id="reveal_reporter",
    summary="See a reporter's contact",
)
def reveal_reporter(request: Any, id: UUID, reporter: int, body: RevealIn) -> RevealOut:
    """Unmask one contact for a purpose; the look is logged before the value leaves."""
    return reveal.reveal(actor=request.actor, case_id=id, reporter=reporter, purpose=body.purpose, now=request.now)


@router.get("/track/{track_code}", response=Track, operation_id="track_case", summary="Progress by tracking code")
def track_case(request: Any, track_code: str = Path(..., min_length=8, max_length=40)) -> Track:
    """Progress in plain words for whoever holds the code."""
    return selectors.track(request.actor, track_code, now=request.now)


@router.get("/resident/cases", response=TrackPage, operation_id="list_own_cases", summary="A resident's own cases")
def list_own_cases(
    request: Any,
    cursor: str | None = Query(None, max_length=200),
    limit: int = Query(20, ge=1, le=100),
) -> TrackPage:
    """The signed-in resident's reports, newest first."""
    return selectors.own_cases(request.actor, cursor=cursor, limit=limit, now=request.now)


@router.get("/reasons", response=dict[str, list[ReasonOut]], operation_id="list_reasons", summary="Reasons by step")
def list_reasons(request: Any) -> dict[str, list[ReasonOut]]:
    """The reasons this locality's pack allows for returning, rejecting, suspending, escalating."""
    return selectors.reasons(request.actor)
