"""Scope paths: one text range per subtree."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onegrid.county.grids.rules import paths

KEYS = st.lists(st.integers(1, 2**40), max_size=6)


def build(keys: list[int]) -> str:
    path = paths.ROOT
    for key in keys:
        path = paths.child(path, key)
    return path


@given(KEYS)
def test_a_path_gives_back_its_keys(keys: list[int]) -> None:
    assert paths.keys(build(keys)) == keys
    assert paths.depth(build(keys)) == len(keys)


@given(KEYS, KEYS)
def test_the_range_of_a_scope_is_exactly_its_subtree(one: list[int], other: list[int]) -> None:
    scope, path = build(one), build(other)
    assert (scope <= path < paths.upper_bound(scope)) is (other[: len(one)] == one) is paths.within(path, scope)


def test_a_key_that_begins_like_another_is_no_ancestor() -> None:
    assert not paths.within("r.1a.", "r.1.")
    assert not "r.1." <= "r.1a." < paths.upper_bound("r.1.")


def test_ancestors_run_from_the_root() -> None:
    assert list(paths.ancestors("r.1a.3f.")) == ["r.", "r.1a.", "r.1a.3f."]
    assert list(paths.ancestors("r.1a.", itself=False)) == ["r."]
    assert paths.parent("r.1a.") == "r."
    assert paths.parent("r.") is None


@pytest.mark.parametrize("bad", ["", "1a.", "r.1a", "r"])
def test_what_is_no_path_is_refused(bad: str) -> None:
    with pytest.raises(ValueError, match="not a scope path"):
        paths.keys(bad)


def test_nothing_lies_in_the_empty_scope() -> None:
    assert not paths.within("r.1.", "")
