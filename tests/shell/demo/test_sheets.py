"""The spreadsheets of the demonstration: as many rows as were published, without a fault, the same for a seed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from onegrid.county.grids.rules.section import GridsPart
from onegrid.county.registers.rules.kinds import Kind
from onegrid.county.registers.rules.section import RegistersPart
from onegrid.county.registers.rules.sheets.checking import Checker
from onegrid.county.registers.rules.sheets.headers import guess
from onegrid.county.registers.rules.sheets.numbers import credit_code as checked
from onegrid.county.registers.rules.sheets.numbers import id_card
from onegrid.county.registers.rules.sheets.tables import open_table
from onegrid.shell.demo import blueprint, features, folk, land
from onegrid.shell.demo.planting import World
from onegrid.shell.demo.sheets import ORDER, Sheets, credit_code, spread
from onegrid.shell.sections import load_pack

LOCALITIES = Path(__file__).resolve().parents[3] / "localities"
TODAY = date(2026, 1, 2)
SMALL = 0.002


def sheets_of(name: str, scale: float, seed: int = 1) -> Sheets:
    """The sheets of a drawn land; the grids themselves are of no matter here."""
    part = load_pack(LOCALITIES, name).section("grids", GridsPart)
    drawn = land.draw(blueprint.land_plan(part, scale), seed)
    world = World(drawn, (), features.houses(drawn, seed), (), {})
    plan = blueprint.register_plan(part, len(drawn.buildings), int(drawn.buildings.households.sum()))
    return Sheets(world, plan, seed, TODAY)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("minhou", {"residents": 1_015_000, "premises": 60_000, "organisations": 40_000}),
        ("haizhou", {"residents": 161_742, "dwellings": 72_002}),
        ("tuanjie", {"residents": 66_473, "premises": 2_088}),
    ],
)
def test_the_plan_is_what_was_published(name: str, wanted: dict[str, int]) -> None:
    part = load_pack(LOCALITIES, name).section("grids", GridsPart)
    homes = blueprint.households(part)
    plan = blueprint.register_plan(part, 200_000, homes)
    assert {key: getattr(plan, key) for key in wanted} == wanted
    if part.size.records:
        both = plan.residents + plan.dwellings + plan.premises + plan.organisations
        assert 200_000 + homes + both == part.size.records == 2_120_000
    if name == "haizhou":
        assert plan.residents + plan.dwellings == 233_744


@pytest.mark.parametrize("name", ["minhou", "haizhou", "tuanjie", "suichuan", "fenghuang"])
def test_every_line_is_without_a_fault(name: str, tmp_path: Path) -> None:
    sheets = sheets_of(name, SMALL)
    choices = load_pack(LOCALITIES, name).section("registers", RegistersPart).choices
    numbers: set[str] = set()
    for kind in ORDER:
        path = sheets.write(kind, tmp_path)
        table = open_table(path, path.name)
        mapping = guess(table.header, kind)
        assert (mapping.unknown, mapping.missing) == ((), ())
        checker = Checker(mapping, choices, TODAY)
        found = [checker.check(line, cells) for line, cells in table.rows]
        assert [one for one in found if one is None or isinstance(one, list)] == []
        assert len(found) == wanted_rows(sheets, kind)
        if kind == "residents":
            numbers = {row.id_number for row in found}  # type: ignore[union-attr]
    assert len(numbers) == sheets.plan.residents
    assert {number[:3] for number in numbers} == {"990"}


def wanted_rows(sheets: Sheets, kind: Kind) -> int:
    return len(sheets.codes) if kind == "buildings" else int(getattr(sheets.plan, kind))


def test_the_same_seed_writes_the_same_files(tmp_path: Path) -> None:
    first, again, other = (sheets_of("tuanjie", SMALL, seed) for seed in (1, 1, 2))
    for kind in ORDER:
        told = [one.write(kind, tmp_path).read_bytes() for one in (first, again, other)]
        assert told[0] == told[1]
        assert told[0] != told[2]


def test_a_household_is_a_family(tmp_path: Path) -> None:
    """Heads are grown up, couples are of both sexes, nobody is born after today or moved in before being born."""
    people = list(folk.Folk(3, TODAY).block(0, np.array([1, 2, 5, 8] * 200)))
    assert all(one.born < TODAY.isoformat() and one.born > "1930" for one in people)
    assert [one.relation for one in people[:3]] == ["户主", "户主", "配偶"]
    assert people[1].sex != people[2].sex
    assert all(one.born < "2003" for one in people if one.relation == "户主")
    for one in people:
        card = id_card(one.number)
        assert (card.day, "男" if card.sex == 1 else "女") == (one.born, one.sex)
    assert all(one.phone.startswith("19000") for one in people if one.phone)


def test_credit_codes_differ_and_check() -> None:
    codes = [credit_code(number) for number in range(2000)]
    assert [checked(code) for code in codes] == codes
    assert len(set(codes)) == 2000


def test_empty_dwellings_go_where_there_is_room_first() -> None:
    rng = np.random.default_rng(1)
    kind, living, room = np.array([1, 0, 2]), np.array([10, 1, 0]), np.array([3, 1, 0])
    assert spread(rng, 4, kind, living, room).tolist() == [3, 1, 0]
    crowded = spread(rng, 10, kind, living, room)
    assert (int(crowded.sum()), int(crowded[2])) == (10, 0)
    assert spread(rng, 0, kind, living, room).sum() == 0
