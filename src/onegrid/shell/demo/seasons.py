"""When things happen: more in some months, on workdays, at some hours, and a little more every month."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

import numpy as np
from numpy.typing import NDArray

_HOURS = np.array([2, 1, 1, 1, 1, 2, 6, 14, 26, 32, 30, 22, 14, 14, 20, 26, 26, 22, 18, 20, 18, 12, 6, 3], dtype=float)
_WEEKDAYS = np.array([1.2, 1.1, 1.05, 1.0, 1.05, 0.75, 0.7])
_COMMON = np.array([0.85, 0.7, 0.95, 1.0, 1.05, 1.15, 1.2, 1.15, 1.05, 1.0, 0.95, 0.95])
_BY_FIELD = {
    "disasters": (5, 8, 2.6),
    "water": (4, 8, 2.0),
    "fire": (10, 2, 1.7),
    "forestry": (10, 3, 2.2),
    "environment": (5, 9, 1.6),
    "market": (11, 1, 1.3),
    "education": (8, 9, 1.8),
    "health": (11, 2, 1.4),
}
"""Field: first month, last month (1 to 12, may wrap round the year), and how much more happens in them."""
GROWTH = 0.7


def days(
    rng: np.random.Generator, field: str, count: int, first: datetime, last: datetime, zone: tzinfo
) -> list[datetime]:
    """``count`` instants between two, drawn by month, weekday and hour; in no order."""
    span = (last - first).days
    start = first.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    dates = [start + timedelta(days=number) for number in range(1, span)]
    weight = np.array([month_weight(field, day.month) * _WEEKDAYS[day.weekday()] for day in dates])
    weight *= 1 + GROWTH * np.arange(len(dates)) / len(dates)
    chosen = rng.choice(len(dates), count, p=weight / weight.sum())
    hours = rng.choice(24, count, p=_HOURS / _HOURS.sum())
    seconds: NDArray[np.int64] = rng.integers(0, 3600, count)
    return [
        dates[int(day)] + timedelta(hours=int(hour), seconds=int(second))
        for day, hour, second in zip(chosen, hours, seconds, strict=True)
    ]


def month_weight(field: str, month: int) -> float:
    """How much happens in a month, 1 on average."""
    common = float(_COMMON[month - 1])
    season = _BY_FIELD.get(field)
    if season is None:
        return common
    first, last, more = season
    within = first <= month <= last if first <= last else month >= first or month <= last
    return common * (more if within else 0.7)
