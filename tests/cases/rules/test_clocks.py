"""Deadlines against the golden table, and what the table cannot say."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from onegrid.cases.rules import clocks
from onegrid.cases.rules.clocks import BadSegments, CalendarMissing, Limit, Segment, Unit
from onegrid.county.matters.rules.limits import parse_limit
from onegrid.foundation.kernel.worktime import BadHours, Calendar, parse_hours
from tests.cases.rules.clock_stories import SHANGHAI, calendar, tell

GOLDEN = list(csv.DictReader((Path(__file__).parent / "clocks_golden.csv").read_text("utf-8").splitlines()))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize("row", GOLDEN, ids=lambda row: f"{row['row']} {row['what']}")
def test_golden(row: dict[str, str]) -> None:
    story = tell(row["limit"], row["events"])
    try:
        deadline = story.deadline(row["hours"])
    except CalendarMissing as missing:
        said = f"missing {missing.year}"
    else:
        said = "paused" if deadline is None else deadline.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
    assert said == row["deadline"], row["note"]


def test_the_table_covers_what_it_must() -> None:
    kinds = Counter(row["what"] for row in GOLDEN)
    assert len(GOLDEN) >= 120
    assert min(kinds.values()) >= 5
    assert {"police", "adjusted days", "midnight and other hours", "pause and resume", "return", "extension", "reopen",
            "year without calendar", "limit edited or stopped"} <= set(kinds)  # fmt: skip


def test_a_working_weekend_and_a_free_weekday_are_taken_from_the_table_not_from_the_week() -> None:
    assert calendar("office").works_on(date(2026, 2, 14))
    assert not calendar("office").works_on(date(2026, 2, 17))


def test_used_and_remaining() -> None:
    story = tell("4工作时", "start 2026-03-02 09:00; pause 2026-03-02 10:00; resume 2026-03-02 15:00")
    office = calendar("office")
    now = at("2026-03-02 16:00")
    assert clocks.used(Unit.WORKING_HOUR, story.segments, office, now) == timedelta(hours=2)
    assert clocks.used(Unit.URGENT_HOUR, story.segments, office, now) == timedelta(hours=2)
    assert clocks.remaining(story.limit, story.segments, office, now) == timedelta(hours=2)
    late = at("2026-03-03 12:00")
    assert clocks.remaining(story.limit, story.segments, office, late) == timedelta(hours=-3)


def test_remaining_counts_extensions_still_to_come() -> None:
    story = tell("4工作时", "start 2026-03-02 09:00; extend 2工作时")
    left = clocks.remaining(story.limit, story.segments, calendar("office"), at("2026-03-02 10:00"), story.extensions)
    assert left == timedelta(hours=5)
    after_limit = at("2026-03-02 16:00")
    assert clocks.remaining(
        story.limit, story.segments, calendar("office"), after_limit, story.extensions
    ) == timedelta(hours=1)


def test_a_paused_clock_keeps_what_is_left() -> None:
    story = tell("4工作时", "start 2026-03-02 09:00; pause 2026-03-02 10:00")
    for later in ("2026-03-02 11:00", "2026-03-09 11:00"):
        assert clocks.remaining(story.limit, story.segments, calendar("office"), at(later)) == timedelta(hours=3)


def test_warning_comes_at_its_share() -> None:
    story = tell("5工作时", "start 2026-03-02 09:00")
    warned = clocks.warning(story.limit, story.segments, calendar("office"), 0.8)
    assert warned == at("2026-03-02 15:00")
    longer = clocks.warning(story.limit, story.segments, calendar("office"), 0.8, [parse_limit("5工作时")])
    assert longer == at("2026-03-03 10:00")
    paused = tell("5工作时", "start 2026-03-02 09:00; pause 2026-03-02 10:00")
    assert clocks.warning(paused.limit, paused.segments, calendar("office"), 0.8) is None


def test_another_departments_hours_hold_for_its_own_stretch() -> None:
    office, shop = calendar("office"), calendar("shop")
    segments = (
        Segment("running", "", at("2026-03-02 15:30"), at("2026-03-02 18:00")),
        Segment("running", "", at("2026-03-02 18:00"), None, shop),
    )
    assert clocks.deadline(Limit(4, Unit.WORKING_HOUR), segments, office) == at("2026-03-02 20:00")


def test_a_working_day_is_as_long_as_the_calendar_says() -> None:
    assert clocks.amount(parse_limit("3工作日"), calendar("office")) == timedelta(hours=21)
    assert clocks.amount(parse_limit("3工作日"), calendar("eight")) == timedelta(hours=24)
    assert clocks.amount(parse_limit("3天"), calendar("office")) == timedelta(days=3)


def test_wall_time_asks_no_calendar() -> None:
    empty = Calendar(parse_hours([["08:30", "17:30"]]), {}, SHANGHAI)
    assert clocks.deadline(parse_limit("5分钟"), clocks.started(at("2031-01-01 00:00")), empty) == at(
        "2031-01-01 00:05"
    )
    with pytest.raises(CalendarMissing) as missing:
        clocks.deadline(parse_limit("1工作时"), clocks.started(at("2031-01-01 00:00")), empty)
    assert missing.value.year == 2031


@pytest.mark.parametrize(
    "segments",
    [
        (),
        (Segment("running", "", at("2026-03-02 10:00")), Segment("paused", "x", at("2026-03-02 11:00"))),
        (Segment("running", "", at("2026-03-02 10:00"), at("2026-03-02 09:00")),),
        (
            Segment("running", "", at("2026-03-02 10:00"), at("2026-03-02 12:00")),
            Segment("running", "", at("2026-03-02 11:00")),
        ),
    ],
)
def test_segments_that_cannot_be_are_refused(segments: tuple[Segment, ...]) -> None:
    with pytest.raises(BadSegments):
        clocks.deadline(parse_limit("4工作时"), segments, calendar("office"))


@pytest.mark.parametrize(
    "hours",
    [
        [],
        [["08:00", "07:00"]],
        [["08:00", "12:00"], ["11:00", "17:00"]],
        [["08:00"]],
        [["8 o'clock", "9"]],
        [["08:00", "25:00"]],
    ],
)
def test_hours_that_cannot_be_are_refused(hours: list[list[str]]) -> None:
    with pytest.raises(BadHours):
        Calendar(parse_hours(hours), {}, SHANGHAI)
