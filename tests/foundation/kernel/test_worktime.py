"""Working time by the published calendar, and loudly where there is none."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from onegrid.foundation.kernel.texts import LANGS, text
from onegrid.foundation.kernel.worktime import (
    BadHours,
    Calendar,
    CalendarMissing,
    add_working,
    parse_hours,
    working_between,
)

ZONE = ZoneInfo("Asia/Shanghai")
WEEK = {date(2026, 3, 2) + timedelta(days=ahead): ahead % 7 < 5 for ahead in range(14)}
OFFICE = Calendar(parse_hours([["08:30", "12:00"], ["14:00", "17:30"]]), WEEK, ZONE)


def at(text_: str) -> datetime:
    return datetime.fromisoformat(text_).replace(tzinfo=ZONE)


def test_a_day_is_as_long_as_its_intervals() -> None:
    assert OFFICE.day_length == timedelta(hours=7)


def test_adding_ends_with_the_afternoon_not_next_morning() -> None:
    assert add_working(OFFICE, at("2026-03-02 14:00"), timedelta(hours=3, minutes=30)) == at("2026-03-02 17:30")
    assert add_working(OFFICE, at("2026-03-06 17:30"), timedelta(minutes=1)) == at("2026-03-09 08:31")


def test_nothing_added_is_where_it_was() -> None:
    assert add_working(OFFICE, at("2026-03-07 03:00"), timedelta(0)) == at("2026-03-07 03:00")


def test_what_lies_between_is_what_was_added() -> None:
    start = at("2026-03-03 11:17")
    for minutes in (1, 43, 44, 420, 1000):
        end = add_working(OFFICE, start, timedelta(minutes=minutes))
        assert working_between(OFFICE, start, end) == timedelta(minutes=minutes)
    assert working_between(OFFICE, start, start - timedelta(hours=1)) == timedelta(0)


def test_instants_of_any_zone_are_the_same() -> None:
    there = at("2026-03-02 16:00")
    assert add_working(OFFICE, there.astimezone(UTC), timedelta(hours=2)) == add_working(
        OFFICE, there, timedelta(hours=2)
    )


def test_days_beyond_the_calendar_are_an_error_only_when_asked_for() -> None:
    assert working_between(OFFICE, at("2026-03-13 09:00"), at("2026-03-15 23:00")) == timedelta(hours=6, minutes=30)
    with pytest.raises(CalendarMissing) as missing:
        add_working(OFFICE, at("2026-03-13 17:00"), timedelta(hours=1))
    assert missing.value.year == 2026
    assert all("2026" in text(missing.value.key, lang, **missing.value.values) for lang in LANGS)


def test_a_calendar_without_a_working_day_is_a_mistake() -> None:
    idle = Calendar(((0, 60),), {date(2026, 1, 1) + timedelta(days=n): False for n in range(4000)}, ZONE)
    with pytest.raises(BadHours):
        add_working(idle, at("2026-01-01 00:00"), timedelta(minutes=1))
