"""Numbers, names and kinds as they come."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from onegrid.county.grids.rules.files import columns, households
from onegrid.county.grids.rules.files.levels import read_levels
from onegrid.county.grids.rules.files.problems import BadFiles
from onegrid.county.grids.rules.files.reading import Layer
from onegrid.county.grids.rules.files.roads import ranked

NAN = float("nan")


@pytest.mark.parametrize(
    ("cell", "number"),
    [(3, 3.0), ("１２ 户", 12.0), ("1,200", 1200.0), ("3;5", 5.0), ("6层", 6.0), (2.5, 2.5), ("18.6 m", 18.6)],
)
def test_numbers_as_they_come(cell: object, number: float) -> None:
    assert columns.numbers(np.array([cell], dtype=object)).values[0] == number


@pytest.mark.parametrize("cell", ["many", "-3", -1, "3;x", float("inf"), True, "1e400"])
def test_what_is_no_number_is_said_to_be_bad(cell: object) -> None:
    read = columns.numbers(np.array([cell, None, "", NAN, 1], dtype=object))
    assert (list(read.bad), list(read.missing)) == ([0], [1, 2, 3])


def test_columns_are_found_by_many_names() -> None:
    assert columns.find(["ID", "Building Levels", "户 数"], "floors") == "Building Levels"
    assert columns.find(["ID", "户 数"], "households") == "户 数"
    assert columns.find(["ID"], "households") is None
    assert columns.named(["HH_2024"], "hh 2024") == "HH_2024"


def test_levels_as_written() -> None:
    specs = read_levels("zone:1000, slice:100±15，team:10")
    assert [(one.key, one.size, one.tolerance) for one in specs] == [
        ("zone", 1000, 0.2), ("slice", 100, 0.15), ("team", 10, 0.2),
    ]  # fmt: skip
    assert [one.tolerance for one in read_levels("zone:300,slice:100,team:10")] == [0.2, 0.1, 0.2]
    followed = read_levels("estate:240, building, 单元: unit")
    assert [(one.key, one.size, one.along) for one in followed] == [
        ("estate", 240, ""), ("building", 0, "building"), ("单元", 0, "unit"),
    ]  # fmt: skip
    (span,) = read_levels("网格:300-500", by_households=False)
    assert (span.key, span.size, span.unit, span.tolerance) == ("网格", 400, "weight", 0.25)


@pytest.mark.parametrize(
    ("words", "told"),
    [("", "No level"), ("zone", "zone"), ("a:10,b:100", "smaller than a"), ("a:10,A:5", "twice"),
     ("a:0", "more than 0"), ("unit,building", "smaller than unit"), ("a:10,building,b:20", "smaller than building"),
     ("../a:10", "may not be called"), ("gpkgs:10", "may not be called"), ("片?:10", "may not be called"),
     ("x" * 41 + ":10", "may not be called"), ("a:100±200", "tolerance")],
)  # fmt: skip
def test_levels_that_cannot_be(words: str, told: str) -> None:
    with pytest.raises(BadFiles, match=told):
        read_levels(words)


def _model(kinds: list[str], area: list[float], floors: list[float]) -> households.Modelled:
    shape = households.Shape(np.array(area), np.sqrt(np.array(area)))
    none = np.full(len(kinds), NAN)
    return households.model(shape, np.array(kinds, dtype=object), np.zeros(len(kinds), bool), np.array(floors), none)


def test_the_model_counts_homes_only() -> None:
    told = _model(
        ["apartments", "house", "school", "yes", "yes", "yes", "garage", "bungalow"],
        [667.08, 150, 5000, 100, 9, 9000, 30, 333.54],
        [6, 2, 5, 2, 1, 1, 1, NAN],
    )
    assert list(told.households) == [36, 1, 0, 1, 0, 0, 0, 3]
    assert list(told.floors) == [6, 2, 1, 2, 1, 1, 1, 1]
    assert (told.told["too_small"], told.told["too_large"], told.told["other_use"]) == (1, 1, 2)
    assert told.told["floors_modelled"] == 1


def test_missing_storeys_follow_those_of_their_kind() -> None:
    told = _model(["apartments"] * 7, [555.9] * 7, [11, 11, 11, 12, 11, NAN, 3])
    assert told.floors[5] == 11
    assert told.households[5] == 55


def test_blocks_without_storeys_can_still_be_divided() -> None:
    floors, units, guessed = households.storeys(
        np.array([96.0, 2.0, 48.0]), np.array([72.0, 10.0, 40.0]), np.array([NAN, NAN, 12.0]), np.array([NAN, NAN, 2.0])
    )
    assert list(units) == [4, 1, 2]
    assert list(floors) == [12, 1, 12]
    assert guessed == 1


def test_roads_by_their_tags() -> None:
    line, square = shapely.LineString([(0, 0), (1, 0)]), shapely.box(0, 0, 1, 1)
    kinds = [
        "primary",
        "footway",
        "residential",
        "construction",
        "pedestrian",
        "crossing",
        "gibberish",
        "service",
        "service",
    ]
    shapes = [line, line, line, line, square, shapely.Point(0, 0), line, line, shapely.MultiLineString([line, line])]
    table = {
        "highway": np.array(kinds, dtype=object),
        "tunnel": np.array([None, None, "yes", None, None, None, None, None, None], dtype=object),
        "service": np.array([None] * 7 + ["driveway", None], dtype=object),
    }
    layer = Layer("r", "geojson", "", np.array(shapes, dtype=object), table, np.arange(1, 10))
    roads = ranked(layer)
    assert list(roads.rank) == [3, 0, 0, 1, 0, 1, 1]
    assert {kind: len(places) for kind, places in roads.places.items()} == {
        "not_built": 1, "squares": 1, "no_lines": 1, "surfaces": 0, "no_length": 0,
    }  # fmt: skip
    assert roads.unknown == {"gibberish": 1}


def test_road_surfaces_serve_with_their_edges() -> None:
    layer = Layer("r", "shp", "", np.array([shapely.box(0, 0, 1, 1)], dtype=object), {}, np.array([1]))
    roads = ranked(layer)
    assert len(roads.lines) == 1
    assert roads.lines[0].length == 4
    assert len(roads.places["surfaces"]) == 1
