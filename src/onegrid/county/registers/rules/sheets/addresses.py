"""An address as people write it, split into the building and the door in it.

Only the end of an address is read: 人民路12号3号楼2单元301室 is the building 人民路12号3号楼 and the
door 2单元301. Where the words do not say which number is the door's, everything is the building's.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final, NamedTuple
from unicodedata import is_normalized

from onegrid.county.registers.rules.sheets.values import Bad, clean, compact, han_number

_N: Final = r"[0-9]{1,3}|[一二三四五六七八九十两]{1,3}"
_R: Final = r"[A-Z]?[0-9]{1,4}[A-Z]?"
_AFTER: Final = r"(?<=[号栋幢座楼#院弄])"
_DOORS: Final = tuple(
    re.compile(pattern + r"\Z")
    for pattern in (
        rf"(?P<unit>{_N}|[A-Z])(?:单元|梯)(?:(?P<floor>{_N})[层楼])?(?:(?P<room>{_R})(?:室|房|号|户)?)?",
        rf"{_AFTER}(?P<floor>{_N})[层楼](?:(?P<room>{_R})(?:室|房|号)?)?",
        rf"{_AFTER}(?P<unit>[0-9]{{1,2}})-(?P<floor>[0-9]{{1,2}})-(?P<room>{_R})(?:室|房)?",
        rf"{_AFTER}(?P<unit>[0-9]{{1,2}})-(?P<room>{_R})(?:室|房)?",
        rf"{_AFTER}(?P<room>[A-Z]?[0-9]{{3,4}}[A-Z]?)(?:室|房|号)?",
        rf"(?P<room>{_R})(?:室|房)",
        r"(?P<room>[0-9]{1,2})户",
    )
)
_TELLS: Final = re.compile(r"[单梯层楼栋幢座院弄室房户‐-―−~-]|号(?!\Z)")
"""Without any of these an address names no door."""
_SHARP: Final = re.compile(r"(?<=[0-9A-Za-z])#(?:楼|栋)?")
_DASHES: Final = re.compile(r"[‐-―−~]")
_UNIT_END: Final = re.compile(r"(?:单元|梯)\Z")
_ROOM_END: Final = re.compile(r"(?:号房|室|房|号|户)\Z")
_ROOM_WITH_UNIT: Final = re.compile(rf"(?P<unit>[0-9]{{1,2}})(?:-|单元)(?P<room>{_R})\Z")


class Door(NamedTuple):
    """A place behind a door. `floor` None when nothing tells it."""

    building: str
    unit: str
    floor: int | None
    room: str
    label: str


def building_key(text: str) -> str:
    """The one form of a building's address: NFKC, no spaces, 5# as 5号楼, one kind of hyphen."""
    if not (text.isprintable() and is_normalized("NFKC", text) and " " not in text):
        text = compact(unicodedata.normalize("NFKC", text))
    return _SHARP.sub("号楼", text) if "#" in text else text


def split(address: str) -> Door:
    """Building and door of an address in one line. The door is "" when the address names none."""
    whole = building_key(address)
    if not _TELLS.search(whole):
        return Door(whole, "", None, "", "")
    text = _DASHES.sub("-", whole)
    for pattern in _DOORS:
        found = pattern.search(text)
        if found and found.start() > 0:
            parts = found.groupdict()
            floor = parts.get("floor")
            return door(
                whole[: found.start()],
                parts.get("unit") or "",
                _number(floor) if floor else None,
                parts.get("room") or "",
            )
    return Door(whole, "", None, "", "")


def door(building: str, unit: str, floor: int | None, room: str) -> Door:
    """Put a door together from its parts as people write them."""
    return together(building, unit_of(unit), floor, room_of(room))


def together(building: str, unit: str, floor: int | None, room: str) -> Door:
    """A door of parts that are in their one form already; the floor is the room's when nobody says it."""
    if not unit and not room.isdigit() and (both := _ROOM_WITH_UNIT.match(room)):
        unit, room = str(int(both["unit"])), room_of(both["room"])
    if floor is None:
        floor = floor_of(unit, room)
    return Door(building, unit, floor, room, label_of(unit, room))


def label_of(unit: str, room: str) -> str:
    """The door as people say it: 2单元301, 301, or 3户 when it is one household among a few."""
    if unit:
        return f"{unit}单元{room}"
    return f"{room}户" if room.isdigit() and len(room) <= 2 else room


def floor_of(unit: str, room: str) -> int | None:
    """The floor a room's number tells: 301 the third, 1203 the twelfth, the doors of a house the first."""
    if not room.isdigit():
        return None
    if len(room) >= 3:
        return int(room[:-2]) or None
    return None if unit else 1


def unit_of(text: str) -> str:
    """A stairwell in its one form: 二单元 and 02 are 2, a单元 is A."""
    text = _UNIT_END.sub("", compact(clean(text))).upper()
    if text.isascii() and text.isdigit():
        return str(int(text))
    number = han_number(text)
    return text if number is None else str(number)


def room_of(text: str) -> str:
    """A room in its one form: 301室 and 0301 are 301, 3户 is 3."""
    text = _ROOM_END.sub("", compact(clean(text))).upper()
    text = _DASHES.sub("-", text)
    if text.isascii() and text.isdigit():
        return str(int(text))
    return text


def _number(text: str) -> int:
    if text.isascii() and text.isdigit():
        return int(text)
    number = han_number(text)
    if number is None:
        raise Bad("number")
    return number
