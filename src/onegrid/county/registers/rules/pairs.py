"""How alike two entries of residents are: the same number, or the same name born on the same day behind near doors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from onegrid.foundation.kernel.masking import normalise

ENOUGH: Final = 0.7
"""From here on two entries are put side by side."""
_NAME: Final = 0.5
_DAY: Final = 0.2
_YEAR: Final = 0.1
_DOOR: Final = 0.25
_BUILDING: Final = 0.15
_PHONE: Final = 0.15


@dataclass(frozen=True)
class Entry:
    """What is compared of a resident. Numbers are blind: only whether they are the same is asked."""

    name: str
    birth_date: str
    birth_year: int | None
    sex: int
    id_index: bytes | None
    phone_index: bytes | None
    dwelling: int
    building: int


@dataclass(frozen=True)
class Likeness:
    """How alike, from 0 to 1, and why."""

    value: float
    why: tuple[str, ...]


def likeness(one: Entry, other: Entry) -> Likeness:
    """Compare two entries.

    One number is one person. Two different numbers are two people, whatever they are called. Else the name must be
    the same and nothing known of both may differ; near doors, the day of birth and the phone make it more likely.
    """
    if one.id_index is not None and one.id_index == other.id_index:
        return Likeness(1.0, ("same_id",))
    differs = (
        (one.id_index is not None and other.id_index is not None)
        or normalise(one.name) != normalise(other.name)
        or _contradict(one.sex, other.sex)
        or _contradict(one.birth_year, other.birth_year)
        or bool(one.birth_date and other.birth_date and one.birth_date != other.birth_date)
    )
    if differs:
        return Likeness(0.0, ())
    value, why = _NAME, ["same_person"]
    if one.birth_date and one.birth_date == other.birth_date:
        value += _DAY
    elif one.birth_year and one.birth_year == other.birth_year:
        value += _YEAR
    if one.dwelling == other.dwelling:
        value += _DOOR
    elif one.building == other.building:
        value += _BUILDING
    if one.phone_index is not None and one.phone_index == other.phone_index:
        value += _PHONE
        why.append("same_phone")
    return Likeness(min(round(value, 2), 0.99), tuple(why))


def _contradict(one: int | None, other: int | None) -> bool:
    return one not in (None, 0, 9) and other not in (None, 0, 9) and one != other


def common_path(one: str, other: str) -> str:
    """The smallest grid that holds both: `r.a.b.` and `r.a.c.` give `r.a.`."""
    shared = []
    for left, right in zip(one.split(".")[:-1], other.split(".")[:-1], strict=False):
        if left != right:
            break
        shared.append(left)
    return ".".join(shared) + "."
