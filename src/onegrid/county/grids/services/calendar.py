"""The work calendar: seeded from the published holiday notices, edited by administrators.

A year is known whole or not at all. chinesecalendar carries the State Council's notices including
the weekends worked in exchange; a year it does not know is left out, so that asking for it is loud.
"""

from __future__ import annotations

from datetime import date, timedelta

import chinese_calendar
from chinese_calendar.constants import holidays as published

from onegrid.county.grids.models import WorkDay

SOURCE = "chinesecalendar"
PROVISIONAL = "provisional: no notice published yet"
FIXED = {
    (1, 1): "元旦", (5, 1): "劳动节", (5, 2): "劳动节", (10, 1): "国庆节", (10, 2): "国庆节", (10, 3): "国庆节",
}  # fmt: skip
"""Holidays that fall on the same date of the solar calendar every year."""


def published_years() -> range:
    """The years whose holiday notices are known."""
    return range(min(published).year, max(published).year + 1)


def seed_calendar(first_year: int, last_year: int) -> list[int]:
    """Enter every known and not yet entered year from first to last; returns the years entered.

    Days somebody edited are never overwritten.
    """
    entered = []
    have = set(WorkDay.objects.values_list("date__year", flat=True).distinct())
    for year in range(first_year, last_year + 1):
        if year in have or year not in published_years():
            continue
        WorkDay.objects.bulk_create(_days(year), ignore_conflicts=True)
        entered.append(year)
    return entered


def seed_provisional(year: int) -> bool:
    """Enter a year nobody has published yet: weekends and the fixed days of the State Council's regulation are free.

    Its source says that it is provisional. For demonstrations and trials; a real centre enters the notice. False when
    the year was there.
    """
    if WorkDay.objects.filter(date__year=year).exists():
        return False
    days = []
    day = date(year, 1, 1)
    while day.year == year:
        free = day.weekday() >= 5 or (day.month, day.day) in FIXED
        days.append(WorkDay(date=day, working=not free, name=FIXED.get((day.month, day.day), ""), source=PROVISIONAL))
        day += timedelta(days=1)
    WorkDay.objects.bulk_create(days)
    return True


def set_day(day: date, *, working: bool, name: str, source: str) -> None:
    """Say whether one date is a working day; ``source`` names the notice or the person."""
    WorkDay.objects.update_or_create(date=day, defaults={"working": working, "name": name, "source": source})


def _days(year: int) -> list[WorkDay]:
    days = []
    day = date(year, 1, 1)
    while day.year == year:
        _, holiday = chinese_calendar.get_holiday_detail(day)
        days.append(WorkDay(date=day, working=chinese_calendar.is_workday(day), name=holiday or "", source=SOURCE))
        day += timedelta(days=1)
    return days
