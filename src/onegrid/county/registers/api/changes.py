"""Edits, moves, what waits, duplicates, and what a phone tells of a visit. What is told twice is done once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Router
from ninja.params.functions import Query

from onegrid.county.registers.rules.kinds import Kind
from onegrid.county.registers.schemas.changes import (
    AddIn,
    ChangeConfirmIn,
    ChangeRefuseIn,
    DepartureIn,
    DoorVisitIn,
    DoorVisitOut,
    EditIn,
    HistoryList,
    KeyIn,
    MergeIn,
    MoveIn,
    OutcomeOut,
    OutcomesOut,
    PairIn,
    PairList,
    PairMadeOut,
    WaitingList,
)
from onegrid.county.registers.selectors import changes as selectors
from onegrid.county.registers.services import changes, looks
from onegrid.county.registers.services.changes import Edit, Told, door, settling, steps, uniting
from onegrid.county.registers.services.changes.adding import Where
from onegrid.foundation.accounts import permissions

router = Router(tags=["changes"])


@router.post("/register/{kind}/{int:id}/edit", response=OutcomeOut, operation_id="edit_record", summary="Change a row")
def edit_record(request: Any, kind: Kind, id: int, body: EditIn) -> Any:
    """Field by field into what the row says now. 409 `register_conflict` with both values when somebody else changed
    the same fields; then nothing is written. What the hat may see and not write waits for confirmation."""
    permissions.staff(request.actor)
    edit = Edit(kind, id, body.version, body.seen, body.wanted)
    told = _told(request, body.at, body.source)
    return steps.once(request.actor, body.key, ["edit", kind, id, body.dict()], told,
                      lambda: changes.apply(request.actor, edit, told).told())  # fmt: skip


@router.post("/register/add", response=OutcomeOut, operation_id="add_record", summary="Add a row")
def add_record(request: Any, body: AddIn) -> Any:
    """A resident of a household, a household behind a door (with its residents), a door, a building, premises …"""
    permissions.staff(request.actor)
    told = _told(request, body.at, body.source)
    where = Where(body.household, body.dwelling, body.building, body.label, body.lon, body.lat)
    return steps.once(
        request.actor, body.key, ["add", body.dict()], told,
        lambda: steps.add(request.actor, body.kind, body.values, where, body.residents, told),
    )  # fmt: skip


@router.post("/register/moves", response=OutcomeOut, operation_id="move_residents", summary="People move together")
def move_residents(request: Any, body: MoveIn) -> Any:
    """Into a household, or a new one behind a door. All of a household into another joins the two; some into a new one
    split it. Where they lived before is kept."""
    permissions.staff(request.actor)
    told = _told(request, body.at, body.source)
    return steps.once(
        request.actor, body.key, ["move", body.dict()], told,
        lambda: steps.move(request.actor, body.residents, body.household, body.dwelling, body.on, told),
    )  # fmt: skip


@router.post("/register/departures", response=OutcomesOut, operation_id="depart_residents", summary="People leave")
def depart_residents(request: Any, body: DepartureIn) -> Any:
    """They moved away out of the register, or died. Their entries stay until retention takes them."""
    permissions.staff(request.actor)
    told = _told(request, body.at, body.source)
    return steps.once(
        request.actor, body.key, ["depart", body.dict()], told,
        lambda: steps.depart(request.actor, body.residents, body.why, body.on, told),
    )  # fmt: skip


@router.post("/register/door", response=DoorVisitOut, operation_id="visit_door", summary="What was found at a door")
def visit_door(request: Any, body: DoorVisitIn) -> Any:
    """One visit, days later perhaps: all of it or nothing. 409 `register_conflict` names every field somebody else
    changed meanwhile, with both values."""
    permissions.staff(request.actor)
    at = body.at
    found = door.Visit(
        household=body.household,
        where=Where(dwelling=at.dwelling, building=at.building, label=at.label) if at else Where(),
        changes=[
            Edit(one.kind, one.id, one.version, one.seen, one.wanted, f"changes.{place}.")
            for place, one in enumerate(body.changes)
        ],
        joined=body.joined,
        left=[door.Leaving(one.id, one.on, one.how) for one in body.left],
    )
    return door.visit(request.actor, body.key, ["door", body.dict()], found, _told(request, body.device_at, "door"))


@router.get(
    "/register/waiting", response=WaitingList, operation_id="list_waiting", summary="What waits to be confirmed"
)
def list_waiting(
    request: Any,
    kind: Kind | None = None,
    after: str = Query("", max_length=40),
    limit: int = Query(50, ge=1, le=200),
) -> Any:
    """In the caller's reach, oldest first, personal values masked."""
    permissions.staff(request.actor)
    return _met(request, selectors.waiting(request.actor, kind=kind, after=after, limit=limit))


@router.post(
    "/register/waiting/{int:id}/confirm", response=OutcomeOut, operation_id="confirm_change", summary="Confirm a change"
)
def confirm_change(request: Any, id: int, body: ChangeConfirmIn) -> Any:
    """All of it or some fields. Nobody confirms what he proposed himself."""
    permissions.staff(request.actor)
    told = _told(request, None, "desk")
    return settling.confirm(request.actor, id, told, version=body.version, fields=body.fields).told()


@router.post(
    "/register/waiting/{int:id}/refuse", response=OutcomeOut, operation_id="refuse_change", summary="Refuse a change"
)
def refuse_change(request: Any, id: int, body: ChangeRefuseIn) -> Any:
    """The row stays as it is. Who proposed it may take it back so, too."""
    permissions.staff(request.actor)
    return settling.refuse(request.actor, id, _told(request, None, "desk"), reason=body.reason).told()


@router.get(
    "/register/history/{kind}/{int:id}",
    response=HistoryList,
    operation_id="list_history",
    summary="How a row came to be as it is",
)
def list_history(request: Any, kind: Kind, id: int) -> Any:
    """Which fields were changed when, by whom. 404 outside the caller's reach."""
    permissions.staff(request.actor)
    return {"items": selectors.history(request.actor, kind, id)}


@router.post(
    "/register/history/{int:id}/undo", response=OutcomeOut, operation_id="undo_change", summary="Undo a change"
)
def undo_change(request: Any, id: int, body: KeyIn) -> Any:
    """As long as nothing was built upon it: 409 `cannot_undo` otherwise. Merged residents become two again."""
    permissions.staff(request.actor)
    told = _told(request, None, "desk")
    return steps.once(request.actor, body.key, ["undo", id], told,
                      lambda: settling.undo(request.actor, id, told).told())  # fmt: skip


@router.get("/register/duplicates", response=PairList, operation_id="list_duplicates", summary="Who looks like one")
def list_duplicates(request: Any, after: str = Query("", max_length=60), limit: int = Query(20, ge=1, le=100)) -> Any:
    """Pairs of residents in the caller's reach, most alike first, masked."""
    permissions.staff(request.actor)
    return _met(request, selectors.pairs(request.actor, after=after, limit=limit))


@router.post("/register/duplicates", response=PairMadeOut, operation_id="pair_residents", summary="Compare two")
def pair_residents(request: Any, body: PairIn) -> Any:
    """Put two residents side by side by hand."""
    permissions.staff(request.actor)
    return {"id": str(uniting.open_pair(request.actor, *body.residents, _told(request, None, "desk")))}


@router.post(
    "/register/duplicates/{int:id}/merge", response=OutcomeOut, operation_id="merge_residents", summary="They are one"
)
def merge_residents(request: Any, id: int, body: MergeIn) -> Any:
    """One entry stays, completed from the other; what hung on the other hangs on it. Undone through the history."""
    permissions.staff(request.actor)
    told = _told(request, None, "desk")
    return steps.once(
        request.actor, body.key, ["merge", id, body.dict()], told,
        lambda: uniting.merge(request.actor, id, told, keep=body.keep, take=body.take).told(),
    )  # fmt: skip


@router.post(
    "/register/duplicates/{int:id}/apart", response=PairMadeOut, operation_id="keep_apart", summary="They are two"
)
def keep_apart(request: Any, id: int) -> Any:
    """The pair is not offered again."""
    permissions.staff(request.actor)
    uniting.keep_apart(request.actor, id)
    return {"id": str(id)}


def _told(request: Any, device: datetime | None, source: str) -> Told:
    """When it happened: by the device, but never ahead of us."""
    return Told(request.now, source, min(device, request.now) if device is not None else None)


def _met(request: Any, page: selectors.Listed) -> Any:
    """A page, and on record whom it shows."""
    looks.look(request.actor, page.met, how="read", now=request.now)
    return {"items": page.items, "next": page.next, "total": page.total}
