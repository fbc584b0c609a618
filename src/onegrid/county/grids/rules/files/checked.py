"""Checking an existing partition in a file: what ``onegrid grids check`` does."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from onegrid.county.grids.rules.checking import Fault, check
from onegrid.county.grids.rules.drawing.ground import Finding
from onegrid.county.grids.rules.files.datums import Datum
from onegrid.county.grids.rules.files.existing import GridFile, read_grids
from onegrid.county.grids.rules.files.homes import Homes, Wishes, homes_of
from onegrid.county.grids.rules.files.numbering import numbering
from onegrid.county.grids.rules.files.problems import BadFiles, Collected
from onegrid.county.grids.rules.files.reading import read_layer
from onegrid.county.grids.rules.files.report import said
from onegrid.county.grids.rules.files.report.facts import finding_facts
from onegrid.county.grids.rules.files.roads import Roads, ranked
from onegrid.county.grids.rules.files.shapes import NOWHERE
from onegrid.county.grids.rules.files.writing import plain


@dataclass(frozen=True)
class Question:
    """What is checked against what. ``level`` picks one of a file that holds several."""

    grids: Path
    parents: Path | None = None
    roads: Path | None = None
    buildings: Path | None = None
    wishes: Wishes = field(default_factory=Wishes)
    datum: Datum = "wgs84"
    size: float | None = None
    tolerance: float = 0.2
    level: str | None = None


def check_file(question: Question) -> dict[str, Any]:
    """Every fault of the partition, with place, grids and amount. Raises BadFiles with all faults of the files."""
    faults = Collected()
    if question.size is not None and not 0 < question.size < np.inf:
        faults.add("size_wrong", value=question.size)
    if not 0 <= question.tolerance < np.inf:
        faults.add("tolerance_wrong", value=question.tolerance)
    grids = _grids(question.grids, question, faults)
    parents = _grids(question.parents, question, faults, parents=True) if question.parents else None
    roads = _roads(question, faults)
    homes = _homes(question, faults)
    faults.settle()
    assert grids is not None  # noqa: S101  (settled above)
    chosen = _of_level(grids, question.level)
    faults.settle()
    shapes, people = _counted(grids, chosen, homes)
    result = check(
        grids.outlines[chosen],
        parents=parents.outlines if parents else None,
        parent_of=_parents_of(grids, chosen, parents) if parents else None,
        homes=shapes,
        households=people,
        roads=roads.lines if roads else None,
        road_rank=roads.rank if roads else None,
        size=question.size,
        tolerance=question.tolerance,
    )
    result += numbering(grids, chosen, parents)
    called = [grids.called(int(place)) for place in chosen]
    times = Counter(called)
    names = [
        f"{name} (row {grids.rows[place]})" if times[name] > 1 else name
        for name, place in zip(called, chosen, strict=True)
    ]
    bare = [one for one in grids.findings if one.kind in ("no_geometry", "no_outline")]
    findings = [*grids.findings, *(parents.findings if parents else []), *(homes.findings if homes else [])]
    findings += _others(grids, chosen)
    report: dict[str, Any] = plain(
        {
            "file": grids.file,
            "grids": len(chosen),
            "faults": [*(_bare(name) for one in bare for name in one.ids), *(_fault(one, names) for one in result)],
            "findings": [finding_facts(one) for one in findings],
        }
    )
    return report


def _grids(path: Path | None, question: Question, faults: Collected, *, parents: bool = False) -> GridFile | None:
    try:
        return read_grids(path or question.grids, datum=question.datum)
    except BadFiles as why:
        faults.take(why)
        return None


def _of_level(grids: GridFile, level: str | None) -> NDArray[np.intp]:
    """The grids of one level; of a file with several and none asked for, the most numerous (the lowest).

    A grid that says no level counts with those.
    """
    known = sorted({word for word in grids.levels if word})
    if level is None and len(known) > 1:
        level = max(known, key=grids.levels.count)
    if level is None:
        return np.arange(len(grids))
    chosen = np.flatnonzero(np.isin(grids.levels, [level, ""]))
    if level not in known:
        faults = Collected()
        faults.add("no_such_level", grids.file, level=level, names=", ".join(filter(None, known)) or "–")
        faults.settle()
    return chosen


def _counted(
    grids: GridFile, chosen: NDArray[np.intp], homes: Homes | None
) -> tuple[NDArray[np.object_] | None, NDArray[np.float64] | None]:
    """Homes and their households: the buildings, else what the file itself says each grid holds."""
    if homes is not None:
        return _shared(homes, grids.outlines[chosen])
    own = grids.households[chosen]
    if not len(own) or not np.isfinite(own).all():
        return None, None
    return np.asarray(shapely.point_on_surface(grids.outlines[chosen]), dtype=object), own


def _shared(homes: Homes, outlines: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.float64]]:
    """Homes with their households; a building that lies in several grids is a piece in each, by its area."""
    good = np.asarray(shapely.make_valid(outlines), dtype=object)
    shapes = np.asarray(shapely.make_valid(homes.shapes), dtype=object)
    mine, grid = shapely.STRtree(good).query(shapes, predicate="intersects")
    times = np.bincount(mine, minlength=len(shapes))
    several = (times[mine] > 1) & (shapely.get_dimensions(shapes[mine]) == 2)
    pieces = shapely.intersection(shapes[mine[several]], good[grid[several]])
    part = shapely.area(pieces)
    total = np.bincount(mine[several], part, len(shapes))
    divided = total > 0
    keep = part > 0
    owner = mine[several][keep]
    amount = homes.households[owner] * part[keep] / total[owner]
    points = np.asarray(shapely.point_on_surface(pieces[keep]), dtype=object)
    return np.concatenate([homes.shapes[~divided], points]), np.concatenate([homes.households[~divided], amount])


def _parents_of(grids: GridFile, chosen: NDArray[np.intp], parents: GridFile) -> NDArray[np.int64]:
    """The parent of each grid: by the code it names, else the one its middle lies in, -1 when there is none."""
    number = {code: place for place, code in enumerate(parents.codes) if code}
    found = np.array([number.get(grids.parents[place], -1) for place in chosen], dtype=np.int64)
    lost = np.flatnonzero(found < 0)
    if len(lost):
        inside = shapely.point_on_surface(grids.outlines[chosen][lost])
        mine, theirs = shapely.STRtree(parents.outlines).query(inside, predicate="intersects")
        found[lost[mine[::-1]]] = theirs[::-1]
    return found


def _others(grids: GridFile, chosen: NDArray[np.intp]) -> list[Finding]:
    """What was not looked at: the grids of other levels."""
    others = sorted({grids.levels[place] for place in np.setdiff1d(np.arange(len(grids)), chosen)})
    count = len(grids) - len(chosen)
    return [Finding("other_levels", NOWHERE, ", ".join(others), count)] if count else []


def _bare(name: str) -> dict[str, Any]:
    """A grid of the file that has no outline."""
    return _fault(Fault("no_shape", NOWHERE, (0,), 0.0), [name])


def _roads(question: Question, faults: Collected) -> Roads | None:
    if question.roads is None:
        return None
    try:
        return ranked(read_layer(question.roads, "roads", datum=question.datum))
    except BadFiles as why:
        faults.take(why)
        return None


def _homes(question: Question, faults: Collected) -> Homes | None:
    if question.buildings is None:
        return None
    try:
        return homes_of(read_layer(question.buildings, "buildings", datum=question.datum), question.wishes, faults)
    except BadFiles as why:
        faults.take(why)
        return None


def _fault(one: Fault, names: list[str]) -> dict[str, Any]:
    called = [names[place] for place in one.grids]
    words = {lang: said.fault(one, called, lang) for lang in ("zh-CN", "en")}
    return {
        "kind": one.kind, "grids": called, "where": list(one.where), "amount": one.amount,
        "zh": words["zh-CN"], "en": words["en"],
    }  # fmt: skip
