"""Finding somebody: by name, by sound, by number, by address; nobody outside, and every look on record."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from support.people import ActingAs, Api
from support.streets import readers, street
from support.world import World

from onegrid.county.registers.models import Building, Household, Resident, SearchTerms
from onegrid.county.registers.rules.terms import Hasher, terms_of_resident
from onegrid.county.registers.selectors.records import by_keys
from onegrid.county.registers.services import search
from onegrid.foundation.database.context import Standing, acting, in_locality
from onegrid.foundation.journal.models import AuditRow


@pytest.fixture
def reader(world: World, locality: str) -> dict[str, Api]:
    """A worker, the county's dispatcher and a department's officer; people in the worker's grid and beside it."""
    return readers(world, locality)


def find(api: Api, words: str, **more: Any) -> dict[str, list[str]]:
    """Titles by kind."""
    answer = api.post("/register/search", {"words": words, **more})
    assert answer.status_code == 200, answer.content
    return {group["kind"]: [item["title"] for item in group["items"]] for group in answer.json()["groups"]}


@pytest.mark.parametrize(
    ("words", "count"),
    [
        ("单小明", 4),
        ("小明", 4),
        ("明月", 2),
        ("sxm", 4),
        ("dxm", 4),
        ("SX", 4),
        ("单小明 明月", 2),
        ("35019919900307021X", 2),
        ("35019919900307021x", 2),
        ("３５０１９９１９９００３０７０２１Ｘ", 2),
        ("19000004321", 2),
        ("+86 190-0000-4321", 2),
        ("021x", 2),
        ("1234", 2),
        ("单大明", 0),
        ("xm", 0),
        ("9999", 0),
        ("19000009999", 0),
    ],
)
def test_people_are_found_by_name_sound_and_number(reader: dict[str, Api], words: str, count: int) -> None:
    found = find(reader["worker"], words).get("residents", [])
    assert len(found) == count, found
    assert all(title[1:] in ("**", "***") for title in found)


def test_who_fits_best_comes_first(reader: dict[str, Api]) -> None:
    assert find(reader["worker"], "单小明")["residents"] == ["单**", "单**", "单***", "单***"]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("前街", {"buildings": ["前街1号"], "premises": ["如意面馆"]}),
        ("前街1号", {"buildings": ["前街1号"]}),
        ("如意", {"premises": ["如意面馆"], "organisations": ["如意餐饮有限公司"]}),
        ("rymg", {"premises": ["如意面馆"]}),
        ("91350199MA00000X0X", {"organisations": ["如意餐饮有限公司"]}),
        ("b-前街1号", {"buildings": ["前街1号"]}),
        ("p1", {"premises": ["如意面馆"]}),
        ("前街1号1单元101", {"households": ["前街1号1单元101"], "dwellings": ["前街1号1单元101"]}),
        ("街1号 1单元 201室", {"households": ["前街1号1单元201"], "dwellings": ["前街1号1单元201"]}),
        ("前街1号1单元909", {}),
        ("后街9号1单元101", {}),
        ("后街", {}),
    ],
)
def test_places_are_found_by_a_part_of_their_address(
    reader: dict[str, Api], words: str, found: dict[str, list[str]]
) -> None:
    assert find(reader["worker"], words) == found


def test_one_character_finds_nothing_and_says_so(reader: dict[str, Api]) -> None:
    answer = reader["worker"].post("/register/search", {"words": "单"})
    assert (answer.status_code, answer.json()["code"]) == (422, "words_too_short")


def test_the_county_finds_everybody_and_a_grid_narrows_it(reader: dict[str, Api], world: World) -> None:
    assert len(find(reader["county"], "单小明")["residents"]) == 5
    other = next(one for one in world.leaves if not one.scope_path.startswith(world.staff("worker").scope_path))
    assert len(find(reader["county"], "单小明", grid=str(other.id))["residents"]) == 1
    assert reader["worker"].post("/register/search", {"words": "单小明", "grid": str(other.id)}).status_code == 404


def test_a_search_is_on_record_for_everybody_it_found(
    reader: dict[str, Api], world: World, acting_as: ActingAs
) -> None:
    find(reader["worker"], "明月")
    with acting_as():
        rows = AuditRow.objects.filter(action="resident.search")
        met = set(
            Resident.objects.filter(scope_path__startswith=world.staff("worker").scope_path, sex=2, birth_year=1985)
        )
        assert {int(row.subject_id) for row in rows} == {one.pk for one in met}
        assert {row.user for row in rows} == {world.staff("worker").user_id}
        assert "明月" not in str(list(rows.values()))


def test_the_index_tells_nothing_without_its_key(reader: dict[str, Api], acting_as: ActingAs) -> None:
    with acting_as():
        terms = {one for row in SearchTerms.objects.filter(kind=1) for one in row.terms}
    assert all(-(2**31) <= one < 2**31 for one in terms)
    stranger = set(terms_of_resident(Hasher(b"another key"), "单小明", "35019919900307021X", "19000001234", "r."))
    assert not stranger & terms


def test_who_moves_grids_is_found_there(world: World, locality: str) -> None:
    with in_locality(locality):
        first, second = (
            world.leaves[0],
            next(one for one in world.leaves if one.scope_path != world.leaves[0].scope_path),
        )
        building = street(first, "移街1号")
        before = {row.key: set(row.terms) for row in SearchTerms.objects.all()}
        search.move("buildings", [building.pk], first.scope_path, second.scope_path)
        Building.objects.filter(pk=building.pk).update(scope_path=second.scope_path)
        after = set(SearchTerms.objects.get(kind=4, key=building.pk).terms)
        assert after == set(search.terms_of(Building.objects.get(pk=building.pk)))
        assert after != before[building.pk]
        search.forget("buildings", [building.pk])
        assert not SearchTerms.objects.filter(kind=4, key=building.pk).exists()


def test_what_is_found_is_read_by_key_and_never_by_a_join(world: World, locality: str) -> None:
    """Each table lies under the reader's scope: joined, the server began with every door of a village for seconds."""
    with in_locality(locality), CaptureQueriesContext(connection) as asked:
        street(world.leaf, "直街1号")
        keys = list(Resident.objects.values_list("pk", flat=True))
        before = len(asked.captured_queries)
        found = by_keys("residents", keys)
        statements = [one["sql"] for one in asked.captured_queries[before:]]
        assert [found[key].household.dwelling.building.name for key in keys] == ["直街1号"] * len(keys)
        assert len(keys) > 1
        assert len(statements) == 4
        assert not any("JOIN" in sql for sql in statements)


def test_who_lives_where_the_reader_may_not_look_is_left_out(world: World, locality: str) -> None:
    """As a join would: between two statements a household may have moved out of reach."""
    with in_locality(locality):
        street(world.leaf, "直街1号")
        elsewhere = next(one for one in world.leaves if one.scope_path != world.leaf.scope_path)
        one = Resident.objects.order_by("pk")[0]
        Household.objects.filter(pk=one.household_id).update(scope_path=elsewhere.scope_path)
        neighbours = set(Resident.objects.exclude(household=one.household_id).values_list("pk", flat=True))
    with acting(Standing(locality, world.leaf.scope_path)):
        assert set(by_keys("residents", [one.pk, *neighbours])) == neighbours
