"""Rounds over HTTP: what they can be made of, handing them over, and the walker's own of today."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

from ninja import Router, Status

from onegrid.county.workforce.selectors import day_of
from onegrid.foundation.accounts import permissions
from onegrid.foundation.accounts.actor import Actor
from onegrid.programmes.patrols import handing
from onegrid.programmes.patrols.handing import Handed, HandedStop, Order
from onegrid.programmes.patrols.schemas import HandedList, HandIn, MyRound, RoundsGround

router = Router(tags=["duty"])


def _staff(request: Any) -> Actor:
    permissions.staff(request.actor)
    actor: Actor = request.actor
    return actor


@router.get("/rounds/ground", response=RoundsGround, operation_id="rounds_ground", summary="What rounds can be made of")
def rounds_ground(request: Any, grid: int, day: date | None = None) -> Any:
    """Walkers, visits due until the day (today unless told) and doors of a grid; for those who send others out."""
    found = handing.ground(_staff(request), grid, by=day or day_of(request.now), now=request.now)
    place = {"lon", "lat"}
    return {
        "grid": {"id": str(found.grid.id), "name": found.grid.name},
        "today": day_of(request.now),
        "walkers": [
            {"key": str(one.id), "name": one.name, "title": one.title, "place": one.place, "lon": one.lon,
             "lat": one.lat}
            for one in found.walkers
        ],
        "care": None if found.care is None else [
            {"id": str(one.id), "words": one.name, "due": one.due, "state": one.state,
             **{name: getattr(one, name) for name in place}}
            for one in found.care
        ],
        "doors": [
            {"id": str(one.id), "words": one.name, "households": one.households,
             **{name: getattr(one, name) for name in place}}
            for one in found.buildings
        ],
        "doors_offered": found.doors_offered,
    }  # fmt: skip


@router.get("/rounds/mine", response=MyRound, operation_id="my_round", summary="My round of today")
def my_round(request: Any) -> Any:
    """What somebody sent the caller on, whichever hat he wears."""
    found = handing.mine(_staff(request), now=request.now)
    return {"round": handed_out(found) if found else None}


@router.get("/rounds", response=HandedList, operation_id="list_rounds", summary="Rounds handed over")
def list_rounds(request: Any, day: date | None = None) -> Any:
    """Of one day, today unless told, in the caller's grids."""
    rows = handing.handed(_staff(request), day or day_of(request.now))
    return {"items": [handed_out(one) for one in rows]}


@router.post("/rounds", response={201: HandedList}, operation_id="hand_rounds", summary="Hand rounds over")
def hand_rounds(request: Any, body: HandIn) -> Status[Any]:
    """Each walker finds his on the phone's list of the day; what he had for it is replaced."""
    orders = [
        Order(
            one.key, int(one.walker), [HandedStop(**stop.dict()) for stop in one.stops], one.metres, one.minutes
        )
        for one in body.rounds
    ]  # fmt: skip
    rows = handing.hand_over(_staff(request), body.day, orders, now=request.now)
    return Status(201, {"items": [handed_out(one) for one in rows]})


@router.post("/rounds/{uuid:id}/take-back", response={204: None}, operation_id="take_back_round",
             summary="Take a round back")  # fmt: skip
def take_back_round(request: Any, id: UUID) -> Status[Any]:
    """It is gone from the walker's phone with the next look."""
    handing.take_back(_staff(request), id, now=request.now)
    return Status(204, None)


def handed_out(found: Handed) -> dict[str, Any]:
    """A handed round as the API shows it."""
    row = found.row
    return {
        "id": str(row.pk),
        "day": row.day,
        "who": found.who,
        "by": found.by,
        "made_at": row.made_at,
        "stops": [asdict(one) for one in found.stops],
        "metres": row.metres,
        "minutes": row.minutes,
    }
