"""Time somebody holds or works somewhere: from a day, or nobody knows since when, to a day, or still."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple


class Period(NamedTuple):
    """From `since` to `until`; None is open. The last day is already somebody else's."""

    since: date | None
    until: date | None


def overlap(one: Period, other: Period) -> bool:
    """Whether two periods share a day. A period of no length, begun and ended on one day, shares it with none."""
    first, last = (
        max(one.since or date.min, other.since or date.min),
        min(one.until or date.max, other.until or date.max),
    )
    return first < last
