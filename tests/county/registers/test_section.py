"""The registers' part of a pack: complete in every locality, and every mistake found where it stands."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from support.world import World

from onegrid.county.registers.rules.section import KEPT, NAMES, RegistersPart, restored, stored
from onegrid.county.registers.selectors import choices
from onegrid.foundation.database.context import in_locality
from onegrid.shell.sections import check_packs, load_pack

LOCALITIES = Path(__file__).parents[3] / "localities"
TESTLAND = Path(__file__).parents[2] / "support" / "packs" / "testland"


@pytest.mark.parametrize("name", ["minhou", "haizhou", "tuanjie", "suichuan", "fenghuang"])
def test_every_locality_has_all_choices_and_a_rule_for_everything_kept(name: str) -> None:
    part = load_pack(LOCALITIES, name).section("registers", RegistersPart)
    assert set(part.choices) == set(NAMES)
    assert all(part.choices.values())
    assert [one.key for one in part.retention] == list(KEPT)
    assert {one for purpose in part.purposes for one in purpose.kinds} >= {"residents", "premises"}
    assert restored(stored(part)) == part


MISTAKES = [
    ("{key: head,", "{key: top,", "resident.relation", "no choice with the key 'head'"),
    ("  - {key: stays, days: 1095", "  - {key: stay, days: 1095", "retention", "no rule for 'stays'"),
    ("{key: stays, days: 1095", "{key: stays, days: 99999", "days", "99999"),
    ("kinds: [premises, organisations]", "kinds: [villages]", "kinds", "villages"),
    ("looks: {daily: 200, warn_at: 100, hits: 3000}", "looks: {daily: 50, warn_at: 100, hits: 3000}", "warn_at", "100"),
    ("rights: {answer_days: 30}", "rights: {answer_days: 90}", "answer_days", "90"),
    ("rights: {", "fields: {watcher: {residents: {name: reveal}}}\nrights: {", "watcher", "no role 'watcher'"),
    ("rights: {", "fields: {worker: {persons: {name: reveal}}}\nrights: {", "persons", "no kind 'persons'"),
    ("rights: {", "fields: {worker: {residents: {name: all}}}\nrights: {", "name", "'all'"),
    ("also: [民房, 平房", "also: [多层, 平房", "building.kind", "stands for house and for slab"),
]


@pytest.mark.parametrize(("old", "new", "field", "says"), MISTAKES)
def test_each_mistake_is_told_where_it_stands(tmp_path: Path, old: str, new: str, field: str, says: str) -> None:
    shutil.copytree(TESTLAND, tmp_path / "testland")
    file = tmp_path / "testland" / "registers.yaml"
    told = file.read_text(encoding="utf-8")
    assert old in told
    file.write_text(told.replace(old, new, 1), encoding="utf-8")
    problems = [one for one in check_packs(tmp_path).problems if one.field.endswith(field) and says in one.message]
    assert problems, [(one.field, one.message) for one in check_packs(tmp_path).problems]
    assert all(one.file.endswith("registers.yaml") for one in problems)


def test_choices_come_from_the_pack_in_force(world: World, locality: str) -> None:
    with in_locality(locality):
        assert choices.choices("resident.relation")["head"].title.zh == "户主"
        assert "妻子" in choices.choices("resident.relation")["spouse"].also
        assert choices.purposes()["door"].title.en == "Checking details at the door"
        assert choices.keeping()["residents"].days == 1095
        with pytest.raises(KeyError):
            choices.choices("resident.belief")
