"""Problems: each once, in order, with the nearest right word."""

from __future__ import annotations

from onegrid.foundation.packs.problems import Place, Problems, nearest, one_of


def test_the_same_problem_is_kept_once_and_in_order() -> None:
    problems = Problems()
    for line in (3, 1, 3):
        problems.add(Place("a.yaml", line), "f", "m", "e")
    assert [problem.line for problem in problems] == [1, 3]
    assert len(problems) == 2


def test_the_nearest_word() -> None:
    assert nearest("vilage", ["village", "township"]) == "village"
    assert nearest("xyz", ["village", "township"]) == ""


def test_long_lists_are_shortened_and_empty_ones_said() -> None:
    assert one_of("w5", [f"w{n}" for n in range(30)]).endswith("(30 in all) (did you mean w5?)")
    assert "none to choose from" in one_of("x", [])
