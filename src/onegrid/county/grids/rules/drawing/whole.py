"""The whole way from a ground to named grids with outlines and figures, as the command line and the desk go it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from onegrid.county.grids.rules.codes import DIVISION_DIGITS, CodePattern
from onegrid.county.grids.rules.drawing.atoms import Atoms, Edges
from onegrid.county.grids.rules.drawing.cells import lay_out
from onegrid.county.grids.rules.drawing.ground import Finding, Ground
from onegrid.county.grids.rules.drawing.measures import LevelReport, measure
from onegrid.county.grids.rules.drawing.naming import Named, name_grids
from onegrid.county.grids.rules.drawing.outlines import outlines, to_degrees
from onegrid.county.grids.rules.drawing.partition import LevelSpec, draw

Progress = Callable[[str, float], None]
Stop = Callable[[], bool]

_SHARES = {"clean": 0.0, "blocks": 0.1, "cells": 0.15, "adjacency": 0.4, "compile": 0.5, "partition": 0.5}
_WIDTHS = {"clean": 0.1, "blocks": 0.05, "cells": 0.25, "adjacency": 0.1, "compile": 0.0, "partition": 0.35}
"""Where each step lies on the way, as shares of the whole."""


class NothingToDraw(Exception):
    """No building with a household is left after cleaning; ``findings`` say why."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("no building with a household is left to draw on")


@dataclass(frozen=True)
class DrawnLevel:
    """One level: an entry for each grid, in the order of grid numbers.

    ``label`` is the grid of each atom; ``shapes`` are outlines in degrees; ``parents`` are the codes of the grids one
    level up (of the areas on the first level, the number given to one without a code); ``amount`` is what the level
    counts (households, or workload).
    """

    spec: LevelSpec
    label: NDArray[np.int64]
    shapes: NDArray[np.object_]
    codes: list[str]
    parents: list[str]
    ordinals: NDArray[np.int64]
    area: NDArray[np.int64]
    households: NDArray[np.float64]
    weight: NDArray[np.float64]
    buildings: NDArray[np.int64]
    report: LevelReport

    @property
    def amount(self) -> NDArray[np.float64]:
        """What the size of the level counts."""
        return self.weight if self.spec.unit == "weight" and not self.spec.along else self.households

    @property
    def deviation(self) -> NDArray[np.float64]:
        """How far each grid is from the size, 0.1 = a tenth above; 0 where none was asked for."""
        if self.spec.along:
            return np.zeros(len(self.amount))
        off: NDArray[np.float64] = self.amount / self.spec.size - 1
        return off

    def labels(self) -> list[str]:
        """What each grid is called on a map: its code, what it holds and how far off that is."""
        if self.spec.along:
            return [f"{code}: {amount:,.0f}" for code, amount in zip(self.codes, self.amount, strict=True)]
        return [
            f"{code}: {amount:,.0f} ({off * 100:+.0f} %)"
            for code, amount, off in zip(self.codes, self.amount, self.deviation, strict=True)
        ]


@dataclass(frozen=True)
class Drawing:
    """A finished drawing. ``ground`` is the cleaned one the atoms count; ``findings`` are those of the cleaning."""

    ground: Ground
    atoms: Atoms
    edges: Edges
    levels: list[DrawnLevel]
    findings: list[Finding]
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def label_rows(self) -> NDArray[np.int64]:
        """Grid numbers, one row for each level, one column for each atom."""
        return np.array([level.label for level in self.levels], dtype=np.int64)


def draw_ground(
    ground: Ground,
    levels: Sequence[LevelSpec],
    *,
    seed: int,
    threads: int = 0,
    pattern: CodePattern | None = None,
    progress: Progress | None = None,
    stop: Stop | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> Drawing:
    """Clean, lay out, divide, outline, number and measure.

    The result depends on the ground and the seed only, not on rows' order, threads or time. Raises NothingToDraw, and
    Stopped when ``stop`` says so.
    """
    watch = _Watch(clock)
    tell = _told(progress)
    tell("clean", 0.0)
    clean, findings = ground.cleaned()
    watch("clean")
    if not clean.households.sum() > 0:
        raise NothingToDraw(findings)
    plane = clean.plane()
    atoms, edges = lay_out(clean, tell)
    watch("lay_out")
    homes = _leaders(clean, atoms, len(levels))
    rows = draw(atoms, edges, levels, seed=seed, threads=threads, leaders=homes, progress=tell, stop=stop)
    rows = np.array([np.unique(row, return_inverse=True)[1] for row in rows], dtype=np.int64).reshape(rows.shape)
    watch("partition")
    tell("partition", 1.0)
    shapes = [to_degrees(outlines(atoms, row), plane) for row in rows]
    watch("outlines")
    named = name_grids(atoms, rows, shapes, clean.area_codes, pattern or CodePattern())
    watch("naming")
    reports = measure(atoms, edges, rows, levels)
    watch("measure")
    found = [
        _level(spec, atoms, rows, shapes, named, number, clean.area_codes, reports[number])
        for number, spec in enumerate(levels)
    ]
    return Drawing(clean, atoms, edges, found, findings, watch.seconds)


def _level(
    spec: LevelSpec,
    atoms: Atoms,
    rows: NDArray[np.int64],
    shapes: Sequence[NDArray[np.object_]],
    named: Sequence[Named],
    number: int,
    area_codes: Sequence[str],
    report: LevelReport,
) -> DrawnLevel:
    label, own = rows[number], named[number]
    many = len(shapes[number])
    above = area_codes if number == 0 else named[number - 1].codes
    parents = [above[int(one)] or code[:DIVISION_DIGITS] for one, code in zip(own.parent, own.codes, strict=True)]
    homes = atoms.building >= 0
    pairs = np.unique(np.column_stack([label[homes], atoms.building[homes]]), axis=0)
    return DrawnLevel(
        spec, label, shapes[number], list(own.codes), parents, own.ordinal, own.area,
        _sum(label, atoms.households, many), _sum(label, atoms.weight, many),
        np.bincount(pairs[:, 0], minlength=many), report,
    )  # fmt: skip


def _sum(label: NDArray[np.int64], amount: NDArray[np.float64], many: int) -> NDArray[np.float64]:
    return np.asarray(np.bincount(label, amount, many), dtype=np.float64)


def _leaders(ground: Ground, atoms: Atoms, levels: int) -> list[NDArray[np.int64]] | None:
    """The atom each leader lives in: the nearest one with a household."""
    if not len(ground.leaders):
        return None
    lived = np.flatnonzero(atoms.building >= 0)
    metres = ground.plane().to_metres(ground.leaders[:, :2])
    _, nearest = cKDTree(np.column_stack([atoms.x[lived], atoms.y[lived]])).query(metres)
    level = ground.leaders[:, 2].astype(np.int64)
    return [np.unique(lived[nearest[level == number]]) for number in range(levels)]


class _Watch:
    """How long each step took."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock, self.last = clock, clock()
        self.seconds: dict[str, float] = {}

    def __call__(self, step: str) -> None:
        now = self.clock()
        self.seconds[step], self.last = now - self.last, now


def _told(progress: Progress | None) -> Progress:
    """Progress of each step as progress of the whole."""

    def tell(step: str, share: float) -> None:
        if progress is not None:
            progress(step, _SHARES.get(step, 0.0) + _WIDTHS.get(step, 0.0) * min(max(share, 0.0), 1.0))

    return tell
