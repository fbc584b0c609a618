"""What a resident may know and ask about the data held on him."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ninja import Router, Status
from ninja.params.functions import Query

from onegrid.county.registers.schemas.access import (
    AskedOut,
    LinkIn,
    LookPage,
    OwnRegisterOut,
    OwnRequestIn,
)
from onegrid.county.registers.services import own

router = Router(tags=["registers"])


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
