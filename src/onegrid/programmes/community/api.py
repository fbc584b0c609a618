"""Notices over HTTP: read by residents and staff, written by whoever leads a grid."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from ninja import Query, Router, Status

from onegrid.programmes.community import selectors, services
from onegrid.programmes.community.permissions import actor_of
from onegrid.programmes.community.schemas import (
    NoticeIn,
    NoticeList,
    ReaderPage,
    StaffNoticePage,
    WithdrawIn,
    WrittenNotice,
    WrittenPage,
)

router = Router(tags=["notices"])


@router.get("/notices/here", response=NoticeList, operation_id="notices_here", summary="Notices to residents")
def notices_here(
    request: Any, lon: float | None = Query(None, ge=-180, le=180), lat: float | None = Query(None, ge=-90, le=90)
) -> Any:
    """What residents are told at a point; without one, what the whole locality is told. Nobody's reading is noted."""
    point = (lon, lat) if lon is not None and lat is not None else None
    return {"items": selectors.here(point, lang=request.lang, now=request.now)}


@router.get("/notices/mine", response=StaffNoticePage, operation_id="my_notices", summary="Notices to me")
def my_notices(
    request: Any, cursor: str | None = Query(None, max_length=200), limit: int = Query(30, ge=1, le=100)
) -> Any:
    """The notices in force for any of the caller's positions, newest first."""
    return selectors.mine(actor_of(request), cursor=cursor, limit=limit, now=request.now)


@router.post("/notices/{id}/read", response={204: None}, operation_id="read_notice", summary="Note that I opened it")
def read_notice(request: Any, id: UUID) -> Status[Any]:
    """Keep a receipt; the first time counts, repeating it changes nothing."""
    services.read(actor=actor_of(request), notice=id, now=request.now)
    return Status(204, None)


@router.get("/notices", response=WrittenPage, operation_id="list_notices", summary="Notices written here")
def list_notices(
    request: Any, cursor: str | None = Query(None, max_length=200), limit: int = Query(20, ge=1, le=50)
) -> Any:
    """Notices to the caller's grid and the grids below, whoever wrote them, also those that are over."""
    return selectors.written(actor_of(request), cursor=cursor, limit=limit, now=request.now)


@router.post(
    "/notices",
    response={201: WrittenNotice, 200: WrittenNotice},
    operation_id="publish_notice",
    summary="Write a notice",
)
def publish_notice(request: Any, body: NoticeIn) -> Status[Any]:
    """201 when it is up; 200 for a repeat of the same key; 409 when the repeat says something else."""
    actor = actor_of(request)
    made = services.publish(actor=actor, draft=body.as_draft(), now=request.now)
    return Status(201 if made else 200, selectors.one_written(actor, body.key, now=request.now))


@router.post(
    "/notices/{id}/withdraw", response=WrittenNotice, operation_id="withdraw_notice", summary="Take a notice down"
)
def withdraw_notice(request: Any, id: UUID, body: WithdrawIn) -> Any:
    """It is shown to nobody any more; its receipts stay. Repeating it changes nothing."""
    actor = actor_of(request)
    services.withdraw(actor=actor, notice=id, reason=body.reason, now=request.now)
    return selectors.one_written(actor, id, now=request.now)


@router.get("/notices/{id}/readers", response=ReaderPage, operation_id="notice_readers", summary="Who has read it")
def notice_readers(
    request: Any,
    id: UUID,
    read: bool = Query(True, description="False: those it is for who have not opened it."),
    cursor: str | None = Query(None, max_length=20),
    limit: int = Query(50, ge=1, le=200),
) -> Any:
    """Names and offices of the staff, for whoever may write there."""
    asked = selectors.Readers(read=read, cursor=cursor, limit=limit)
    return selectors.readers(actor_of(request), id, asked, now=request.now)
