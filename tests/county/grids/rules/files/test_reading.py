"""Every format gives the same shapes and values; coordinate systems are transformed; what is broken is named."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely
from county.grids.rules.files.osm_pbf import write_pbf

from onegrid.county.grids.rules.files.problems import BadFiles
from onegrid.county.grids.rules.files.reading import read_layer
from onegrid.county.grids.rules.files.writing import Sheet, write_geojson, write_gpkg

SQUARES = np.array([shapely.box(119.1 + n / 500, 26.1, 119.101 + n / 500, 26.101) for n in range(3)], dtype=object)
METRES = "EPSG:4549"
NAMES = ["甲楼", "乙楼", "丙楼"]
COUNTS = [12, 0, 7]


def written(path: Path, driver: str, shapes: Any = SQUARES, crs: str = "EPSG:4326", **more: Any) -> Path:
    data = [np.array(NAMES, dtype=object), np.array(COUNTS)]
    pyogrio.raw.write(
        str(path),
        shapely.to_wkb(shapes),
        data,
        ["名称", "户数"],
        driver=driver,
        crs=crs,
        geometry_type="Polygon",
        **more,
    )
    return path


def in_metres(folder: Path) -> Any:
    """The squares in the metres of CGCS2000's zone around 120° E."""
    source = written(folder / "degrees.gpkg", "GPKG", layer="a")
    view = (
        f'<OGRVRTDataSource><OGRVRTWarpedLayer><OGRVRTLayer name="a"><SrcDataSource>{source}</SrcDataSource>'
        f"</OGRVRTLayer><TargetSRS>{METRES}</TargetSRS></OGRVRTWarpedLayer></OGRVRTDataSource>"
    )
    return shapely.from_wkb(pyogrio.raw.read(view)[2])


def geojson(folder: Path) -> Path:
    write_geojson(folder / "a.geojson", Sheet("a", SQUARES, {"名称": NAMES, "户数": COUNTS}))
    return folder / "a.geojson"


def geojson_in_gb18030(folder: Path) -> Path:
    path = geojson(folder)
    path.write_bytes(path.read_text("utf-8").encode("gb18030"))
    return path


def geojson_in_utf16(folder: Path) -> Path:
    path = geojson(folder)
    path.write_bytes(path.read_text("utf-8").encode("utf-16"))
    return path


def geojson_in_gb18030_and_metres(folder: Path) -> Path:
    """As an older GIS saves it: in the town's own metres, named by the old member ``crs``."""
    path = written(folder / "a.geojson", "GeoJSON", in_metres(folder), METRES)
    path.write_bytes(path.read_text("utf-8").encode("gb18030"))
    return path


def geopackage(folder: Path) -> Path:
    write_gpkg(folder / "a.gpkg", [Sheet("a", SQUARES, {"名称": NAMES, "户数": COUNTS})])
    return folder / "a.gpkg"


def shapefile(folder: Path) -> Path:
    return written(folder / "a.shp", "ESRI Shapefile", encoding="UTF-8")


def shapefile_in_gb18030_unsaid(folder: Path) -> Path:
    return unsaid(written(folder / "a.shp", "ESRI Shapefile", encoding="GB18030"))


def unsaid(path: Path) -> Path:
    """The shapefile without a word of how its values are written."""
    path.with_suffix(".cpg").unlink(missing_ok=True)
    values = bytearray(path.with_suffix(".dbf").read_bytes())
    values[29] = 0
    path.with_suffix(".dbf").write_bytes(values)
    return path


def shapefile_in_gb18030_and_metres(folder: Path) -> Path:
    return unsaid(written(folder / "a.shp", "ESRI Shapefile", in_metres(folder), METRES, encoding="GB18030"))


def zipped(folder: Path) -> Path:
    shapefile(folder)
    with zipfile.ZipFile(folder / "楼.zip", "w") as archive:
        for part in folder.glob("a.*"):
            archive.write(part, f"数据/{part.name}")
    return folder / "楼.zip"


def flatgeobuf(folder: Path) -> Path:
    return written(folder / "a.fgb", "FlatGeobuf")


def text_table(folder: Path) -> Path:
    rows = [f'{name},{count},"{shape.wkt}"' for name, count, shape in zip(NAMES, COUNTS, SQUARES, strict=True)]
    (folder / "a.csv").write_bytes("\n".join(["名称,户数,wkt", *rows]).encode("gb18030"))
    return folder / "a.csv"


FORMATS = [
    geojson, geojson_in_gb18030, geojson_in_utf16, geojson_in_gb18030_and_metres, geopackage, shapefile,
    shapefile_in_gb18030_unsaid, shapefile_in_gb18030_and_metres, zipped, flatgeobuf, text_table,
]  # fmt: skip


@pytest.mark.parametrize("make", FORMATS)
def test_every_format_says_the_same(make: Callable[[Path], Path], tmp_path: Path) -> None:
    layer = read_layer(make(tmp_path), "buildings")
    order = np.argsort(shapely.get_x(shapely.centroid(layer.shapes)))
    assert shapely.equals_exact(shapely.normalize(layer.shapes[order]), shapely.normalize(SQUARES), 1e-9).all()
    named, counted = layer.column("name"), layer.column("households")
    assert named is not None
    assert counted is not None
    assert [named[place] for place in order] == NAMES
    assert [float(counted[place]) for place in order] == COUNTS


def test_tables_as_spreadsheets_write_them(tmp_path: Path) -> None:
    """A first line that says the separator, a column twice, and an outline of more letters than a csv reader likes."""
    corners = np.column_stack([119.1 + np.cos(np.linspace(0, 2 * np.pi, 6000)) / 500,
                               26.1 + np.sin(np.linspace(0, 2 * np.pi, 6000)) / 500])  # fmt: skip
    lake = shapely.Polygon(corners).wkt
    assert len(lake) > 131072
    path = tmp_path / "a.csv"
    path.write_text(f"sep=;\r\nwkt;户数;户数\r\n{lake};5;6\r\n", "utf-8")
    layer = read_layer(path, "buildings")
    assert list(layer.rows) == [3]
    assert layer.shapes[0].is_valid
    assert {name: list(column) for name, column in layer.columns.items() if name != "wkt"} == {
        "户数": ["5"], "户数 (2)": ["6"],
    }  # fmt: skip


def test_points_of_a_table(tmp_path: Path) -> None:
    path = tmp_path / "楼.csv"
    path.write_text("经度;纬度;户数\n119.1;26.1;5\n\n１１９.２;26.2;３户\n;26.3;1\n", "utf-8-sig")
    layer = read_layer(path, "buildings")
    assert [(p.x, p.y) if p else None for p in layer.shapes] == [(119.1, 26.1), (119.2, 26.2), None]
    assert list(layer.rows) == [2, 4, 5]


@pytest.mark.parametrize("crs", ["EPSG:4547", "EPSG:32650", "EPSG:3857", "EPSG:4490"])
def test_other_systems_are_transformed(crs: str, tmp_path: Path) -> None:
    """A point of the zone's middle meridian (117° E) lies 500 km east in its own metres."""
    x, y = {"EPSG:4547": (500000.0, 2886000.0), "EPSG:32650": (500000.0, 2886000.0),
            "EPSG:3857": (13024380.422813, 3015000.0), "EPSG:4490": (117.0, 26.08)}[crs]  # fmt: skip
    if crs == "EPSG:4547":
        x, crs = 500000.0, "EPSG:4548"  # CGCS2000, three degrees around 117°
    shapes = np.array([shapely.box(x - 0.0005, y, x, y + 0.0005)] * 3, dtype=object)
    layer = read_layer(written(tmp_path / "a.gpkg", "GPKG", shapes, crs), "buildings")
    east, _, _, south = (float(value) for value in np.array(shapely.bounds(layer.shapes[0]))[[2, 0, 0, 1]])
    assert east == pytest.approx(117.0, abs=1e-6)
    assert 26.0 < south < 26.2


def test_declared_shift_is_undone(tmp_path: Path) -> None:
    path = geojson(tmp_path)
    plain, shifted = read_layer(path, "buildings"), read_layer(path, "buildings", datum="bd09")
    assert 0.005 < plain.shapes[0].distance(shapely.centroid(shifted.shapes[0])) < 0.02


def test_osm_as_it_is_downloaded(tmp_path: Path) -> None:
    path = tmp_path / "town.osm.pbf"
    square = [(119.1, 26.1), (119.101, 26.1), (119.101, 26.101), (119.1, 26.101), (119.1, 26.1)]
    write_pbf(
        path,
        [
            ({"building": "apartments", "building:levels": "6"}, square),
            ({"highway": "residential", "tunnel": "yes"}, square[:3]),
            ({"natural": "water"}, square),
        ],
    )
    homes, roads, water = (read_layer(path, want) for want in ("buildings", "roads", "water"))
    floors = homes.column("floors")
    assert len(homes) == len(roads) == len(water) == 1
    assert floors is not None
    assert list(floors) == ["6"]
    assert list(roads.columns["highway"]) == ["residential"]
    assert homes.shapes[0].area == pytest.approx(1e-6, rel=1e-3)


def test_a_layer_is_chosen_by_name_or_kind(tmp_path: Path) -> None:
    path = tmp_path / "town.gpkg"
    lines = np.array([shapely.LineString([(119, 26), (119.1, 26)])] * 3, dtype=object)
    written(path, "GPKG", layer="楼栋")
    written(path, "GPKG", layer="other", append=True)
    options = {"driver": "GPKG", "crs": "EPSG:4326", "geometry_type": "LineString", "layer": "road", "append": True}
    pyogrio.raw.write(str(path), shapely.to_wkb(lines), [], [], **options)
    assert read_layer(path, "buildings").parts == ("楼栋",)
    assert read_layer(path, "roads").parts == ("road",)
    assert read_layer(tmp_path / "town.gpkg:other", "buildings").parts == ("other",)
    with pytest.raises(BadFiles, match="several layers"):
        read_layer(path, "boundary")
    with pytest.raises(BadFiles, match="no layer nowhere"):
        read_layer(tmp_path / "town.gpkg:nowhere", "boundary")


def _damaged(path: Path) -> None:
    """An archive whose list is whole and whose packed bytes are not, as a cut download leaves it."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", "lon,lat\n" * 500)
    with path.open("r+b") as file:
        file.seek(30 + len("a.csv"))
        file.write(b"\xff" * 8)


def _zip(names: list[str]) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        with zipfile.ZipFile(path, "w") as archive:
            for name in names:
                archive.writestr(name, "x")

    return write


BROKEN: list[tuple[str, bytes | Callable[[Path], None], str]] = [
    ("a.geojson", b"", "empty"),
    ("a.geojson", b'{"type": "FeatureCollection", "features": [{"type"', "cannot be read"),
    ("a.json", b'{"type": "Topology"}', "TopoJSON"),
    ("a.gpkg", b"SQLite format 3\x00" + b"\x00" * 40, "cannot be read"),
    ("a.db", b"SQLite format 3\x00" + b"\x00" * 90, "no GeoPackage"),
    ("a.shp", b"\x00\x00\x27\x0a" + b"\x00" * 100, "not complete"),
    ("a.pdf", b"%PDF-1.7 \x00", "none of"),
    ("a.bin", b"\x01\x00\x02" * 50, "none of"),
    ("a.zip", _zip(["liesmich.txt"]), "holds no"),
    ("a.zip", _zip(["a.csv", "b.csv"]), "several data sets"),
    ("a.xlsx", _zip(["[Content_Types].xml"]), "workbook"),
    ("a.zip", b"PK\x03\x04 broken", "unpacked"),
    ("a.zip", _damaged, "unpacked"),
    ("a.csv", "名称,户数\n甲,3\n".encode(), "longitude"),
    ("a.csv", b"lon,lat\n119,26,7,8\n", "row 2: 4 cells"),
    ("a.csv", b"\xff\xfa\x81 no text \xff", "UTF-8"),
    ("a.csv", b"lon,lat\n26.1,119.1\n", "swapped"),
    ("a.csv", b"lon,lat\n500000,2886000\n", "no degrees"),
    ("a.geojson", json.dumps({"type": "Point", "coordinates": [500000, 2886000]}).encode(), "no degrees"),
    ("a.csv", b"lon,lat\n179.999,-17\n-179.999,-17\n", "both sides of 180"),
    ("a.csv", b"\n \n\n", "empty"),
]


@pytest.mark.parametrize(("name", "content", "words"), BROKEN)
def test_broken_files_are_named(name: str, content: bytes | Callable[[Path], None], words: str, tmp_path: Path) -> None:
    path = tmp_path / name
    if callable(content):
        content(path)
    else:
        path.write_bytes(content)
    with pytest.raises(BadFiles) as caught:
        read_layer(path, "buildings")
    told = caught.value.problems[0].say("en")
    assert words.casefold() in told.casefold(), told
    assert told.startswith(name), told
    assert caught.value.problems[0].say("zh-CN") != told


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    for path, words in ((tmp_path / "nowhere.shp", "No such file"), (tmp_path, "folder")):
        with pytest.raises(BadFiles, match=words):
            read_layer(path, "roads")


def test_nothing_but_known_formats_reaches_the_library(tmp_path: Path) -> None:
    """A description that makes GDAL read another file is refused by its first bytes."""
    other = geojson(tmp_path)
    path = tmp_path / "a.vrt"
    path.write_text(
        f"<OGRVRTDataSource><OGRVRTLayer name='a'><SrcDataSource>{other}</SrcDataSource>"
        "</OGRVRTLayer></OGRVRTDataSource>"
    )
    with pytest.raises(BadFiles, match="none of"):
        read_layer(path, "buildings")
