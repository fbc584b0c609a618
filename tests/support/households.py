"""Doors with people behind them, for tests of the registers."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

from support.people import Api
from support.world import World

from onegrid.county.registers.models import Building, Dwelling, Household, Resident
from onegrid.county.registers.rules.sheets.numbers import with_check
from onegrid.foundation.accounts.actor import Actor
from onegrid.foundation.accounts.services import keys

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def id_of(birth: str = "19900101", sequence: str = "001") -> str:
    """A fictional identity number: an area there is not, the right check character."""
    return with_check(f"350199{birth}{sequence}")


def door(leaf: Any, *, street: str = "后街1号", room: str = "101") -> Dwelling:
    """A door of a building in a leaf grid; the building is made when there is none of this name."""
    place = {"grid_id": leaf.id, "scope_path": leaf.scope_path}
    building, _ = Building.objects.get_or_create(name=street, defaults={"lon": leaf.lon, "lat": leaf.lat, **place})
    return Dwelling.objects.create(building=building, label=f"1单元{room}", unit="1", room=room, floor=1, **place)


def home(behind: Dwelling, *people: dict[str, Any]) -> Household:
    """A household with people of these fields."""
    place = {"grid_id": behind.grid_id, "scope_path": behind.scope_path}
    made = Household.objects.create(dwelling=behind, people=len(people), **place)
    for one in people:
        fields = {"sex": 0, "since": date(2020, 1, 1), **one}
        Resident.objects.create(household=made, scope_path=made.scope_path, **fields)
    return made


def signed_in(locality: str, actor: Actor) -> Api:
    """The API as somebody of the staff uses it. Inside a standing."""
    api = Api(locality)
    api.token = keys.make(user_id=actor.user_id, kind="token", label="t", now=NOW)[1]
    return api


def above(world: World, actor: Actor, role: str = "dispatcher") -> Actor:
    """Somebody of this kind whose area holds the actor's."""
    for person in world.people:
        if person.kind == role and actor.scope_path.startswith(person.actor.scope_path):
            return person.actor
    raise LookupError(role)


def key() -> str:
    """A fresh key."""
    return str(uuid4())
