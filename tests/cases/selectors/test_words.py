"""Deadlines and instants in people's words, in both languages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from onegrid.cases.selectors.words import due_state, due_text, remaining_seconds, when_text

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("seconds", "zh", "en"),
    [
        (3 * 3600, "剩 3 小时", "3 h left"),
        (3 * 3600 + 60, "剩 3 小时 1 分钟", "3 h 1 min left"),
        (59, "剩 0 分钟", "0 min left"),
        (-(26 * 3600), "超 1 天 2 小时", "1 d 2 h over"),
        (-86400, "超 1 天", "1 d over"),
        (2 * 86400 + 5 * 3600 + 59, "剩 2 天 5 小时", "2 d 5 h left"),
        (-61, "超 1 分钟", "1 min over"),
    ],
)
def test_the_two_largest_units(seconds: int, zh: str, en: str) -> None:
    state = "overdue" if seconds < 0 else "in_time"
    assert due_text(state, seconds, "zh-CN") == zh
    assert due_text(state, seconds, "en") == en


def test_a_paused_clock_says_so_and_no_clock_says_nothing() -> None:
    assert due_text("paused", None, "zh-CN") == "计时暂停"
    assert due_text("none", None, "zh-CN") == ""


@pytest.mark.parametrize(("hours", "state"), [(-1, "overdue"), (0, "in_time"), (1, "in_time")])
def test_exactly_at_the_deadline_is_in_time(hours: int, state: str) -> None:
    assert due_state(NOW + timedelta(hours=hours), None, paused=False, now=NOW) == state


def test_soon_begins_with_the_warning() -> None:
    assert due_state(NOW + timedelta(hours=1), NOW, paused=False, now=NOW) == "due_soon"
    assert due_state(NOW + timedelta(hours=1), NOW + timedelta(minutes=1), paused=False, now=NOW) == "in_time"
    assert due_state(NOW, NOW, paused=True, now=NOW) == "paused"
    assert due_state(None, None, paused=False, now=NOW) == "none"


@pytest.mark.parametrize(
    ("at", "zh"),
    [
        (datetime(2026, 3, 2, 10, 0, tzinfo=UTC), "今天 18:00"),
        (datetime(2026, 3, 2, 16, 30, tzinfo=UTC), "明天 00:30"),
        (datetime(2026, 3, 1, 10, 0, tzinfo=UTC), "昨天 18:00"),
        (datetime(2026, 4, 1, 4, 0, tzinfo=UTC), "4月1日 12:00"),
        (datetime(2027, 1, 1, 4, 0, tzinfo=UTC), "2027年1月1日 12:00"),
    ],
)
def test_instants_as_people_say_them(at: datetime, zh: str) -> None:
    assert when_text(at, NOW, ZONE, "zh-CN") == zh


def test_seconds_left_are_whole_and_signed() -> None:
    assert remaining_seconds(NOW + timedelta(seconds=90.7), NOW) == 90
    assert remaining_seconds(None, NOW) is None
