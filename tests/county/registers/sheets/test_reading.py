"""Files as offices write them are read; files that mean harm, or cannot be read, are refused with a reason."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zipfile
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from python_calamine import CalamineWorkbook

from onegrid.county.registers.rules.sheets.books import Book, safe
from onegrid.county.registers.rules.sheets.headers import chosen, guess, title
from onegrid.county.registers.rules.sheets.problems import SheetRefused
from onegrid.county.registers.rules.sheets.tables import Table, open_table
from onegrid.county.registers.rules.sheets.writing import Sheet, write_book
from onegrid.foundation.kernel.texts import LANGS
from tests.support.register_sheets import GOOD, as_csv, checked, choices, id_number, sheet

HEADER = ["姓名", "身份证号", "住址"]
ROWS = [["赵试一", id_number(), "试验路1号"], ["钱试二", id_number(sequence=124), "试验路2号，后门"]]


def opened(content: bytes, name: str = "people.csv", **options: str) -> Table:
    return open_table(io.BytesIO(content), name, **options)


def refused(content: bytes, **options: str) -> str:
    """The reason why a file is refused, on opening or on the way; said in both languages."""
    with pytest.raises(SheetRefused) as found:
        list(opened(content, **options).rows)
    for lang in LANGS:
        assert found.value.words(lang)
    return found.value.reason


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("gb18030", "gb18030"),
        ("gbk", "gb18030"),
        ("utf-16", "utf-16-le"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
    ],
)
def test_an_encoding_is_found_out_and_said(encoding: str, said: str, tmp_path: Path) -> None:
    content = as_csv(HEADER, ROWS * 400, encoding)
    table = opened(content)
    assert (table.encoding, table.header, table.total) == (said, HEADER, 800)
    assert [cells for _, cells in table.rows] == ROWS * 400
    (path := tmp_path / "people.csv").write_bytes(content)
    again = open_table(path, "people.csv")
    assert (again.encoding, [line for line, _ in again.rows]) == (said, list(range(2, 802)))


def test_rare_characters_only_gb18030_has_are_read() -> None:
    rows = [["赵𠮷一", id_number(), "试验路1号"]]
    assert [cells for _, cells in opened(as_csv(HEADER, rows, "gb18030")).rows] == rows


def test_damaged_utf8_is_not_taken_for_gb18030() -> None:
    content = as_csv(HEADER, ROWS * 50)
    with pytest.raises(SheetRefused) as found:
        opened(content[:1500] + b"\xff" + content[1500:])
    assert found.value.reason == "encoding"
    assert found.value.params["line"] == content[:1500].count(b"\n") + 1


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_any_usual_delimiter(delimiter: str) -> None:
    text = "\r\n".join(delimiter.join(row) for row in [HEADER, *ROWS])
    assert [cells for _, cells in opened(text.encode()).rows] == ROWS
    hinted = opened(f"sep={delimiter}\r\n{text}".encode())
    assert (hinted.header, hinted.header_line) == (HEADER, 2)


def test_a_heading_above_the_header_is_passed_over() -> None:
    text = "试验社区居民花名册,,\n填报人：,,2026年\n" + as_csv(HEADER, ROWS).decode()
    table = opened(text.encode())
    assert (table.header, table.header_line) == (HEADER, 3)
    assert [line for line, _ in table.rows] == [4, 5]


def test_line_breaks_in_cells_count_as_the_spreadsheet_counts() -> None:
    table = opened(as_csv(HEADER, [["赵试一", "", "试验路\n1号"], ["钱试二", "", "试验路2号"]]))
    assert [(line, cells[0]) for line, cells in table.rows] == [(2, "赵试一"), (3, "钱试二")]


@pytest.mark.parametrize("row", ['赵试一,"350199,试验路1号', '"赵试一"二"三,x,y'])
def test_a_quote_that_would_swallow_rows_is_told(row: str) -> None:
    text = ",".join(HEADER) + "\n" + "钱试二,x,y\n" * 3 + row + "\n" + "孙试三,x,y\n" * 3
    assert refused(text.encode()) == "quote"


def test_titles_are_known_by_many_names() -> None:
    header = ["序号", "姓  名", "性别", "公民身份号码（必填）", "手机号", "现住址", "与户主关系*", "ＩＤ card number"]
    mapping = guess(header, "residents")
    assert mapping.places == {"name": 1, "sex": 2, "id_number": 3, "phone": 4, "address": 5, "relation": 6}
    assert mapping.unknown == ("序号", "ID card number")
    assert mapping.missing == ()


def test_our_own_titles_are_known_in_both_languages() -> None:
    for kind in GOOD:
        for lang in LANGS:
            keys = list(GOOD[kind])
            mapping = guess([title(kind, key, lang) for key in keys], kind)
            assert list(mapping.places) == keys
            assert mapping.missing == ()


def test_what_is_missing_is_said() -> None:
    assert guess(["性别"], "residents").missing == (
        ("name",),
        ("building", "building_code", "address", "household", "id"),
    )


def test_a_mapping_chosen_by_hand_goes_before_the_guess() -> None:
    header = ["姓名", "曾用名", "备注"]
    mapping = chosen(header, "residents", {"name": "曾用名", "address": "备注", "phone": ""})
    assert mapping.places == {"name": 1, "address": 2}
    for wanted, reason in (({"shoe": "姓名"}, "no_such_column"), ({"name": "鞋码"}, "no_such_title")):
        with pytest.raises(SheetRefused) as found:
            chosen(header, "residents", wanted)
        assert found.value.reason == reason


def test_titles_of_a_file_without_header_hide_numbers() -> None:
    unknown = guess([id_number(), "19000000001"], "residents").unknown
    assert id_number() not in "".join(unknown)
    assert "19000000001" not in "".join(unknown)


def workbook(*rows: list[object], dates: bool = False) -> bytes:
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    if dates:
        for cell in book.worksheets[0]["B"]:
            cell.number_format = 'yyyy"年"m"月"d"日"'
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def test_a_workbook_of_another_hand() -> None:
    content = workbook(
        ["试验社区居民花名册"],
        ["姓名", "出生日期", "身份证号", "房号", "住址"],
        ["赵试一", date(1990, 1, 7), id_number(), 301, "试验路1号 & <后门>"],
        [],
        ["钱试二", 32881, 3.50199199001071e17, 302.0, None],
        dates=True,
    )
    table = opened(content, "people.xlsx")
    assert (table.encoding, table.header_line) == ("xlsx", 2)
    assert list(table.rows) == [
        (3, ["赵试一", "1990-01-07", id_number(), "301", "试验路1号 & <后门>"]),
        (4, ["", ""]),
        (5, ["钱试二", "1990-01-08", "3.50199199001071E+17", "302"]),
    ]


def test_an_old_workbook() -> None:
    table = open_table(Path(__file__).with_name("residents.xls"), "residents.xls")
    assert (table.encoding, table.sheet, table.header_line) == ("xls", "居民", 2)
    rows = list(table.rows)
    assert rows[0] == (3, ["赵试一", id_number(), "19000000001", "1990-01-07", "男", "测试路1号", "301"])
    assert rows[1][1][1].endswith("E+17")


def test_an_old_workbook_that_would_end_its_reader_is_refused() -> None:
    """These three bytes make the reader of the format ask for 170 gigabytes, and abort."""
    content = bytearray(Path(__file__).with_name("residents.xls").read_bytes())
    for at, byte in ((2547, 90), (4404, 244), (5061, 172)):
        content[at] = byte
    assert refused(bytes(content)) == "broken"
    for end in (600, 2000, 4000):
        with suppress(SheetRefused):
            assert len(list(opened(bytes(content[:end]), "cut.xls").rows)) <= 4


@pytest.mark.parametrize(
    "row",
    [
        '<row r="1">' + '<c r="A1">' * 60_000,
        '<row r="1">' + '<c r="A1"><is><t>' * 40_000,
        '<row r="1"><c ' + "a" * 600_000 + "><v>1</v></c>",
        '<row r="1"><c t="inlineStr"><is>' + "<rPh><t>" * 60_000 + "</is></c>",
        '<row r="1"><c><v>' + "&a" * 300_000 + "</v></c>",
    ],
    ids=["cells", "texts", "tag", "readings", "entities"],
)
def test_a_row_made_to_take_for_ever_does_not(row: str) -> None:
    part = f"<worksheet><sheetData>{row}</row></sheetData></worksheet>".encode()
    with suppress(SheetRefused):
        assert len(list(opened(rezipped(workbook(HEADER), {SHEET: part}), "slow.xlsx").rows)) <= 1


def test_cells_made_to_take_for_ever_do_not() -> None:
    for cell in ("1" * 130_000, "(" * 130_000, "1-" * 60_000, " \t" * 60_000, "楼" * 130_000, "*" * 130_000):
        for column in (*GOOD["residents"], "address", "floor"):
            assert isinstance(checked("residents", {**GOOD["residents"], column: cell}), list | tuple)
        assert guess([cell, "姓名"], "residents").places == {"name": 1}


def rezipped(content: bytes, parts: dict[str, bytes]) -> bytes:
    """A workbook with parts replaced or added."""
    held = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in parts:
                new.writestr(name, old.read(name))
        for name, part in parts.items():
            new.writestr(name, part)
    return held.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
BILLION = (
    b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;">]>'
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1"'
    b' t="inlineStr"><is><t>&lol2;</t></is></c></row></sheetData></worksheet>'
)
OUTSIDE = BILLION.replace(b'<!ENTITY lol "lol">', b'<!ENTITY lol SYSTEM "file:///etc/hostname">')


@pytest.mark.parametrize("part", [SHEET, "xl/sharedStrings.xml", "xl/workbook.xml", "xl/styles.xml"])
@pytest.mark.parametrize(
    "harm", [BILLION, OUTSIDE, BILLION.decode().encode("utf-16")], ids=["bomb", "outside", "utf16"]
)
def test_xml_that_declares_anything_is_refused(part: str, harm: bytes) -> None:
    assert refused(rezipped(workbook(HEADER, *ROWS), {part: harm})) == "external"


def shared(*texts: str) -> bytes:
    """A workbook whose cells, one in each column, are shared texts."""
    items = "".join(f"<si>{text}</si>" for text in texts)
    cells = "".join(f'<c r="{chr(65 + at)}1" s="0" t="s"><v>{at}</v></c>' for at in range(len(texts)))
    return rezipped(
        workbook(HEADER),
        {
            SHEET: f"<worksheet><sheetData><row>{cells}</row></sheetData></worksheet>".encode(),
            "xl/sharedStrings.xml": f"<sst>{items}</sst>".encode(),
        },
    )


def test_shared_texts_are_read_with_their_runs_and_without_their_readings() -> None:
    content = shared(
        "<t>姓名</t>",
        "<r><rPr><b/></rPr><t>住</t></r><r><t>址</t></r><rPh sb='0' eb='1'><t>zhuzhi</t></rPh>",
        "<t/>",
        "<t xml:space='preserve'> &lt;a&gt; &#x8BD5; _x000D_ </t>",
    )
    assert opened(content).header == ["姓名", "住址", "", " <a> 试 \r "]


def test_an_entity_nobody_declared_is_refused() -> None:
    assert refused(shared("<t>姓名</t>", "<t>&secret;</t>")) == "external"


def test_macros_are_refused() -> None:
    assert refused(rezipped(workbook(HEADER, *ROWS), {"xl/vbaProject.bin": b"x"})) == "macros"
    old = Path(__file__).with_name("residents.xls").read_bytes()
    assert refused(old + "_VBA_PROJECT".encode("utf-16-le")) == "macros"


def test_a_zip_bomb_is_refused_unopened() -> None:
    bomb = rezipped(workbook(HEADER, *ROWS), {SHEET: b"<worksheet><sheetData>" + b" " * (64 << 20)})
    assert len(bomb) < 1 << 20
    tracemalloc.start()
    try:
        assert refused(bomb) == "bomb"
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


def test_a_row_without_end_is_refused_in_little_memory() -> None:
    noise = "".join(f"<v>{number * 7919 % 99991}</v>" for number in range(1_200_000)).encode()
    part = b'<worksheet><sheetData><row r="1"><c r="A1">' + noise
    assert refused(rezipped(workbook(HEADER, *ROWS), {SHEET: part})) == "bomb"


def test_one_cell_far_away_costs_nothing() -> None:
    far = (
        '<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>姓名</t></is></c><c r="B1" t="inlineStr">'
        '<is><t>住址</t></is></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
    ).encode()
    table = opened(rezipped(workbook(HEADER, *ROWS), {SHEET: far}), "far.xlsx")
    assert list(table.rows) == [(1048576, [])]


def test_files_that_hold_no_table() -> None:
    assert refused(b"") == "empty"
    assert refused(b"\n\n\n") == "empty"
    assert refused(b"<html><table><tr><td>x</td></tr></table></html>") == "html"
    assert refused(bytes(range(256)) * 20) == "binary"
    assert refused(b"PK\x03\x04 not a zip at all") == "broken"
    assert refused(rezipped(b"PK\x05\x06" + bytes(18), {"readme.txt": b"x"})) == "unknown"
    assert refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)) == "broken"
    assert refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le")) == "encrypted"
    assert refused(workbook(HEADER, *ROWS), sheet="Other") == "no_sheet"
    assert refused(as_csv([f"c{at}" for at in range(300)], [])) == "columns"


def test_a_workbook_cut_short_or_with_wrong_bytes_is_refused_or_read_never_worse() -> None:
    held = io.BytesIO()
    kept = Sheet("residents", choices(), "zh-CN")
    write_book(held, "people", kept, [GOOD["residents"]] * 300)
    content = held.getvalue()
    for at in range(0, len(content), max(1, len(content) // 150)):
        for harmed in (content[:at], content[:at] + struct.pack("B", content[at] ^ 0x55) + content[at + 1 :]):
            with suppress(SheetRefused):
                assert len(list(opened(harmed).rows)) <= 300


def test_other_prefixes_orders_and_missing_references_are_read() -> None:
    strange = (
        '<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData>'
        "<x:row><x:c t='inlineStr' r='A1'><x:is><x:t>姓名</x:t></x:is></x:c><x:c t='inlineStr'><x:is><x:r><x:t>住"
        "</x:t></x:r><x:r><x:t xml:space='preserve'>址</x:t></x:r></x:is></x:c></x:row><x:row/>"
        "<x:row><x:c t='str'><x:f>A&amp;B</x:f><x:v>赵&#35797;一</x:v></x:c><x:c s='0'/><x:c t='b'><x:v>1</x:v></x:c>"
        "</x:row></x:sheetData></x:worksheet>"
    ).encode()
    table = opened(rezipped(workbook(HEADER), {SHEET: strange}), "strange.xlsx")
    assert table.header == ["姓名", "住址"]
    assert [cells for _, cells in table.rows] == [["赵试一", "", "TRUE"]]


CELLS = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=8).filter(lambda text: text[:1] != "=")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=5))
def test_a_workbook_reads_as_other_readers_read_it(rows: list[list[str]]) -> None:
    """Written by another library and read here; written here and read by two others."""
    content = workbook(HEADER, *rows)
    read = [[*cells, "", "", ""][:3] for _, cells in opened(content, "other.xlsx").rows]
    assert [row for row in read if any(row)] == [row for row in rows if any(row)]
    held = io.BytesIO()
    with Book(held) as book:
        page = book.page("试验", [10, 20])
        for row in rows:
            page.add([*row, 7, 0.5])
    safely = [[*(safe(cell) for cell in row), 7, 0.5] for row in rows]
    with_openpyxl = load_workbook(held).worksheets[0].iter_rows(values_only=True)
    assert [["" if cell is None else cell for cell in row] for row in with_openpyxl] == safely
    with_calamine = CalamineWorkbook.from_filelike(io.BytesIO(held.getvalue())).get_sheet_by_index(0)
    assert with_calamine.to_python(skip_empty_area=False) == safely


def _peak(rows: int) -> int:
    held = io.BytesIO()
    with Book(held) as book:
        page = book.page("people", [10] * 6)
        page.add(HEADER)
        for at in range(rows):
            page.add([f"赵试{at}", f"{at:018d}", f"试验路{at}号", "x" * 40, at, "y" * 40])
    content = held.getvalue()
    tracemalloc.start()
    try:
        assert sum(1 for _ in opened(content, "large.xlsx").rows) == rows
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_rows() -> None:
    assert _peak(12_000) < 1.3 * _peak(3_000)


def test_the_header_of_a_sheet_of_ours_is_its_first_row() -> None:
    header, lines = sheet("residents", [GOOD["residents"]])
    assert opened(as_csv(header, lines)).header_line == 1
