"""What a notice may say and when it is shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from onegrid.programmes.community.rules import LONGEST, Draft, faults, starts, state

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def draft(**other: Any) -> Draft:
    said = {"key": UUID(int=1), "grid": "1", "title": "停水", "body": "明早", "for_residents": True, "for_staff": True}
    return Draft(**{**said, **other})


@pytest.mark.parametrize(
    ("other", "found"),
    [
        ({}, {}),
        ({"positions": ("secretary",)}, {}),
        ({"valid_to": NOW + HOUR}, {}),
        ({"valid_from": NOW + HOUR, "valid_to": NOW + HOUR + LONGEST}, {}),
        ({"for_residents": False, "for_staff": False}, {"for_residents": "for_nobody"}),
        ({"for_staff": False, "positions": ("secretary",)}, {"positions": "positions_without_staff"}),
        ({"positions": ("mayor",)}, {"positions": "unknown_position"}),
        ({"valid_to": NOW}, {"valid_to": "ends_before_it_begins"}),
        ({"valid_from": NOW - 9 * HOUR, "valid_to": NOW - HOUR}, {"valid_to": "ends_before_it_begins"}),
        ({"valid_from": NOW + 2 * HOUR, "valid_to": NOW + HOUR}, {"valid_to": "ends_before_it_begins"}),
        ({"valid_to": NOW + LONGEST + HOUR}, {"valid_to": "too_long"}),
        ({"valid_from": NOW + LONGEST + HOUR}, {"valid_to": "too_long"}),
        ({"valid_from": datetime.max.replace(tzinfo=UTC)}, {"valid_to": "too_long"}),
        ({"valid_from": datetime.min.replace(tzinfo=UTC)}, {}),
    ],
)
def test_what_makes_no_sense_is_named(other: dict[str, Any], found: dict[str, str]) -> None:
    assert faults(draft(**other), now=NOW, positions=["secretary"]) == found


def test_it_never_begins_before_it_was_written() -> None:
    assert starts(draft(), NOW) == NOW
    assert starts(draft(valid_from=NOW - HOUR), NOW) == NOW
    assert starts(draft(valid_from=NOW + HOUR), NOW) == NOW + HOUR


@pytest.mark.parametrize(
    ("now", "withdrawn", "found"),
    [
        (NOW - HOUR, False, "planned"),
        (NOW, False, "current"),
        (NOW + HOUR - timedelta(microseconds=1), False, "current"),
        (NOW + HOUR, False, "over"),
        (NOW, True, "withdrawn"),
    ],
)
def test_where_it_stands(now: datetime, withdrawn: bool, found: str) -> None:
    assert state(valid_from=NOW, valid_to=NOW + HOUR, withdrawn=withdrawn, now=now) == found
    assert state(valid_from=NOW, valid_to=None, withdrawn=False, now=NOW + 1000 * HOUR) == "current"
