"""Every kind of bad row is found, in its column, with its reason, and without saying the value."""

from __future__ import annotations

import pytest

from onegrid.county.registers.rules.kinds import Kind
from onegrid.county.registers.rules.sheets.problems import Problem
from onegrid.foundation.kernel.texts import LANGS
from tests.support.register_sheets import GOOD, checked, id_number

NUMBER = id_number()
BAD: list[tuple[Kind, str, str, str, dict[str, str]]] = [
    # kind, column, what stands in it, the reason, what else differs
    ("residents", "name", "", "needed", {}),
    ("residents", "name", "赵试1", "name_characters", {}),
    ("residents", "name", "+++", "name_characters", {}),
    ("residents", "name", "赵" * 61, "too_long", {}),
    ("residents", "name", "赵**", "masked", {}),
    ("residents", "name", "赵\ufffd一", "garbled", {}),
    ("residents", "name", "赵\x07一", "garbled", {}),
    ("residents", "name", "#REF!", "excel_error", {}),
    ("residents", "name", "########", "excel_error", {}),
    ("residents", "building", "", "place_needed", {"unit": "", "room": "", "household": ""}),
    ("residents", "room", "", "door_incomplete", {"unit": "2"}),
    ("residents", "floor", "三层半", "number", {}),
    ("residents", "floor", "999", "number_range", {}),
    ("residents", "household", "9" * 41, "too_long", {}),
    ("residents", "relation", "表侄的邻居", "choice", {}),
    ("residents", "sex", "先生", "sex", {}),
    ("residents", "sex", "女", "sex_differs", {}),
    ("residents", "birth_date", "昨天", "date", {}),
    ("residents", "birth_date", "1990-02-30", "date_impossible", {}),
    ("residents", "birth_date", "1990-13-01", "date_impossible", {}),
    ("residents", "birth_date", "1990年1月", "date_incomplete", {}),
    ("residents", "birth_date", "90-1-7", "date_year", {}),
    ("residents", "birth_date", "1/7/1990", "date_order", {}),
    ("residents", "birth_date", "2031-01-01", "date_future", {}),
    ("residents", "birth_date", "1790-01-01", "date_long_ago", {}),
    ("residents", "birth_date", "1990-01-08", "birth_differs", {}),
    ("residents", "birth_date", "1989", "birth_differs", {}),
    ("residents", "birth_date", "1990******", "masked", {}),
    ("residents", "id_kind", "工作证", "choice", {}),
    ("residents", "id_number", NUMBER[:17], "id_length", {}),
    ("residents", "id_number", "35O199199001071231", "id_characters", {}),
    ("residents", "id_number", "050199199001071231", "id_area", {}),
    ("residents", "id_number", id_number("19900107")[:10] + "1332" + NUMBER[14:], "id_birth", {}),
    ("residents", "id_number", NUMBER[:17] + ("1" if NUMBER[17] != "1" else "2"), "id_check", {}),
    ("residents", "id_number", "3.50199199001071E+17", "id_rounded", {}),
    ("residents", "id_number", NUMBER[:15] + "000", "id_rounded", {}),
    ("residents", "id_number", id_number("20310101"), "id_birth_range", {"birth_date": "", "since": ""}),
    ("residents", "id_number", id_number("17900101"), "id_birth_range", {"birth_date": ""}),
    ("residents", "id_number", "EB1234567", "id_kind_needed", {"id_kind": ""}),
    ("residents", "id_number", "E1", "document_number", {"id_kind": "护照"}),
    ("residents", "id_number", "3501**********7123", "masked", {}),
    ("residents", "phone", "19000000001/19000000002", "phone_two", {}),
    ("residents", "phone", "没有电话", "phone_characters", {}),
    ("residents", "phone", "1900000000", "phone_length", {}),
    ("residents", "phone", "12000000001", "phone_prefix", {}),
    ("residents", "phone", "1.9E+10", "phone_rounded", {}),
    ("residents", "phone", "190****0001", "masked", {}),
    ("residents", "registered", "火星", "choice", {}),
    ("residents", "since", "2015", "date_incomplete", {}),
    ("residents", "since", "2030-01-01", "date_future", {}),
    ("residents", "since", "1980-01-01", "since_before_birth", {}),
    ("residents", "id", "三点五", "number", {}),
    ("households", "people", "-3", "number_range", {}),
    ("households", "building", "", "place_needed", {"unit": "", "room": ""}),
    ("residents", "works_at", "", "holder_needed", {"works_since": "2020-05-01"}),
    ("residents", "works_since", "1980-01-01", "before_birth", {"works_at": "试验有限公司"}),
    ("residents", "works_since", "2030-01-01", "date_future", {"works_at": "试验有限公司"}),
    ("dwellings", "use", "养鸡", "choice", {}),
    ("dwellings", "owner", "", "holder_needed", {"owner_phone": "19000000001"}),
    ("dwellings", "tenant", "", "holder_needed", {"tenant_since": "2020-05-01"}),
    ("dwellings", "owner", "赵试1", "name_characters", {}),
    ("dwellings", "tenant_phone", "1900000000", "phone_length", {"tenant": "赵试一"}),
    ("dwellings", "owner_since", "昨天", "date", {"owner": "赵试一"}),
    ("buildings", "name", "", "needed", {}),
    ("buildings", "levels", "0", "number_range", {}),
    ("buildings", "lon", "东边", "degrees", {}),
    ("buildings", "lat", "119.131", "degrees_range", {"lon": "26.150"}),
    ("buildings", "lat", "", "point_half", {}),
    ("premises", "lat", "", "point_half", {"lon": "119.131"}),
    ("premises", "name", "", "needed", {}),
    ("organisations", "grid", "", "place_needed", {}),
    ("organisations", "credit_code", "9135019900000", "credit_length", {}),
    ("organisations", "credit_code", "91350199MI0TEXT12X", "credit_characters", {}),
    ("organisations", "credit_code", "91350199MA0TEXT121", "credit_check", {}),
]


@pytest.mark.parametrize(("kind", "column", "cell", "reason", "others"), BAD, ids=lambda value: str(value)[:18])
def test_a_bad_row(kind: Kind, column: str, cell: str, reason: str, others: dict[str, str]) -> None:
    found = checked(kind, {**GOOD[kind], **others, column: cell})
    assert isinstance(found, list), found
    assert (column, reason) in [(one.column, one.reason) for one in found]
    for problem in found:
        assert problem.line == 7
        for lang in LANGS:
            assert problem.words(lang)


def test_so_many_kinds() -> None:
    assert len({(kind, column, reason) for kind, column, _, reason, _ in BAD}) >= 55
    assert len({reason for _, _, _, reason, _ in BAD}) >= 40


def test_every_problem_of_a_row_is_told_at_once_in_the_order_of_the_columns() -> None:
    found = checked("residents", {**GOOD["residents"], "sex": "先生", "phone": "1", "relation": "?", "since": "x"})
    assert [one.column for one in found] == ["relation", "sex", "phone", "since"]


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("name", "欧阳试探1"),
        ("id_number", "350199199001071232"),
        ("phone", "12012345678"),
        ("birth_date", "1990-02-30"),
        ("relation", "王试探"),
        ("sex", "王试探"),
        ("floor", "350199199001071232"),
        ("phone", "350199199001071232"),
        ("birth_date", "王试探"),
    ],
)
def test_a_problem_does_not_say_the_value(column: str, cell: str) -> None:
    found = checked("residents", {**GOOD["residents"], "name": "欧阳试探", column: cell})
    assert isinstance(found, list)
    for problem in found:
        told = f"{problem.value} {problem.params} {problem.words('zh-CN')} {problem.words('en')}"
        assert cell not in told
        assert cell[1:] not in told
        assert "欧阳试探" not in told


def test_a_blank_line_is_nothing() -> None:
    assert checked("residents", dict.fromkeys(GOOD["residents"], "")) is None
    assert checked("buildings", dict.fromkeys(GOOD["buildings"], " ")) is None


def test_a_row_of_ours_may_keep_masked_values() -> None:
    row = {**GOOD["residents"], "id": "42", "name": "赵**", "phone": "190****0001", "id_number": "", "id_kind": ""}
    found = checked("residents", row)
    assert not isinstance(found, list)
    assert (found.id, found.kept, found.name, found.phone) == (42, ("name", "phone"), "", "")


def test_reasons_of_others_are_looked_up_by_their_whole_key() -> None:
    problem = Problem(1, "", "", "register_sheets.reason.needed")
    assert problem.words("en") == Problem(1, "", "", "needed").words("en")
