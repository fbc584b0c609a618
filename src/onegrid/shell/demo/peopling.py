"""Stores buildings, households and their residents. The sums are exact: as many residents as were published.

Residents come in blocks of households, each in a transaction of its own; a block that has somebody is whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

import numpy as np
from django.db import connection

from onegrid.county.registers.models import Household, Resident
from onegrid.foundation.database.bulk import insert_rows, next_keys
from onegrid.foundation.database.context import in_locality
from onegrid.foundation.database.fields import seal_cells
from onegrid.shell.demo import names
from onegrid.shell.demo.lattice import Ints
from onegrid.shell.demo.planting import World

BLOCK = 20_000
"""Households whose residents are stored at a time."""
MOST_PEOPLE = 8
_ELDEST, _YOUNGEST = 92, 0


def house(world: World, seed: int, people: int, feature: list[int]) -> None:
    """Buildings and households of the register, ``people`` residents in all; ``feature``: each building's outline."""
    buildings, houses = world.land.buildings, world.houses
    keys = next_keys("registers_building", "id", len(buildings))
    insert_rows(
        "registers_building",
        ("id", "grid_id", "scope_path", "name", "levels", "units", "lon", "lat", "feature"),
        zip(
            keys,
            (leaf.id for leaf in world.leaf),
            (leaf.scope_path for leaf in world.leaf),
            houses.address,
            buildings.floors.tolist(),
            buildings.units.tolist(),
            houses.lon.tolist(),
            houses.lat.tolist(),
            feature,
            strict=True,
        ),
    )
    building = np.repeat(np.arange(len(buildings)), buildings.households)
    place = np.arange(len(building)) - np.repeat(
        np.cumsum(buildings.households) - buildings.households, buildings.households
    )
    units, living = buildings.units.tolist(), buildings.households.tolist()
    sizes = sizes_of(np.random.default_rng([seed, 5]), len(building), people)
    doors = next_keys("registers_dwelling", "id", len(building))
    lived_in = [(keys[at], world.leaf[at].id, world.leaf[at].scope_path) for at in building.tolist()]
    insert_rows(
        "registers_dwelling",
        ("id", "building_id", "grid_id", "scope_path", "label", "unit", "floor", "room"),
        (
            (key, *where, *door(units[at], number, living[at]))
            for key, where, at, number in zip(doors, lived_in, building.tolist(), place.tolist(), strict=True)
        ),
    )
    insert_rows(
        "registers_household",
        ("dwelling_id", "grid_id", "scope_path", "people"),
        ((key, grid, path, count) for key, (_, grid, path), count in zip(doors, lived_in, sizes.tolist(), strict=True)),
    )


def sizes_of(rng: np.random.Generator, households: int, people: int) -> Ints:
    """How many live in each household: one to eight, ``people`` in all (or as near as that allows)."""
    mean = people / max(1, households)
    sizes = np.clip(rng.poisson(max(0.0, mean - 1), households) + 1, 1, MOST_PEOPLE).astype(np.int64)
    wanted = min(max(people, households), households * MOST_PEOPLE)
    while (short := wanted - int(sizes.sum())) != 0:
        free = np.flatnonzero(sizes < MOST_PEOPLE) if short > 0 else np.flatnonzero(sizes > 1)
        chosen = rng.permutation(free)[: abs(short)]
        sizes[chosen] += 1 if short > 0 else -1
    return sizes


def door(units: int, place: int, households: int) -> tuple[str, str, int, str]:
    """Label, stairwell, floor and room: one household has the house; in a slab stairwell, floor and door count up."""
    if households == 1:
        return "1户", "", 1, "1"
    if units <= 1:
        return f"{place + 1}户", "", 1, str(place + 1)
    unit, rest = place % units + 1, place // units
    floor, room = rest // 2 + 1, f"{rest // 2 + 1}{rest % 2 + 1:02d}"
    return f"{unit}单元{room}", str(unit), floor, room


def residents(locality: str, seed: int, now: datetime, report: Callable[[int, int], None]) -> None:
    """Name everybody who lives in a household, block by block."""
    with in_locality(locality, "demo"):
        bounds = _bounds()
    for number, (first, last) in enumerate(bounds):
        with in_locality(locality, "demo"):
            if not Resident.objects.filter(household__in=_one(first, last)).exists():
                _block(np.random.default_rng([seed, 10, number]), first, last, now.year)
        report(number + 1, len(bounds))


def _bounds() -> list[tuple[int, int]]:
    """First and last key of every block of households, by key."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select min(id), max(id) from (select id, (row_number() over (order by id) - 1) / %s as block"
            " from registers_household) as numbered group by block order by block",
            [BLOCK],
        )
        return [(int(first), int(last)) for first, last in cursor.fetchall()]


def _one(first: int, last: int) -> list[int]:
    """The first households of a block: they are stored with all the others or not at all."""
    return list(Household.objects.filter(pk__range=(first, last)).order_by("pk").values_list("pk", flat=True)[:50])


def _block(rng: np.random.Generator, first: int, last: int, year: int) -> None:
    households = list(
        Household.objects.filter(pk__range=(first, last)).order_by("pk").values_list("pk", "scope_path", "people")
    )
    sizes = np.array([people for _, _, people in households], dtype=np.int64)
    count = int(sizes.sum())
    keys = next_keys("registers_resident", "id", count)
    sealed = seal_cells(Resident, "name", zip(keys, _family_names(rng, sizes), strict=True))
    insert_rows(
        "registers_resident",
        ("id", "household_id", "scope_path", "name", "sex", "birth_year"),
        zip(
            keys,
            (key for key, _, people in households for _ in range(people)),
            (path for _, path, people in households for _ in range(people)),
            sealed,
            rng.integers(1, 3, count).tolist(),
            _birth_years(rng, sizes, year).tolist(),
            strict=True,
        ),
    )


def _family_names(rng: np.random.Generator, sizes: Ints) -> Iterator[str]:
    """Invented names: the first of a household gives the surname to all but the second."""
    drawn = iter(names.people(rng, int(sizes.sum())))
    for size in sizes.tolist():
        head = next(drawn)
        yield head
        for number in range(1, size):
            name = next(drawn)
            yield name if number == 1 else head[0] + name[1:]


def _birth_years(rng: np.random.Generator, sizes: Ints, year: int) -> Ints:
    """Two grown-ups of about an age, then children; the very old live with whom they live."""
    first = np.repeat(np.cumsum(sizes) - sizes, sizes)
    number = np.arange(int(sizes.sum())) - first
    head = np.repeat(rng.integers(24, 78, len(sizes)), sizes)
    age = np.where(
        number == 0,
        head,
        np.where(
            number == 1,
            head + rng.integers(-6, 7, len(number)),
            np.where(number < 4, head - rng.integers(22, 34, len(number)), head + rng.integers(22, 34, len(number))),
        ),
    )
    born: Ints = year - np.clip(age, _YOUNGEST, _ELDEST)
    return born
