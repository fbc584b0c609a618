"""Words as terms: bigrams within a run, one set per week, the same in Python and in SQL."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from onegrid.cases.rules.search import GRID, pairs, places, term, terms_of, week_of

TEXT = st.text(alphabet=st.sampled_from("路灯不亮井盖AB1 2，。_"), max_size=30)


def test_pairs_stay_within_a_run_and_know_no_case() -> None:
    assert pairs("路灯，LED") == {(ord("路"), ord("灯")), (ord("l"), ord("e")), (ord("e"), ord("d"))}
    assert pairs("灯 不。亮_A") == set()


@given(TEXT, st.integers(0, 30), st.integers(0, 8))
def test_every_part_of_a_text_is_found_by_its_terms(text: str, at: int, length: int) -> None:
    day, place = date(2026, 3, 2), "r.1.2a."
    part = text[at : at + length]
    known = set(terms_of([text], place, day))
    assert {term(*pair, week_of(day)) for pair in pairs(part)} <= known


def test_terms_tell_weeks_and_grids_apart_and_fit_32_bits() -> None:
    monday, sunday, next_monday = date(2026, 3, 2), date(2026, 3, 8), date(2026, 3, 9)
    assert week_of(next_monday) - week_of(monday) == 1
    first = terms_of(["路灯不亮"], "r.1.2a.", monday)
    assert not set(first) & set(terms_of(["路灯不亮"], "r.1.2a.", next_monday))
    assert len(first) == 3 + 2, "three bigrams and two grids"
    assert places("r.1.2a.") == [(1, GRID), (2 * 36 + 10, GRID)]
    assert all(-(2**31) <= one < 2**31 for one in first)
    assert first == sorted(first)
    assert week_of(sunday) in (week_of(monday), week_of(next_monday))
