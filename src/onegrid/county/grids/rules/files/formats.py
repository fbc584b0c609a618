"""What a file is: its first bytes say, not its name, and only what is named here is ever opened.

GDAL knows some eighty formats, among them ones that read other files or the network; a file somebody sent may be any
of them. So a file is recognised here, and a zip archive is unpacked here, bounded, before GDAL sees anything.
"""

from __future__ import annotations

import codecs
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Final, Literal

from onegrid.county.grids.rules.files.problems import BadFiles, Problem

Format = Literal["geojson", "gpkg", "shp", "fgb", "osm", "csv"]
LARGEST: Final = 4 << 30
"""Bytes of an unpacked archive."""
_PARTS: Final = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_WHOLE: Final = (".geojson", ".json", ".gpkg", ".fgb", ".csv", ".pbf")
_HEAD: Final = 1 << 16
UTF16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_BROKEN: Final = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, OSError)
"""What zipfile raises for damaged, cut or locked archives and for packings it does not know."""


@contextmanager
def opened(path: Path) -> Iterator[tuple[Path, Format]]:
    """The file to read and what it is; for a zip archive what lies in it, unpacked for the while.

    Raises BadFiles when there is no such file, or it is none of the formats.
    """
    if path.is_dir():
        raise BadFiles([Problem("folder", path.name)])
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except FileNotFoundError as why:
        raise BadFiles([Problem("no_file", str(path))]) from why
    except OSError as why:
        raise BadFiles([Problem("unreadable", str(path), values={"why": why.strerror or str(why)})]) from why
    if not head.startswith(b"PK\x03\x04"):
        yield path, _recognised(path, head)
        return
    with TemporaryDirectory(prefix="onegrid-files-") as folder:
        inner = _unpacked(path, Path(folder))
        with inner.open("rb") as file:
            yield inner, _recognised(inner, file.read(_HEAD), shown=path.name)


def _recognised(path: Path, head: bytes, shown: str = "") -> Format:
    name = shown or path.name
    if not head:
        raise BadFiles([Problem("empty_file", name)])
    if head.startswith(b"\x00\x00\x27\x0a"):
        _check_shapefile(path, name)
        return "shp"
    if head.startswith(b"SQLite format 3\x00"):
        if head[68:72] in (b"GPKG", b"GP10", b"GP11") or path.suffix.lower() == ".gpkg":
            return "gpkg"
        raise BadFiles([Problem("other_database", name)])
    if head.startswith(b"fgb"):
        return "fgb"
    if b"OSMHeader" in head[:64]:
        return "osm"
    return _recognised_text(path, head, name)


def _recognised_text(path: Path, head: bytes, name: str) -> Format:
    if head.startswith(UTF16):
        head = head.decode("utf-16", errors="ignore").encode()
    start = head.removeprefix(codecs.BOM_UTF8).lstrip()
    if not start:
        raise BadFiles([Problem("empty_file", name)])
    if start.startswith(b"{"):
        if b'"Topology"' in start[:200]:
            raise BadFiles([Problem("topojson", name)])
        return "geojson"
    if start.startswith(b"<") and b"<osm" in start[:2000]:
        return "osm"
    if start.startswith((b"<", b"[", b"%PDF")) or b"\x00" in head:
        raise BadFiles([Problem("format_unknown", name)])
    if path.suffix.lower() in (".dbf", ".shx", ".prj", ".cpg"):
        raise BadFiles([Problem("give_the_shp", name)])
    return "csv"


def _check_shapefile(path: Path, name: str) -> None:
    """A shapefile is several files; GDAL needs the index, and values lie in the dbf."""
    siblings = {one.suffix.lower() for one in path.parent.iterdir() if one.stem == path.stem}
    missing = [suffix for suffix in (".shx", ".dbf") if suffix not in siblings]
    if path.suffix.lower() == ".shx":
        raise BadFiles([Problem("give_the_shp", name)])
    if missing:
        raise BadFiles([Problem("shapefile_part", name, values={"parts": ", ".join(missing)})])


def _unpacked(path: Path, folder: Path) -> Path:
    """The one data set of an archive, under plain names (those in it may be in any encoding, or lead elsewhere)."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = [one for one in archive.infolist() if not one.is_dir() and not _hidden(one.filename)]
            main = [one for one in members if _suffix(one) in (".shp", *_WHOLE)]
            if any(one.filename == "[Content_Types].xml" for one in members):
                raise BadFiles([Problem("workbook", path.name)])
            if len(main) != 1:
                names = ", ".join(sorted(one.filename for one in main)[:6])
                raise BadFiles(
                    [Problem("archive_many" if main else "archive_none", path.name, values={"names": names})]
                )
            stem = main[0].filename[: -len(_suffix(main[0]))]
            parts = [
                one for one in members if one.filename[: -len(_suffix(one)) or None] == stem and _suffix(one) in _PARTS
            ]
            wanted = parts if _suffix(main[0]) == ".shp" else main
            if sum(one.file_size for one in wanted) > LARGEST:
                raise BadFiles([Problem("archive_large", path.name)])
            for one in wanted:
                (folder / f"data{_suffix(one)}").write_bytes(archive.read(one))
            return folder / f"data{_suffix(main[0])}"
    except _BROKEN as why:
        raise BadFiles([Problem("archive_broken", path.name, values={"why": str(why)})]) from why


def _suffix(member: zipfile.ZipInfo) -> str:
    return PurePosixPath(member.filename).suffix.lower()


def _hidden(name: str) -> bool:
    return name.startswith("__MACOSX/") or PurePosixPath(name).name.startswith(".")
