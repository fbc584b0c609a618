"""Point to grid: bulk and single, over as many leaf outlines as a county has; floor = the box search alone."""

from __future__ import annotations

import numpy as np
import shapely

from bench._figures import end, median, options, seconds, tell
from onegrid.county.grids.rules.locator import PointIndex

OUTLINES = 34_000
SEED = 20260302


def squares(count: int) -> tuple[np.ndarray, float]:
    """A board of ``count`` or a few more squares around 26° N, each about 100 metres wide."""
    side = int(np.ceil(np.sqrt(count)))
    step = 0.001
    x, y = (axis.ravel() for axis in np.meshgrid(np.arange(side), np.arange(side)))
    return shapely.box(119 + x * step, 26 + y * step, 119 + (x + 1) * step, 26 + (y + 1) * step), side * step


def main() -> None:
    """Measure and print."""
    words = options(__doc__ or "").parse_args()
    outlines, width = squares(1_000 if words.quick else OUTLINES)
    index = PointIndex(np.arange(len(outlines)), outlines)
    rng = np.random.default_rng(SEED)
    many = 20_000 if words.quick else 1_000_000
    lon, lat = 119 + rng.random(many) * width, 26 + rng.random(many) * width
    runs = 2 if words.quick else 5
    tell(words.json, f"{len(outlines)} outlines, {many} points, {runs} runs")
    bulk = median(seconds(lambda: index.locate_many(lon, lat), runs))
    tree = shapely.STRtree(outlines)
    floor = median(seconds(lambda: tree.query(shapely.points(lon, lat)), runs))
    singles = np.array(
        [seconds(lambda i=i: index.locate(lon[i], lat[i]), 1)[0] for i in range(1_000 if words.quick else 20_000)]
    )
    end(
        name="locate",
        value=round(many / bulk),
        unit="points/s",
        floor=round(many / floor),
        ratio=round(floor / bulk, 3),
        n=len(outlines),
        runs=runs,
        single_p50_us=round(float(np.percentile(singles, 50)) * 1e6, 1),
        single_p99_us=round(float(np.percentile(singles, 99)) * 1e6, 1),
    )


if __name__ == "__main__":
    main()
