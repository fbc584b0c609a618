"""The field table: every role, kind and field has an answer, and what must never be is not."""

from __future__ import annotations

import pytest

from onegrid.county.registers.rules.fields import (
    DERIVED,
    FIELDS,
    LEVELS,
    NOTHING,
    ROLES,
    access,
    at_least,
    mask,
)
from onegrid.county.registers.rules.kinds import KINDS, Kind
from onegrid.county.workforce.rules.duties import KINDS as POSITIONS

EVERY = [(role, kind, field) for role in (*POSITIONS, "", "stranger") for kind in KINDS for field in FIELDS[kind]]


def test_every_kind_of_position_has_a_row_and_nobody_else_sees_anything() -> None:
    assert set(ROLES) == {*POSITIONS, "system"}
    for role in ("", "stranger", "officer"):
        assert {access(role, kind, field) for kind in KINDS for field in FIELDS[kind]} == {"hidden"}
    assert ROLES["officer"] == NOTHING


@pytest.mark.parametrize("kind", KINDS)
def test_fields_that_name_somebody_are_personal(kind: Kind) -> None:
    personal = {key for key, field in FIELDS[kind].items() if field.personal}
    assert personal == {
        "residents": {"name", "birth_date", "id_number", "phone"},
        "premises": {"contact", "phone"},
        "organisations": {"contact", "phone"},
    }.get(kind, set())


def test_an_identity_number_is_for_few() -> None:
    levels = {role: access(role, "residents", "id_number") for role in POSITIONS}
    assert {role for role, level in levels.items() if level == "write"} == {"administrator", "dispatcher", "secretary"}
    assert {role for role, level in levels.items() if level == "reveal"} == {"leader", "worker", "agent"}
    assert not [role for role, level in levels.items() if level == "masked"]


def test_what_follows_from_other_fields_is_never_written() -> None:
    for role, kind, field in EVERY:
        if f"{kind}.{field}" in DERIVED:
            assert access(role, kind, field) != "write"
    known = {f"{kind}.{field}" for kind in KINDS for field in FIELDS[kind]}
    assert known >= DERIVED


def test_a_locality_lays_its_own_over_the_table() -> None:
    own = {"worker": {"residents": {"id_number": "hidden", "birth_year": "write"}}}
    assert access("worker", "residents", "id_number", own) == "hidden"
    assert access("worker", "residents", "birth_year", own) == "reveal"
    assert access("leader", "residents", "id_number", own) == "reveal"
    with pytest.raises(ValueError, match="no access"):
        access("worker", "residents", "name", {"worker": {"residents": {"name": "everything"}}})
    with pytest.raises(KeyError):
        access("worker", "residents", "religion")


def test_levels_allow_what_lies_below_them() -> None:
    for at, level in enumerate(LEVELS):
        assert [at_least(level, wanted) for wanted in LEVELS] == [n <= at for n in range(len(LEVELS))]


@pytest.mark.parametrize(
    ("field", "value", "masked"),
    [
        ("name", "陈小明", "陈**"),
        ("phone", "19000001234", "190****1234"),
        ("id_number", "350199199003070216", "3501**********0216"),
        ("birth_date", "1990-03-07", "1990-**-**"),
        ("birth_date", "", ""),
        ("relation", "head", "head"),
    ],
)
def test_masks(field: str, value: str, masked: str) -> None:
    assert mask(FIELDS["residents"][field], value) == masked
