"""Finding people and places among N residents, as county, township and grid worker; floor = one resident by key.

./run bench register-search                  a million residents; the value is the slowest p99 of a question in scope
./run bench register-search --residents 50000
"""
# ruff: noqa: PLC0415 - the settings must name the new database before anything of the product is loaded

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from bench._figures import end, options, tell
from bench._ground import Ground, ground
from bench._sheets import GIVEN, SURNAMES

RESIDENTS = 1_000_000
PER_HOUSEHOLD, PER_BUILDING, PER_LEAF = 3, 30, 120
RUNS = 200
BLOCK = 20_000
TARGET_MS = 50.0
INDEX = "CREATE INDEX register_search ON registers_searchterms USING gin (terms) WITH (fastupdate=off)"


@dataclass(frozen=True)
class Leaf:
    """One leaf grid: its path, and the paths of the township and the village above it."""

    path: str
    township: str
    village: str


def leaves(count: int) -> list[Leaf]:
    """A tree like a county's: 15 townships, some hundred villages, a hundred leaves in each by way of two levels."""
    made = []
    for at in range(count):
        village = at // 100
        township = f"r.z{village % 15:02d}."
        within = f"{township}y{village:03d}."
        made.append(Leaf(f"{within}x{at // 10:04d}.w{at:05d}.", township, within))
    return made


def fill(place: Ground, residents: int, say: Callable[[str], None]) -> list[Leaf]:
    """Buildings, doors, households and residents with their terms, as the importer would write them."""
    from onegrid.foundation.database import bulk

    rng = random.Random(1)
    found = leaves(max(2, residents // PER_LEAF))
    grid = place.world.leaf.id
    with psycopg.connect(place.superuser, autocommit=True) as server:
        server.execute("DROP INDEX register_search")
    begin = time.perf_counter()
    with place.acting():
        for table, columns, rows in _places(found, grid, residents):
            bulk.insert_rows(table, columns, rows)
    for first in range(0, residents, BLOCK):
        with place.acting():
            _people(range(first, min(first + BLOCK, residents)), found, rng, residents)
        say(f"{min(first + BLOCK, residents):,} residents, {time.perf_counter() - begin:.0f} s")
    with psycopg.connect(place.superuser, autocommit=True) as server:
        server.execute("SET maintenance_work_mem = '512MB'")
        begin = time.perf_counter()
        server.execute(INDEX)
        say(f"index of terms: {time.perf_counter() - begin:.0f} s")
        for table in ("building", "dwelling", "household", "resident", "searchterms"):
            server.execute(f"VACUUM ANALYZE registers_{table}")
    return found


def _leaf(found: list[Leaf], building: int, buildings: int) -> Leaf:
    return found[building * len(found) // buildings]


def _places(found: list[Leaf], grid: int, residents: int) -> Iterator[tuple[str, tuple[str, ...], Iterator[Any]]]:
    from onegrid.county.registers.rules.terms import NUMBERS, terms_of_building
    from onegrid.county.registers.services.search import hasher

    buildings = max(1, residents // PER_BUILDING)
    homes = max(1, residents // PER_HOUSEHOLD)
    names = [f"试点镇{at // 400 + 1}村{at % 400 + 1}号" for at in range(buildings)]
    paths = [_leaf(found, at, buildings).path for at in range(buildings)]
    yield (
        "registers_building",
        ("id", "grid_id", "scope_path", "name", "lon", "lat", "levels", "units"),
        ((at + 1, grid, paths[at], names[at], 119.0, 26.0, 5, 2) for at in range(buildings)),
    )
    made = hasher()
    yield (
        "registers_searchterms",
        ("kind", "key", "terms"),
        ((NUMBERS["buildings"], at + 1, terms_of_building(made, names[at], "", paths[at])) for at in range(buildings)),
    )
    where = [min(at * PER_HOUSEHOLD // PER_BUILDING, buildings - 1) for at in range(homes)]
    yield (
        "registers_dwelling",
        ("id", "building_id", "grid_id", "scope_path", "label", "unit", "floor", "room"),
        ((at + 1, where[at] + 1, grid, paths[where[at]], f"{at}号", "1", at % 5 + 1, str(at)) for at in range(homes)),
    )
    yield (
        "registers_household",
        ("id", "dwelling_id", "grid_id", "scope_path", "people", "number"),
        ((at + 1, at + 1, grid, paths[where[at]], PER_HOUSEHOLD, f"H{at:08d}") for at in range(homes)),
    )


def person(at: int, rng: random.Random) -> tuple[str, str, str]:
    """Name, identity number and phone of the resident with this number; surnames as frequent as they are."""
    surname = SURNAMES[min(int(rng.expovariate(0.25)), len(SURNAMES) - 1)]
    name = surname + "".join(rng.choice(GIVEN) for _ in range(1 if rng.random() < 0.25 else 2))
    return name, f"350199{1930 + at % 90}0101{at % 10_000:04d}", f"190{at:08d}"


def _people(block: range, found: list[Leaf], rng: random.Random, residents: int) -> None:
    from onegrid.county.registers.models import Resident
    from onegrid.county.registers.rules.terms import NUMBERS, terms_of_resident
    from onegrid.county.registers.services.search import hasher
    from onegrid.foundation.database import bulk
    from onegrid.foundation.database.fields import blind, seal_cells

    buildings = max(1, residents // PER_BUILDING)
    folk = [person(at, rng) for at in block]
    keys = [at + 1 for at in block]
    sealed = [
        list(seal_cells(Resident, field, zip(keys, column, strict=True)))
        for field, column in zip(("name", "id_number", "phone"), zip(*folk, strict=True), strict=True)
    ]
    paths = [_leaf(found, min(at // PER_BUILDING, buildings - 1), buildings).path for at in block]
    homes = [at // PER_HOUSEHOLD + 1 for at in block]
    bulk.insert_rows(
        "registers_resident",
        (
            *("id", "household_id", "scope_path", "name", "id_number", "phone"),
            *("id_index", "phone_index", "sex", "birth_year"),
        ),
        (
            (
                key, min(home, max(1, residents // PER_HOUSEHOLD)), path, *cells,
                blind(Resident, "id_index", number), blind(Resident, "phone_index", phone),
                key % 2 + 1, 1930 + key % 90,
            )
            for key, home, path, cells, (_, number, phone) in zip(
                keys, homes, paths, zip(*sealed, strict=True), folk, strict=True
            )
        ),
    )  # fmt: skip
    made = hasher()
    bulk.insert_rows(
        "registers_searchterms",
        ("kind", "key", "terms"),
        (
            (NUMBERS["residents"], key, terms_of_resident(made, *who, path))
            for key, path, who in zip(keys, paths, folk, strict=True)
        ),
    )


def asks(residents: int) -> dict[str, str]:
    """What is typed: common and rare, by name, sound, number and place."""
    rng = random.Random(1)
    name, number, phone = [person(at, rng) for at in range(min(residents, 500))][-1]
    return {
        "whole name": name,
        "common surname and name": SURNAMES[0] + GIVEN[0],
        "given name": GIVEN[0] + GIVEN[1],
        "two initials": "cw",
        "three initials": "lwm",
        "identity number": number,
        "phone": phone,
        "last four": phone[-4:],
        "address": "试点镇7村12号",
        "part of an address": "7村",
        "household number": "H00000007",
        "nobody": "欧阳火星",
    }


def cpu(server: int) -> float:
    """Seconds of processor this process and its server's have used: what a busy machine does not change."""
    used = Path(f"/proc/{server}/stat").read_text().rsplit(")", 1)[1].split()
    return time.process_time() + (int(used[11]) + int(used[12])) / os.sysconf("SC_CLK_TCK")


def measure(place: Ground, words: str, path: str, runs: int) -> tuple[list[float], float, int]:
    """Seconds of each run of a search over all kinds in a scope with its rows as shown; the processor's time of one in
    milliseconds; how many rows were found."""
    from django.db import connection

    from onegrid.county.registers.rules.kinds import KINDS
    from onegrid.county.registers.selectors import searching, shown
    from onegrid.county.registers.selectors.sight import Sight
    from onegrid.county.registers.services.search import hasher
    from onegrid.foundation.database.context import Standing, acting

    with acting(Standing(place.locality, path)), connection.cursor() as cursor:
        server = cursor.connection.info.backend_pid
    took, count, begun = [], 0, cpu(server)
    for _ in range(runs):
        begin = time.perf_counter()
        with acting(Standing(place.locality, path)):
            hits = searching.find(hasher(), KINDS, words, place=path)
            count = sum(len(shown.records(Sight("dispatcher"), one.kind, one.rows)) for one in hits)
        took.append(time.perf_counter() - begin)
    return took, round((cpu(server) - begun) / runs * 1e3, 2), count


def floor(place: Ground, residents: int, runs: int) -> float:
    """p50 of reading one resident by key and opening the name."""
    from onegrid.county.registers.models import Resident

    rng = random.Random(2)
    took = []
    for _ in range(runs):
        begin = time.perf_counter()
        with place.acting():
            assert Resident.objects.get(pk=rng.randrange(residents) + 1).name
        took.append(time.perf_counter() - begin)
    return ms(took, 50)


def ms(took: list[float], percent: int) -> float:
    """A percentile in milliseconds."""
    return round(sorted(took)[min(len(took) - 1, len(took) * percent // 100)] * 1e3, 2)


def main() -> None:
    """Measure and print."""
    parser = options(__doc__ or "")
    parser.add_argument("--residents", type=int, help="how many; a million, or 3,000 with --quick")
    words = parser.parse_args()
    residents = words.residents or (3_000 if words.quick else RESIDENTS)
    runs = 3 if words.quick else RUNS
    figures: dict[str, dict[str, float]] = {}
    with ground("bench_register_search") as place:
        found = fill(place, residents, lambda line: tell(words.json, line))
        middle = found[len(found) // 2]
        reaches = {"county": "r.", "township": middle.township, "village": middle.village, "worker": middle.path}
        for name, said in asks(residents).items():
            for who, path in reaches.items():
                measure(place, said, path, 2)
                took, spent, count = measure(place, said, path, runs)
                figures[f"{who}: {name}"] = {"p50": ms(took, 50), "p99": ms(took, 99), "cpu": spent}
                told = f"{ms(took, 50):8.1f} {ms(took, 99):8.1f} ms  cpu {spent:6.1f}  {count:3} rows"
                tell(words.json, f"{told}  {who}: {name}")
        least = floor(place, residents, max(runs, 20))
    slowest = max(figures, key=lambda name: figures[name]["p99"])
    end(
        name="register-search",
        value=figures[slowest]["p99"],
        unit="ms p99, slowest question",
        floor=least,
        ratio=round(figures[slowest]["p99"] / least, 1),
        n=residents,
        runs=runs,
        slowest=slowest,
        most_cpu_ms=max(one["cpu"] for one in figures.values()),
        slowest_p50=max(one["p50"] for one in figures.values()),
        median_p50=sorted(one["p50"] for one in figures.values())[len(figures) // 2],
        above_target={name: one for name, one in figures.items() if one["p99"] > TARGET_MS},
        questions=len(figures),
        target_ms=TARGET_MS,
    )


if __name__ == "__main__":
    main()
