"""The registers for other systems: a first copy, then what changed. With a key that was agreed, in `X-API-Key`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from ninja import Router
from ninja.params.functions import Query

from onegrid.county.grids.selectors import reading as grids
from onegrid.county.registers.rules.kinds import Kind
from onegrid.county.registers.schemas.systems import (
    AgreementIn,
    AgreementList,
    AgreementMadeOut,
    AgreementOut,
    CopyOut,
    FeedOut,
    FetchedOut,
)
from onegrid.county.registers.services import fetched, systems
from onegrid.foundation.accounts import permissions

router = Router(tags=["systems"])
HEADER = "X-API-Key"


@router.get("/register/changes", response=FeedOut, operation_id="read_register_feed", summary="What changed since")
def read_register_feed(
    request: Any, after: str = Query("", max_length=40), limit: int = Query(500, ge=1, le=2000)
) -> Any:
    """Rows of the agreed grids that changed behind a cursor, each with its agreed fields as they are now. An answer may
    be empty and `more` true: ask again with `next`. Each resident told of is on record."""
    consumer = systems.consumer_of(request.headers.get(HEADER, ""))
    found = systems.changes(consumer, after=after, limit=limit, now=request.now)
    return {
        "items": [
            {
                "seq": one.seq, "at": one.at, "action": one.action, "kind": one.kind, "id": str(one.id),
                "fields": list(one.fields), "values": one.values,
            }
            for one in found.items
        ],
        "next": found.next,
        "more": found.more,
    }  # fmt: skip


@router.get("/register/copy/{kind}", response=CopyOut, operation_id="copy_register", summary="Rows as they are")
def copy_register(request: Any, kind: Kind, after: int = Query(0, ge=0), limit: int = Query(500, ge=1, le=2000)) -> Any:
    """For a first copy: keep the `cursor` of the first page, read all pages, then go on with what changed behind it."""
    consumer = systems.consumer_of(request.headers.get(HEADER, ""))
    cursor = systems.newest()
    rows, following = systems.rows(consumer, kind, after=after, limit=limit, now=request.now)
    return {
        "items": [{"id": str(one.id), "values": one.values} for one in rows],
        "next": None if following is None else str(following),
        "cursor": cursor,
    }


@router.get("/register/agreements", response=AgreementList, operation_id="list_agreements", summary="Who else is told")
def list_agreements(request: Any) -> Any:
    """The systems that are told about grids of the caller's."""
    permissions.staff(request.actor)
    return {"items": _told(request)}


@router.post(
    "/register/agreements", response=AgreementMadeOut, operation_id="make_agreement", summary="Agree with a system"
)
def make_agreement(request: Any, body: AgreementIn) -> Any:
    """What it is told, of which grid, and why. The key is in this answer and nowhere else."""
    permissions.staff(request.actor)
    made, key = systems.agree(
        request.actor, name=body.name, unit=body.unit, purpose=body.purpose, grid=body.grid,
        fields={str(kind): names for kind, names in body.fields.items()}, now=request.now,
    )  # fmt: skip
    return {**_out(made, _places([made]), {}), "key": key}


@router.post(
    "/register/agreements/{int:id}/revoke",
    response=AgreementList,
    operation_id="revoke_agreement",
    summary="End an agreement",
)
def revoke_agreement(request: Any, id: int) -> Any:
    """Its key opens nothing from now on."""
    permissions.staff(request.actor)
    systems.revoke(request.actor, id, request.now)
    return {"items": _told(request)}


def _told(request: Any) -> list[dict[str, Any]]:
    """All agreements, with what was fetched: two statements, and one for each grid that is named."""
    found = systems.consumers(request.actor)
    places, counts = _places(found), fetched.of(found, request.now)
    return [_out(one, places, counts) for one in found]


def _places(some: Sequence[Any]) -> dict[str, str]:
    return {path: grids.by_path(path).name for path in {one.scope_path for one in some}}


def _out(one: Any, places: Mapping[str, str], counts: Mapping[int, Sequence[Any]]) -> dict[str, Any]:
    return AgreementOut(
        id=str(one.pk), name=one.name, unit=one.unit, purpose=one.purpose, scope_path=one.scope_path,
        place=places[one.scope_path], fields=one.fields, created_at=one.created_at, revoked_at=one.revoked_at,
        fetched=[FetchedOut(**asdict(day)) for day in counts.get(one.pk, ())],
    ).dict()  # fmt: skip
