"""What the cells of one line say together: a door, a person whose numbers agree, a place that can be found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from collections.abc import Mapping as ReadOnly
from typing import Any, Final

from onegrid.county.registers.rules.kinds import NEEDED, Kind
from onegrid.county.registers.rules.sheets import addresses, numbers
from onegrid.county.registers.rules.sheets.values import Bad
from onegrid.foundation.kernel.masking import normalise

Values = dict[str, Any]
RESIDENCE_PERMITS: Final = ("810000", "820000", "830000")
"""How numbers of residence permits (Hong Kong, Macao, Taiwan) begin, in the form of an ID card's."""
Fault = tuple[str, str, ReadOnly[str, str | int]]
"""Column, reason and its blanks."""


def place_of(building: str, unit: str, floor: int | None, room: str, address: str) -> addresses.Door:
    """Where a line says something is. Parts in columns of their own win over those an address holds.

    Raises Bad(door_incomplete) for a stairwell without a room.
    """
    if unit or room:
        named = building or (address and addresses.split(address).building)
        found = addresses.together(addresses.building_key(named), unit, floor, room)
    else:
        found = addresses.split(building) if building else addresses.split(address)
        if building and address and not found.label:
            beside = addresses.split(address)
            found = beside._replace(building=found.building)
        if floor is not None:
            found = found._replace(floor=floor)
    if found.unit and not found.room:
        raise Bad("door_incomplete")
    return found


def finish(kind: Kind, cells: Values, kept: tuple[str, ...]) -> Iterator[Fault]:
    """Complete the cells of a line in place, and tell what does not go together."""
    for group in NEEDED[kind]:
        if not any(cells.get(key) not in (None, "") or key in kept for key in group):
            yield group[0], "needed" if len(group) == 1 else "place_needed", {}
    yield from _TOGETHER[kind](cells)


def _door(cells: Values) -> Iterator[Fault]:
    if None in (cells.get("building"), cells.get("unit"), cells.get("room"), cells.get("address")):
        return  # a cell of it is a problem already
    address = cells.pop("address")
    try:
        found = place_of(cells["building"], cells["unit"], cells.get("floor"), cells["room"], address)
    except Bad as bad:
        yield "room", bad.reason, bad.params
        return
    cells.update(found._asdict())


def _resident(cells: Values) -> Iterator[Fault]:
    yield from _door(cells)
    born = cells.get("birth_date")
    number, kind = cells.get("id_number"), cells.get("id_kind")
    card = None
    if number and kind is not None:
        try:
            card = _numbered(cells, number, kind)
        except Bad as bad:
            yield "id_number", bad.reason, bad.params
    if card is not None and born is not None:
        if born and not card.day.startswith(born):
            yield "birth_date", "birth_differs", {}
        cells["birth_date"] = born = card.day
    if card is not None and cells.get("sex") in (1, 2) and cells["sex"] != card.sex:
        yield "sex", "sex_differs", {}
    if card is not None and cells.get("sex", card) is None:
        cells["sex"] = card.sex
    cells["birth_year"] = int(born[:4]) if born else None
    if born and len(born) == 4:
        cells["birth_date"] = ""
    since = cells.get("since")
    if born and since and since < born:
        yield "since", "since_before_birth", {}
    yield from _tied(cells, "works_at", ("works_since",))
    if born and (cells.get("works_since") or born) < born:
        yield "works_since", "before_birth", {}


def _dwelling(cells: Values) -> Iterator[Fault]:
    yield from _door(cells)
    for role in ("owner", "tenant"):
        yield from _tied(cells, role, (f"{role}_phone", f"{role}_since"))


def _tied(cells: Values, holder: str, said: tuple[str, ...]) -> Iterator[Fault]:
    """What is said of somebody nobody is named for. A cell that is a problem already is absent."""
    if cells.get(holder, holder) == "" and any(cells.get(key) for key in said):
        yield holder, "holder_needed", {}


def _numbered(cells: Values, number: str, kind: str) -> numbers.IdCard | None:
    """Read an identity number and say its kind; None for one of another document. Raises Bad."""
    if not kind:
        if number[0].isalpha():
            raise Bad("id_kind_needed")
        kind = cells["id_kind"] = "residence_permit" if number[:6] in RESIDENCE_PERMITS else "id_card"
    if kind != "id_card":
        if not (5 <= len(number) <= 30 and number.isascii() and number.replace("-", "").isalnum()):
            raise Bad("document_number")
        return None
    card = numbers.id_card(number)
    cells["id_kind"], cells["id_number"] = kind, card.number
    return card


def _building(cells: Values) -> Iterator[Fault]:
    if cells.get("name"):
        cells["name"] = addresses.building_key(cells["name"])
    yield from _point(cells)


def _point(cells: Values) -> Iterator[Fault]:
    lon, lat = cells.get("lon", 0.0), cells.get("lat", 0.0)
    if (lon is None) != (lat is None):
        yield ("lon" if lon is None else "lat"), "point_half", {}


def _unit(cells: Values) -> Iterator[Fault]:
    """Premises and organisations: found by a building named, or by the one in their address."""
    if not cells.get("building") and cells.get("address"):
        cells["building"] = addresses.split(cells["address"]).building
    elif cells.get("building"):
        cells["building"] = addresses.building_key(cells["building"])
    yield from _point(cells)


_TOGETHER: Final[ReadOnly[Kind, Callable[[Values], Iterator[Fault]]]] = {
    "residents": _resident,
    "households": _door,
    "dwellings": _dwelling,
    "buildings": _building,
    "premises": _unit,
    "organisations": _unit,
}


def number_text(raw: str) -> str:
    """An identity number in its one form, the one its blind index is made of."""
    return normalise(raw).lstrip("'")
