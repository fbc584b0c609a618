"""Codes of grids follow the pack's pattern."""

import pytest

from onegrid.county.grids.errors import CodeExhausted
from onegrid.county.grids.rules import codes

PATTERN = codes.CodePattern((3, 2))


def test_division_code_is_padded_to_twelve() -> None:
    assert codes.division_code("350121") == "350121000000"
    assert codes.division_code("350121100201") == "350121100201"


@pytest.mark.parametrize("bad", ["", "35x", "1234567890123"])
def test_what_is_no_division_code_is_refused(bad: str) -> None:
    with pytest.raises(ValueError, match="not a division code"):
        codes.division_code(bad)


@pytest.mark.parametrize(("step", "ordinal", "expected"), [(0, 7, "007"), (1, 7, "07"), (2, 12, "12")])
def test_each_level_adds_its_digits(step: int, ordinal: int, expected: str) -> None:
    assert codes.extend("350121100201", ordinal, PATTERN, step) == "350121100201" + expected


@pytest.mark.parametrize(("step", "ordinal"), [(0, 1000), (1, 100), (0, 0)])
def test_a_number_that_does_not_fit_is_an_error(step: int, ordinal: int) -> None:
    with pytest.raises(CodeExhausted):
        codes.extend("350121100201", ordinal, PATTERN, step)


def test_a_retired_number_is_not_given_again() -> None:
    used = ["350121100201001", "350121100201004", "35012110020100402", "350121100202009"]
    assert codes.next_ordinal(used, "350121100201", PATTERN, 0) == 5
    assert codes.next_ordinal([], "350121100201", PATTERN, 0) == 1


def test_numbers_never_given_are_used_when_those_behind_do_not_reach() -> None:
    used = ["35012110020100197", "35012110020100103"]
    free = [codes.free_ordinals(used, "350121100201001", PATTERN, 1, count) for count in (2, 3)]
    assert free == [[98, 99], [1, 2, 4]]
    with pytest.raises(CodeExhausted):
        codes.free_ordinals(used, "350121100201001", PATTERN, 1, 98)
