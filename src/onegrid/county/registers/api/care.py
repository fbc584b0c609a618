"""People who need help and people who came back, over HTTP. Personal values are masked but for the person himself."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any, Literal
from uuid import UUID

from ninja import Router, Status
from ninja.params.functions import Query

from onegrid.county.grids.api import grid_out
from onegrid.county.registers.schemas.care import (
    CareEndIn,
    CareIn,
    CareOut,
    CarePage,
    CareVisitIn,
    ConfirmIn,
    PlanChangeIn,
    PlanIn,
    ReachedOut,
    RefuseIn,
    ReturneeIn,
    ReturneeList,
    ReturneeOut,
    WhyIn,
)
from onegrid.county.registers.selectors import care as cares
from onegrid.county.registers.selectors import choices, returnees
from onegrid.county.registers.services import care as care_services
from onegrid.county.registers.services import returnees as return_services
from onegrid.county.workforce.selectors import day_of
from onegrid.foundation.accounts import permissions
from onegrid.foundation.accounts import selectors as accounts

router = Router(tags=["care"])


@router.get("/care", response=CarePage, operation_id="list_cares", summary="Whom to visit")
def list_cares(
    request: Any,
    due_by: date | None = None,
    cursor: str = Query("", max_length=40),
    limit: int = Query(50, ge=1, le=200),
) -> Any:
    """Open rows of the care register in the caller's grids, masked, the longest due first."""
    permissions.staff(request.actor)
    rows, following = cares.cares(request.actor, due_by=due_by, cursor=cursor, limit=limit)
    needs = choices.choices("care.need").values()
    english = request.lang == "en"
    return {
        "items": [asdict(row) for row in rows],
        "next": following,
        "today": day_of(request.now),
        "needs": [{"key": one.key, "title": one.title.en if english else one.title.zh} for one in needs],
    }


@router.post("/care", response={201: CareOut, 200: CareOut}, operation_id="begin_care", summary="Begin to care")
def begin_care(request: Any, body: CareIn) -> Status[Any]:
    """A resident of the caller's grids with a plan made in advance. 201 when new, 200 for a repeat of the same key."""
    permissions.staff(request.actor)
    found, new = care_services.begin(request.actor, body.key, int(body.resident), _plan(body), now=request.now)
    return Status(201 if new else 200, sheet_out(found))


@router.get("/care/{int:id}", response=CareOut, operation_id="read_care", summary="A plan and the last visits")
def read_care(request: Any, id: int) -> Any:
    """That it was read is on record for the person it is about."""
    permissions.staff(request.actor)
    return sheet_out(care_services.open_sheet(request.actor, id, now=request.now))


@router.post("/care/{int:id}", response=CareOut, operation_id="change_care", summary="Write a plan anew")
def change_care(request: Any, id: int, body: PlanChangeIn) -> Any:
    """409 when somebody changed it since the version that was read."""
    permissions.staff(request.actor)
    return sheet_out(care_services.change(request.actor, id, body.version, _plan(body), now=request.now))


@router.post("/care/{int:id}/visits", response={201: CareOut, 200: CareOut}, operation_id="visit_care",
             summary="Note a visit")  # fmt: skip
def visit_care(request: Any, id: int, body: CareVisitIn) -> Status[Any]:
    """Counted at the phone's time, also days later. 201 when new, 200 for a repeat of the same key."""
    permissions.staff(request.actor)
    told = care_services.Visit(body.key, body.outcome, body.note, body.device_at)
    found, new = care_services.visit(request.actor, id, told, now=request.now)
    return Status(201 if new else 200, sheet_out(found))


@router.post("/care/{int:id}/end", response={204: None}, operation_id="end_care", summary="End care")
def end_care(request: Any, id: int, body: CareEndIn) -> Status[Any]:
    """Repeating it changes nothing."""
    permissions.staff(request.actor)
    care_services.end(request.actor, id, body.why, now=request.now)
    return Status(204, None)


@router.post("/care/{int:id}/helpers/{int:helper}/reveal", response=ReachedOut, operation_id="reveal_helper",
             summary="Whom to call for somebody in care")  # fmt: skip
def reveal_helper(request: Any, id: int, helper: int, body: WhyIn) -> Any:
    """For a purpose; the look is logged before the number leaves."""
    permissions.staff(request.actor)
    found = care_services.helper(request.actor, id, helper, purpose=body.purpose, now=request.now)
    return {"name": found.name, "phone": found.phone}


@router.get("/returnees", response=ReturneeList, operation_id="list_returnees", summary="Who comes home")
def list_returnees(request: Any, state: Literal["waiting", "confirmed", "refused"] = Query("waiting")) -> Any:
    """In the caller's grids, masked, the next to arrive first."""
    permissions.staff(request.actor)
    rows = returnees.to_confirm(request.actor, state)
    return {"items": [returnee_out(row, english=request.lang == "en") for row in rows]}


@router.post("/returnees/{uuid:id}/reveal", response=ReachedOut, operation_id="reveal_returnee",
             summary="Whom to call about a registration")  # fmt: skip
def reveal_returnee(request: Any, id: UUID, body: WhyIn) -> Any:
    """For a purpose; the look is logged before name and number leave."""
    permissions.staff(request.actor)
    return asdict(return_services.reach(request.actor, id, purpose=body.purpose, now=request.now))


@router.post("/returnees/{uuid:id}/confirm", response=ReturneeOut, operation_id="confirm_returnee",
             summary="Confirm that somebody came home")  # fmt: skip
def confirm_returnee(request: Any, id: UUID, body: ConfirmIn) -> Any:
    """The person is told. Repeating it changes nothing."""
    permissions.staff(request.actor)
    household = int(body.household) if body.household else None
    found = return_services.confirm(request.actor, id, household=household, now=request.now)
    return returnee_out(found, english=request.lang == "en")


@router.post("/returnees/{uuid:id}/refuse", response=ReturneeOut, operation_id="refuse_returnee",
             summary="Say that a registration is not so")  # fmt: skip
def refuse_returnee(request: Any, id: UUID, body: RefuseIn) -> Any:
    """With the reason, which the person reads. Repeating it changes nothing."""
    permissions.staff(request.actor)
    found = return_services.refuse(request.actor, id, reason=body.reason, now=request.now)
    return returnee_out(found, english=request.lang == "en")


@router.get("/resident/returnees", response=ReturneeList, operation_id="own_returnees", summary="My registrations")
def own_returnees(request: Any) -> Any:
    """What the signed-in resident registered, newest first."""
    permissions.signed_in(request.actor)
    rows = returnees.own(request.actor)
    return {"items": [returnee_out(row, english=request.lang == "en") for row in rows]}


@router.post("/resident/returnees", response={201: ReturneeOut, 200: ReturneeOut}, operation_id="register_returnee",
             summary="Register that I come home")  # fmt: skip
def register_returnee(request: Any, body: ReturneeIn) -> Status[Any]:
    """Waits for the worker of the grid. 201 when new, 200 for a repeat of the same key."""
    told = return_services.Return(**body.dict(exclude={"key"}))
    found, new = return_services.register(request.actor, body.key, told, now=request.now)
    return Status(201 if new else 200, returnee_out(found, english=request.lang == "en"))


@router.post("/resident/returnees/{uuid:id}/withdraw", response={204: None}, operation_id="withdraw_returnee",
             summary="Take my registration back")  # fmt: skip
def withdraw_returnee(request: Any, id: UUID) -> Status[Any]:
    """Repeating it changes nothing."""
    return_services.withdraw(request.actor, id, now=request.now)
    return Status(204, None)


def sheet_out(found: cares.CareSheet) -> dict[str, Any]:
    """An opened row as the API shows it."""
    names = accounts.names_of([one.user for one in found.visits])
    visits = [{**asdict(one), "by": names.get(one.user, "")} for one in found.visits]
    helpers = [asdict(one) for one in found.helpers]
    return {**asdict(found.line), "plan": found.plan, "begun_on": found.begun_on, "helpers": helpers, "visits": visits}


def returnee_out(found: returnees.ReturneeLine, *, english: bool) -> dict[str, Any]:
    """A registration as the API shows it."""
    return {**asdict(found), "grid": grid_out(found.grid, english=english) if found.grid else None}


def _plan(body: PlanIn) -> care_services.Plan:
    told = body.helpers
    helpers = None if told is None else tuple(care_services.Helper(one.role, one.name, one.phone) for one in told)
    return care_services.Plan(tuple(body.needs), body.plan, body.every_days, body.next_due, helpers)
