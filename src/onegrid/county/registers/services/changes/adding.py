"""New rows: a resident of a household, a household behind a door, a door, a building, premises, an organisation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from onegrid.county.grids.errors import Nowhere
from onegrid.county.grids.selectors import GridInfo, locate
from onegrid.county.registers.errors import FieldsWrong, OtherGrid
from onegrid.county.registers.models import Building, Dwelling, Household, Organisation, Premises, Resident
from onegrid.county.registers.rules import editing
from onegrid.county.registers.rules.editing import EDITABLE, Faulty
from onegrid.county.registers.rules.kinds import Kind
from onegrid.county.registers.rules.merging import BLANK, Value, Values
from onegrid.county.registers.rules.sheets import addresses
from onegrid.county.registers.selectors import choices
from onegrid.county.registers.selectors.sight import Sight, sight
from onegrid.county.registers.services import search
from onegrid.county.registers.services.changes import moving, rows, writing
from onegrid.county.registers.services.changes.applying import Outcome, Told, faults_of
from onegrid.county.registers.services.changes.rows import SEARCHED
from onegrid.foundation.accounts.actor import Actor
from onegrid.foundation.kernel.errors import Forbidden

HOUSE_LABEL: Final = "1户"
"""The only door of a house."""
_BLANK: Final[Mapping[Kind, Mapping[str, Value]]] = {
    "residents": {key: 0 if key == "sex" else "" for key in EDITABLE["residents"]},
    "households": {"household": "", "people": 0},
    "dwellings": {"unit": "", "floor": None, "room": "", "use": ""},
    "buildings": {"code": "", "name": "", "kind": "", "levels": 1, "units": 1, "lon": None, "lat": None},
    "premises": {key: None if key in ("lon", "lat") else "" for key in EDITABLE["premises"]},
    "organisations": dict.fromkeys(EDITABLE["organisations"], ""),
}
"""A row about which nothing is known."""


@dataclass(frozen=True)
class Where:
    """Where a new row belongs: the nearest thing that is known."""

    household: int | None = None
    dwelling: int | None = None
    building: int | None = None
    label: str = ""
    """The door in words: 2单元301."""
    lon: float | None = None
    lat: float | None = None


def add(
    actor: Actor, kind: Kind, given: Values, where: Where, told: Told, *, place: str = "", count: bool = True
) -> Outcome:
    """Add one row. What the hat may see and not write is kept and waits, like an edit.

    `count` adds a resident to the people of the household. Raises `NotFound` for a place outside the reach,
    `Forbidden`, `FieldsWrong`, `OtherGrid`.
    """
    who = sight(actor)
    if not who.edits(kind):
        raise Forbidden()
    take = _checked(who, kind, given, told, place)
    mine = {key: value for key, value in take.items() if who.access(kind, key) == "write"}
    theirs = {key: value for key, value in take.items() if key not in mine}
    for key in editing.NEEDED[kind]:
        if key in theirs:
            raise Forbidden()
    row, made = _founded(actor, kind, mine, where, told, place)
    rows.put(kind, row, mine)
    row.save(force_insert=True)
    if SEARCHED[kind]:
        search.remember([row])
    change = writing.record(
        actor, kind, row, action="added", before={}, after=mine, source=told.source, at=told.at, told_at=told.told_at
    )
    waits = None
    if theirs:
        waits = writing.record(
            actor, kind, row, action="changed", before={key: _BLANK[kind][key] for key in theirs}, after=theirs,
            source=told.source, state="waiting", at=told.at, told_at=told.told_at,
        )  # fmt: skip
    if kind == "residents" and count:
        moving.counted(actor, row.household_id, 1, told)
    return Outcome(
        "applied", kind, row.pk, row.version, tuple(sorted(mine)), tuple(sorted(theirs)), change.pk,
        waits.pk if waits else None, (*made, (kind, row.pk)),
    )  # fmt: skip


def _checked(who: Sight, kind: Kind, given: Values, told: Told, place: str) -> dict[str, Value]:
    """The values in their one form with what follows from them; all that is wrong at once."""
    unknown = [key for key in given if key not in EDITABLE[kind] or not who.sees(kind, key)]
    if unknown:
        raise FieldsWrong((place + key, "register_changes.errors.no_field", {}) for key in unknown)
    try:
        read = editing.read(kind, given, choices.part().choices, told.day)
        lacking = [key for key in editing.NEEDED[kind] if {**_BLANK[kind], **read}.get(key) in BLANK]
        if lacking:
            raise Faulty(editing.Fault(key, "needed") for key in lacking)
        take = {key: value for key, value in rows.named(kind, read, place).items() if value not in BLANK}
        return {**take, **editing.agree(kind, _BLANK[kind], take)}
    except Faulty as wrong:
        raise faults_of(wrong, place) from None


def _founded(
    actor: Actor, kind: Kind, take: Values, where: Where, told: Told, place: str
) -> tuple[Any, tuple[tuple[Kind, int], ...]]:
    """The new row in its place, and what had to be made for it."""
    if kind == "residents":
        home: Household = rows.locked("households", where.household or 0)
        return Resident(household=home, scope_path=home.scope_path, collected_at=told.told_at or told.at), ()
    if kind == "households":
        door, made = _door(actor, where, told, place)
        return Household(dwelling=door, **_of(door)), made
    if kind == "dwellings":
        building: Building = rows.locked("buildings", where.building or 0)
        label = addresses.label_of(str(take.get("unit", "")), str(take.get("room", ""))) or HOUSE_LABEL
        if Dwelling.objects.filter(building=building, label=label).exists():
            raise FieldsWrong([(place + "room", "register_changes.errors.door_taken", {})])
        return Dwelling(building=building, label=label, **_of(building)), ()
    if kind == "buildings":
        return Building(**_grid(actor, take.get("lon"), take.get("lat"))), ()
    standing = rows.locked("buildings", where.building) if where.building is not None else None
    lon, lat = take.get("lon", where.lon), take.get("lat", where.lat)
    spot = _of(standing) if standing is not None else _grid(actor, lon, lat)
    return (Premises(building=standing, **spot) if kind == "premises" else Organisation(**spot)), ()


def _door(actor: Actor, where: Where, told: Told, place: str) -> tuple[Dwelling, tuple[tuple[Kind, int], ...]]:
    """The dwelling of a new household: the one named, or the door of a building, made when it is not there yet."""
    if where.dwelling is not None:
        return rows.locked("dwellings", where.dwelling), ()
    building: Building = rows.locked("buildings", where.building or 0)
    # A door is read behind a house number.
    read = addresses.split(f"1号{where.label}") if where.label else addresses.Door("", "", None, "", "")
    if where.label and not read.label:
        raise FieldsWrong([(place + "label", "register_changes.errors.no_door", {})])
    label = read.label or HOUSE_LABEL
    known = Dwelling.objects.select_for_update().filter(building=building, label=label).first()
    if known is not None:
        return known, ()
    door = Dwelling(building=building, label=label, unit=read.unit, room=read.room, floor=read.floor, **_of(building))
    door.save(force_insert=True)
    after = {"unit": door.unit, "room": door.room, "floor": door.floor}
    writing.record(
        actor, "dwellings", door, action="added", before={}, after=after, source=told.source, at=told.at,
        told_at=told.told_at,
    )  # fmt: skip
    return door, (("dwellings", door.pk),)


def _of(place: Any) -> dict[str, Any]:
    return {"grid_id": place.grid_id, "scope_path": place.scope_path}


def _grid(actor: Actor, lon: Value, lat: Value) -> dict[str, Any]:
    """The leaf grid at a point, which must lie below the actor."""
    if lon is None or lat is None:
        raise OtherGrid
    try:
        leaf: GridInfo = locate(float(lon), float(lat)).leaf
    except Nowhere:
        raise OtherGrid from None
    if not leaf.scope_path.startswith(actor.scope_path):
        raise OtherGrid
    return {"grid_id": leaf.id, "scope_path": leaf.scope_path}
