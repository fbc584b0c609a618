"""Lists, search, households, buildings and statistics as the API shows them."""

from __future__ import annotations

from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field, StringConstraints

from onegrid.county.grids.schemas import GridOut
from onegrid.county.registers.rules.fields import Access
from onegrid.county.registers.rules.kinds import Kind
from onegrid.county.registers.selectors.statistics import By

Cell = str | int | float | None


class ChoiceOut(Schema):
    """One thing that can be chosen."""

    key: str
    title: str


class ColumnOut(Schema):
    """A field of a kind, as the reader may use it."""

    key: str
    title: str
    form: str = Field(description="text, choice, date, past, number, degrees, id_number, phone, credit_code or sex.")
    access: Access = Field(description="masked: shown, masked if personal; reveal: shown whole for a purpose; write.")
    personal: bool
    choices: list[ChoiceOut]


class KindOut(Schema):
    """One of the registers, as the reader may use it."""

    kind: Kind
    columns: list[ColumnOut]
    sorts: list[str] = Field(description="The first is the usual one; with a minus in front it is turned round.")
    filters: list[str] = Field(description="Names of query parameters that narrow the list.")
    edits: bool


class PurposeOut(Schema):
    """Why somebody may look at a whole value."""

    key: str
    title: str
    kinds: list[str]


class KindList(Schema):
    """What the registers are for the reader."""

    items: list[KindOut]
    purposes: list[PurposeOut]


class RowGridOut(Schema):
    """The grid a row lies in."""

    id: str
    name: str
    scope_path: str


class RecordOut(Schema):
    """One row. Personal cells are masked; hidden ones are not there at all."""

    id: str
    kind: Kind
    version: int
    grid: RowGridOut | None
    title: str = Field(description="What to call it: a masked name, a door, an address.")
    line: str = Field(description="Where it is.")
    household: str | None = Field(description="The household a resident lives in.")
    building: str | None = Field(description="The building it stands in.")
    cells: dict[str, Cell]


class RecordPage(Schema):
    """A page of a list. `total` counts to 10,000; `more` says there are still others."""

    items: list[RecordOut]
    next: str | None
    total: int
    more: bool


class RecordQuery(Schema):
    """What narrows a list. Each holds for some kinds; for another one it is refused."""

    grid: str = ""
    building: int | None = None
    dwelling: int | None = None
    household: int | None = None
    organisation: int | None = None
    sex: Literal["0", "1", "2", "9"] | None = None
    relation: str = ""
    registered: str = ""
    id_kind: str = ""
    use: str = ""
    of_kind: str = Field(default="", description="The kind of building, premises or organisation.")
    born_from: int | None = Field(default=None, ge=1850, le=2200)
    born_to: int | None = Field(default=None, ge=1850, le=2200)
    missing: Literal["", "id_number", "phone", "birth_year"] = ""
    gone: bool = Field(default=False, description="Residents who moved away or died, instead of those who live here.")
    sort: str = ""
    cursor: str | None = None
    limit: int = Field(default=50, ge=1, le=200)


class LooksLeftOut(Schema):
    """How many whole values may still be looked at today, and of how many."""

    left: int
    daily: int


class AlikeIn(Schema):
    """What is about to be added: its values, and where its point lies."""

    kind: Literal["buildings", "premises", "organisations"]
    values: dict[
        Annotated[str, StringConstraints(max_length=40)], Annotated[str, StringConstraints(max_length=400)]
    ] = Field(default_factory=dict, max_length=20)
    lon: float | None = Field(default=None, ge=-180, le=180)
    lat: float | None = Field(default=None, ge=-90, le=90)


class AlikeOut(Schema):
    """Rows in the caller's reach that look like it, the surest first; at most five."""

    items: list[RecordOut]


class SearchIn(Schema):
    """Words to look for. In the body, for names and numbers do not belong into an address."""

    words: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
    grid: str = ""
    kinds: list[Kind] = Field(default_factory=list, max_length=6)


class HitsOut(Schema):
    """What was found of one kind, the best first."""

    kind: Kind
    items: list[RecordOut]
    more: bool = Field(description="There are others: more words or a smaller grid would tell them apart.")


class SearchOut(Schema):
    """What was found, by kind."""

    groups: list[HitsOut]


class ValueIn(Schema):
    """One field, and why: the key of a purpose, or a few words."""

    field: Annotated[str, StringConstraints(max_length=40)]
    purpose: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=200)]


class ValueOut(Schema):
    """The whole value; the look is on record."""

    value: str


class BuildingPlaceOut(Schema):
    """Where something stands."""

    id: str
    name: str
    lon: float
    lat: float


class StayOut(Schema):
    """Somebody lived somewhere until a day."""

    resident: str
    name: str
    door: str
    since: str | None
    until: str
    here: bool = Field(description="It was this household; otherwise a member lived elsewhere before.")


class TenureOut(Schema):
    """Who owns or rents the dwelling."""

    id: str
    role: Literal["owner", "tenant"]
    resident: str | None
    name: str
    phone: str
    since: str | None
    until: str | None
    today: bool = Field(description="Written down today: it can be taken out.")


class FamilyOut(Schema):
    """A household as a family behind its door."""

    household: RecordOut
    dwelling: RecordOut
    building: BuildingPlaceOut
    residents: list[RecordOut]
    gone: list[RecordOut]
    stays: list[StayOut]
    tenures: list[TenureOut]


class DoorOut(Schema):
    """What is behind a door, in numbers."""

    dwelling: str
    label: str
    unit: str
    floor: int | None
    room: str
    use: str
    version: int
    households: list[str]
    people: int = Field(description="As counted at the door.")
    known: int = Field(description="Residents on record.")
    aged: int = Field(description="Of them 60 and older.")
    young: int = Field(description="Of them under 18.")
    elsewhere: int = Field(description="Of them registered elsewhere.")
    unknown: int = Field(description="Of them without a phone on record.")


class ChartOut(Schema):
    """A building as its floors and stairwells."""

    building: RecordOut
    levels: int
    units: int
    lon: float
    lat: float
    doors: list[DoorOut]
    cut: bool = Field(description="There are more doors than are told.")


class TotalsOut(Schema):
    """How many of each kind a grid has."""

    grid: GridOut
    counts: dict[str, int]


class CellOut(Schema):
    """How many have one value. `n` is null where fewer than five people would be told."""

    key: str
    title: str
    n: int | None


class StatisticsOut(Schema):
    """A grid in numbers."""

    whole: TotalsOut
    below: list[TotalsOut]
    by: By
    kind: str
    cells: list[CellOut]
