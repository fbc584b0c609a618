"""Working time: how much of it lies between two instants, and when so much of it will have passed.

A calendar is working intervals of a day plus, for every single day, whether it is worked. Nothing is guessed: a weekday
may be a holiday and a Sunday a working day (调休), so a day the table does not have raises `CalendarMissing`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from onegrid.foundation.kernel.errors import OneGridError

DAY_END = 24 * 60
LONGEST_SEARCH = 3660
"""Days looked ahead before giving up: a calendar with ten years of nothing but holidays is a mistake."""


class CalendarMissing(OneGridError):
    """No work calendar is published for the year. `year` says which; an administrator enters it from the notice."""

    status = 503
    code = "calendar_missing"

    def __init__(self, year: int) -> None:
        super().__init__("worktime.calendar_missing", year=year)
        self.year = year


class BadHours(ValueError):
    """Working intervals that overlap, are out of order, or hold no time."""


@dataclass(frozen=True)
class Calendar:
    """`hours`: working intervals as minutes since local midnight, in order, end exclusive (1440 is midnight);
    `days`: every day of every published year → worked or not; `zone`: where those hours are."""

    hours: tuple[tuple[int, int], ...]
    days: Mapping[date, bool]
    zone: tzinfo

    def __post_init__(self) -> None:
        end_before = 0
        for start, end in self.hours:
            if not (end_before <= start < end <= DAY_END):
                raise BadHours(f"working hours {self.hours} overlap or are out of order")
            end_before = end
        if not self.hours:
            raise BadHours("no working hours")

    @property
    def day_length(self) -> timedelta:
        """Working time of one working day."""
        return timedelta(minutes=sum(end - start for start, end in self.hours))

    def works_on(self, day: date) -> bool:
        """Whether `day` is worked; `CalendarMissing` when nobody said."""
        try:
            return self.days[day]
        except KeyError:
            raise CalendarMissing(day.year) from None

    def spans(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Working intervals from `start` on, the first one cut at `start`, as UTC instants."""
        day = start.astimezone(self.zone).date()
        for ahead in range(LONGEST_SEARCH):
            here = day + timedelta(days=ahead)
            if not self.works_on(here):
                continue
            for first, last in self.hours:
                begin, end = self._instant(here, first), self._instant(here, last)
                if end > start:
                    yield max(begin, start.astimezone(UTC)), end

    def _instant(self, day: date, minute: int) -> datetime:
        if minute == DAY_END:
            day, minute = day + timedelta(days=1), 0
        return datetime.combine(day, time(minute // 60, minute % 60), self.zone).astimezone(UTC)


def parse_hours(pairs: Sequence[Sequence[str]]) -> tuple[tuple[int, int], ...]:
    """`[["08:30", "12:00"], ["14:00", "17:30"]]` → minutes since midnight; `BadHours` for anything else."""
    try:
        return tuple((_minute(start), _minute(end)) for start, end in pairs)
    except (ValueError, TypeError) as why:
        raise BadHours(f"{pairs!r}: expected pairs such as ['08:30', '12:00']") from why


def _minute(clock: str) -> int:
    if clock == "24:00":
        return DAY_END
    at = time.fromisoformat(clock)
    return at.hour * 60 + at.minute


def add_working(calendar: Calendar, start: datetime, amount: timedelta) -> datetime:
    """The first instant at which `amount` of working time has passed since `start` (UTC).

    Five hours that end with the afternoon end at its last minute, not with the next morning's first.
    """
    if amount <= timedelta(0):
        return start.astimezone(UTC)
    left = amount
    for begin, end in calendar.spans(start):
        if left <= end - begin:
            return begin + left
        left -= end - begin
    raise BadHours("no working day in ten years")


def working_between(calendar: Calendar, start: datetime, end: datetime) -> timedelta:
    """Working time from `start` to `end`; nothing when `end` is not later."""
    total = timedelta(0)
    if end <= start:
        return total
    for begin, stop in _until(calendar, start, end):
        total += min(stop, end.astimezone(UTC)) - begin
    return total


def _until(calendar: Calendar, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Spans that begin before `end`, without asking for days after it (the next year may not be published yet)."""
    day, last = start.astimezone(calendar.zone).date(), end.astimezone(calendar.zone).date()
    while day <= last:
        midnight = datetime.combine(day, time(0), calendar.zone)
        morning = max(start, midnight)
        if midnight < end and calendar.works_on(day):
            yield from (span for span in _spans_of(calendar, day, morning) if span[0] < end)
        day += timedelta(days=1)


def _spans_of(calendar: Calendar, day: date, start: datetime) -> Iterator[tuple[datetime, datetime]]:
    for first, last in calendar.hours:
        begin, end = calendar._instant(day, first), calendar._instant(day, last)
        if end > start:
            yield max(begin, start.astimezone(UTC)), end
