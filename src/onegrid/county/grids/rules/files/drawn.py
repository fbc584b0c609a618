"""From files to a folder of grids: what ``onegrid grids draw`` does."""

from __future__ import annotations

import csv
import io
import json
import resource
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from onegrid.county.grids.rules.drawing.ground import Finding
from onegrid.county.grids.rules.drawing.partition import LevelSpec
from onegrid.county.grids.rules.drawing.whole import Drawing, DrawnLevel, NothingToDraw, draw_ground
from onegrid.county.grids.rules.files.report.facts import facts, finding_facts
from onegrid.county.grids.rules.files.report.page import page
from onegrid.county.grids.rules.files.shapes import NOWHERE
from onegrid.county.grids.rules.files.town import Sources, Town, read_town
from onegrid.county.grids.rules.files.writing import Sheet, into, plain, whole, write_geojson, write_gpkg, write_text
from onegrid.county.grids.rules.metres import area_m2

Progress = Callable[[str, float], None]
READ = 0.1
WRITE = 0.92
"""Shares of the whole way that reading ends and writing begins at."""


@dataclass(frozen=True)
class Order:
    """What is to be drawn and where to."""

    sources: Sources
    levels: Sequence[LevelSpec]
    out: Path
    seed: int = 1
    threads: int = 0


def draw_files(
    order: Order,
    *,
    progress: Progress,
    stop: Callable[[], bool] | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, Any]:
    """Read, draw, write GeoJSON for each level, grids.gpkg, assignment.csv, report.json and report.html.

    Returns the report. Raises BadFiles (nothing was written), NothingToDraw (report.json says why), Stopped.
    """
    begun = clock()
    folder = _folder(order.out)
    town = read_town(order.sources, lambda step, share: progress(step, READ * share))
    read = clock() - begun
    try:
        drawing = draw_ground(
            town.ground, order.levels, seed=order.seed, threads=order.threads, stop=stop, clock=clock,
            progress=lambda step, share: progress(step, READ + (WRITE - READ) * share),
        )  # fmt: skip
    except NothingToDraw as why:
        findings = [*town.findings, *why.findings, *older(folder, [])]
        with into(folder):
            write_text(folder / "report.json", [_empty(order, town, findings)])
        raise NothingToDraw(findings) from why
    progress("write", WRITE)
    drawing.seconds["read"] = read
    with into(folder):
        report = _written(order, town, drawing, clock, begun, progress)
    progress("write", 1.0)
    return report


def _written(
    order: Order, town: Town, drawing: Drawing, clock: Callable[[], float], begun: float, progress: Progress
) -> dict[str, Any]:
    """All files of a drawing, the report last: who reads it finds the others whole."""
    folder, started = order.out, clock()
    findings = [*town.findings, *drawing.findings, *older(folder, [spec.key for spec in order.levels])]
    sheets = [sheet_of(level, drawing.ground.area_names) for level in drawing.levels]
    for place, sheet in enumerate(sheets):
        write_geojson(folder / f"{sheet.name}.geojson", sheet)
        progress("write", WRITE + (1 - WRITE) * (place + 1) / (len(sheets) + 2))
    whole(folder / "grids.gpkg", lambda target: write_gpkg(target, sheets))
    write_text(folder / "assignment.csv", assignment(drawing))
    drawing.seconds["write"] = clock() - started
    drawing.seconds["total"] = clock() - begun
    report = facts(drawing, findings, told(order, town), seed=order.seed, memory_mb=memory_mb())
    write_text(folder / "report.html", [page(drawing, report, findings)])
    write_text(folder / "report.json", [json.dumps(report, ensure_ascii=False, indent=1, allow_nan=False), "\n"])
    return report


def older(folder: Path, levels: Sequence[str]) -> list[Finding]:
    """Files of an earlier drawing in the folder that are none of this one: they stay, and are named."""
    try:
        before = json.loads((folder / "report.json").read_text("utf-8"))
        names = sorted({f"{one['level']}.geojson" for one in before["levels"] if one["level"] not in levels})
    except (OSError, ValueError, KeyError, TypeError):
        return []
    left = [name for name in names if (folder / name).is_file()]
    return [Finding("older_files", NOWHERE, ", ".join(left), len(left))] if left else []


def told(order: Order, town: Town) -> dict[str, Any]:
    """What the report says about the input."""
    levels = {
        spec.key: spec.along or f"{spec.size:g} ± {spec.tolerance * 100:g} % {spec.unit}" for spec in order.levels
    }
    return {"levels": levels, **town.told}


def sheet_of(level: DrawnLevel, areas: Sequence[str]) -> Sheet:
    """One level as a layer of a file; ``areas`` are the names of the communities."""
    middle = shapely.get_coordinates(shapely.point_on_surface(level.shapes))
    return Sheet(
        level.spec.key,
        level.shapes,
        {
            "code": level.codes,
            "level": [level.spec.key] * len(level.codes),
            "parent": level.parents,
            "area": [areas[int(one)] for one in level.area],
            "number": level.ordinals.tolist(),
            "households": np.round(level.households, 6).tolist(),
            "workload": np.round(level.weight, 6).tolist(),
            "deviation": np.round(level.deviation, 6).tolist(),
            "buildings": level.buildings.tolist(),
            "area_m2": np.round(area_m2(level.shapes), 1).tolist(),
            "lon": np.round(middle[:, 0], 7).tolist(),
            "lat": np.round(middle[:, 1], 7).tolist(),
        },
    )


def assignment(drawing: Drawing) -> Iterable[str]:
    """Which building is in which grids: a row for each building and lowest grid, with the households there."""
    atoms = drawing.atoms
    lived = np.flatnonzero(atoms.building >= 0)
    last = drawing.levels[-1].label
    pairs, place = np.unique(np.column_stack([atoms.building[lived], last[lived]]), axis=0, return_inverse=True)
    place = place.reshape(-1)
    households = np.bincount(place, atoms.households[lived], len(pairs))
    weight = np.bincount(place, atoms.weight[lived], len(pairs))
    first = np.zeros(len(pairs), dtype=np.int64)
    first[place[::-1]] = lived[::-1]
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    own = ["building", "households", "workload"]
    keys = [level.spec.key for level in drawing.levels]
    rows.writerow([*own, *(f"{key} (level)" if key in own else key for key in keys)])
    for number, (building, _) in enumerate(pairs):
        codes = [level.codes[int(level.label[first[number]])] for level in drawing.levels]
        amounts = [plain(round(float(value), 6)) for value in (households[number], weight[number])]
        rows.writerow([_cell(str(drawing.ground.source[building])), *amounts, *codes])
        if out.tell() > 1 << 20:
            yield out.getvalue()
            out.seek(0)
            out.truncate()
    yield out.getvalue()


def _cell(words: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{words}" if words[:1] in "=+-@\t\r" and not words.lstrip("-").isdigit() else words


def memory_mb() -> float:
    """The most memory this process had, in MiB."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1 << 20) if sys.platform == "darwin" else most / 1024


def _folder(out: Path) -> Path:
    with into(out):
        out.mkdir(parents=True, exist_ok=True)
        probe = out / ".onegrid-probe"
        probe.touch()
        probe.unlink()
    return out


def _empty(order: Order, town: Town, findings: Sequence[Finding]) -> str:
    report = {"levels": [], "findings": [finding_facts(one) for one in findings], "input": told(order, town)}
    return json.dumps(plain(report), ensure_ascii=False, indent=1, allow_nan=False) + "\n"
