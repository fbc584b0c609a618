"""`report.json`: every figure of a drawing and everything that was doubtful, for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from onegrid.county.grids.rules.drawing.ground import Finding
from onegrid.county.grids.rules.drawing.whole import Drawing, DrawnLevel
from onegrid.county.grids.rules.files.report import said
from onegrid.county.grids.rules.files.writing import plain

VERSION = 1


def facts(
    drawing: Drawing, findings: Sequence[Finding], told: Mapping[str, Any], *, seed: int, memory_mb: float
) -> dict[str, Any]:
    """The whole report. ``findings`` are the readers' and the drawing's, ``told`` what the readers say of the input.

    ``given`` is counted when the file is read, ``placed`` when the grids are written: what is neither placed nor left
    out by name would show.
    """
    given, placed = float(told["households"]["total"]), float(drawing.atoms.households.sum())
    left_out = float(sum(one.households for one in findings))
    found: dict[str, Any] = plain(
        {
            "version": VERSION,
            "levels": [level_facts(level) for level in drawing.levels],
            "findings": [finding_facts(one) for one in findings],
            "households": {"given": given, "placed": placed, "left_out": left_out},
            "input": dict(told),
            "seed": seed,
            "seconds": {name: round(seconds, 3) for name, seconds in drawing.seconds.items()},
            "memory_mb": round(memory_mb, 1),
        }
    )
    return found


def level_facts(level: DrawnLevel) -> dict[str, Any]:
    """The figures of one level; grids out of tolerance by their code, with the reason as a word and in words."""
    known = asdict(level.report)
    outside = [
        {
            **one,
            "grid": level.codes[int(one["grid"])],
            "deviation": round(float(one["households"]) / level.spec.size - 1, 4),
            "why_zh": said.why(one["why"], "zh-CN"),
            "why_en": said.why(one["why"], "en"),
        }
        for one in known.pop("outside")
    ]
    spec = {
        "size": level.spec.size, "unit": level.spec.unit, "tolerance": level.spec.tolerance, "along": level.spec.along,
    }  # fmt: skip
    return {"level": level.spec.key, **known, **spec, "outside": outside}


def finding_facts(one: Finding) -> dict[str, Any]:
    """One finding: as words of ours, and in both languages."""
    return {
        "kind": one.kind, "what": one.what, "count": one.count, "households": one.households,
        "where": list(one.where), "ids": list(one.ids), "zh": said.finding(one, "zh-CN"), "en": said.finding(one, "en"),
    }  # fmt: skip
