"""A household as a family behind its door, and a building as its floors and stairwells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db.models import Q

from onegrid.county.registers.models import Building, Dwelling, Household, Resident, Stay, Tenure
from onegrid.county.registers.selectors import holdings
from onegrid.foundation.database.write import read

MOST_DOORS: Final = 3_000
MOST_PEOPLE: Final = 200
MOST_PAST: Final = 50
AGED, YOUNG = 60, 18


@dataclass(frozen=True)
class Family:
    """A household with everybody in it, its door, who was there before, and who owns or rents the door."""

    household: Household
    residents: Sequence[Resident]
    gone: Sequence[Resident]
    past: Sequence[Stay]
    tenures: Sequence[Tenure]


def family(key: int) -> Family | None:
    """A household in reach by its number; None elsewhere. Four statements."""
    found = Household.objects.select_related("dwelling__building").filter(pk=key).first()
    if found is None:
        return None
    people = list(found.residents.order_by("birth_year", "pk")[:MOST_PEOPLE])
    for one in people:
        one.household = found
    return Family(
        found,
        [one for one in people if one.left_on is None and one.died_on is None],
        [one for one in people if one.left_on is not None or one.died_on is not None],
        list(
            Stay.objects.filter(Q(household=key) | Q(resident__household=key))
            .select_related("resident", "dwelling__building")
            .order_by("-until", "-pk")[:MOST_PAST]
        ),
        holdings.tenures(found.dwelling_id),
    )


@dataclass(frozen=True)
class Door:
    """What is behind a door, in numbers a floor plan can be coloured by. No names."""

    dwelling: int
    label: str
    unit: str
    floor: int | None
    room: str
    use: str
    version: int
    households: tuple[int, ...]
    people: int
    known: int
    """Residents on record; `people` are those counted at the door."""
    aged: int
    young: int
    elsewhere: int
    """Registered somewhere else."""
    unknown: int
    """Residents without a phone on record."""


@dataclass(frozen=True)
class Chart:
    """A building with all its doors."""

    building: Building
    doors: Sequence[Door]
    cut: bool
    """There are more doors than a page shows."""


def chart(key: int, *, day: date) -> Chart | None:
    """A building in reach by its number; None elsewhere. Three statements, however many doors."""
    building = Building.objects.filter(pk=key).first()
    if building is None:
        return None
    doors = list(Dwelling.objects.filter(building=key).order_by("unit", "floor", "label", "pk")[: MOST_DOORS + 1])
    inside = {int(row[0]): row[1:] for row in read(_DOORS, [day.year - AGED, day.year - YOUNG, key])}
    return Chart(building, [_door(row, inside) for row in doors[:MOST_DOORS]], len(doors) > MOST_DOORS)


def _door(row: Dwelling, inside: Mapping[int, Sequence[Any]]) -> Door:
    homes, people, *counts = inside.get(row.pk, ((), 0, 0, 0, 0, 0, 0))
    return Door(
        row.pk, row.label, row.unit, row.floor, row.room, row.use, row.version, tuple(homes), int(people), *counts
    )


_DOORS: Final = """
SELECT home.dwelling_id, array_agg(home.id ORDER BY home.id), sum(home.people), sum(folk.n)::int, sum(folk.aged)::int,
    sum(folk.young)::int, sum(folk.elsewhere)::int, sum(folk.unknown)::int
FROM registers_household home
JOIN registers_dwelling door ON door.id = home.dwelling_id
CROSS JOIN LATERAL (
    SELECT count(*) AS n, count(*) FILTER (WHERE birth_year <= %s) AS aged,
        count(*) FILTER (WHERE birth_year > %s) AS young,
        count(*) FILTER (WHERE registered IN ('elsewhere', 'abroad')) AS elsewhere,
        count(*) FILTER (WHERE phone_index IS NULL) AS unknown
    FROM registers_resident WHERE household_id = home.id AND left_on IS NULL AND died_on IS NULL
) folk
WHERE door.building_id = %s GROUP BY home.dwelling_id
"""
