"""Time limits as a catalogue writes them: `5分钟`, `2紧急工作时`, `4工作时`, `3工作日`, `15天`, and staged limits.

One parser for packs, cases and journeys. The five units are those of published catalogues: minutes (police)
and 紧急工作时 run on through the night, as does a plain 小时; 工作时 and 工作日 count working time only; 天 are
calendar days. How long a limit really lasts is `cases.rules.clocks`' business.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum


class Unit(StrEnum):
    """In what a limit is counted."""

    MINUTE = "minute"
    URGENT_HOUR = "urgent_hour"
    WORKING_HOUR = "working_hour"
    WORKING_DAY = "working_day"
    CALENDAR_DAY = "calendar_day"


UNITS = {
    "分钟": Unit.MINUTE,
    "紧急工作时": Unit.URGENT_HOUR,
    "工作时": Unit.WORKING_HOUR,
    "工作日": Unit.WORKING_DAY,
    "天": Unit.CALENDAR_DAY,
}
WORDS = {unit: word for word, unit in UNITS.items()}
"""The spelling we write back."""
_ALSO = {
    Unit.MINUTE: "分 min minute minutes",
    Unit.URGENT_HOUR: "紧急工作小时 紧急工时 个紧急工作时 小时 个小时 时 urgent_hour urgent_hours",
    Unit.WORKING_HOUR: "工作小时 个工作时 个工作小时 工时 working_hour working_hours",
    Unit.WORKING_DAY: "个工作日 工日 working_day working_days",
    Unit.CALENDAR_DAY: "日 自然日 个自然日 日历日 calendar_day calendar_days",
}
_SPELLINGS = UNITS | {word: unit for unit, words in _ALSO.items() for word in words.split()}
_BY_LENGTH = "|".join(sorted(_SPELLINGS, key=len, reverse=True))
_LIMIT = re.compile(rf"(\d{{1,5}}|[一二两三四五六七八九十]{{1,3}})({_BY_LENGTH})")
_DIGITS = {word: value for value, word in enumerate("零一二三四五六七八九")} | {"两": 2}
MOST = 9999
FORM = "a number and 分钟, 紧急工作时, 工作时, 工作日 or 天, such as 4工作时"
STAGES_FORM = "name:limit pairs such as 制止:4工作时|拆除:20工作日"


class LimitError(ValueError):
    """A text that is no limit."""


@dataclass(frozen=True, slots=True)
class Limit:
    """An amount of time in a unit, 1 to `MOST`; written as the catalogue writes it."""

    value: int
    unit: Unit

    def __post_init__(self) -> None:
        if not 1 <= self.value <= MOST:
            raise LimitError(f"{self.value}{WORDS[self.unit]}")

    def __str__(self) -> str:
        return f"{self.value}{WORDS[self.unit]}"

    def as_json(self) -> dict[str, int | str]:
        """The stored form."""
        return {"value": self.value, "unit": str(self.unit)}


@dataclass(frozen=True, slots=True)
class Stage:
    """One of several limits a case runs through, in order, all from the same start."""

    name: str
    limit: Limit

    def as_json(self) -> dict[str, object]:
        """The stored form."""
        return {"name": self.name, **self.limit.as_json()}


def parse_limit(text: str) -> Limit:
    """`4工作时` as a value, whole; also 小时, 自然日 and Chinese numerals. Raises LimitError on anything else."""
    limit, rest = read_limit(text)
    if rest:
        raise LimitError(text)
    return limit


def read_limit(text: str) -> tuple[Limit, str]:
    """The limit at the start of `text` and the words after it (`1紧急工作时制止` → 1紧急工作时, 制止)."""
    clean = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))
    match = _LIMIT.match(clean)
    if match is None:
        raise LimitError(text)
    try:
        return Limit(_number(match[1]), _SPELLINGS[match[2]]), clean[match.end() :]
    except (LimitError, KeyError):
        raise LimitError(text) from None


def parse_stages(text: str) -> tuple[Stage, ...]:
    """`制止:4工作时|拆除:20工作日` as stages in order. Raises LimitError."""
    stages: list[Stage] = []
    for part in text.split("|"):
        # Spreadsheets in China often carry the full-width colon.
        name, colon, limit = part.replace("\uff1a", ":").partition(":")
        if not colon or not name.strip() or name.strip() in {stage.name for stage in stages}:
            raise LimitError(text)
        stages.append(Stage(name.strip(), parse_limit(limit)))
    return tuple(stages)


def _number(word: str) -> int:
    """Digits, or a Chinese numeral up to 99; KeyError for a jumble of numerals."""
    if word.isdigit():
        return int(word)
    tens, ten, units = word.partition("十")
    if not ten:
        return _DIGITS[word]
    return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[units] if units else 0)
