"""A GeoPackage of grids, read back: grids in several pieces too."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely

from onegrid.county.grids.rules.files.existing import read_grids
from onegrid.county.grids.rules.files.writing import Sheet, write_gpkg

ISLANDS = shapely.multipolygons([shapely.box(119, 26, 119.01, 26.01), shapely.box(119.02, 26, 119.03, 26.01)])
SQUARE = shapely.box(119, 26.01, 119.03, 26.02)


@pytest.mark.filterwarnings("error")
def test_divisions_with_islands_are_of_one_kind_and_come_back_as_they_were(tmp_path: Path) -> None:
    shapes = np.array([ISLANDS, SQUARE], dtype=object)
    file = tmp_path / "county.gpkg"
    write_gpkg(file, [Sheet("township", shapes, {"name": ["岛", "陆"]}), Sheet("slice", shapes[1:], {"name": ["片"]})])
    kinds = {name: pyogrio.read_info(file, layer=name)["geometry_type"] for name in ("township", "slice")}
    assert kinds == {"township": "MultiPolygon", "slice": "Polygon"}
    found = read_grids(Path(f"{file}:township"))
    assert found.names == ["岛", "陆"]
    assert all(shapely.equals(one, other) for one, other in zip(found.outlines, shapes, strict=True))
