"""Figures of several villages as one."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from onegrid.county.grids.services.drafts import merging


def village(*load: float) -> dict[str, Any]:
    """What a village measured, as far as it is merged otherwise than by adding."""
    amount = np.array(load)
    drawn: Any = SimpleNamespace(amount=amount, parents=["p"] * len(load), spec=SimpleNamespace(size=100.0, along=""))
    off, fair = np.abs(amount / 100 - 1), np.abs(amount / amount.mean() - 1)
    level = {
        "level": "slice", "grids": len(load), "size": 100.0, "nested": True, "outside": [], "within_10": 1.0,
        "deviation_max": float(off.max()), "deviation_p95": float(np.percentile(off, 95)),
        "attainable_p95": float(np.percentile(fair, 95)), "deviation_cv": float(amount.std() / amount.mean()),
        "spread": merging.spread_of(drawn),
    }  # fmt: skip
    return {"levels": [level], "findings": [], "seconds": 1.0, "areas": 1}


def test_percentiles_of_several_villages_are_those_of_all_their_grids() -> None:
    steady, odd = [100.0 + at % 3 for at in range(95)], [100.0, 150.0, 190.0]
    both = merging.merged(merging.merged(None, village(*steady)), village(*odd))
    [level] = both["levels"]
    all_of_them = np.array([*steady, *odd])
    off = np.abs(all_of_them / 100 - 1)
    assert level["deviation_p95"] == pytest.approx(np.percentile(off, 95), abs=1e-3)
    assert level["deviation_p95"] < 0.1 < village(*odd)["levels"][0]["deviation_p95"], "not that of the worst"
    fair = np.concatenate([np.abs(np.array(one) / np.mean(one) - 1) for one in (steady, odd)])
    assert level["attainable_p95"] == pytest.approx(np.percentile(fair, 95), abs=1e-3)
    assert level["deviation_cv"] == pytest.approx(all_of_them.std() / all_of_them.mean())
    assert (round(level["deviation_max"], 9), level["grids"], both["areas"]) == (0.9, 98, 2)


def test_a_third_village_and_one_without_grids_change_nothing_of_that() -> None:
    parts = [village(80.0, 120.0), village(100.0), village(90.0, 110.0, 130.0)]
    found = None
    for part in parts:
        found = merging.merged(found, part)
    assert found is not None
    off = np.abs(np.array([80.0, 120.0, 100.0, 90.0, 110.0, 130.0]) / 100 - 1)
    assert found["levels"][0]["deviation_p95"] == pytest.approx(np.percentile(off, 95), abs=1e-3)
