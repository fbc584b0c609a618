"""The figures of several villages as one: counts added, shares weighed, extremes kept, and percentiles counted anew.

A percentile of percentiles is none: each village keeps how many of its grids are off by how much, to a thousandth.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from onegrid.county.grids.rules.drawing.whole import DrawnLevel

ADDED: Final = frozenset(
    {"grids", "non_contiguous", "crossings", "offstreet_border_km", "buildings_split", "units_split"}
)
HIGHEST: Final = frozenset({"deviation_max", "attainable_max", "area_error"})
SPREAD: Final[Mapping[str, str]] = {"deviation_p95": "off", "attainable_p95": "off_fair"}
"""Figures counted anew from how many grids are off by how much."""


def spread_of(drawn: DrawnLevel) -> dict[str, dict[str, float]]:
    """How many grids are off their size, and off what their parent allows, by how many thousandths; and the sums their
    variation is made of."""
    load = np.asarray(drawn.amount, dtype=np.float64)
    off = fair = np.zeros(len(load))
    if not drawn.spec.along and len(load):
        _, above = np.unique(np.array(drawn.parents, dtype=object).astype(str), return_inverse=True)
        due = (np.bincount(above, load) / np.bincount(above))[above]
        off, fair = np.abs(load / drawn.spec.size - 1), np.abs(load / np.maximum(due, 1e-9) - 1)
    return {"off": _counted(off), "off_fair": _counted(fair), "load": {"sum": load.sum(), "squares": load @ load}}


def _counted(off: NDArray[np.float64]) -> dict[str, float]:
    thousandths, count = np.unique(np.round(off * 1000).astype(np.int64), return_counts=True)
    return {str(one): float(n) for one, n in zip(thousandths.tolist(), count.tolist(), strict=True)}


def merged(before: dict[str, Any] | None, more: dict[str, Any]) -> dict[str, Any]:
    """The figures of several villages together."""
    if before is None:
        return more
    levels = [_together(one, other) for one, other in zip(before["levels"], more["levels"], strict=True)]
    return {
        "levels": levels, "findings": (before["findings"] + more["findings"])[:2000],
        "seconds": before["seconds"] + more["seconds"], "areas": before["areas"] + more["areas"],
    }  # fmt: skip


def _together(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    found = dict(one)
    left, right = one["grids"], other["grids"]
    for key, value in other.items():
        if key in ADDED:
            found[key] = one[key] + value
        elif key in HIGHEST:
            found[key] = max(one[key], value)
        elif key == "outside":
            found[key] = (one[key] + value)[:5000]
        elif isinstance(value, bool):
            found[key] = one[key] and value
        elif isinstance(value, float) and key not in ("size", "tolerance"):
            found[key] = (one[key] * left + value * right) / max(left + right, 1)
    # Drafts drawn before villages kept this have their mean.
    if "spread" in one and "spread" in other:
        found["spread"] = {name: _added(one["spread"][name], other["spread"][name]) for name in one["spread"]}
        found |= {key: _percentile(found["spread"][name], 95) for key, name in SPREAD.items()}
        found["deviation_cv"] = _variation(found["spread"]["load"], left + right)
    return found


def _added(one: Mapping[str, float], other: Mapping[str, float]) -> dict[str, float]:
    return {key: one.get(key, 0.0) + other.get(key, 0.0) for key in {*one, *other}}


def _percentile(counted: Mapping[str, float], percent: float) -> float:
    """The value below which so many percent lie, as numpy counts it."""
    values = sorted((int(key), int(n)) for key, n in counted.items())
    off = np.repeat([one for one, _ in values], [n for _, n in values])
    return float(np.percentile(off, percent)) / 1000 if len(off) else 0.0


def _variation(load: Mapping[str, float], count: int) -> float:
    mean = load["sum"] / max(count, 1)
    return float(np.sqrt(max(load["squares"] / max(count, 1) - mean * mean, 0.0)) / mean) if mean > 0 else 0.0
