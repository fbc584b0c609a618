"""Reading the catalogue: cached, by place, by words."""

from __future__ import annotations

import pytest
from support.people import ActingAs, counted_queries
from support.world import World

from onegrid.county.matters import selectors
from onegrid.foundation.database.stamps import stamp


def test_the_catalogue_is_read_once_per_version(world: World, acting_as: ActingAs) -> None:
    with acting_as():
        stamp(selectors.PACK)
        selectors.catalogue()
        with counted_queries() as seen:
            assert len(selectors.catalogue().matters) == 11
            assert len(seen) == 0
            stamp(selectors.PACK)
            assert len(selectors.catalogue().matters) == 11
    assert len(seen) == 4  # the stamp, the stamps, the matters and their conditions


def test_no_pack_is_said_plainly(acting_as: ActingAs) -> None:
    selectors.forget()
    with acting_as(), pytest.raises(selectors.PackNotLoaded):
        selectors.current_pack()


@pytest.mark.parametrize(
    ("words", "code"),
    [("井盖", "TL-C0101"), ("ssjg", "TL-C0101"), ("欠薪", "TL-D02"), ("street lamp", "TL-C0203"), ("TL-N01", "TL-N01")],
)
def test_words_lead_to_the_matter(world: World, acting_as: ActingAs, words: str, code: str) -> None:
    with acting_as():
        assert selectors.search(words)[0].code == code


def test_a_field_narrows(world: World, acting_as: ActingAs) -> None:
    with acting_as():
        found = selectors.search("", of_field="disputes")
    assert [item.code for item in found] == ["TL-D01", "TL-D02"]


def test_the_first_condition_stands_in_for_an_unknown_one(world: World, acting_as: ActingAs) -> None:
    with acting_as():
        matter = selectors.matter("TL-C0101")
        assert matter is not None
        second, unknown = selectors.find_condition(matter.id, 1), selectors.find_condition(matter.id, 9)
    assert second is not None
    assert second.text_zh == "井盖破损"
    assert unknown is not None
    assert unknown.ordinal == 0


def test_the_catalogue_teaches_the_classifier(world: World, acting_as: ActingAs) -> None:
    with acting_as():
        pairs = selectors.texts_for_learning()
    assert ("井盖丢失", "TL-C0101") in pairs
    assert ("路灯不亮", "TL-C0203") in pairs


def test_the_pack_in_force_carries_what_sections_store(world: World, acting_as: ActingAs) -> None:
    with acting_as():
        content = selectors.current_pack().content
        titles = selectors.field_titles("en")
    assert content["cases"]["whistle"] == {"arrive": "2工作日", "by": ["village", "township"]}
    assert content["grids"]["number_prefix"] == "TL"
    assert titles["disputes"] == "Disputes"
