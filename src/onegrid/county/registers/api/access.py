"""Exports with a second person's approval, and what a resident may know and ask about the data held on him."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from ninja import Router, Status
from ninja.params.functions import Query

from onegrid.county.registers.api.records import asked_of
from onegrid.county.registers.schemas.access import (
    AskedOut,
    EraseIn,
    LinkIn,
    LookPage,
    OwnRegisterOut,
    OwnRequestIn,
    RegisterExportIn,
    RegisterExportList,
    RegisterExportOut,
)
from onegrid.county.registers.selectors import exports
from onegrid.county.registers.services import exporting, own, retention
from onegrid.foundation.accounts import permissions

router = Router(tags=["registers"])
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get(
    "/resident/register", response=OwnRegisterOut, operation_id="read_own_register", summary="What is held about me"
)
def read_own_register(request: Any) -> Any:
    """The signed-in resident's own data, masked, with purpose and retention. Not linked: `linked` is false."""
    found = own.page(request.actor, now=request.now)
    return {**found, "items": [asdict(one) for one in found["items"]]}


@router.post(
    "/resident/register/link", response=OwnRegisterOut, operation_id="link_own_register", summary="Prove who I am"
)
def link_own_register(request: Any, body: LinkIn) -> Any:
    """404 `not_found_here` whatever was wrong; five tries a day, 429 after that."""
    request.keep_writes = True
    own.link(request.actor, body.id_tail, now=request.now)
    return read_own_register(request)


@router.post(
    "/resident/register/unlink", response={204: None}, operation_id="unlink_own_register", summary="End the link"
)
def unlink_own_register(request: Any) -> Status[Any]:
    """The account shows nothing of the register any more. Repeating it changes nothing."""
    own.unlink(request.actor, now=request.now)
    return Status(204, None)


@router.get(
    "/resident/register/looks", response=LookPage, operation_id="list_own_looks", summary="Who looked at my data"
)
def list_own_looks(request: Any, cursor: int | None = Query(None, ge=1)) -> Any:
    """Twenty at a time, the newest first; a look is here as soon as it happened. 409 `not_linked`."""
    items, after = own.looks(request.actor, before=cursor, now=request.now)
    return {
        "items": [{**asdict(one), "id": str(one.id)} for one in items],
        "next": str(after) if after is not None else None,
    }


@router.post(
    "/resident/register/requests",
    response={201: AskedOut, 200: AskedOut},
    operation_id="ask_about_own_data",
    summary="Ask for correction, deletion, or about a look",
)
def ask_about_own_data(request: Any, body: OwnRequestIn) -> Status[Any]:
    """Opens a case with a limit set by law. 201 the first time, 200 for a repeat of the key; 409 `not_linked`."""
    made, new = own.ask(
        request.actor, key=body.key, kind=body.kind, field=body.field, look=body.look, words=body.words,
        now=request.now,
    )  # fmt: skip
    answer = {"id": made.id, "number": made.number, "track_code": made.track_code, "answer_by": made.due_on}
    return Status(201 if new else 200, answer)


@router.post(
    "/register/residents/{int:id}/erase",
    response={204: None},
    operation_id="erase_resident",
    summary="Delete a resident on request",
)
def erase_resident(request: Any, id: int, body: EraseIn) -> Status[Any]:
    """With everything held about him, for good; needs the duty to administer. The journal keeps that it was done."""
    permissions.staff(request.actor)
    retention.erase(request.actor, id, reason=body.reason, now=request.now)
    return Status(204, None)


@router.get("/register/exports", response=RegisterExportList, operation_id="list_exports", summary="Exports")
def list_exports(request: Any) -> Any:
    """One's own, and for whoever decides those of the grids below, newest first."""
    permissions.staff(request.actor)
    return {"items": exports.listed(request.actor, now=request.now)}


@router.post(
    "/register/exports",
    response={201: RegisterExportOut, 200: RegisterExportOut},
    operation_id="ask_for_export",
    summary="Ask for an export",
)
def ask_for_export(request: Any, body: RegisterExportIn) -> Status[Any]:
    """Waits for a second person. 201 the first time, 200 for a repeat of the key; 422 for more rows than a workbook."""
    permissions.staff(request.actor)
    wanted = exporting.Wanted(
        body.key, asked_of(body.kind, body.filter), whole=body.whole, purpose=body.purpose, words=body.words
    )
    row, new = exporting.ask(request.actor, wanted, now=request.now)
    return Status(201 if new else 200, exports.one(request.actor, row, now=request.now))


@router.post(
    "/register/exports/{id}/approve",
    response=RegisterExportOut,
    operation_id="approve_export",
    summary="Approve an export",
)
def approve_export(request: Any, id: UUID) -> Any:
    """By a second person in charge of the grids; 403 `own_export`, 409 `export_settled`."""
    permissions.staff(request.actor)
    row = exporting.decide(request.actor, id, approve=True, now=request.now)
    return exports.one(request.actor, row, now=request.now)


@router.post(
    "/register/exports/{id}/refuse",
    response=RegisterExportOut,
    operation_id="refuse_export",
    summary="Refuse an export",
)
def refuse_export(request: Any, id: UUID) -> Any:
    """By a second person in charge of the grids."""
    permissions.staff(request.actor)
    row = exporting.decide(request.actor, id, approve=False, now=request.now)
    return exports.one(request.actor, row, now=request.now)


@router.post(
    "/register/exports/{id}/withdraw",
    response=RegisterExportOut,
    operation_id="withdraw_export",
    summary="Take one's own back",
)
def withdraw_export(request: Any, id: UUID) -> Any:
    """Also an approved one: it can be downloaded no more."""
    permissions.staff(request.actor)
    return exports.one(request.actor, exporting.withdraw(request.actor, id, now=request.now), now=request.now)


@router.post(
    "/register/exports/{id}/file",
    operation_id="download_export",
    summary="Download an approved export",
    openapi_extra={"responses": {200: {"description": "An Excel workbook", "content": {XLSX: {}}}}},
)
def download_export(request: Any, id: UUID) -> HttpResponse:
    """An xlsx workbook, marked with the caller's name; everybody in it is put on record. 409 when it has run out."""
    permissions.staff(request.actor)
    made = exporting.download(request.actor, id, now=request.now)
    answer = HttpResponse(made.content, content_type=XLSX)
    answer.headers["Content-Disposition"] = content_disposition_header(True, made.name)
    answer.headers["X-Rows"] = str(made.rows)
    answer.headers["Cache-Control"] = "no-store"
    return answer
