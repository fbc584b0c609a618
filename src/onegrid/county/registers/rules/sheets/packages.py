"""The zip an .xlsx is, opened with suspicion: its parts, its sheets, and which of its formats are dates."""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, BinaryIO, Final
from xml.etree import ElementTree

from onegrid.county.registers.rules.sheets.problems import SheetRefused

MOST_PARTS: Final = 5000
MOST_BYTES: Final = 4 << 30
SMALL_PART: Final = 8 << 20
BOMB_RATIO: Final = 300
BOMB_SIZE: Final = 32 << 20
"""A part larger than this and packed tighter than that is no table anybody wrote."""
_DATES: Final = frozenset((*range(14, 18), 22, *range(27, 37), *range(50, 59)))
_QUOTED: Final = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
_OF_DAYS: Final = re.compile("[yd年日]")
_BROKEN: Final = (
    KeyError,
    zipfile.BadZipFile,
    zlib.error,
    ElementTree.ParseError,
    EOFError,
    NotImplementedError,
    OSError,
    ValueError,
)
_DECLARED: Final = re.compile(rb"<!(DOCTYPE|ENTITY|ELEMENT|ATTLIST|NOTATION)", re.IGNORECASE)


class Package:
    """An opened workbook. Raises SheetRefused: broken, bomb, macros, encrypted, external, no_sheet, empty."""

    def __init__(self, source: Path | BinaryIO) -> None:
        try:
            self.zip = zipfile.ZipFile(source)
        except _BROKEN:
            raise SheetRefused("broken", line=1) from None
        parts = self.zip.infolist()
        if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_BYTES:
            raise SheetRefused("bomb")
        for part in parts:
            if part.file_size > BOMB_SIZE and part.file_size > BOMB_RATIO * max(1, part.compress_size):
                raise SheetRefused("bomb")
            if part.flag_bits & 1:
                raise SheetRefused("encrypted")
            if part.filename.lower().endswith(("vbaproject.bin", "vbadata.xml")):
                raise SheetRefused("macros")
        self.names = {part.filename for part in parts}
        if "xl/workbook.xml" not in self.names and not any(name.endswith("workbook.xml") for name in self.names):
            raise SheetRefused("unknown")
        self.book = next(name for name in sorted(self.names) if name.endswith("workbook.xml"))
        self.folder = posixpath.dirname(self.book)
        tree = self._tree(self.book)
        properties = next(_each(tree, "workbookPr"), None)
        self.since_1904 = properties is not None and properties.get("date1904") in ("1", "true")
        self._targets = self._related()
        self._sheets = [
            (one.get("name", ""), self._targets.get(_relation(one), ""), one.get("state", "visible"))
            for one in _each(tree, "sheet")
        ]

    def sheet(self, wanted: str) -> tuple[str, str]:
        """Name and part of the sheet called `wanted`, or of the first that is shown."""
        tables = [(name, part) for name, part, state in self._sheets if part in self.names and "worksheets" in part]
        shown = [name for name, _, state in self._sheets if state == "visible"]
        for name, part in tables:
            if name == wanted or (not wanted and name in shown):
                return name, part
        if wanted:
            raise SheetRefused("no_sheet", sheet=wanted[:60])
        raise SheetRefused("empty")

    def strings(self) -> str:
        """The part of the shared texts; "" when there is none."""
        return next((name for name in self.names if name.lower().endswith("sharedstrings.xml")), "")

    def date_formats(self) -> frozenset[str]:
        """The numbers of the cell formats that show a date."""
        part = next((name for name in self.names if name.endswith("styles.xml")), "")
        if not part:
            return frozenset()
        tree = self._tree(part)
        own = {
            one.get("numFmtId", ""): bool(_OF_DAYS.search(_QUOTED.sub("", one.get("formatCode", "")[:255]).lower()))
            for one in _each(tree, "numFmt")
        }
        formats = next(_each(tree, "cellXfs"), ())
        ids = [one.get("numFmtId", "0") for one in formats]
        return frozenset(str(at) for at, key in enumerate(ids) if own.get(key, key.isdigit() and int(key) in _DATES))

    def open(self, part: str) -> IO[bytes]:
        """A part as a stream of its bytes."""
        try:
            return self.zip.open(part)
        except _BROKEN:
            raise SheetRefused("broken", line=1) from None

    def _related(self) -> dict[str, str]:
        part = posixpath.join(self.folder, "_rels", posixpath.basename(self.book) + ".rels")
        if part not in self.names:
            raise SheetRefused("broken", line=1)
        return {
            one.get("Id", ""): posixpath.normpath(posixpath.join("/" + self.folder, one.get("Target", "")))[1:]
            for one in _each(self._tree(part), "Relationship")
            if one.get("TargetMode", "Internal") == "Internal"
        }

    def _tree(self, part: str) -> ElementTree.Element:
        with self.open(part) as file:
            content = read(file, SMALL_PART + 1)
        if len(content) > SMALL_PART:
            raise SheetRefused("bomb")
        refuse_declarations(content)
        try:
            return ElementTree.fromstring(content)  # noqa: S314  nothing declared is left in it
        except _BROKEN:
            raise SheetRefused("broken", line=1) from None


def refuse_declarations(start: bytes) -> None:
    """Refuse XML that declares a document type or entities, and XML that is not UTF-8, in which that could hide."""
    if _DECLARED.search(start):
        raise SheetRefused("external")
    head = start[:200].lower()
    if b"\0" in head or (b"encoding=" in head and b"utf-8" not in head):
        raise SheetRefused("external")


def read(file: IO[bytes], count: int) -> bytes:
    """So many bytes of a part, fewer at its end. Raises SheetRefused(broken) for a part that cannot be unpacked."""
    try:
        return file.read(count)
    except _BROKEN:
        raise SheetRefused("broken", line=1) from None


def _each(tree: ElementTree.Element, name: str) -> Iterator[ElementTree.Element]:
    """All elements of a name, in whatever namespace."""
    return (one for one in tree.iter() if isinstance(one.tag, str) and one.tag.rpartition("}")[2] == name)


def _relation(sheet: ElementTree.Element) -> str:
    return next((value for key, value in sheet.attrib.items() if key.endswith("}id")), "")
