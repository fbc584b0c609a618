"""Workbooks (.xlsx), read as a stream: one row of its XML at a time, in memory that hardly grows with the file.

A spreadsheet's XML is regular, so rows are cut out of it and cells found by patterns, several times faster than by a
parser that calls back for each tag. The patterns never look further than the next tag, so no row costs its square.
Nothing is expanded beyond the five entities of XML and characters by number: a document type (entities, bombs) is
refused where it stands, and what the usual pattern does not know is read with more care.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import BinaryIO, Final

from onegrid.county.registers.rules.sheets.books import letters
from onegrid.county.registers.rules.sheets.lines import Lines
from onegrid.county.registers.rules.sheets.packages import Package, refuse_declarations
from onegrid.county.registers.rules.sheets.packages import read as read_bytes
from onegrid.county.registers.rules.sheets.problems import SheetRefused

BLOCK: Final = 1 << 19
LONGEST_ROW: Final = 8 << 20
LONGEST_TAG: Final = 500
MOST_STRINGS: Final = 768 << 20
MOST_ROWS: Final = 1_048_576
MOST_COLUMNS: Final = 256
_ENTITY: Final = re.compile(r"&(#x[0-9A-Fa-f]{1,6}|#[0-9]{1,7}|[A-Za-z]{1,60});")
_NAMED: Final = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
_EXCEL_ESCAPE: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
_TEXT: Final = re.compile(r"<(?:\w+:)?t(?:\s[^<>]*)?>([^<]*)</(?:\w+:)?t>")
_PHONETIC: Final = re.compile(r"<(?:\w+:)?rPh\b(?:(?!<(?:\w+:)?rPh\b).)*?</(?:\w+:)?rPh>", re.DOTALL)
_VALUE: Final = re.compile(r"<(?:\w+:)?v(?:\s[^<>]*)?>([^<]*)</(?:\w+:)?v>")
_ATTRIBUTE: Final = re.compile(r'([\w:]+)\s*=\s*(?:"([^"]*)"|\'([^\']*)\')')
_CELL: Final = re.compile(
    r'<(?:\w+:)?c(?: r="([A-Z]{1,3})[0-9]{1,7}"(?: s="([0-9]+)")?(?: t="([A-Za-z]+)")?|\s[^<>]*?|)'
    r"(?:\s*/>|>((?:(?!<(?:\w+:)?c[\s>/]).)*?)</(?:\w+:)?c>)",
    re.DOTALL,
)
_USUAL: Final = re.compile(
    r'<c r="([A-Z]{1,3})[0-9]+"(?: s="([0-9]+)")?(?: t="([A-Za-z]+)")?'
    r'(?: ?/>|>(?:<is><t(?: xml:space="preserve")?>([^<]*)</t></is>|<v>([^<]*)</v>|((?:(?!<c[\s>/]).)*?))</c>)',
    re.DOTALL,
)
"""A cell as spreadsheets write it; whatever is not like this goes by `_CELL`."""
_LETTERS: Final = (*(letters(at) for at in range(MOST_COLUMNS)), "beyond")
_DIMENSION: Final = re.compile(r'<(?:\w+:)?dimension\s+ref="[A-Z]+[0-9]+:[A-Z]+([0-9]{1,7})"')
_NUMBER: Final = re.compile(r'\br="([0-9]{1,7})"')


def read(source: Path | BinaryIO, sheet: str) -> Lines:
    """The rows of a sheet. Raises SheetRefused as `Package` does; and at a row: broken, bomb, external."""
    package = Package(source)
    name, part = package.sheet(sheet)
    with package.open(part) as file:
        found = _DIMENSION.search(read_bytes(file, 4096).decode("utf-8", "replace"))
        size = package.zip.getinfo(part).file_size
    total = min(int(found[1]), MOST_ROWS) if found else min(size // 600, MOST_ROWS)
    return Lines(encoding="xlsx", rows=_rows(package, part), total=total, sheet=name)


def _rows(package: Package, part: str) -> Iterator[tuple[int, list[str]]]:
    cells = _Cells(_Strings(package), package.date_formats(), package.since_1904)
    expected = 1
    for text in _elements(package, part, "row"):
        start = text[: text.find(">") + 1]
        numbered = _NUMBER.search(start)
        number = int(numbered[1]) if numbered else expected
        expected = number + 1
        yield number, cells.of(text)


def _elements(package: Package, part: str, name: str) -> Iterator[str]:
    """Each `<name …>…</name>` of a part as text, with its start tag and without its end tag."""
    with package.open(part) as file:
        block = read_bytes(file, BLOCK)
        refuse_declarations(block)
        found = re.search(rb"<(\w+:)?(?:worksheet|sst)\b", block)
        prefix = (found[1] or b"") if found else b""
        end, empty = b"</" + prefix + name.encode() + b">", re.compile(rb"<" + prefix + name.encode() + rb"(?=[\s/>])")
        while block:
            *whole, rest = block.split(end)
            for piece in whole:
                begin = _last_start(empty, piece)
                if b"<![CDATA[" in piece:
                    raise SheetRefused("external")
                if begin >= 0:
                    yield piece[begin:].decode("utf-8", "replace")
            if len(rest) > LONGEST_ROW:
                raise SheetRefused("bomb")
            more = read_bytes(file, BLOCK)
            if not more:
                return
            block = rest + more


def _last_start(pattern: re.Pattern[bytes], piece: bytes) -> int:
    """Where the element that ends with this piece begins; elements before it in the piece are empty ones."""
    begin = -1
    for found in pattern.finditer(piece):
        begin = found.start()
    return begin


class _Strings:
    """The shared texts of a workbook in two arrays: a million of them take what they take in the file.

    Read no further than they are asked for: they stand in the order they are met, and a header needs the first few.
    """

    def __init__(self, package: Package) -> None:
        self.bytes = bytearray()
        self.ends = array("Q")
        part = package.strings()
        self.elements = _elements(package, part, "si") if part else iter(())
        self.met: dict[int, str] = {}
        self._more()

    def _more(self) -> bool:
        element = next(self.elements, None)
        if element is None:
            return False
        self.bytes += _content(element).encode("utf-8", "replace")
        self.ends.append(len(self.bytes))
        if len(self.bytes) > MOST_STRINGS:
            raise SheetRefused("bomb")
        return True

    def __getitem__(self, at: int) -> str:
        text = self.met.get(at)
        if text is None:
            while len(self.ends) <= at:
                if not self._more():
                    raise SheetRefused("broken", line=1)
            text = self.bytes[self.ends[at - 1] if at else 0 : self.ends[at]].decode("utf-8")
            if len(self.met) > 50_000:
                self.met.clear()
            self.met[at] = text
        return text


class _Cells:
    """Makes texts of the cells of a row."""

    def __init__(self, strings: _Strings, dates: frozenset[str], since_1904: bool) -> None:
        self.strings = strings
        self.dates = dates
        self.zero = date(1904, 1, 1) if since_1904 else date(1899, 12, 30)
        self.places: dict[str, int] = {}

    def of(self, row: str) -> list[str]:
        """The cells of a row from the first column on; columns beyond the 256th are left out."""
        found = _USUAL.findall(row)
        if not found or len(found) != row.count("<c "):
            return self._carefully(row)
        texts: list[str] = []
        for name, style, kind, inline, plain, other in found:
            if name != _LETTERS[len(texts)]:  # a cell is left out
                return self._carefully(row)
            if inline:
                texts.append(_plain(inline))
            elif plain:
                texts.append(self._worth(style, kind, plain))
            else:
                texts.append(self._value(style, kind, other) if other else "")
        return texts

    def _carefully(self, row: str) -> list[str]:
        texts: list[str] = []
        for found in _CELL.finditer(row):
            name, style, kind, inner = found.groups()
            if name is None:
                name, style, kind = self._attributes(found[0])
            place = self._place(name) if name else len(texts)
            if place >= MOST_COLUMNS:
                continue
            while len(texts) <= place:
                texts.append("")
            texts[place] = self._value(style, kind, inner) if inner else ""
        return texts

    def _place(self, letters: str) -> int:
        place = self.places.get(letters)
        if place is None:
            place = 0
            for letter in letters:
                place = place * 26 + ord(letter) - 64
            self.places[letters] = place = place - 1
        return place

    def _attributes(self, tag: str) -> tuple[str, str | None, str | None]:
        tag = tag[: tag.find(">")]
        if len(tag) > LONGEST_TAG:
            raise SheetRefused("broken", line=1)
        held = {name: one or two for name, one, two in _ATTRIBUTE.findall(tag)}
        return held.get("r", "").rstrip("0123456789"), held.get("s"), held.get("t")

    def _value(self, style: str | None, kind: str | None, inner: str) -> str:
        if kind == "inlineStr":
            return _content(inner)
        found = _VALUE.search(inner)
        return self._worth(style, kind, found[1]) if found else ""

    def _worth(self, style: str | None, kind: str | None, value: str) -> str:
        """What stands between the tags of a value, as text."""
        if kind == "s":
            return self.strings[int(value)] if value.isdecimal() else ""
        if kind in ("str", "e", "d", "inlineStr"):
            return _plain(value)
        if kind == "b":
            return "TRUE" if value == "1" else "FALSE"
        return self._day(value) if style in self.dates else _number(value)

    def _day(self, value: str) -> str:
        try:
            whole = int(float(value))
            return (self.zero + timedelta(days=whole)).isoformat() if whole >= 1 else value
        except (ValueError, OverflowError):
            return value


def _number(value: str) -> str:
    """A number as people wrote it: no point for a whole one, its power only where digits were lost."""
    if value.isdigit():
        return value
    try:
        number = float(value)
    except ValueError:
        return _plain(value)
    if number.is_integer():
        return str(int(number)) if abs(number) < 1e15 else f"{number:.14E}"
    return repr(number)


def _content(element: str) -> str:
    """The text of a shared or an inline string, its runs together, without the readings above Chinese characters."""
    if "rPh" in element:
        element = _PHONETIC.sub("", element)
    return "".join(_plain(found) for found in _TEXT.findall(element))


def _plain(text: str) -> str:
    """XML text as it reads. Raises SheetRefused(external) for an entity that XML does not know."""
    if "&" in text:
        text = _ENTITY.sub(_entity, text)
    if "_x" in text:
        text = _EXCEL_ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
    return text


def _entity(found: re.Match[str]) -> str:
    name = found[1]
    if name[0] == "#":
        code = int(name[2:], 16) if name[1] == "x" else int(name[1:])
        return chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd"
    if name not in _NAMED:
        raise SheetRefused("external")
    return _NAMED[name]
