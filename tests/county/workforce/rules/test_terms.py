"""Terms of office."""

from __future__ import annotations

from datetime import date

import pytest

from onegrid.county.workforce.rules.terms import fits, holds, last_day


@pytest.mark.parametrize(
    ("start", "years", "last"),
    [
        (date(2026, 3, 2), 3, date(2029, 3, 1)),
        (date(2026, 1, 1), 1, date(2026, 12, 31)),
        (date(2024, 2, 29), 3, date(2027, 2, 28)),
        (date(2024, 2, 29), 4, date(2028, 2, 28)),
        (date(2026, 3, 2), 0, None),
    ],
)
def test_last_day(start: date, years: int, last: date | None) -> None:
    assert last_day(start, years) == last


def test_the_last_day_counts_and_the_day_of_ending_does_not() -> None:
    term = {"valid_from": date(2026, 1, 1), "valid_to": date(2026, 12, 31), "ended_on": None}
    assert holds(date(2026, 12, 31), **term)  # type: ignore[arg-type]
    assert not holds(date(2027, 1, 1), **term)  # type: ignore[arg-type]
    assert not holds(date(2025, 12, 31), **term)  # type: ignore[arg-type]
    ended = {**term, "ended_on": date(2026, 5, 1)}
    assert holds(date(2026, 4, 30), **ended)  # type: ignore[arg-type]
    assert not holds(date(2026, 5, 1), **ended)  # type: ignore[arg-type]


def test_a_level_is_named_alone_or_with_its_scheme() -> None:
    assert fits(("grid",), scheme="urban", level="grid")
    assert fits(("urban.grid",), scheme="urban", level="grid")
    assert not fits(("urban.grid",), scheme="rural", level="grid")
    assert fits(("village",), scheme="", level="village")
    assert not fits((".village",), scheme="", level="village")
