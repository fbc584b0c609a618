"""Tables written out: xlsx as a stream of rows, and csv. Whatever a spreadsheet would run is made a text first.

Workbooks are written without a library because a county's register has two million rows: a row costs microseconds and
nothing of it stays in memory. All texts are cells of the type text, so an identity number keeps its last digits.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from types import TracebackType
from typing import IO, BinaryIO, Final, Self
from xml.sax.saxutils import escape, quoteattr

Cell = str | int | float | None
MOST_ROWS: Final = 1_000_000
"""Of one sheet; the format ends at 1,048,576."""
LONGEST: Final = 32_000
_DANGEROUS: Final = tuple("=+-@\t\r\n'＝＋－＠")
_NUMBER: Final = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?\Z")
_ILLEGAL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_ESCAPED: Final = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
PLAIN, HEAD, MARKED, WRAPPED = 0, 1, 2, 3


def safe(value: str) -> str:
    """The text so that no spreadsheet takes it for a formula: an apostrophe before = + - @, tabs and line ends.

    `values.clean` takes it off again; a text that begins with an apostrophe of its own gets a second one. Numbers stay.
    """
    if value.startswith(_DANGEROUS) and not _NUMBER.match(value):
        return "'" + value
    return value


def write_csv(target: BinaryIO, rows: Iterable[Sequence[Cell]]) -> int:
    """Write rows as csv in UTF-8 with its mark, which every spreadsheet reads; how many rows it were."""
    text = io.TextIOWrapper(target, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    count = 0
    for row in rows:
        writer.writerow([safe(cell) if isinstance(cell, str) else cell for cell in row])
        count += 1
    text.detach()
    return count


class Book:
    """A workbook being written to `target`; leave the `with` to finish it.

    One sheet is written straight into the file; others begun before it is done are held packed in memory till the end.
    """

    def __init__(self, target: BinaryIO) -> None:
        self._zip = zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=4)
        self._sheets: list[Page] = []

    def page(self, name: str, widths: Sequence[float], *, held: bool = False) -> Page:
        """A new sheet; `widths` are its columns' in characters. All but one must be `held`, and not the first used."""
        number = len(self._sheets) + 1
        into: _Stream = _Held() if held else self._zip.open(f"xl/worksheets/sheet{number}.xml", "w", force_zip64=True)
        made = Page(_sheet_name(name, [one.name for one in self._sheets]), into, widths)
        self._sheets.append(made)
        return made

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        for page in self._sheets:
            page.end()
        for number, page in enumerate(self._sheets, 1):
            if isinstance(page.into, _Held):
                with self._zip.open(f"xl/worksheets/sheet{number}.xml", "w", force_zip64=True) as out:
                    for piece in page.into.pieces():
                        out.write(piece)
        for part, content in _parts([page.name for page in self._sheets]).items():
            self._zip.writestr(part, content)
        self._zip.close()


class _Held:
    """Bytes kept packed."""

    def __init__(self) -> None:
        self.packer = zlib.compressobj(1)
        self.packed: list[bytes] = []

    def write(self, piece: bytes) -> int:
        """Take a piece in."""
        self.packed.append(self.packer.compress(piece))
        return len(piece)

    def close(self) -> None:
        """No more will come."""
        self.packed.append(self.packer.flush())

    def pieces(self) -> Iterator[bytes]:
        """All of it, piece by piece."""
        unpacker = zlib.decompressobj()
        for piece in self.packed:
            yield unpacker.decompress(piece)
        yield unpacker.flush()


_Stream = IO[bytes] | _Held


class Page:
    """A sheet being written, row by row; its first row stays in sight and has a filter."""

    def __init__(self, name: str, into: _Stream, widths: Sequence[float]) -> None:
        self.name = name
        self.into = into
        self.rows = 0
        self.ended = False
        self.footer = ""
        """Printed below every page."""
        self.letters = [letters(at) for at in range(len(widths))]
        self._waiting: list[str] = [_START, *_columns(widths), "<sheetData>"]

    def add(self, cells: Sequence[Cell], *, style: int = PLAIN, marked: Collection[int] = ()) -> None:
        """One more row. Cells at the places `marked` are yellow."""
        self.rows += 1
        number = self.rows
        parts = [f'<row r="{number}">']
        while len(self.letters) < len(cells):
            self.letters.append(letters(len(self.letters)))
        for at, cell in enumerate(cells):
            look = MARKED if at in marked else style
            shown = f' s="{look}"' if look else ""
            if cell is None or cell == "":
                if look == MARKED:
                    parts.append(f'<c r="{self.letters[at]}{number}"{shown}/>')
            elif isinstance(cell, str):
                parts.append(
                    f'<c r="{self.letters[at]}{number}"{shown} t="inlineStr"><is>'
                    f'<t xml:space="preserve">{xml_text(cell)}</t></is></c>'
                )
            else:
                parts.append(f'<c r="{self.letters[at]}{number}"{shown}><v>{cell}</v></c>')
        parts.append("</row>")
        self._waiting.append("".join(parts))
        if len(self._waiting) > 500:
            self._flush()

    def end(self) -> None:
        """No more rows."""
        if self.ended:
            return
        self.ended = True
        last = f"{self.letters[-1] if self.letters else 'A'}{max(self.rows, 1)}"
        self._waiting.append(f'</sheetData><autoFilter ref="A1:{last}"/>{self._printed()}</worksheet>')
        self._flush()
        self.into.close()

    def _printed(self) -> str:
        """What stands below each printed page; & begins a command there and is doubled."""
        said = xml_text(self.footer.replace("&", "&&"))
        return f"<headerFooter><oddFooter>&amp;C{said}</oddFooter></headerFooter>" if said else ""

    def _flush(self) -> None:
        self.into.write("".join(self._waiting).encode())
        self._waiting.clear()


def xml_text(value: str) -> str:
    """A text as XML that reads the same and runs nothing."""
    value = safe(value[:LONGEST])
    if not value.isprintable():
        value = _ILLEGAL.sub("", value)
    if "_x" in value:
        value = _ESCAPED.sub("_x005F_", value)
    return escape(value)


def letters(place: int) -> str:
    """The name of a column, from 0: A, B … AA."""
    name = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(65 + rest) + name
    return name


def _sheet_name(name: str, taken: Collection[str]) -> str:
    name = re.sub(r"[\[\]:*?/\\]", " ", name)[:28]
    number = 2
    unique = name
    while unique in taken:
        unique = f"{name} {number}"
        number += 1
    return unique


def _columns(widths: Sequence[float]) -> list[str]:
    if not widths:
        return []
    each = (f'<col min="{at}" max="{at}" width="{width}" customWidth="1"/>' for at, width in enumerate(widths, 1))
    return ["<cols>", *each, "</cols>"]


_HEAD_LINE: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATION: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_START: Final = (
    f'{_HEAD_LINE}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
    '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
)
_STYLES: Final = (
    f'{_HEAD_LINE}<styleSheet xmlns="{_MAIN}"><fonts count="2"><font><sz val="11"/><name val="等线"/></font>'
    '<font><b/><sz val="11"/><name val="等线"/></font></fonts><fills count="4"><fill><patternFill patternType="none"/>'
    '</fill><fill><patternFill patternType="gray125"/></fill><fill><patternFill patternType="solid"><fgColor'
    ' rgb="FFE7EEF7"/></patternFill></fill><fill><patternFill patternType="solid"><fgColor rgb="FFFFEB9C"/>'
    '</patternFill></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="4"><xf xfId="0" numFmtId="49" applyNumberFormat="1"/>'
    '<xf xfId="0" numFmtId="49" fontId="1" fillId="2" applyNumberFormat="1" applyFont="1" applyFill="1"/>'
    '<xf xfId="0" numFmtId="49" fillId="3" applyNumberFormat="1" applyFill="1"/>'
    '<xf xfId="0" numFmtId="49" applyNumberFormat="1" applyAlignment="1"><alignment wrapText="1" vertical="top"/></xf>'
    '</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


def _parts(names: Sequence[str]) -> dict[str, str]:
    """Everything of a workbook but its sheets."""
    numbers = range(1, len(names) + 1)
    sheets = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{at}" r:id="rId{at}"/>' for at, name in enumerate(names, 1)
    )
    links = "".join(
        f'<Relationship Id="rId{at}" Type="{_RELATION}/worksheet" Target="worksheets/sheet{at}.xml"/>' for at in numbers
    )
    kinds = "".join(
        f'<Override PartName="/xl/worksheets/sheet{at}.xml" ContentType="{_TYPE}.worksheet+xml"/>' for at in numbers
    )
    return {
        "xl/styles.xml": _STYLES,
        "xl/workbook.xml": f'{_HEAD_LINE}<workbook xmlns="{_MAIN}" xmlns:r="{_RELATION}">'
        f"<sheets>{sheets}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'{_HEAD_LINE}<Relationships xmlns="{_PACKAGE}/relationships">{links}'
        f'<Relationship Id="rId0" Type="{_RELATION}/styles" Target="styles.xml"/></Relationships>',
        "_rels/.rels": f'{_HEAD_LINE}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1"'
        f' Type="{_RELATION}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "[Content_Types].xml": f'{_HEAD_LINE}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml"'
        f' ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>{kinds}</Types>',
    }
