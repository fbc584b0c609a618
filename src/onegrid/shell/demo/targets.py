"""How many cases a synthetic locality closes, and how: the lots of its own pack, scaled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from onegrid.insight.assessment.rules.measures import Lot, Narrowed

YEARS = 2
LEAST_CLOSED = 480
"""Below this a dashboard of two years shows nothing; a small demonstration carries a larger part of the cases."""
_CASES_A_HOUSEHOLD_AND_YEAR = 0.012


def lots(told: Sequence[Lot], households: int, scale: float) -> tuple[Lot, ...]:
    """The lots of a locality at a scale; common ones by its households where its pack tells none.

    Parts are rounded so that their sums are the rounded sums: at full scale every number is the pack's own.
    """
    whole = tuple(told) or _common(round(households * _CASES_A_HOUSEHOLD_AND_YEAR * YEARS))
    share = share_of(whole, scale)
    found: list[Lot] = []
    before = dict.fromkeys(("closed", "in_time", "rated", "five", "open"), 0)
    taken = dict(before)
    for lot in whole:
        part: dict[str, int] = {}
        for name in before:
            before[name] += getattr(lot, name)
            part[name] = round(before[name] * share) - taken[name]
            taken[name] += part[name]
        if lot.cases.on_the_spot:
            # What is settled at once is in time and not rated, whatever rounding left over.
            taken["in_time"] += part["closed"] - part["in_time"]
            part |= {"in_time": part["closed"]}
        rated = min(part["rated"], part["closed"])
        found.append(
            replace(
                lot,
                closed=part["closed"],
                in_time=min(part["in_time"], part["closed"]),
                rated=rated,
                five=min(part["five"], rated),
                open=part["open"],
            )
        )
    return tuple(found)


def share_of(told: Sequence[Lot], scale: float) -> float:
    """Which part of the full locality's cases a scale carries."""
    closed = sum(lot.closed for lot in told)
    return min(1.0, max(scale, LEAST_CLOSED / closed)) if closed else 1.0


def _common(closed: int) -> tuple[Lot, ...]:
    """What is common where nobody published anything."""
    spot = round(closed * 0.4)
    rest = closed - spot
    rated = round(closed * 0.34)
    return (
        Lot(spot, spot, cases=Narrowed(on_the_spot=True)),
        Lot(
            rest,
            rest - round(closed * 0.043),
            min(rated, rest),
            round(min(rated, rest) * 0.9),
            cases=Narrowed(on_the_spot=False),
        ),
    )
