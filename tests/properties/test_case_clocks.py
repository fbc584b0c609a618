"""Deadlines equal a slow reference that looks at every minute."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from onegrid.cases.rules import clocks
from tests.cases.rules.clock_stories import HOURS, SHANGHAI, calendar, slow_deadline, tell

FIRST = datetime(2026, 1, 1, tzinfo=SHANGHAI)
limits = st.sampled_from(["1分钟", "90分钟", "2紧急工作时", "2工作时", "9工作时", "1工作日", "3工作日", "2天"])
starts = st.integers(0, 270 * 1440).map(lambda minute: FIRST + timedelta(minutes=minute))
gaps = st.sampled_from([0, 1, 59, 60, 61, 180, 840, 1439, 1440, 1441, 3000, 4320])
words = st.sampled_from(
    ["pause", "resume", "return", "same", "other", "extend 1工作时", "extend 1天", "limit 2工作日", "reopen", "stop"]
)


@settings(max_examples=120, deadline=None)
@given(limits, starts, st.lists(st.tuples(gaps, words), max_size=6), st.sampled_from(sorted(HOURS)))
def test_deadline_equals_minute_by_minute(
    limit: str, start: datetime, turns: list[tuple[int, str]], hours: str
) -> None:
    events, at = [f"start {start:%Y-%m-%d %H:%M}"], start
    for gap, word in turns:
        at += timedelta(minutes=gap)
        events.append(word if " " in word else f"{word} {at:%Y-%m-%d %H:%M}")
    story = tell(limit, ";".join(events))
    assert story.deadline(hours) == slow_deadline(story, hours)


@settings(max_examples=200, deadline=None)
@given(limits, starts, st.integers(0, 5000), st.integers(1, 5000))
def test_a_pause_never_brings_a_deadline_forward(limit: str, start: datetime, before: int, length: int) -> None:
    plain = tell(limit, f"start {start:%Y-%m-%d %H:%M}")
    pause, resume = start + timedelta(minutes=before), start + timedelta(minutes=before + length)
    rested = tell(limit, f"start {start:%Y-%m-%d %H:%M}; pause {pause:%Y-%m-%d %H:%M}; resume {resume:%Y-%m-%d %H:%M}")
    first, second = plain.deadline("office"), rested.deadline("office")
    assert first is not None
    assert second is not None
    assert first <= second <= first + timedelta(minutes=length) + timedelta(days=12)


@settings(max_examples=200, deadline=None)
@given(limits, starts)
def test_nothing_is_left_exactly_at_the_deadline(limit: str, start: datetime) -> None:
    story, office = tell(limit, f"start {start:%Y-%m-%d %H:%M}"), calendar("office")
    due = story.deadline("office")
    assert due is not None
    assert clocks.remaining(story.limit, story.segments, office, due) == timedelta(0)
    assert clocks.remaining(story.limit, story.segments, office, due - timedelta(minutes=1)) > timedelta(0)
