"""Who may do what with which field of the registers: one table, asked by every serializer and every edit.

hidden: not told. masked: told, a personal one masked. reveal: masked too, and the whole value is told for a purpose.
write: that, and may be changed. A field that is not personal is told whole from `masked` on.

A locality lays its own over it (`fields` of registers.yaml), by role, kind and field.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from onegrid.county.registers.rules.kinds import COLUMNS, EMPLOYMENT, KINDS, TENURES, Column, Kind
from onegrid.foundation.kernel.masking import STAR, mask_id_number, mask_name, mask_phone

Access = Literal["hidden", "masked", "reveal", "write"]
LEVELS: Final[tuple[Access, ...]] = ("hidden", "masked", "reveal", "write")
Group = Literal["people", "places", "name", "phone", "birth", "id"]
"""What a field tells: about people or about places without naming anybody, or one of the four that name somebody."""
Overrides = Mapping[str, Mapping[str, Mapping[str, str]]]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a kind, as lists show it."""

    key: str
    group: Group
    form: str = "text"
    choice: str = ""

    @property
    def personal(self) -> bool:
        """Whether it names somebody, and so is masked until revealed."""
        return self.group in MASKS


class Role(NamedTuple):
    """What a role may do with each group of fields."""

    people: Access
    places: Access
    name: Access
    phone: Access
    birth: Access
    id: Access


_DOOR: Final = Role("write", "write", "write", "write", "write", "reveal")
_CENTRE: Final = Role("write", "write", "write", "write", "write", "write")
_HELP: Final = Role("masked", "masked", "reveal", "reveal", "masked", "hidden")
_LOOK: Final = Role("masked", "masked", "masked", "masked", "hidden", "hidden")
_PLACES: Final = Role("hidden", "masked", "hidden", "hidden", "hidden", "hidden")
NOTHING: Final = Role("hidden", "hidden", "hidden", "hidden", "hidden", "hidden")

ROLES: Final[Mapping[str, Role]] = {
    "administrator": _CENTRE,
    "dispatcher": _CENTRE,
    "secretary": _CENTRE,
    "leader": _DOOR,
    "worker": _DOOR,
    # A neighbour who looks after some households: nobody's number is his business.
    "household_head": Role("masked", "masked", "masked", "reveal", "masked", "hidden"),
    "police": _HELP,
    "medic": Role("masked", "masked", "reveal", "reveal", "reveal", "hidden"),
    "mediator": _HELP,
    "agent": Role("masked", "masked", "reveal", "reveal", "reveal", "reveal"),
    "enforcement": _LOOK,
    "commander": _HELP,
    "inspector": _LOOK,
    "liaison": _LOOK,
    "volunteer": _PLACES,
    "instructor": _PLACES,
    # A department reaches a case by its grant, never the registers.
    "officer": NOTHING,
    "system": _CENTRE,
}
"""What each kind of position may, before a locality says otherwise."""

_GROUPS: Final[Mapping[str, Group]] = {
    "name": "name", "contact": "name", "phone": "phone", "id_number": "id", "birth_date": "birth",
}  # fmt: skip
_MORE: Final[Mapping[Kind, tuple[Column, ...]]] = {
    "residents": (
        Column("birth_year", "number"),
        Column("left_on", "past"),
        Column("died_on", "past"),
        Column("collected_at", "date"),
    ),
    "households": (Column("residents", "number"),),
    "dwellings": (Column("label"), Column("households", "number"), Column("people", "number")),
    "buildings": (Column("dwellings", "number"),),
    "premises": (),
    "organisations": (),
}
"""Beside the columns of a sheet: what a list shows, too."""
ABOUT_PEOPLE: Final[frozenset[Kind]] = frozenset({"residents", "households"})
DERIVED: Final = frozenset({"residents.birth_year", "residents.address", "households.residents", "dwellings.label",
    "dwellings.households", "dwellings.people", "buildings.dwellings", "residents.collected_at"})  # fmt: skip
"""Told, never written: they follow from others."""


def _field(kind: Kind, column: Column) -> Field:
    group = _GROUPS.get(column.key) if column.personal else None
    return Field(column.key, group or ("people" if kind in ABOUT_PEOPLE else "places"), column.form, column.choice)


TIED: Final[Mapping[str, str]] = {
    **{column.key: "phone" if column.form == "phone" else "name" for column in TENURES},
    **{column.key: "since" for column in EMPLOYMENT},
}
"""Columns of a sheet that are no fields but ties to other rows: whoever writes this field of residents writes them."""
FIELDS: Final[Mapping[Kind, Mapping[str, Field]]] = {
    kind: {
        one.key: _field(kind, one) for one in (*COLUMNS[kind], *_MORE[kind]) if one.key not in ("id", "version", *TIED)
    }
    for kind in KINDS
}
"""Every field of every kind. A row's id and version are no fields: whoever sees a row sees them."""


def access(role: str, kind: Kind, field: str, overrides: Overrides | None = None) -> Access:
    """What `role` (a kind of position; "" for none) may do with a field. KeyError for a field there is not."""
    known = FIELDS[kind][field]
    table = ROLES.get(role, NOTHING)
    said = (overrides or {}).get(role, {}).get(kind, {}).get(field)
    level: Access = getattr(table, known.group) if said is None else _level(said)
    if level == "write" and f"{kind}.{field}" in DERIVED:
        return "reveal"
    return level


def _level(word: str) -> Access:
    for level in LEVELS:
        if level == word:
            return level
    raise ValueError(f"{word!r} is no access")


def at_least(level: Access, wanted: Access) -> bool:
    """Whether `level` allows what `wanted` does."""
    return LEVELS.index(level) >= LEVELS.index(wanted)


def mask_birth(day: str) -> str:
    """`1950-03-02` → `1950-**-**`."""
    return day[:4] + "".join(STAR if ch.isdigit() else ch for ch in day[4:])


MASKS: Final[Mapping[Group, Callable[[str], str]]] = {
    "name": mask_name,
    "phone": mask_phone,
    "birth": mask_birth,
    "id": mask_id_number,
}
"""How each personal group looks to people who need not know it."""


def mask(field: Field, value: str) -> str:
    """A personal value as lists, pages and exports show it; any other as it is."""
    masking = MASKS.get(field.group)
    return masking(value) if masking and value else value
