"""Time limits as a catalogue writes them: a number and one of five units.

The units are those of city-management practice: 分钟 minutes and 紧急工作时 urgent hours run on through the night, 工作时
working hours and 工作日 working days count working time only, 天 are calendar days. Staged limits (stop, penalise,
remove) are a list of `name:limit`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

UNITS = {"分钟": "minute", "紧急工作时": "urgent_hour", "工作时": "working_hour", "工作日": "working_day", "天": "calendar_day"}
FORM = "a number and 分钟, 紧急工作时, 工作时, 工作日 or 天, such as 4工作时"
STAGES_FORM = "name:limit pairs such as 制止:4工作时|拆除:20工作日"

_LIMIT = re.compile(r"([1-9][0-9]{0,4})\s*(分钟|紧急工作时|工作时|工作日|天)\Z")


@dataclass(frozen=True, slots=True)
class LimitValue:
    """A limit: ``unit`` is minute, urgent_hour, working_hour, working_day or calendar_day."""

    value: int
    unit: str

    def as_json(self) -> dict[str, int | str]:
        """The stored form."""
        return {"value": self.value, "unit": self.unit}


@dataclass(frozen=True, slots=True)
class Stage:
    """One of several limits a case runs through, in order."""

    name: str
    limit: LimitValue

    def as_json(self) -> dict[str, object]:
        """The stored form."""
        return {"name": self.name, **self.limit.as_json()}


def parse_limit(text: str) -> LimitValue:
    """`4工作时` as a value. Raises ValueError on anything else."""
    match = _LIMIT.match(text.strip())
    if match is None:
        raise ValueError(text)
    return LimitValue(int(match[1]), UNITS[match[2]])


def parse_stages(text: str) -> tuple[Stage, ...]:
    """`制止:4工作时|拆除:20工作日` as stages in order. Raises ValueError."""
    stages: list[Stage] = []
    for part in text.split("|"):
        name, colon, limit = part.replace(":", ":").partition(":")
        if not colon or not name.strip() or name.strip() in {stage.name for stage in stages}:
            raise ValueError(text)
        stages.append(Stage(name.strip(), parse_limit(limit)))
    return tuple(stages)
