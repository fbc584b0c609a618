"""Cells that need putting right and lose nothing by it, and addresses taken apart."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onegrid.county.registers.rules.sheets import addresses, numbers, values
from onegrid.county.registers.rules.sheets.checking import Checker
from onegrid.county.registers.rules.sheets.headers import guess
from onegrid.county.registers.rules.sheets.values import Bad
from onegrid.foundation.kernel.masking import normalise_phone
from tests.support.register_sheets import GOOD, TODAY, checked, choices, id_number, sheet


@pytest.mark.parametrize(
    ("column", "cell", "wanted"),
    [
        ("name", " 赵　试 一 ", "赵试一"),
        ("name", "Ann  Tryout", "Ann Tryout"),
        ("name", "阿卜杜•试验", "阿卜杜·试验"),
        ("name", "\u200b赵试一\ufeff", "赵试一"),
        ("sex", "１", 1),
        ("sex", "男性", 1),
        ("birth_date", "1990年1月7日", "1990-01-07"),
        ("birth_date", "19900107", "1990-01-07"),
        ("birth_date", "1990.1.7", "1990-01-07"),
        ("birth_date", "1990/01/07 00:00:00", "1990-01-07"),
        ("birth_date", "32880", "1990-01-07"),
        ("birth_date", "32880.0", "1990-01-07"),
        ("birth_date", "1990", "1990-01-07"),
        ("birth_date", "", "1990-01-07"),
        ("id_kind", "身份证", "id_card"),
        ("id_kind", "", "id_card"),
        ("id_number", " 350199 19900107 123x ", "35019919900107123X"),
        ("id_number", "３５０１９９１９９００１０７１２３Ｘ", "35019919900107123X"),
        ("id_number", "350199900107123", "35019919900107123X"),
        ("id_number", "'35019919900107123X", "35019919900107123X"),
        ("phone", "+86 190-0000-0001", "19000000001"),
        ("phone", "0591-22990000", "059122990000"),
        ("phone", "（0591）22990000", "059122990000"),
        ("phone", "无", ""),
        ("relation", "长 女", "daughter"),
        ("relation", "head", "head"),
        ("registered", "流动人口", "elsewhere"),
        ("since", "2015年3月1日", "2015-03-01"),
        ("unit", "二单元", "2"),
        ("unit", "02", "2"),
        ("room", "0301室", "301"),
        ("floor", "三层", 3),
        ("floor", "B1", 0),
        ("floor", "地下二层", -1),
        ("household", "Ｈ１", "H1"),
    ],
)
def test_a_cell_put_right(column: str, cell: str, wanted: Any) -> None:
    good = GOOD["residents"] | ({"id_number": "35019919900107123X"} if column == "id_number" else {})
    found = checked("residents", {**good, column: cell})
    assert not isinstance(found, list), [(one.column, one.reason) for one in found]
    assert getattr(found, column) == wanted


def test_what_an_identity_number_tells_fills_blank_cells() -> None:
    row = checked("residents", {"name": "钱试二", "household": "H9", "id_number": id_number("20010228", 124)})
    assert (row.sex, row.birth_date, row.birth_year, row.id_kind) == (2, "2001-02-28", 2001, "id_card")


def test_a_residence_permit_is_known_by_how_its_number_begins() -> None:
    number = id_number(area="810000")
    row = checked("residents", {"name": "钱试二", "household": "H9", "id_number": number})
    assert (row.id_kind, row.id_number, row.birth_date) == ("residence_permit", number, "")


def test_a_year_alone_is_kept_as_a_year() -> None:
    row = checked("residents", {"name": "钱试二", "household": "H9", "birth_date": "1951"})
    assert (row.birth_date, row.birth_year) == ("", 1951)


@pytest.mark.parametrize(
    ("address", "building", "unit", "floor", "room", "label"),
    [
        ("试验路12号3号楼2单元301室", "试验路12号3号楼", "2", 3, "301", "2单元301"),
        ("试验路12号3号楼二单元301", "试验路12号3号楼", "2", 3, "301", "2单元301"),
        ("试验小区5#2-1203", "试验小区5号楼", "2", 12, "1203", "2单元1203"),
        ("试验小区５栋１－２－２０１", "试验小区5栋", "1", 2, "201", "1单元201"),
        ("试验大厦A座1203室", "试验大厦A座", "", 12, "1203", "1203"),
        ("试验小区8幢301", "试验小区8幢", "", 3, "301", "301"),
        ("试验路9号3层302室", "试验路9号", "", 3, "302", "302"),
        ("试验村28号2户", "试验村28号", "", 1, "2", "2户"),
        ("试验村28号", "试验村28号", "", None, "", ""),
        ("试验路 12 号", "试验路12号", "", None, "", ""),
        ("试验小区3号楼", "试验小区3号楼", "", None, "", ""),
        ("试验镇12楼", "试验镇12楼", "", None, "", ""),
    ],
)
def test_an_address_taken_apart(
    address: str, building: str, unit: str, floor: int | None, room: str, label: str
) -> None:
    assert tuple(addresses.split(address)) == (building, unit, floor, room, label)


def test_parts_in_columns_of_their_own_win_over_the_address() -> None:
    row = checked("residents", {"name": "钱试二", "address": "试验路12号3号楼2单元301室", "unit": "1", "room": "402"})
    assert (row.building, row.label, row.floor) == ("试验路12号3号楼", "1单元402", 4)


def test_a_door_said_twice_is_the_same_door() -> None:
    said = [
        {"building": "试验小区5号楼", "unit": "2单元", "room": "301室"},
        {"building": "试验小区5#", "room": "2-301"},
        {"address": "试验小区5号楼2单元301"},
        {"building": "试验小区 5号楼 2单元 301室"},
        {"building": "试验小区5#楼", "address": "试验小区5号楼2单元301室"},
    ]
    doors = {checked("dwellings", one)[6:11] for one in said}
    assert doors == {("试验小区5号楼", "2", 3, "301", "2单元301")}


@settings(deadline=None)
@given(st.dates(date(1900, 1, 1), TODAY), st.integers(0, 999), st.integers(0, 9))
def test_check_digits_find_every_single_wrong_digit(born: date, sequence: int, added: int) -> None:
    number = id_number(f"{born:%Y%m%d}", sequence)
    assert numbers.id_card(number) == (number, born.isoformat(), born.year, 1 if sequence % 2 else 2)
    at = (born.day + sequence) % 6 + 11
    wrong = number[:at] + str(added) + number[at + 1 :]
    if wrong != number:
        with pytest.raises(Bad):
            numbers.id_card(wrong)


@settings(deadline=None)
@given(st.text(max_size=30))
def test_reading_any_text_ends_in_a_value_or_a_reason(text: str) -> None:
    for column in GOOD["residents"]:
        found = checked("residents", {**GOOD["residents"], column: text})
        assert found is not None
        for kind in ("premises", "buildings"):
            assert checked(kind, {**GOOD[kind], "name": text}) is not None  # type: ignore[arg-type,index]


@settings(deadline=None)
@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))
def test_phones_end_in_the_form_their_index_is_made_of(phone: str) -> None:
    for written in (phone, f"+86{phone}", f"{phone[:3]} {phone[3:7]} {phone[7:]}", f"0086-{phone}"):
        assert values.phone(written) == normalise_phone(written) == phone


def test_the_quick_way_gives_what_the_careful_way_gives() -> None:
    """Rows of every sort, good and bad, through both."""
    rng = random.Random(5)
    cells = {
        "building_code": ["", "B1", "无"],
        "building": ["试验路1号", "试验路1号2单元301室", "", "试验小区5#"],
        "unit": ["", "2", "二单元"],
        "room": ["", "301", "2户", "2-301"],
        "floor": ["", "3", "x"],
        "household": ["", "H1", "H 2"],
        "relation": ["户主", "子", "?", ""],
        "name": ["赵试一", "Ann Tryout", "赵1", "", "无", "孙　试"],
        "sex": ["男", "女", "", "x", "9"],
        "birth_date": ["", "1990-01-07", "1990", "x"],
        "id_kind": ["", "身份证", "护照", "x"],
        "id_number": ["", id_number(), id_number(sequence=124), "E12345678", "123", id_number("20310101")],
        "phone": ["", "19000000001", "0591-22990000", "1"],
        "registered": ["", "本地", "x"],
        "since": ["", "2020-01-01", "1980-01-01", "x"],
        "id": ["", "7"],
    }
    header, _ = sheet("residents", [dict.fromkeys(cells, "")])
    mapping = guess(header, "residents")
    checker = Checker(mapping, choices(), TODAY)
    careful = Checker(mapping, choices(), TODAY)
    taken = 0
    for line in range(4000):
        row = [each[0] if rng.random() < 0.75 else rng.choice(each) for each in cells.values()]
        found = checker.check(line, row)
        assert found == careful.carefully(line, careful.raws(row))
        taken += not isinstance(found, list)
    assert 500 < taken < 3500


def test_dates_as_a_spreadsheet_counts_them() -> None:
    for days in range(10_000, 46_000, 371):
        assert values.day(str(days)) == (date(1899, 12, 30) + timedelta(days=days)).isoformat()
