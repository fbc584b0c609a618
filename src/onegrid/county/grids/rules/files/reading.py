"""Reading one file of shapes: any of the formats, any coordinate system, to WGS84 degrees."""

from __future__ import annotations

import codecs
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, Literal
from xml.sax.saxutils import escape

import numpy as np
import shapely
from numpy.typing import NDArray

from onegrid.county.grids.rules.files import columns
from onegrid.county.grids.rules.files.columns import Column
from onegrid.county.grids.rules.files.datums import Datum, to_wgs84
from onegrid.county.grids.rules.files.formats import UTF16, Format, opened
from onegrid.county.grids.rules.files.problems import BadFiles, Problem
from onegrid.county.grids.rules.files.tables import read_table, table_shapes

Want = Literal["buildings", "roads", "water", "boundary", "grids", "points"]

DEGREES: Final = ("EPSG:4326", "OGC:CRS84", "EPSG:4490", "EPSG:4979", "EPSG:4480", "EPSG:4258", "EPSG:4269")
"""Systems whose degrees are WGS84's to within a metre or two; the rest is transformed."""
EDGE: Final = 170.0
POLAR: Final = 85.0
STRAYS: Final = 0.05
"""Degrees of longitude from which a place may be just across 180° and of latitude from which it is at a pole; and the
share of a file that is no slip of the keys any more."""
_OSM_LAYERS: Final[dict[Want, tuple[tuple[str, str], ...]]] = {
    "buildings": (("multipolygons", "building IS NOT NULL"),),
    "roads": (("lines", "highway IS NOT NULL"),),
    "water": (("lines", "waterway IS NOT NULL"), ("multipolygons", "\"natural\" = 'water'")),
    "boundary": (("multipolygons", "boundary = 'administrative'"),),
    "grids": (("multipolygons", ""),),
    "points": (("points", ""),),
}
_SHAPES: Final[dict[Want, tuple[str, ...]]] = {
    "roads": ("LineString", "Polygon"),
    "points": ("Point",),
    "water": ("Polygon", "LineString"),
}


@dataclass(frozen=True)
class Layer:
    """What a file holds: one entry per feature. ``shapes`` are WGS84 degrees, None where a feature has none.

    ``rows`` are line numbers of a csv and feature numbers (from 1) elsewhere; ``parts`` names the layers read.
    """

    file: str
    format: Format
    crs: str
    shapes: NDArray[np.object_]
    columns: dict[str, Column]
    rows: NDArray[np.int64]
    notes: tuple[str, ...] = ()
    parts: tuple[str, ...] = field(default=())

    def __len__(self) -> int:
        return len(self.shapes)

    def column(self, what: str) -> Column | None:
        """The column that means ``what``, or None."""
        name = columns.find(self.columns, what)
        if name is not None:
            return self.columns[name]
        packed = self.columns.get("other_tags")
        return columns.tag(packed, columns.ALIASES[what][0]) if packed is not None else None

    def only(self, keep: NDArray[np.bool_]) -> Layer:
        """The features for which ``keep`` holds."""
        kept = {name: column[keep] for name, column in self.columns.items()}
        return Layer(self.file, self.format, self.crs, self.shapes[keep], kept, self.rows[keep], self.notes, self.parts)


def read_layer(path: Path, want: Want, *, datum: Datum = "wgs84", layer: str | None = None) -> Layer:
    """Read a file. ``town.gpkg:roads`` names a layer of a file that has several.

    Raises BadFiles with everything that keeps it from being read.
    """
    path, layer = _split(path, layer)
    with opened(path) as (file, kind):
        if kind == "csv":
            table, rows, encoding = read_table(file, path.name)
            found = Layer(path.name, kind, "", table_shapes(table, path.name), table, rows, (encoding,))
        else:
            found = _vector(file, kind, want, layer, path.name)
    _check_degrees(found)
    if datum != "wgs84" and found.crs and found.crs not in DEGREES:
        raise BadFiles([Problem("shifted_and_projected", path.name, values={"crs": found.crs, "datum": datum})])
    shapes = to_wgs84(found.shapes, datum)
    return Layer(path.name, found.format, found.crs, shapes, found.columns, found.rows, found.notes, found.parts)


def _split(path: Path, layer: str | None) -> tuple[Path, str | None]:
    if layer is None and not path.exists() and ":" in path.name:
        name, _, layer = path.name.rpartition(":")
        return path.with_name(name), layer
    return path, layer


def _vector(file: Path, kind: Format, want: Want, layer: str | None, shown: str) -> Layer:
    import pyogrio  # noqa: PLC0415  (a fifth of a second, and only who reads a file needs it)

    pyogrio.set_gdal_config_options(
        {"OGR_GEOJSON_MAX_OBJ_SIZE": 0, "OSM_MAX_TMPFILE_SIZE": 400, "OGR_ENABLE_PARTIAL_REPROJECTION": True}
    )
    options: dict[str, Any] = {"encoding": _encoding(file)} if kind == "shp" else {}
    with TemporaryDirectory(prefix="onegrid-files-") as folder, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            source = _recoded(file, Path(folder)) if kind == "geojson" else file
            if kind == "osm":
                reads = [(name, {"where": where} if where else {}) for name, where in _OSM_LAYERS[want]]
            else:
                reads = [(_chosen(pyogrio.list_layers(source), want, layer, shown), options)]
            pieces = [_read(pyogrio, source, name, more) for name, more in reads]
        except BadFiles:
            raise
        except Exception as why:  # pyogrio raises its own, GDAL's words, and ValueError alike
            raise BadFiles([Problem("unreadable", shown, values={"why": _plain(str(why))})]) from why
    notes = tuple(dict.fromkeys(_plain(str(one.message)) for one in caught))[:5]
    return _joined(pieces, shown, kind, notes, tuple(name for name, _ in reads))


def _read(
    pyogrio: Any, source: Path, name: str, options: dict[str, Any]
) -> tuple[dict[str, Any], NDArray[np.object_], list[Column], list[str]]:
    """Values as the file has them, shapes in degrees."""
    meta, _, geometry, data = pyogrio.raw.read(source, layer=name, force_2d=True, datetime_as_string=True, **options)
    crs = meta.get("crs") or ""
    if crs and crs not in DEGREES:
        geometry = pyogrio.raw.read(_warped(source, name), columns=[], force_2d=True, **options)[2]
    if geometry is None:
        geometry = np.full(len(data[0]) if data else 0, None, dtype=object)
    shapes = np.asarray(shapely.from_wkb(geometry, on_invalid="fix"), dtype=object)
    return meta, shapes, [np.asarray(column, dtype=object) for column in data], [str(one) for one in meta["fields"]]


def _joined(pieces: list[Any], shown: str, kind: Format, notes: tuple[str, ...], parts: tuple[str, ...]) -> Layer:
    """Several layers of one file as one; a column missing in a layer is empty there."""
    names = list(dict.fromkeys(name for *_, fields in pieces for name in fields))
    table = {
        name: np.concatenate(
            [
                data[fields.index(name)] if name in fields else np.full(len(shapes), None, dtype=object)
                for _, shapes, data, fields in pieces
            ]
        )
        for name in names
    }
    shapes = np.concatenate([piece[1] for piece in pieces])
    crs = next((str(piece[0].get("crs")) for piece in pieces if piece[0].get("crs")), "")
    return Layer(shown, kind, crs, shapes, table, np.arange(1, len(shapes) + 1), notes, parts)


def _warped(source: Path, layer: str) -> str:
    """GDAL's description of a layer seen in another coordinate system."""
    name, path = escape(layer), escape(str(source.absolute()))
    return (
        "<OGRVRTDataSource><OGRVRTWarpedLayer>"
        f'<OGRVRTLayer name="{escape(layer, {chr(34): "&quot;"})}">'
        f"<SrcDataSource>{path}</SrcDataSource><SrcLayer>{name}</SrcLayer></OGRVRTLayer>"
        "<TargetSRS>OGC:CRS84</TargetSRS></OGRVRTWarpedLayer></OGRVRTDataSource>"
    )


def _chosen(layers: Sequence[Any], want: Want, wish: str | None, shown: str) -> str:
    """The layer to read: the one named, the only one, the one whose name or kind of shape says so."""
    names = [str(name) for name, _ in layers]
    listed = ", ".join(names[:12])
    if wish is not None:
        if wish in names:
            return wish
        raise BadFiles([Problem("no_such_layer", shown, values={"layer": wish, "names": listed})])
    if not names:
        raise BadFiles([Problem("no_layers", shown)])
    drawn = [(str(name), str(kind or "")) for name, kind in layers if kind is not None] or [(names[0], "")]
    hints = {"boundary": ("boundary", "area", "社区", "村", "边界"), "buildings": ("building", "楼", "建筑", "房")}
    hints |= {"roads": ("road", "street", "highway", "路"), "water": ("water", "river", "水", "河")}
    fitting = [name for name, kind in drawn if not kind or kind == "Unknown" or _fits(kind, want)] or [
        one for one, _ in drawn
    ]
    told = [name for name in fitting if any(hint in name.casefold() for hint in hints.get(want, (want,)))]
    for choice in (told, fitting):
        if len(choice) == 1:
            return choice[0]
    raise BadFiles([Problem("several_layers", shown, values={"names": listed, "file": shown, "layer": fitting[0]})])


def _fits(kind: str, want: Want) -> bool:
    return any(
        shape in kind for shape in _SHAPES.get(want, ("Polygon", "Point") if want == "buildings" else ("Polygon",))
    )


def _recoded(file: Path, folder: Path) -> Path:
    """A GeoJSON that is not UTF-8 (UTF-16 says so itself, else it is GB18030) as UTF-8 in ``folder``; else as it is."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with file.open("rb") as opening:
        try:
            while piece := opening.read(1 << 22):
                decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            raw = file.read_bytes()
            encoding = "utf-16" if raw.startswith(UTF16) else "gb18030"
            made = folder / "data.geojson"
            made.write_bytes(raw.decode(encoding, errors="replace").encode())
            return made
    return file


def _encoding(file: Path) -> str | None:
    """The encoding of a shapefile's values: what it says itself, else UTF-8 or GB18030, whichever the bytes are."""
    siblings = {one.suffix.lower(): one for one in file.parent.iterdir() if one.stem == file.stem}
    values = siblings[".dbf"].read_bytes()
    if ".cpg" in siblings or (len(values) > 29 and values[29]):
        return None
    try:
        values[32:].decode("utf-8")
    except UnicodeDecodeError as why:
        # The last value may be cut in the middle of a letter; that is still UTF-8.
        return "gb18030" if why.start < len(values) - 40 else "utf-8"
    return "utf-8"


def _check_degrees(layer: Layer) -> None:
    """Refuse what cannot be degrees: nothing says which system it is, and a guess would put a town into the sea."""
    bounds = shapely.bounds(layer.shapes)
    bounds = bounds[np.isfinite(bounds).all(axis=1)]
    if not len(bounds):
        return
    middle = np.median(bounds, axis=0)
    if np.abs(middle[[0, 2]]).max() <= 180 and np.abs(middle[[1, 3]]).max() <= 90:
        _check_side(layer, bounds)
        return
    swapped = np.abs(middle[[0, 2]]).max() <= 90 and np.abs(middle[[1, 3]]).max() <= 180
    values = {"x": f"{middle[0]:.6g}", "y": f"{middle[1]:.6g}"}
    raise BadFiles([Problem("swapped" if swapped else "no_degrees", layer.file, values=values)])


def _check_side(layer: Layer, bounds: NDArray[np.float64]) -> None:
    """Refuse a town on both sides of 180°, whose halves would lie a world apart, and one at a pole."""
    east, west = (bounds[:, 2] > EDGE).mean(), (bounds[:, 0] < -EDGE).mean()
    across = min(east, west) > STRAYS and east + west > 0.5
    if across or np.abs(np.median(bounds[:, [1, 3]])) > POLAR:
        raise BadFiles([Problem("edge_of_map", layer.file)])


def _plain(words: str) -> str:
    return " ".join(words.split())[:300]
