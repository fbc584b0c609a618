"""What is written out runs nothing, says what is wrong, and comes back as it was."""

from __future__ import annotations

import io
from datetime import date
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from onegrid.county.registers.rules.kinds import COLUMNS, KINDS, Kind
from onegrid.county.registers.rules.sheets.books import Book, safe, write_csv
from onegrid.county.registers.rules.sheets.checking import Checker
from onegrid.county.registers.rules.sheets.headers import guess, title
from onegrid.county.registers.rules.sheets.problems import Problem
from onegrid.county.registers.rules.sheets.rows import ROWS
from onegrid.county.registers.rules.sheets.tables import open_table
from onegrid.county.registers.rules.sheets.values import clean
from onegrid.county.registers.rules.sheets.writing import Sheet, write_book, write_report, write_template
from onegrid.foundation.kernel.texts import LANGS, Lang
from tests.support.register_sheets import GOOD, TODAY, as_csv, choices, id_number, sheet

FORMULAS = ['=cmd|"/c calc"!A1', "+1+2", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", "'=1", '=HYPERLINK("http://x")']


def table_of(content: io.BytesIO) -> Any:
    return open_table(content, "back.xlsx")


@pytest.mark.parametrize("text", FORMULAS)
def test_no_text_becomes_a_formula(text: str) -> None:
    held = io.BytesIO()
    with Book(held) as book:
        book.page("x", [10]).add([text])
    cell = load_workbook(held).worksheets[0]["A1"]
    assert cell.data_type != "f"
    assert str(cell.value).startswith("'")
    written = io.BytesIO()
    assert write_csv(written, [[text, 5]]) == 1
    assert written.getvalue().decode("utf-8-sig").lstrip('"').startswith("'")


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Cf", "Zs", "Zl", "Zp"]), min_size=1, max_size=20))
def test_what_was_made_safe_reads_back(text: str) -> None:
    assert safe(safe(text)[1:] if safe(text) != text else text) == safe(text)
    if "*" not in text and "#" not in text and "\ufffd" not in text:
        assert clean(safe(clean(text))) == clean(text) or clean(text).startswith("'")


def test_numbers_are_left_alone() -> None:
    assert [safe(text) for text in ("-1", "+8.5", "119.131", "-1-1")] == ["-1", "+8.5", "119.131", "'-1-1"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("lang", get_args(Lang))
def test_a_template_filled_in_reads_as_meant(kind: Kind, lang: Lang) -> None:
    held = io.BytesIO()
    write_template(held, kind, choices(), lang)
    book = load_workbook(held)
    page = book.worksheets[0]
    titles = [cell.value for cell in page[1]]
    assert titles == [title(kind, one.key, lang) for one in COLUMNS[kind] if one.key not in ("id", "version")]
    filled = Sheet(kind, choices(), lang, GOOD[kind])
    told = dict(zip(filled.titles, filled.cells(GOOD[kind]), strict=True))
    page.append([told.get(name, "") for name in titles])
    again = io.BytesIO()
    book.save(again)
    table = table_of(again)
    (line,) = list(table.rows)
    found = Checker(guess(table.header, kind), choices(), TODAY).check(*line)
    assert isinstance(found, ROWS[kind]), found


def test_a_template_offers_the_choices_of_the_pack() -> None:
    held = io.BytesIO()
    write_template(held, "residents", choices(), "zh-CN")
    book = load_workbook(held)
    page, lists = book.worksheets[0], book.worksheets[2]
    offered = {
        str(rule.sqref).rstrip("0123456789").split(":")[0].rstrip("0123456789"): rule
        for rule in page.data_validations.dataValidation
    }
    by_title = {page[f"{letter}1"].value: letter for letter in offered}
    assert set(by_title) == {"与户主关系", "性别", "证件类型", "户籍类别"}
    letter = by_title["证件类型"]
    words = [cell.value for cell in lists[letter] if cell.value]
    assert words == [one.title.zh for one in choices()["resident.id_kind"]]
    assert offered[letter].formula1.endswith(f"${letter}${len(words)}")
    assert lists.sheet_state == "hidden"


NAMES = st.text("赵钱孙李周吴郑王试验甲乙", min_size=1, max_size=4)
BORN = st.dates(date(1930, 1, 1), date(2020, 1, 1))


@st.composite
def residents(draw: st.DrawFn) -> dict[str, Any]:
    """A resident as the register holds one."""
    born = draw(BORN)
    sex = draw(st.sampled_from([1, 2]))
    known = draw(st.booleans())
    keys = {name: [one.key for one in choices()[f"resident.{name}"]] for name in ("relation", "registered")}
    return {
        "id": draw(st.integers(1, 10**9)),
        "version": draw(st.integers(1, 99)),
        "grid": draw(st.sampled_from(["", "350199100201001"])),
        "building_code": draw(st.sampled_from(["", "B-7", "=1+1"])),
        "building": draw(st.sampled_from(["试验路12号3号楼", "试验村28号", "+试验大厦"])),
        "unit": draw(st.sampled_from(["1", "2", "A"])),
        "floor": draw(st.integers(-2, 30)),
        "room": draw(st.sampled_from(["301", "1203", "2B"])),
        "household": draw(st.sampled_from(["", "H-1", "-5x"])),
        "relation": draw(st.sampled_from(keys["relation"])),
        "name": draw(NAMES.filter(lambda name: name not in ("", "无"))),
        "sex": sex,
        "birth_date": born.isoformat(),
        "id_kind": "id_card" if known else "",
        "id_number": id_number(f"{born:%Y%m%d}", draw(st.integers(0, 498)) * 2 + sex % 2) if known else "",
        "phone": draw(st.sampled_from(["", "19000000001", "059122990000"])),
        "registered": draw(st.sampled_from(keys["registered"])),
        "since": draw(st.sampled_from(["", "2020-05-01"])),
    }


@settings(max_examples=60, deadline=None)
@given(st.lists(residents(), min_size=1, max_size=6), st.sampled_from(LANGS), st.booleans())
def test_what_is_exported_comes_back_as_it_was(rows: list[dict[str, Any]], lang: Lang, as_book: bool) -> None:
    out = Sheet("residents", choices(), lang)
    held = io.BytesIO()
    if as_book:
        assert write_book(held, "people", out, rows) == len(rows)
    else:
        write_csv(held, [out.titles, *(out.cells(row) for row in rows)])
    table = table_of(held)
    checker = Checker(guess(table.header, "residents"), choices(), TODAY)
    found: list[Any] = [checker.check(*line) for line in table.rows]
    assert [{key: getattr(one, key) for key in rows[0]} for one in found] == rows


def report(whole: bool = True) -> tuple[io.BytesIO, list[str]]:
    """A report on a file with one good and two bad rows."""
    number = id_number()
    rows = [
        {**GOOD["residents"], "name": "孙试三"},
        {**GOOD["residents"], "id_number": number[:17] + ("1" if number[17] != "1" else "2"), "phone": "1"},
        {**GOOD["residents"], "relation": "=cmd()"},
    ]
    header, lines = sheet("residents", rows)
    header, lines = [*header, "备注"], [[*line, "欧阳试探"] for line in lines]
    mapping = guess(header, "residents")
    checker = Checker(mapping, choices(), TODAY)
    bad = []
    for number_of_line, cells in open_table(io.BytesIO(as_csv(header, lines)), "people.csv").rows:
        found = checker.check(number_of_line, cells)
        if isinstance(found, list):
            bad.append((number_of_line, cells, found))
    held = io.BytesIO()
    assert write_report(held, "people.csv", header, bad, mapping, "zh-CN", whole=whole) == 2
    return held, header


def test_a_report_is_corrected_and_read_again() -> None:
    held, header = report()
    book = load_workbook(held)
    page = book.worksheets[0]
    assert [cell.value for cell in page[1]][2:] == header
    assert [page.cell(row, 1).value for row in (2, 3)] == [3, 4]
    yellow = {
        (cell.row, page.cell(1, cell.column).value)
        for row in page
        for cell in row
        if cell.fill.fgColor.rgb == "FFFFEB9C"
    }
    assert yellow == {(2, "证件号码"), (2, "联系电话"), (3, "与户主关系")}
    at = {name: place for place, name in enumerate([cell.value for cell in page[1]], 1)}
    page.cell(2, at["证件号码"]).value = id_number()
    page.cell(2, at["联系电话"]).value = "19000000002"
    page.cell(3, at["与户主关系"]).value = "配偶"
    again = io.BytesIO()
    book.save(again)
    table = table_of(again)
    mapping = guess(table.header, "residents")
    assert mapping.unknown == ("备注",)
    checker = Checker(mapping, choices(), TODAY)
    found: list[Any] = [checker.check(*line) for line in table.rows]
    assert [(one.phone, one.relation) for one in found] == [("19000000002", "head"), ("19000000001", "spouse")]


def test_a_report_lists_every_problem_masked() -> None:
    held, _ = report()
    page = load_workbook(held).worksheets[1]
    rows = list(page.iter_rows(min_row=2, values_only=True))
    assert [(name, line, column) for name, line, column, _, _ in rows] == [
        ("people.csv", 3, "证件号码"),
        ("people.csv", 3, "联系电话"),
        ("people.csv", 4, "与户主关系"),
    ]
    assert rows[0][3].startswith("3501****")
    assert all(why for *_, why in rows)


def test_a_masked_report_holds_nobody() -> None:
    held, _ = report(whole=False)
    told = "\n".join(
        str(cell) for page in load_workbook(held) for row in page.iter_rows(values_only=True) for cell in row
    )
    for canary in ("欧阳试探", "赵试一", id_number(), "19000000001", "1990-01-07"):
        assert canary not in told


def test_a_problem_of_a_column_the_file_has_not_is_told_by_our_name_for_it() -> None:
    held = io.BytesIO()
    mapping = guess(["姓名"], "residents")
    write_report(
        held, "x.csv", ["姓名"], [(2, ["赵试一"], [Problem(2, "building", "", "place_needed")])], mapping, "en"
    )
    assert load_workbook(held).worksheets[1]["C2"].value == "Building"
