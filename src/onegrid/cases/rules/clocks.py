"""Clocks of a case: a limit and the stretches of time it ran and stood still; deadlines are computed from these.

Two measures: minutes, urgent hours and calendar days run on day and night (a day is 24 hours); working hours and
working days count working time only (a working day is the working time of one day of the calendar). A limit is used up
at the first instant so much has passed: work due by the end of an afternoon is due then, not next morning. Exactly at
the deadline is in time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal

from onegrid.county.matters.rules.limits import Limit, Unit
from onegrid.foundation.kernel.worktime import Calendar, CalendarMissing, add_working, parse_hours, working_between

__all__ = [
    "BadSegments", "Calendar", "CalendarMissing", "Limit", "Segment", "Unit", "after_return", "amount", "deadline",
    "ended", "parse_hours", "paused", "remaining", "resumed", "started", "used", "warning",
]  # fmt: skip

WORKING = frozenset({Unit.WORKING_HOUR, Unit.WORKING_DAY})


class BadSegments(ValueError):
    """Segments that overlap, run backwards, or go on after an open one."""


@dataclass(frozen=True)
class Segment:
    """One stretch of a clock; `why` names the reason of a pause; `end` None: it goes on."""

    kind: Literal["running", "paused"]
    why: str
    start: datetime
    end: datetime | None = None
    calendar: Calendar | None = None
    """Where another calendar than the locality's holds for this stretch (a department with its own hours)."""


# -- what happens to a clock


def started(at: datetime, calendar: Calendar | None = None) -> tuple[Segment, ...]:
    """A clock begins to run."""
    return (Segment("running", "", at, None, calendar),)


def paused(segments: Sequence[Segment], why: str, at: datetime) -> tuple[Segment, ...]:
    """It stands still from `at`; pausing a paused clock keeps the first reason."""
    if segments[-1].kind == "paused" or segments[-1].end is not None:
        return tuple(segments)
    return (*ended(segments, at), Segment("paused", why, at))


def resumed(segments: Sequence[Segment], at: datetime) -> tuple[Segment, ...]:
    """It runs on with what was left."""
    last = segments[-1]
    if last.kind == "running" and last.end is None:
        return tuple(segments)
    calendar = next((one.calendar for one in reversed(segments) if one.kind == "running"), None)
    return (*ended(segments, at), Segment("running", "", at, None, calendar))


def ended(segments: Sequence[Segment], at: datetime) -> tuple[Segment, ...]:
    """It stopped for good at `at`."""
    last = segments[-1]
    return (*segments[:-1], replace(last, end=at)) if last.end is None else tuple(segments)


def after_return(segments: Sequence[Segment], at: datetime, *, same_bearer: bool) -> tuple[Segment, ...]:
    """Dispatched again after a return: the same department goes on where it stood, another one has the whole limit.

    Otherwise a department could win time by handing a case back and forth.
    """
    return resumed(segments, at) if same_bearer else started(at)


# -- what follows from it


def deadline(
    limit: Limit, segments: Sequence[Segment], calendar: Calendar, extensions: Iterable[Limit] = ()
) -> datetime | None:
    """When limit and granted extensions, laid over the running time one after the other, are used up (UTC).

    None while the clock stands still with time left. A clock that was stopped has the deadline it would have had.
    """
    return _reach(_parts(limit, extensions, calendar), segments, calendar)


def warning(
    limit: Limit, segments: Sequence[Segment], calendar: Calendar, share: float, extensions: Iterable[Limit] = ()
) -> datetime | None:
    """When `share` (0 to 1) of limit and extensions is used up; None while the clock stands still."""
    parts = _parts(limit, extensions, calendar)
    wanted = sum((size for _, size in parts), timedelta(0)) * share
    cut: list[_Part] = []
    for unit, size in parts:
        cut.append((unit, min(size, wanted)))
        wanted -= min(size, wanted)
    return _reach(cut, segments, calendar)


def used(unit: Unit, segments: Sequence[Segment], calendar: Calendar, now: datetime) -> timedelta:
    """How long the clock has run until `now`, in the measure of `unit` (working time or all time)."""
    _check(segments)
    total = timedelta(0)
    for one in segments:
        if one.kind == "running":
            end = now if one.end is None else min(one.end, now)
            total += _between(unit, one.start, end, one.calendar or calendar)
    return total


def remaining(
    limit: Limit, segments: Sequence[Segment], calendar: Calendar, now: datetime, extensions: Iterable[Limit] = ()
) -> timedelta:
    """What is left at `now`, each part in its own unit's measure; negative by how much the last part is overrun."""
    parts = _parts(limit, extensions, calendar)
    _check(segments)
    for one in segments:
        if one.kind == "paused" or one.start >= now:
            continue
        begin, end = one.start, now if one.end is None else min(one.end, now)
        here = one.calendar or calendar
        while parts:
            unit, size = parts[0]
            ran = _between(unit, begin, end, here)
            if ran < size or len(parts) == 1:
                parts[0] = (unit, size - ran)
                break
            begin = _after(unit, begin, size, here)
            parts.pop(0)
    return sum((size for _, size in parts), timedelta(0))


def amount(limit: Limit, calendar: Calendar) -> timedelta:
    """The limit as time of its measure: three working days of seven hours are 21 hours of working time."""
    sizes = {
        Unit.MINUTE: timedelta(minutes=1),
        Unit.URGENT_HOUR: timedelta(hours=1),
        Unit.WORKING_HOUR: timedelta(hours=1),
        Unit.WORKING_DAY: calendar.day_length,
        Unit.CALENDAR_DAY: timedelta(days=1),
    }
    return limit.value * sizes[limit.unit]


_Part = tuple[Unit, timedelta]


def _parts(limit: Limit, extensions: Iterable[Limit], calendar: Calendar) -> list[_Part]:
    return [(one.unit, amount(one, calendar)) for one in (limit, *extensions)]


def _reach(parts: Sequence[_Part], segments: Sequence[Segment], calendar: Calendar) -> datetime | None:
    """The instant all `parts` are used up by the running segments, in order."""
    _check(segments)
    open_end = None if segments[-1].kind == "paused" else segments[-1]
    left = list(parts)
    for one in segments:
        if one.kind == "paused":
            continue
        here, begin = one.calendar or calendar, one.start
        while left:
            unit, size = left[0]
            end = None if one is open_end else one.end
            if end is not None and _between(unit, begin, end, here) < size:
                left[0] = (unit, size - _between(unit, begin, end, here))
                break
            begin = _after(unit, begin, size, here)
            left.pop(0)
        if not left:
            return begin.astimezone(UTC)
    return None


def _between(unit: Unit, start: datetime, end: datetime, calendar: Calendar) -> timedelta:
    if unit in WORKING:
        return working_between(calendar, start, end)
    return max(end - start, timedelta(0))


def _after(unit: Unit, start: datetime, size: timedelta, calendar: Calendar) -> datetime:
    return add_working(calendar, start, size) if unit in WORKING else start + size


def _check(segments: Sequence[Segment]) -> None:
    if not segments:
        raise BadSegments("a clock without segments")
    for index, one in enumerate(segments):
        last = index == len(segments) - 1
        if one.end is None and not last:
            raise BadSegments("a segment goes on while another follows")
        if one.end is not None and one.end < one.start:
            raise BadSegments("a segment ends before it starts")
        if not last and one.end is not None and segments[index + 1].start < one.end:
            raise BadSegments("segments overlap")
