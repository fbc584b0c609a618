"""How many cases a synthetic locality closes, and how: its own published figures, scaled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

YEARS = 2
LEAST_CLOSED = 480
"""Below this a dashboard of two years shows nothing; a small demonstration carries a larger part of the cases."""
_IN_TIME_RATE = 0.957
_RATED_SHARE = 0.34
_FIVE_SHARE = 0.9
_ON_THE_SPOT_SHARE = 0.4
_CASES_A_HOUSEHOLD_AND_YEAR = 0.012


@dataclass(frozen=True)
class Targets:
    """Exact numbers of cases. ``share`` is the part of the full locality's cases they stand for."""

    closed: int
    in_time: int
    rated: int
    five: int
    on_the_spot: int
    share: float


def targets(figures: Mapping[str, float], households: int, scale: float) -> Targets:
    """The numbers for a locality at a scale, from its published figures; common values where it published none.

    Known figures: closed_in_time with closed_in_time_rate; rated and rated_five; worker_cases, mediated_by_workers,
    mediated_by_communities, petition_cases, solved_in_grid, cases_per_day, on_the_spot_rate.
    """
    rate = figures.get("closed_in_time_rate", _IN_TIME_RATE)
    if "closed_in_time" in figures:
        full = round(figures["closed_in_time"] / rate)
    elif "rated" in figures:
        others = ("worker_cases", "mediated_by_workers", "mediated_by_communities", "petition_cases")
        full = round(figures["rated"] + sum(figures.get(key, 0) for key in others))
    elif "cases_per_day" in figures:
        full = round(figures["cases_per_day"] * 365 * YEARS)
    elif "solved_in_grid" in figures:
        full = round(figures["solved_in_grid"] / 0.8)
    else:
        full = round(households * _CASES_A_HOUSEHOLD_AND_YEAR * YEARS)
    share = min(1.0, max(scale, LEAST_CLOSED / full))
    closed = round(full * share)
    in_time = round(figures["closed_in_time"] * share) if "closed_in_time" in figures else round(closed * rate)
    if "rated" in figures:
        rated = round(figures["rated"] * share)
        five = round(figures.get("rated_five", figures["rated"] * _FIVE_SHARE) * share)
    else:
        rated = round(closed * _RATED_SHARE)
        five = round(rated * _FIVE_SHARE)
    on_the_spot = round(closed * _ON_THE_SPOT_SHARE)
    if "on_the_spot_rate" in figures:
        on_the_spot = round(closed * figures["on_the_spot_rate"])
        rated = min(rated, (closed - on_the_spot) * 2 // 3)
        five = min(five, round(rated * _FIVE_SHARE))
    elif "solved_in_grid" in figures:
        on_the_spot = round(figures["solved_in_grid"] * share)
        rated = min(rated, closed - on_the_spot)
        five = min(five, round(rated * _FIVE_SHARE))
    on_the_spot = max(0, min(on_the_spot, in_time, closed - rated))
    return Targets(closed, min(in_time, closed), rated, min(five, rated), on_the_spot, share)
