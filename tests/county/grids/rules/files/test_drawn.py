"""Towns drawn from files to files: what every drawing keeps, and what no town may break."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely
import shapely.affinity
from county.grids.rules.files.small_town import LAT, LON, SmallTown, box, collection, line, point, shuffled, town

from onegrid.county.grids.rules.drawing.whole import NothingToDraw
from onegrid.county.grids.rules.files.drawn import Order, draw_files
from onegrid.county.grids.rules.files.homes import Wishes
from onegrid.county.grids.rules.files.levels import read_levels
from onegrid.county.grids.rules.files.problems import BadFiles
from onegrid.county.grids.rules.files.town import Sources

LEVELS = "zone:300,slice:100,team:10"
CAMPUS = Path(__file__).resolve().parents[4] / "data" / "campus"


def drawn(
    folder: Path, files: dict[str, Path], *, levels: str = LEVELS, wishes: Wishes | None = None, seed: int = 1,
    threads: int = 1, **more: Any,
) -> dict[str, Any]:  # fmt: skip
    """Draw and hold the report to what every report must keep."""
    specs = read_levels(levels, by_households=wishes is None or wishes.workload == "households")
    chosen = {name: files.get(name) for name in ("roads", "water", "boundary", "leaders")}
    keys = tuple(one.key for one in specs)
    sources = Sources(files["buildings"], **chosen, wishes=wishes or Wishes(), levels=keys, **more)
    report = draw_files(Order(sources, specs, folder, seed, threads), progress=lambda step, share: None)
    assert json.loads((folder / "report.json").read_text("utf-8")) == report
    assert [level["level"] for level in report["levels"]] == list(keys)
    for level in report["levels"]:
        hard = {name: level[name] for name in ("non_contiguous", "crossings", "coverage_valid", "nested")}
        assert hard == {"non_contiguous": 0, "crossings": 0, "coverage_valid": True, "nested": True}, level["level"]
        beyond = [abs(one["deviation"]) for one in level["outside"]]
        assert level["within_20"] == 1 or beyond, "every grid out of tolerance is listed"
        check_level(folder / f"{level['level']}.geojson", level, report)
    check_assignment(folder, report)
    return report


def check_level(path: Path, level: dict[str, Any], report: dict[str, Any]) -> None:
    features = json.loads(path.read_text("utf-8"))["features"]
    assert len(features) == level["grids"]
    shapes = shapely.from_geojson([json.dumps(one["geometry"]) for one in features])
    assert {shape.geom_type for shape in shapes} == {"Polygon"}
    assert shapely.coverage_is_valid(shapes)
    held = sum(one["properties"]["households"] for one in features)
    assert held == pytest.approx(report["households"]["placed"])
    assert len({one["properties"]["code"] for one in features}) == level["grids"]


def check_assignment(folder: Path, report: dict[str, Any]) -> None:
    with (folder / "assignment.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert sum(float(row["households"]) for row in rows) == pytest.approx(report["households"]["placed"], abs=1e-3)


def kinds(report: dict[str, Any]) -> set[str]:
    return {one["kind"] for one in report["findings"]}


def test_a_town_is_drawn_into_every_format(tmp_path: Path) -> None:
    made = town()
    report = drawn(tmp_path / "out", made.write(tmp_path))
    assert report["households"] == {"given": 1250, "placed": 1250, "left_out": 0}
    zones, slices, teams = (level["grids"] for level in report["levels"])
    assert (zones, slices) == (5, 13)
    assert abs(teams - 125) <= 3
    layers = {str(name) for name, _ in pyogrio.list_layers(tmp_path / "out" / "grids.gpkg")}
    assert layers == {"zone", "slice", "team"}
    meta, _, shapes, data = pyogrio.raw.read(tmp_path / "out" / "grids.gpkg", layer="slice")
    read = dict(zip(meta["fields"], data, strict=True))
    written = json.loads((tmp_path / "out" / "slice.geojson").read_text("utf-8"))["features"]
    assert list(read["code"]) == [one["properties"]["code"] for one in written]
    assert [code[:12] for code in read["code"]] == [parent[:12] for parent in read["parent"]]
    assert {code[:12] for code in read["code"]} == {"350121001201", "350121001202"}
    assert shapely.area(shapely.from_wkb(shapes)).sum() == pytest.approx(box(0, 0, 5, 5).area, rel=1e-9)
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert page.count("<svg") == 4
    slices_drawn = page.split('fill-1"')[1].split('fill-2"')[0]
    assert slices_drawn.count("<path") == slices
    assert 'class="d5"' not in slices_drawn, "this colour begins beyond ten per cent"
    for word in ("网格划分报告", "Report of a grid drawing", "team", read["code"][0]):
        assert word in page


def test_order_of_rows_and_threads_change_nothing(tmp_path: Path) -> None:
    made = town(4)
    made.buildings += [
        (None, {"id": "nowhere", "households": 3}),
        (box(1.8, 1.1, 2.3, 1.14), {"id": "astride", "households": 1}),
    ]
    drawn(tmp_path / "one", made.write(tmp_path), seed=3)
    mixed = SmallTown(*(shuffled(part, 5) for part in (made.buildings, made.roads, made.water, made.areas)))
    (tmp_path / "mixed").mkdir()
    drawn(tmp_path / "two", mixed.write(tmp_path / "mixed"), seed=3, threads=2)
    for name in ("zone.geojson", "slice.geojson", "team.geojson", "grids.gpkg", "assignment.csv"):
        written = [(tmp_path / run / name).read_bytes() for run in ("one", "two")]
        assert written[0] == written[1], name
    reports = [json.loads((tmp_path / run / "report.json").read_text("utf-8")) for run in ("one", "two")]
    for name in ("levels", "findings", "households", "input"):
        assert json.dumps(reports[0][name]) == json.dumps(reports[1][name]), name


def test_the_campus_is_drawn(tmp_path: Path) -> None:
    files = {name: CAMPUS / f"{name}.geojson" for name in ("buildings", "roads", "boundary")}
    report = drawn(tmp_path, files, levels="zone:1000,slice:100,team:10", wishes=Wishes(model=True))
    model = report["input"]["households"]
    assert model["from"] == "model"
    assert model["model"]["floors_given"] == 46
    assert "households_modelled" in kinds(report)
    assert "Households are modelled" in (tmp_path / "report.html").read_text("utf-8")
    assert {"roads_squares", "roads_no_lines", "roads_not_built"} <= kinds(report)
    slices = report["levels"][1]
    assert slices["within_20"] > 0.9
    assert report["households"]["placed"] > 5000


def no_roads(made: SmallTown) -> None:
    made.roads = []


def no_boundary(made: SmallTown) -> None:
    made.areas = []


def nothing_but_buildings(made: SmallTown) -> None:
    made.roads, made.areas = [], []


def mixed_geometry(made: SmallTown) -> None:
    ring = shapely.LinearRing(box(0.1, 0.85, 0.3, 0.95).exterior)
    made.buildings += [
        (shapely.Point(point(1.9, 1.95)), {"id": "dot", "households": 3}),
        (shapely.LineString(ring.coords), {"id": "ring", "households": 4}),
        (line((2.1, 2.1), (2.2, 2.1)), {"id": "wire", "households": 5}),
        (shapely.GeometryCollection([box(3.7, 3.9, 3.8, 3.95), shapely.Point(point(3, 3))]), {"households": 2}),
        (shapely.MultiPoint([point(2.9, 2.95), point(2.92, 2.95)]), {"households": 1}),
        (None, {"id": "nowhere", "households": 7}),
    ]
    made.roads += [
        (shapely.Point(point(1, 1)), {"highway": "crossing"}),
        (box(1.2, 1.9, 1.4, 1.99), {"highway": "pedestrian"}),
    ]
    made.areas.append((shapely.Point(point(1, 1)), {"name": "label"}))


def everything_in_one_file(made: SmallTown) -> None:
    """As an extract of a map: streets and land use between the buildings, buildings between the streets."""
    for _, said in made.buildings:
        said["building"] = "yes"
    loop = shapely.LineString(box(1.05, 1.05, 1.95, 1.95).exterior.coords)
    others = [(loop, {"highway": "residential"}), (box(0, 0, 3, 3), {"landuse": "residential"})]
    made.buildings, made.roads = [*made.buildings, *others], [*made.roads, *made.buildings[:9]]


def many_parts_and_doubles(made: SmallTown) -> None:
    parts = [box(0.7, 0.05, 0.8, 0.1), box(0.85, 0.05, 0.95, 0.1)]
    made.buildings += [
        (shapely.MultiPolygon(parts), {"id": "two", "households": 8}),
        (made.buildings[0][0], {"id": "again", "households": 24}),
        (box(0.3, 0.2, 0.7, 0.35), {"id": "over", "households": 6}),
    ]


def astride(made: SmallTown) -> None:
    made.buildings += [
        (box(1.8, 1.1, 2.3, 1.14), {"id": "street", "households": 12}),
        (box(1.9, 0.9, 2.2, 1.05), {"id": "corner", "households": 9}),
    ]


def loose_streets(made: SmallTown) -> None:
    made.roads += [
        (line((0.5, 0.5), (0.5, 0.72)), {"highway": "residential"}),
        (line((1, 2.5), (1.999, 2.5)), {"highway": "residential"}),
        (line((-2, -2), (-1, -2)), {"highway": "residential"}),
        (line((3, 3), (3, 3)), {"highway": "residential"}),
    ]


def holes_and_islands(made: SmallTown) -> None:
    whole = box(0, 0, 2, 5).difference(box(0.2, 2.72, 0.8, 2.95))
    island = box(7, 0, 8, 1)
    made.areas[0] = (shapely.MultiPolygon([whole, island, box(9, 9, 9.2, 9.2)]), made.areas[0][1])
    made.buildings.append((box(7.2, 0.2, 7.6, 0.4), {"id": "isle", "households": 15}))


def borders_that_do_not_fit(made: SmallTown) -> None:
    made.areas = [(box(0, 0, 2.2, 5), {"name": "前村"}), (box(2, 0, 4, 5), {"name": "后村"}), (box(4.02, 0, 5, 5), {})]


def numbers_that_are_none(made: SmallTown) -> None:
    for place, value in enumerate([None, "many", -4, "", "12 户", "999999"]):
        made.buildings[place * 4][1]["households"] = value
    for place in range(1, 30):
        made.buildings[place][1].pop("building:levels", None)
    made.buildings[40][1]["building:levels"] = 900


def strays(made: SmallTown) -> None:
    made.buildings += [
        (shapely.Point(0, 0), {"id": "null island", "households": 2}),
        (box(40, 40, 40.2, 40.2), {"id": "next town", "households": 11}),
    ]
    made.roads.append((shapely.LineString([(0, 0), (0.1, 0)]), {"highway": "primary"}))


def crossing_themselves(made: SmallTown) -> None:
    bow = shapely.Polygon([point(2.05, 2.02), point(2.3, 2.1), point(2.3, 2.02), point(2.05, 2.1)])
    made.buildings.append((bow, {"id": "bow", "households": 6}))
    made.areas[1] = (
        shapely.Polygon([point(2, 0), point(5, 0), point(5, 5), point(2, 5), point(2, 5), point(2, 0)]),
        {},
    )


def with_river(made: SmallTown) -> None:
    made.water += [(line((2.5, 0), (2.5, 5)), {"waterway": "river"}), (box(0.67, 0.1, 0.73, 0.9), {"natural": "water"})]
    made.water.append((shapely.Point(point(1, 1)), {"natural": "spring"}))


TOWNS: list[tuple[Callable[[SmallTown], None], set[str]]] = [
    (no_roads, {"no_roads"}),
    (no_boundary, {"no_areas"}),
    (nothing_but_buildings, {"no_roads", "no_areas"}),
    (
        mixed_geometry,
        {"no_geometry", "no_outline", "outline_made", "roads_squares", "roads_no_lines", "boundary_no_area"},
    ),
    (everything_in_one_file, {"other_things"}),
    (many_parts_and_doubles, {"building_twice"}),
    (astride, {"building_astride_street", "building_astride_border"}),
    (loose_streets, {"street_dangling", "roads_no_length"}),
    (holes_and_islands, {"area_hole", "area_islands", "area_island_empty"}),
    (borders_that_do_not_fit, {"areas_overlap"}),
    (numbers_that_are_none, {"households_bad", "households_missing", "floors_bad", "floors_missing"}),
    (strays, {"far_away", "building_outside"}),
    (crossing_themselves, {"building_mended"}),
    (with_river, {"water_points"}),
]


@pytest.mark.parametrize(("change", "told"), TOWNS)
def test_towns_as_they_come(change: Callable[[SmallTown], None], told: set[str], tmp_path: Path) -> None:
    """Drawn all the same, everything doubtful named in both languages, and every household placed or named."""
    made = town()
    change(made)
    wishes = Wishes(households_field="households")
    report = drawn(tmp_path / "out", made.write(tmp_path), levels="slice:100,team:10", wishes=wishes)
    assert told <= kinds(report)
    people = report["households"]
    assert people["left_out"] == sum(one["households"] for one in report["findings"])
    accounted(tmp_path / "out", made, report)
    extra = 12 if change is numbers_that_are_none else 0
    assert people["given"] == pytest.approx(made.households + extra)
    assert people["placed"] + people["left_out"] == pytest.approx(people["given"])
    for one in report["findings"]:
        assert one["zh"] != one["en"]
        assert one["kind"] not in one["en"].split(), "every kind has words of its own"


def accounted(folder: Path, made: SmallTown, report: dict[str, Any]) -> None:
    """Every building of the file lies in some grid, or a finding has its name."""
    with (folder / "assignment.csv").open(encoding="utf-8") as file:
        known = {row["building"] for row in csv.DictReader(file)} | {
            n for one in report["findings"] for n in one["ids"]
        }
    said = [(row, about) for row, (_, about) in enumerate(made.buildings, 1) if "highway" not in about]
    lost = [
        row for row, about in said if not {str(about.get("id")), f"row {row}", f"{about.get('id')} (row {row})"} & known
    ]
    assert not lost


def test_names_of_levels_and_communities(tmp_path: Path) -> None:
    """A name with a space and one that is a column, too; communities without a code are known by number and name."""
    made = town(2)
    made.areas = [(shape, {"name": about["name"]}) for shape, about in made.areas]
    report = drawn(tmp_path / "out", made.write(tmp_path), levels="大 片:60,households:10")
    first = json.loads((tmp_path / "out" / "大 片.geojson").read_text("utf-8"))["features"]
    assert {(one["properties"]["area"], one["properties"]["parent"]) for one in first} == {
        ("前村", "000000000001"), ("后村", "000000000002"),
    }  # fmt: skip
    with (tmp_path / "out" / "assignment.csv").open(encoding="utf-8") as file:
        assert next(csv.reader(file)) == ["building", "households", "workload", "大 片", "households (level)"]
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert all(f"#show-{place}:checked~main .fill-{place}" in page for place in range(2))
    assert page.count('class="level fill-') == len(report["levels"])


def test_one_household(tmp_path: Path) -> None:
    files = {"buildings": collection(tmp_path / "b.geojson", [(box(0, 0, 0.1, 0.1), {"households": 1})])}
    report = drawn(tmp_path / "out", files)
    assert [level["grids"] for level in report["levels"]] == [1, 1, 1]
    assert report["levels"][0]["outside"][0]["why"]


def test_points_in_a_line_and_on_one_spot(tmp_path: Path) -> None:
    rows = [f"{LON + n * 0.0002:.6f},{LAT},2" for n in range(40)] + [f"{LON},{LAT},5"] * 10
    (tmp_path / "b.csv").write_text("\n".join(["经度,纬度,户数", *rows]), "utf-8")
    report = drawn(tmp_path / "out", {"buildings": tmp_path / "b.csv"}, levels="slice:50,team:10")
    assert report["households"]["given"] == 130


def test_workload_instead_of_households(tmp_path: Path) -> None:
    made = town(3)
    files = made.write(tmp_path)
    rows = [f"{said['id']},{3 if '-h' in said['id'] else 30}" for _, said in made.buildings[:-1]]
    (tmp_path / "w.csv").write_text("\n".join(["id,weight", *rows, "nobody,5"]), "utf-8")
    report = drawn(tmp_path / "out", files, levels="slice:100", wishes=Wishes(workload=str(tmp_path / "w.csv")))
    assert {"weights_missing", "weights_strangers"} <= kinds(report)
    assert report["levels"][0]["unit"] == "weight"
    residents = drawn(tmp_path / "more", files, levels="slice:300", wishes=Wishes(workload="residents"))
    assert residents["input"]["workload"]["people_per_household"] == 2.62
    assert "residents_modelled" in kinds(residents)


def test_leaders_live_near_the_middle(tmp_path: Path) -> None:
    """Near the middle means nearer than the same place is without having said so."""
    files = town(4).write(tmp_path)
    home = point(0.4, 0.22)
    (tmp_path / "leaders.csv").write_text(f"lon,lat,level\n{home[0]},{home[1]},slice\n", "utf-8")

    def distance(run: str, files: dict[str, Path]) -> float:
        drawn(tmp_path / run, files, levels="slice:100,team:10")
        features = json.loads((tmp_path / run / "slice.geojson").read_text("utf-8"))["features"]
        shapes = shapely.from_geojson([json.dumps(one["geometry"]) for one in features])
        mine = shapes[shapely.intersects(shapes, shapely.Point(home))][0]
        return float(shapely.centroid(mine).distance(shapely.Point(home)) / np.sqrt(mine.area))

    assert distance("with", files | {"leaders": tmp_path / "leaders.csv"}) <= distance("without", files) + 1e-9


def test_all_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    buildings = collection(tmp_path / "b.geojson", [(box(0, 0, 1, 1), {"floors": 3})])
    (tmp_path / "roads.zip").write_bytes(b"PK\x03\x04")
    (tmp_path / "leaders.csv").write_text("lon,lat,level\n119,26,nobody\n,,team\n", "utf-8")
    files = {"buildings": buildings, "roads": tmp_path / "roads.zip", "leaders": tmp_path / "leaders.csv",
             "boundary": tmp_path / "gone.gpkg"}  # fmt: skip
    with pytest.raises(BadFiles) as caught:
        drawn(tmp_path / "out", files)
    told = [problem.say("en") for problem in caught.value.problems]
    assert len(told) == 5
    for words in ("--model-households", "roads.zip", "gone.gpkg", "row 2", "row 3"):
        assert any(words in line for line in told), (words, told)
    assert not (tmp_path / "out" / "report.json").exists()


def refused(folder: Path, made: SmallTown, **more: Any) -> str:
    """What is said, in English, of a town that cannot be drawn."""
    with pytest.raises(BadFiles) as caught:
        drawn(folder / "out", made.write(folder), levels="team:10", **more)
    said = caught.value.problems
    assert all(one.say("zh-CN") != one.say("en") for one in said)
    return " | ".join(one.say("en") for one in said)


def test_towns_that_are_nowhere_or_in_several_places(tmp_path: Path) -> None:
    """Not one building with a place, two towns a country apart, a pole, the other side of the world."""
    made = town(2)
    made.buildings = [(None, said) for _, said in made.buildings]
    assert "None of the 16 buildings has a usable place" in refused(tmp_path, made)
    made = town(2)
    made.buildings += [(shapely.transform(shape, lambda xy: xy - [10, 0]), said) for shape, said in made.buildings]
    assert "16 of the 32 buildings lie more than 300 km from the others" in refused(tmp_path, made)
    across = 180 - point(1, 0)[0]
    for move in (
        lambda xy: xy + np.array([0, 63.4]),
        lambda xy: np.column_stack([(xy[:, 0] + across + 180) % 360 - 180, xy[:, 1]]),
    ):
        made = town(2)
        made.buildings = [(shapely.transform(shape, move), said) for shape, said in made.buildings]
        assert "180° of longitude, or at a pole" in refused(tmp_path, made)


def test_a_corner_that_is_no_number_is_no_place(tmp_path: Path) -> None:
    """Bounds pass over it, and every step after would stumble on it."""
    made = town(2)
    rows = [f"{said['id']},{said['households']},{shape.wkt}" for shape, said in made.buildings]
    bad = "POLYGON((119.13 26.15, nan 26.15, 119.131 26.151, 119.13 26.15))"
    arc = "CURVEPOLYGON(CIRCULARSTRING(119.13 26.15, 119.131 26.151, 119.132 26.15, 119.131 26.149, 119.13 26.15))"
    rows.append("far,2,POLYGON((119.13 26.15, 1e300 1e300, 119.131 26.15, 119.131 26.151, 119.13 26.15))")
    table = [line.replace(",", ";", 2) for line in [*rows, f"bad,7,{bad}", f'arc,5,"SRID=4326;{arc}"']]
    (tmp_path / "b.csv").write_text("\n".join(["id;households;wkt", *table]), "utf-8")
    report = drawn(tmp_path / "out", {"buildings": tmp_path / "b.csv"}, levels="team:10")
    assert report["households"]["left_out"] == 14
    assert [one["ids"] for one in report["findings"] if one["kind"] == "no_geometry"] == [["arc", "bad"]]


def test_streets_a_hair_apart(tmp_path: Path) -> None:
    """Every street five times, each turned by a thousandth of a degree: land between them of less than a hair."""
    made = town(3)
    pivot = point(0, 0)
    for turn in range(1, 5):
        made.roads += [
            (shapely.affinity.rotate(shape, 0.001 * turn, origin=pivot), said) for shape, said in made.roads[:8]
        ]
    drawn(tmp_path / "out", made.write(tmp_path), levels="slice:60,team:10")


def test_a_disk_that_takes_no_more(tmp_path: Path) -> None:
    """The place of one of the files is taken: said like a fault of a file, and nothing half-written stays."""
    files = town(2).write(tmp_path)
    (tmp_path / "out" / "grids.gpkg").mkdir(parents=True)
    with pytest.raises(BadFiles, match="Cannot be written to"):
        drawn(tmp_path / "out", files, levels="team:10")
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"grids.gpkg", "team.geojson"}


def test_nothing_left_to_draw_is_a_report_too(tmp_path: Path) -> None:
    made = town(2)
    drawn(tmp_path / "out", made.write(tmp_path), levels="slice:60,team:10")
    again = drawn(tmp_path / "out", made.write(tmp_path), levels="team:10")
    assert [one["what"] for one in again["findings"] if one["kind"] == "older_files"] == ["slice.geojson"]
    made.areas = [(box(50, 50, 51, 51), {"name": "elsewhere"})]
    with pytest.raises(NothingToDraw):
        drawn(tmp_path / "out", made.write(tmp_path))
    report = json.loads((tmp_path / "out" / "report.json").read_text("utf-8"))
    assert report["levels"] == []
    assert "team.geojson" in [one["what"] for one in report["findings"]]
    assert sum(one["households"] for one in report["findings"]) == made.households
