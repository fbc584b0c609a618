"""The sheets of `bench import` as workbooks: as spreadsheets save them, every text once in a list of its own."""

from __future__ import annotations

import csv
import zipfile
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

from onegrid.county.registers.rules.sheets.books import letters

LONGEST_NUMBER: Final = 10
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN: Final = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
PARTS: Final = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels"'
    ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml"'
    f' ContentType="{_TYPE}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml"'
    f' ContentType="{_TYPE}.worksheet+xml"/><Override PartName="/xl/sharedStrings.xml"'
    f' ContentType="{_TYPE}.sharedStrings+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1"'
    f' Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook {_MAIN} xmlns:r="{_OFFICE}"><sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/>'
    "</sheets></workbook>",
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1"'
    f' Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2"'
    f' Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
}


def workbook(source: Path) -> Path:
    """The rows of a csv file as an .xlsx beside it; short numbers are numbers there, all else is a shared text."""
    target = source.with_suffix(".xlsx")
    texts: dict[str, int] = {}
    columns = [letters(at) for at in range(64)]
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as book:
        with source.open(encoding="utf-8", newline="") as file, book.open("xl/worksheets/sheet1.xml", "w") as page:
            page.write(f"{_HEAD}<worksheet {_MAIN}><sheetData>".encode())
            for number, cells in enumerate(csv.reader(file), 1):
                row = "".join(
                    _cell(f"{column}{number}", cell, texts) for column, cell in zip(columns, cells, strict=False)
                )
                page.write(f'<row r="{number}">{row}</row>'.encode())
            page.write(b"</sheetData></worksheet>")
        with book.open("xl/sharedStrings.xml", "w") as page:
            page.write(f'{_HEAD}<sst {_MAIN} uniqueCount="{len(texts)}">'.encode())
            page.write("".join(f"<si><t>{escape(text)}</t></si>" for text in texts).encode())
            page.write(b"</sst>")
        for part, content in PARTS.items():
            book.writestr(part, _HEAD + content)
    return target


def _cell(place: str, text: str, texts: dict[str, int]) -> str:
    if not text:
        return ""
    if text.isdigit() and len(text) <= LONGEST_NUMBER and text[0] != "0":
        return f'<c r="{place}"><v>{text}</v></c>'
    return f'<c r="{place}" t="s"><v>{texts.setdefault(text, len(texts))}</v></c>'
