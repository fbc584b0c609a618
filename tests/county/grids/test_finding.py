"""Grids by name, by the grids above them, by code and by the letters their names begin with."""

from __future__ import annotations

from support.people import ActingAs, counted_queries
from support.world import World

from onegrid.county.grids import selectors
from onegrid.county.grids.selectors.reading import GridInfo
from onegrid.foundation.kernel.pinyin import letters_of


def letters(name: str) -> str:
    """One way to type a name by initials."""
    return "".join(letters_of(character)[0] for character in name)


def chain(world: World) -> list[GridInfo]:
    """The first leaf and all above it, top first."""
    return list(selectors.chain(world.leaf.scope_path))


def named(name: str) -> int:
    """How many grids have exactly this name."""
    return len([one for one in selectors.search(name, limit=100) if one.name == name])


def test_part_of_the_name_the_code_and_initials_find_the_same_grid(world: World, acting_as: ActingAs) -> None:
    with acting_as("r."):
        for grid in chain(world)[1:]:
            for typed in (grid.name, grid.name[1:], grid.code, letters(grid.name), letters(grid.name).upper()):
                found = {one.id for one in selectors.search(typed, limit=100)}
                assert grid.id in found, (grid.name, typed)


def test_words_before_the_last_name_the_grids_above(world: World, acting_as: ActingAs) -> None:
    with acting_as("r."):
        *above, leaf = chain(world)
        # The nearest one above whose name no other grid has.
        parent = next(one for one in reversed(above) if named(one.name) == 1)
        same = [one for one in selectors.search(leaf.name, limit=100) if one.name == leaf.name]
        assert len(same) > 1, "the name alone must not be enough for this test to say anything"
        found = selectors.search(f"{parent.name} {leaf.name}", limit=100)
        assert leaf.id in {one.id for one in found}
        assert all(one.scope_path.startswith(parent.scope_path) for one in found)
        assert leaf.id in {one.id for one in selectors.search(f"{letters(parent.name)} {leaf.name}", limit=100)}
        assert selectors.search(f"火星 {leaf.name}") == []


def test_a_name_that_begins_with_it_comes_first_and_nothing_finds_everything(world: World, acting_as: ActingAs) -> None:
    with acting_as("r."):
        wanted = chain(world)[1]
        first = selectors.search(wanted.name[:2])[0]
        assert first.name.startswith(wanted.name[:2])
        assert selectors.search("  ") == []
        assert selectors.search("qqqqqq") == []


def test_where_a_grid_lies_is_said_without_a_query_for_each(world: World, acting_as: ActingAs) -> None:
    with acting_as("r."):
        found = selectors.search(chain(world)[-1].name, limit=50)
        with counted_queries() as asked:
            places = selectors.places_of(found)
        assert len(asked) <= 1
        leaf = next(one for one in found if one.scope_path == world.leaf.scope_path)
        assert places[leaf.id] == " · ".join(one.name for one in chain(world)[1:-1])
