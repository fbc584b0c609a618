"""Who owns or rents a dwelling, and where a resident works: since when, until when."""

from __future__ import annotations

from typing import Any

from ninja import Router

from onegrid.county.registers.schemas.changes import KeyIn
from onegrid.county.registers.schemas.holdings import (
    EmploymentIn,
    EmploymentList,
    EndIn,
    HoldingOut,
    TenureIn,
    TenureList,
)
from onegrid.county.registers.selectors.holdings import Tie
from onegrid.county.registers.services import holdings
from onegrid.county.registers.services.changes import Told, holding, steps
from onegrid.county.registers.services.changes.holding import Holder
from onegrid.foundation.accounts import permissions

router = Router(tags=["holdings"])


@router.get(
    "/register/dwellings/{int:id}/tenures",
    response=TenureList,
    operation_id="list_tenures",
    summary="Who owns or rents a dwelling",
)
def list_tenures(request: Any, id: int) -> Any:
    """Masked; residents among them are put on record as read. 404 outside the caller's reach."""
    permissions.staff(request.actor)
    return {"items": holdings.tenures(request.actor, id, now=request.now)}


@router.post(
    "/register/dwellings/{int:id}/tenures",
    response=HoldingOut,
    operation_id="add_tenure",
    summary="Somebody owns or rents a dwelling",
)
def add_tenure(request: Any, id: int, body: TenureIn) -> Any:
    """A resident of the register in the caller's reach, or a name and a phone by hand; both are kept sealed."""
    permissions.staff(request.actor)
    told, holder = Told(request.now), Holder(body.role, body.resident, body.name, body.phone)
    return steps.once(
        request.actor, body.key, ["tenure", id, body.dict()], told,
        lambda: holding.hold(request.actor, id, holder, body.since, told),
    )  # fmt: skip


@router.post(
    "/register/tenures/{int:id}/end", response=HoldingOut, operation_id="end_tenure", summary="Owned or rented until"
)
def end_tenure(request: Any, id: int, body: EndIn) -> Any:
    """It stays to be read until retention takes it."""
    return _end(request, "tenures", id, body)


@router.post(
    "/register/tenures/{int:id}/remove", response=HoldingOut, operation_id="remove_tenure", summary="It was a slip"
)
def remove_tenure(request: Any, id: int, body: KeyIn) -> Any:
    """On the day it was written down. 409 `holding_kept` later: then it can be ended."""
    return _remove(request, "tenures", id, body)


@router.get(
    "/register/residents/{int:id}/employments",
    response=EmploymentList,
    operation_id="list_employments",
    summary="Where a resident works",
)
def list_employments(request: Any, id: int) -> Any:
    """Of the organisations in the caller's reach; the resident is put on record as read."""
    permissions.staff(request.actor)
    return {"items": holdings.employments(request.actor, id, now=request.now)}


@router.post(
    "/register/residents/{int:id}/employments",
    response=HoldingOut,
    operation_id="add_employment",
    summary="A resident works somewhere",
)
def add_employment(request: Any, id: int, body: EmploymentIn) -> Any:
    """At an organisation of the register, both in the caller's reach."""
    permissions.staff(request.actor)
    told = Told(request.now)
    return steps.once(
        request.actor, body.key, ["employment", id, body.dict()], told,
        lambda: holding.employ(request.actor, id, body.organisation, body.since, told),
    )  # fmt: skip


@router.post(
    "/register/employments/{int:id}/end", response=HoldingOut, operation_id="end_employment", summary="Worked until"
)
def end_employment(request: Any, id: int, body: EndIn) -> Any:
    """It stays to be read until retention takes it."""
    return _end(request, "employments", id, body)


@router.post(
    "/register/employments/{int:id}/remove",
    response=HoldingOut,
    operation_id="remove_employment",
    summary="It was a slip",
)
def remove_employment(request: Any, id: int, body: KeyIn) -> Any:
    """On the day it was written down. 409 `holding_kept` later: then it can be ended."""
    return _remove(request, "employments", id, body)


def _end(request: Any, tie: Tie, key: int, body: EndIn) -> Any:
    permissions.staff(request.actor)
    told = Told(request.now)
    return steps.once(
        request.actor, body.key, [f"end {tie}", key, body.dict()], told,
        lambda: holding.end(request.actor, tie, key, body.until, told),
    )  # fmt: skip


def _remove(request: Any, tie: Tie, key: int, body: KeyIn) -> Any:
    permissions.staff(request.actor)
    told = Told(request.now)
    return steps.once(request.actor, body.key, [f"remove {tie}", key], told,
                      lambda: holding.remove(request.actor, tie, key, told))  # fmt: skip
