"""Finding departments."""

from __future__ import annotations

import pytest
from support.people import ActingAs
from support.world import World

from onegrid.county.organisations import selectors


@pytest.mark.parametrize(
    ("words", "first"), [("城管", "UM"), ("环境保护局", "EN"), ("sanitation", "UMC"), ("JU", "JU"), ("派出所", "PS")]
)
def test_by_name_alias_former_name_and_code(world: World, acting_as: ActingAs, words: str, first: str) -> None:
    with acting_as():
        assert next(item.code for item in selectors.search(words)) == first


def test_only_those_that_handle_count_as_handling(world: World, acting_as: ActingAs) -> None:
    with acting_as():
        ids = {item.code: item.id for item in selectors.departments()}
        found = selectors.handling_ids([str(ids["UM"]), ids["GC"], 999_999])
    assert found == {ids["UM"]}


def test_names_and_paths_by_id(world: World, acting_as: ActingAs) -> None:
    with acting_as():
        one = selectors.by_code("JU")
        assert one is not None
        assert selectors.names([one.id], "en") == {one.id: "Justice Bureau"}
        assert selectors.paths([one.id]) == {one.id: one.path}
        assert selectors.by_code("XX") is None
