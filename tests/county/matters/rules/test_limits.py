"""Limits as published catalogues write them."""

from __future__ import annotations

import pytest

from onegrid.county.matters.rules.limits import Limit, LimitError, Unit, parse_limit, parse_stages, read_limit


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("5分钟", 5, Unit.MINUTE),
        ("2紧急工作时", 2, Unit.URGENT_HOUR),
        ("4工作时", 4, Unit.WORKING_HOUR),
        ("3工作日", 3, Unit.WORKING_DAY),
        ("15天", 15, Unit.CALENDAR_DAY),
        ("4小时", 4, Unit.URGENT_HOUR),
        ("3个工作日", 3, Unit.WORKING_DAY),
        ("30日", 30, Unit.CALENDAR_DAY),
        (" 4 工作时 ", 4, Unit.WORKING_HOUR),
        ("７工作日", 7, Unit.WORKING_DAY),
        ("十五天", 15, Unit.CALENDAR_DAY),
        ("两小时", 2, Unit.URGENT_HOUR),
        ("二十工作日", 20, Unit.WORKING_DAY),
        ("三十五天", 35, Unit.CALENDAR_DAY),
        ("4 working_hours", 4, Unit.WORKING_HOUR),
    ],
)
def test_reads(text: str, value: int, unit: Unit) -> None:
    assert parse_limit(text) == Limit(value, unit)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "工作时",
        "0工作时",
        "-1天",
        "1.5天",
        "半天",
        "三三天",
        "十十天",
        "4",
        "99999天",
        "4工作时内",
        "4 hours ago",
        "立即",
    ],
)
def test_refuses(text: str) -> None:
    with pytest.raises(LimitError):
        parse_limit(text)


def test_what_it_writes_it_reads() -> None:
    for unit in Unit:
        assert parse_limit(str(Limit(12, unit))) == Limit(12, unit)


def test_words_after_a_limit() -> None:
    assert read_limit("1紧急工作时制止") == (Limit(1, Unit.URGENT_HOUR), "制止")


def test_stages() -> None:
    stages = parse_stages("制止：4工作时|处罚:7工作日| 拆除 :20工作日")
    assert [(one.name, str(one.limit)) for one in stages] == [
        ("制止", "4工作时"),
        ("处罚", "7工作日"),
        ("拆除", "20工作日"),
    ]


@pytest.mark.parametrize("text", ["制止", "制止:", ":4工作时", "制止:4工作时|制止:5工作时", "制止:很快"])
def test_refuses_stages(text: str) -> None:
    with pytest.raises(LimitError):
        parse_stages(text)
