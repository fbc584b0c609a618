"""Tells what happens to a clock in one line of text, for the golden table and the property test.

`start 2026-03-02 09:00; pause 2026-03-02 10:00; resume …; return …; same …; other …; extend 1工作日; limit 5工作日;
reopen …; stop …`, times in Shanghai.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import chinese_calendar

from onegrid.cases.rules import clocks
from onegrid.cases.rules.clocks import Calendar, Limit, Segment, Unit, parse_hours
from onegrid.county.matters.rules.limits import parse_limit

SHANGHAI = ZoneInfo("Asia/Shanghai")
HOURS: Mapping[str, list[list[str]]] = {
    "office": [["08:30", "12:00"], ["14:00", "17:30"]],
    "eight": [["08:00", "12:00"], ["14:00", "18:00"]],
    "shop": [["09:00", "21:00"]],
    "whole": [["00:00", "24:00"]],
    "night": [["00:00", "06:00"], ["22:00", "24:00"]],
}


@cache
def published() -> Mapping[date, bool]:
    """Every day of 2024 to 2026, as published; 2027 is not."""
    first = date(2024, 1, 1)
    days = (first + timedelta(days=ahead) for ahead in range((date(2027, 1, 1) - first).days))
    return {day: bool(chinese_calendar.is_workday(day)) for day in days}


@cache
def calendar(name: str) -> Calendar:
    """One of the working days above on the published calendar."""
    return Calendar(parse_hours(HOURS[name]), published(), SHANGHAI)


@dataclass
class Story:
    """A clock after everything that happened to it."""

    limit: Limit
    segments: tuple[Segment, ...] = ()
    extensions: tuple[Limit, ...] = ()

    def deadline(self, name: str) -> datetime | None:
        return clocks.deadline(self.limit, self.segments, calendar(name), self.extensions)


def tell(limit: str, events: str) -> Story:
    """Play the events."""
    story = Story(parse_limit(limit))
    for event in filter(None, (part.strip() for part in events.split(";"))):
        word, _, rest = event.partition(" ")
        if word == "extend":
            story.extensions = (*story.extensions, parse_limit(rest))
        elif word == "limit":
            story.limit = parse_limit(rest)
        else:
            _turn(story, word, datetime.fromisoformat(rest).replace(tzinfo=SHANGHAI))
    return story


def _turn(story: Story, word: str, at: datetime) -> None:
    if word in ("start", "reopen"):
        story.segments, story.extensions = clocks.started(at), ()
    elif word in ("pause", "return"):
        story.segments = clocks.paused(story.segments, word, at)
    elif word == "resume":
        story.segments = clocks.resumed(story.segments, at)
    elif word == "same":
        story.segments = clocks.after_return(story.segments, at, same_bearer=True)
    elif word == "other":
        story.segments, story.extensions = clocks.after_return(story.segments, at, same_bearer=False), ()
    elif word == "stop":
        story.segments = clocks.ended(story.segments, at)
    else:
        raise AssertionError(f"no such event: {word}")


def slow_deadline(story: Story, name: str, *, horizon_days: int = 200) -> datetime | None:
    """The same by looking at every single minute. Shares nothing with the real one but the segments."""
    hours = [(_minutes(first), _minutes(last)) for first, last in HOURS[name]]
    parts = [[one.unit, _size(one, hours)] for one in (story.limit, *story.extensions)]
    last = story.segments[-1]
    minute = story.segments[0].start
    for _ in range(horizon_days * 24 * 60):
        if not parts:
            return minute
        if last.kind == "paused" and minute >= last.start:
            return None
        if _running(story.segments, last, minute) and _counts(parts[0][0], hours, minute):
            parts[0][1] -= 1
        minute += timedelta(minutes=1)
        while parts and parts[0][1] == 0:
            parts.pop(0)
    raise AssertionError("no deadline within the horizon")


def _running(segments: Sequence[Segment], last: Segment, minute: datetime) -> bool:
    for one in segments:
        if one.kind == "running" and one.start <= minute and (one is last or one.end is None or minute < one.end):
            return True
    return False


def _counts(unit: Unit, hours: list[tuple[int, int]], minute: datetime) -> bool:
    if unit in (Unit.MINUTE, Unit.URGENT_HOUR, Unit.CALENDAR_DAY):
        return True
    local = minute.astimezone(SHANGHAI)
    clock = local.hour * 60 + local.minute
    return any(first <= clock < last for first, last in hours) and published()[local.date()]


def _size(limit: Limit, hours: list[tuple[int, int]]) -> int:
    day = sum(last - first for first, last in hours)
    each = {Unit.MINUTE: 1, Unit.URGENT_HOUR: 60, Unit.WORKING_HOUR: 60, Unit.WORKING_DAY: day, Unit.CALENDAR_DAY: 1440}
    return limit.value * each[limit.unit]


def _minutes(clock: str) -> int:
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)
