"""Point to grid: bulk and single, over as many irregular outlines as a county has; floor = the box search alone.

Outlines are Voronoi cells whose borders are bent into some twenty corners, as surveyed ones are. Squares are measured
too: there the boxes of neighbours do not overlap.
"""

from __future__ import annotations

import time
import tracemalloc

import numpy as np
import shapely

from bench._figures import end, median, options, seconds, tell
from onegrid.county.grids.rules.locator import PointIndex

OUTLINES = 34_000
SEED = 20260302
STEP = 0.001
"""Degrees: outlines are about a hundred metres wide."""


def squares(count: int) -> tuple[np.ndarray, float]:
    """A board of ``count`` or a few more squares around 26° N, each about 100 metres wide."""
    side = int(np.ceil(np.sqrt(count)))
    x, y = (axis.ravel() for axis in np.meshgrid(np.arange(side), np.arange(side)))
    return shapely.box(119 + x * STEP, 26 + y * STEP, 119 + (x + 1) * STEP, 26 + (y + 1) * STEP), side * STEP


def cells(count: int) -> tuple[np.ndarray, float]:
    """Voronoi cells that tile a square, every border bent: neighbours share the bends, so they tile still."""
    rng = np.random.default_rng(SEED)
    width = STEP * np.sqrt(count)
    spots = np.column_stack([119 + rng.random(count) * width, 26 + rng.random(count) * width])
    frame = shapely.box(119, 26, 119 + width, 26 + width)
    found = np.array(shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(spots), extend_to=frame)))
    bent = shapely.segmentize(shapely.intersection(found, frame), STEP / 4)

    def bend(corners: np.ndarray) -> np.ndarray:
        x, y = corners[:, 0] * 1e5, corners[:, 1] * 1e5
        return corners + np.column_stack([np.sin(x * 1.7 + y), np.cos(x + y * 1.3)]) * STEP / 25

    bent = shapely.transform(bent, bend)
    return bent[shapely.is_valid(bent)], float(width)


def measured(outlines: np.ndarray, width: float, many: int, ones: int, runs: int) -> dict[str, float]:
    """Bulk and single figures, build time and memory."""
    begin = time.perf_counter()
    index = PointIndex(np.arange(len(outlines)), outlines)
    build = time.perf_counter() - begin
    rng = np.random.default_rng(SEED)
    lon, lat = 119 + rng.random(many) * width, 26 + rng.random(many) * width
    bulk = median(seconds(lambda: index.locate_many(lon, lat), runs))
    tree = shapely.STRtree(outlines)
    floor = median(seconds(lambda: tree.query(shapely.points(lon, lat)), runs))
    singles = np.array([seconds(lambda i=i: index.locate(lon[i], lat[i]), 1)[0] for i in range(ones)]) * 1e6
    return {
        "points_per_s": many / bulk,
        "floor": many / floor,
        "single_p50_us": round(float(np.percentile(singles, 50)), 1),
        "single_p99_us": round(float(np.percentile(singles, 99)), 1),
        "build_s": round(build, 2),
    }


def memory(outlines: np.ndarray) -> tuple[float, float]:
    """MB the index keeps beside the outlines, and the most it needs while it is built (numpy's arrays; the tree and
    the prepared outlines live in GEOS and are not seen here)."""
    tracemalloc.start()
    index = PointIndex(np.arange(len(outlines)), outlines)
    kept, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return (kept / 1e6, most / 1e6) if len(index) else (0.0, 0.0)


def main() -> None:
    """Measure and print."""
    words = options(__doc__ or "").parse_args()
    count, many, ones, runs = (1_000, 20_000, 1_000, 2) if words.quick else (OUTLINES, 1_000_000, 20_000, 5)
    outlines, width = cells(count)
    tell(words.json, f"{len(outlines)} outlines, {many} points, {runs} runs")
    found = measured(outlines, width, many, ones, runs)
    even = measured(*squares(count), many, ones, runs)
    kept, most = memory(outlines)
    end(
        name="locate",
        value=round(found["points_per_s"]),
        unit="points/s",
        floor=round(found["floor"]),
        ratio=round(found["points_per_s"] / found["floor"], 3),
        n=len(outlines),
        runs=runs,
        corners=round(float(shapely.get_num_coordinates(outlines).mean()), 1),
        single_p50_us=found["single_p50_us"],
        single_p99_us=found["single_p99_us"],
        build_s=found["build_s"],
        kept_mb=round(kept, 1),
        peak_mb=round(most, 1),
        squares_points_per_s=round(even["points_per_s"]),
        squares_single_p99_us=even["single_p99_us"],
    )


if __name__ == "__main__":
    main()
