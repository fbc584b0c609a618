"""The work calendar: seeded from the notices, edited by people, loud when a year is missing."""

from __future__ import annotations

from datetime import date

import pytest

from onegrid.county.grids import selectors
from onegrid.county.grids.errors import CalendarMissing
from onegrid.county.grids.models import WorkDay
from onegrid.county.grids.services import calendar
from onegrid.foundation.database.context import in_locality


def test_the_notices_of_2026_are_entered_whole(locality: str) -> None:
    with in_locality(locality):
        assert calendar.seed_calendar(2025, 2026) == [2025, 2026]
        days = selectors.calendar_for([2026])
        assert len(days) == 365
        # National Day 2026 runs from the first to the seventh of October; Saturday the tenth is worked in exchange.
        assert not any(days[date(2026, 10, day)] for day in range(1, 8))
        assert days[date(2026, 10, 10)]
        assert not days[date(2026, 10, 11)]
        assert selectors.calendar_span() == (2025, 2026)
        assert calendar.seed_calendar(2025, 2026) == []


def test_a_missing_year_is_an_error_and_not_a_guess(locality: str) -> None:
    with in_locality(locality):
        calendar.seed_calendar(2026, 2026)
        with pytest.raises(CalendarMissing) as missing:
            selectors.calendar_for([2026, 2031])
        assert missing.value.year == 2031
        assert calendar.seed_calendar(2031, 2031) == []


def test_a_year_known_in_part_counts_as_missing(locality: str) -> None:
    with in_locality(locality):
        calendar.set_day(date(2028, 1, 1), working=False, name="元旦", source="管理员")
        with pytest.raises(CalendarMissing):
            selectors.calendar_for([2028])


def test_what_somebody_edited_stays(locality: str) -> None:
    with in_locality(locality):
        calendar.seed_calendar(2026, 2026)
        calendar.set_day(date(2026, 7, 1), working=False, name="台风停工", source="县政府通知")
        calendar.seed_calendar(2026, 2026)
        assert selectors.calendar_for([2026])[date(2026, 7, 1)] is False


def test_a_provisional_year_says_that_it_is_one(locality: str) -> None:
    with in_locality(locality):
        assert calendar.seed_provisional(2033)
        assert not calendar.seed_provisional(2033)
        days = selectors.calendar_for([2033])
        assert not days[date(2033, 1, 1)]
        assert days[date(2033, 1, 5)]
        assert set(WorkDay.objects.filter(date__year=2033).values_list("source", flat=True)) == {calendar.PROVISIONAL}
