"""Tiles of a whole county over HTTP: the heaviest of every layer and zoom, drawn for the first time and from the cache.

The ground is the synthetic county of `draw` (344,000 households unless told): its buildings and roads, and grids of
three levels with bent borders around its houses. The value is the slowest tile drawn for the first time; the floor is
an empty request (a tile outside the world), on the same connection in the same seconds. Beside it: the same tiles from
the cache, the first tile of a process, and the first tile after one grid was changed.
"""
# ruff: noqa: PLC0415 - the ground names the database before anything of the product is loaded

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from bench._figures import end, median, options, tell
from bench._ground import ground
from bench._town import town

HOUSEHOLDS = 344_000
PER_TEAM = 10
SEED = 20260302
ROADS = {4: "trunk", 3: "main", 2: "through", 1: "street", 0: "path"}
ZOOMS = range(8, 19)
BLOCK = 5_000
NOW = datetime(2026, 3, 2, tzinfo=UTC)


def cells(spots: NDArray[np.float64], frame: Any) -> NDArray[np.object_]:
    """Voronoi cells of the spots, in their order, every border bent into some twenty corners that neighbours share."""
    made = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(spots), extend_to=frame))
    tree = shapely.STRtree(made)
    found = made[tree.query(shapely.points(spots), predicate="intersects")[1]]
    found = shapely.intersection(found, frame)
    step = np.sqrt(frame.area / len(spots)) / 5
    found, swing = shapely.segmentize(found, step), step / 8

    def bend(corners: NDArray[np.float64]) -> NDArray[np.float64]:
        # Neighbours cut the border they share from opposite ends: the same corners but for the last digit.
        corners = np.round(corners, 9)
        x, y = (corners * 0.3 / swing).T
        return corners + np.column_stack([np.sin(x * 1.7 + y), np.cos(x + y * 1.3)]) * swing

    return np.asarray(shapely.transform(found, bend), dtype=object)


def groups(spots: NDArray[np.float64], size: int) -> NDArray[np.int64]:
    """Numbers of compact groups of about so many neighbours: strips, each cut into pieces."""
    count = max(1, round(len(spots) / size))
    strips = max(1, round(np.sqrt(count)))
    strip = (np.argsort(np.argsort(spots[:, 0], kind="stable")) * strips) // len(spots)
    found = np.zeros(len(spots), dtype=np.int64)
    for at in range(strips):
        own = np.flatnonzero(strip == at)
        pieces = max(1, round(len(own) / size))
        order = np.argsort(np.argsort(spots[own, 1], kind="stable"))
        found[own] = at * (count + strips) + (order * pieces) // len(own)
    return np.unique(found, return_inverse=True)[1].astype(np.int64)


def plant(place: Any, households: int) -> int:
    """Buildings, roads and three levels of grids under the planted locality; how many grids."""
    from onegrid.county.grids.models import MapFeature
    from onegrid.county.grids.services.versions import raise_version

    land = town(households)
    rng = np.random.default_rng(SEED)
    centres = shapely.get_coordinates(shapely.centroid(land.buildings))
    wkb = shapely.to_wkb(land.buildings)
    houses = [
        MapFeature(layer="building", kind="house", name=f"前街{at}号", levels=int(land.floors[at]), scope_path="r.",
                   lon=x, lat=y, wkb=wkb[at])
        for at, (x, y) in enumerate(centres.tolist())
    ]  # fmt: skip
    middles = shapely.get_coordinates(shapely.centroid(land.roads))
    roads = [
        MapFeature(layer="road", kind=ROADS[int(rank)], scope_path="r.", lon=x, lat=y, wkb=wkb)
        for rank, (x, y), wkb in zip(land.road_rank, middles.tolist(), shapely.to_wkb(land.roads), strict=True)
    ]
    with place.acting():
        MapFeature.objects.bulk_create(houses + roads, batch_size=BLOCK)
    teams = max(100, households // PER_TEAM)
    # So many homes in a slab, so many teams around it.
    chosen = np.sort(rng.choice(len(centres), min(teams, len(centres)), replace=False))
    spots = centres[chosen] + rng.normal(0, 1e-7, (len(chosen), 2))
    leaves = cells(spots, shapely.box(*shapely.bounds(shapely.MultiPoint(centres))).buffer(0.001, cap_style="square"))
    slices = groups(spots, 10)
    zones = groups(np.array([spots[slices == at].mean(0) for at in range(slices.max() + 1)]), 10)
    with place.acting():
        made = grow(place, leaves, slices, zones)
        raise_version(NOW)
    return made


def grow(place: Any, leaves: NDArray[np.object_], slices: NDArray[np.int64], zones: NDArray[np.int64]) -> int:
    """The rows of zones, slices and teams, below the first village."""
    from onegrid.county.grids import selectors
    from onegrid.county.grids.models import Grid, GridOutline, Level
    from onegrid.county.grids.rules.paths import segment

    village = selectors.grid(next(iter(place.world.planted.values())).id)
    scheme = selectors.schemes()[0]
    words = {"scheme_id": scheme.id, "title_zh": "层", "title_en": "Level"}
    levels = [Level.objects.create(key=f"bench{at}", ordinal=90 + at, **words) for at in range(3)]
    below = [shapely.coverage_union_all(leaves[slices == at]) for at in range(slices.max() + 1)]
    above = [shapely.coverage_union_all([below[at] for at in np.flatnonzero(zones == one)]) for one in np.unique(zones)]
    parents: list[Grid] = []
    made = 0
    for depth, shapes, of in ((0, above, None), (1, below, zones), (2, list(leaves), slices)):
        boxes = shapely.bounds(np.array(shapes, dtype=object))
        spots = shapely.get_coordinates(shapely.point_on_surface(np.array(shapes, dtype=object)))
        rows = [
            Grid(
                code=f"B{depth}{at:06d}", name=f"网格{at}", scheme_id=scheme.id, level=levels[depth],
                scope_path=f"tmp{depth}.{at}", parent_id=village.id if of is None else parents[int(of[at])].pk,
                division_code="", depth=village.depth + depth + 1, households=10, lon=spot[0], lat=spot[1],
                west=box[0], south=box[1], east=box[2], north=box[3],
            )
            for at, (box, spot) in enumerate(zip(boxes.tolist(), spots.tolist(), strict=True))
        ]  # fmt: skip
        Grid.objects.bulk_create(rows, batch_size=BLOCK)
        for at, row in enumerate(rows):
            row.scope_path = (village.scope_path if of is None else parents[int(of[at])].scope_path) + segment(row.pk)
        Grid.objects.bulk_update(rows, ["scope_path"], batch_size=BLOCK)
        GridOutline.objects.bulk_create(
            [
                GridOutline(grid=row, version=1, valid_from=NOW, wkb=wkb, area_m2=1.0)
                for row, wkb in zip(rows, shapely.to_wkb(np.array(shapes, dtype=object)), strict=True)
            ],
            batch_size=BLOCK,
        )
        parents, made = rows, made + len(rows)
    return made


def heaviest(layer: str, z: int) -> list[tuple[int, int]]:
    """The three tiles of a zoom with the most in them, by the corners of what lies there."""
    from onegrid.county.grids import tiles
    from onegrid.county.grids.selectors import places

    locality, version = places.version_seen()
    sheet = (
        tiles._grid_sheet(locality, version)
        if layer.startswith("grid")
        else tiles._base_sheet(locality, tiles._base_state(locality, version), layer)
    )
    bounds = shapely.bounds(sheet.shapes)
    middle = np.column_stack([(bounds[:, 0] + bounds[:, 2]) / 2, (bounds[:, 1] + bounds[:, 3]) / 2])
    weight = shapely.get_num_coordinates(sheet.shapes)
    side = 2.0**z
    x = np.floor((middle[:, 0] + 180) / 360 * side)
    y = np.floor((1 - np.arcsinh(np.tan(np.radians(middle[:, 1]))) / np.pi) / 2 * side)
    where, of = np.unique(np.column_stack([x, y]), axis=0, return_inverse=True)
    full = np.bincount(of.ravel(), weights=weight)
    return [(int(a), int(b)) for a, b in where[np.argsort(-full, kind="stable")[:3]]]


def took(work: Callable[[], Any]) -> tuple[float, float, Any]:
    """Milliseconds by the clock, milliseconds of our processor (neighbours disturb them less), and the answer."""
    begin, busy = time.perf_counter(), time.process_time()
    answer = work()
    return (time.perf_counter() - begin) * 1000, (time.process_time() - busy) * 1000, answer


def measured(place: Any, asked: Sequence[str], runs: int) -> dict[str, Any]:
    """Every layer and zoom: the heaviest tile cold and from the cache, beside the floor."""
    from django.test import Client

    from onegrid.county.grids import tiles

    client: Any = Client(raise_request_exception=False)

    def get(path: str) -> Any:
        return client.get(f"/{place.locality}/api/v1/tiles/{path}")

    get("grids/30/1/1.mvt")
    floor, cold, kept, busy, most = [], [], [], [], 0
    worst: dict[str, Any] = {}
    for one in asked:
        layer, _, level = one.partition("?level=")
        for z in ZOOMS:
            with place.acting():
                spots = heaviest(layer, z)
            for x, y in spots:
                path = f"{layer}/{z}/{x}/{y}.mvt" + (f"?level={level}" if level else "")
                get(path)
                mine, own = [], []
                for _ in range(runs):
                    tiles._tiles.clear()
                    ms, cpu, answer = took(lambda path=path: get(path))
                    mine.append(ms)
                    own.append(cpu)
                    kept.append(took(lambda path=path: get(path))[:2])
                    floor.append(took(lambda: get("grids/30/1/1.mvt"))[:2])
                cold.append(median(mine))
                busy.append(median(own))
                most = max(most, len(answer.content))
                if cold[-1] == max(cold):
                    worst = {"path": path, "bytes": len(answer.content), "ms": round(cold[-1], 1)}
    return {
        "value": round(max(cold), 1),
        "floor": round(median(ms for ms, _ in floor), 3),
        "cached_p50_ms": round(median(ms for ms, _ in kept), 3),
        "cpu": {
            "cold_max_ms": round(max(busy), 1),
            "cached_p50_ms": round(median(cpu for _, cpu in kept), 3),
            "floor_p50_ms": round(median(cpu for _, cpu in floor), 3),
        },
        "cold_p50_ms": round(median(cold), 2),
        "worst": worst,
        "heaviest_kb": round(most / 1000, 1),
        "n": len(cold),
    }


def main() -> None:
    """Plant, measure, print."""
    parser = options(__doc__ or "")
    parser.add_argument("--households", type=int, default=HOUSEHOLDS)
    words = parser.parse_args()
    households, runs = (2_000, 1) if words.quick else (words.households, 5)
    with ground("bench_tiles") as place:
        begin = time.perf_counter()
        grids = plant(place, households)
        tell(words.json, f"{grids} grids, {households} households: {time.perf_counter() - begin:.0f} s")
        from onegrid.county.grids import selectors, tiles
        from onegrid.county.grids.models import Grid, MapFeature
        from onegrid.county.grids.services.versions import raise_version

        with place.acting():
            scheme = selectors.schemes()[0].key
            first, *_ = took(lambda: tiles.tile("grids", 12, 0, 0))
            first_base, *_ = took(lambda: tiles.tile("base", 12, 0, 0))
            features = MapFeature.objects.count()
        with place.acting():
            Grid.objects.filter(code="B2000001").update(name="改名")
            raise_version(NOW)
            edited, *_ = took(lambda: tiles.tile("grids", 12, 0, 0))
        found = measured(
            place, ["base", "grids", "grid_labels", "building_labels", f"grids?level={scheme}.bench2"], runs
        )
    end(
        name="tiles", unit="ms", ratio=round(found["value"] / found["floor"], 1), runs=runs, grids=grids,
        features=features, first_ms=round(first), first_base_ms=round(first_base), after_edit_ms=round(edited), **found,
    )  # fmt: skip


if __name__ == "__main__":
    main()
