"""Tables with the line of every row, from editors and from spreadsheets."""

from __future__ import annotations

import pytest

from onegrid.foundation.packs.csv_tables import Row, decode, read_csv
from onegrid.foundation.packs.problems import Place, Problems

COLUMNS = ("code", "name")


def _read(text: str) -> tuple[tuple[Row, ...], list[str]]:
    problems = Problems()
    return read_csv(text, "t.csv", COLUMNS, ("note",), problems), [str(problem) for problem in problems]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_encodings_are_found_out(encoding: str) -> None:
    assert decode("code,名称\n1,井盖\n".encode(encoding), "t.csv", Problems()) == "code,名称\n1,井盖\n"


def test_rows_know_the_line_they_start_on() -> None:
    rows, problems = _read('code,name\na,"two\nlines"\n\nb, spaced \n')
    assert problems == []
    assert [(row.place.line, row.text("code"), row.text("name")) for row in rows] == [
        (2, "a", "two\nlines"),
        (5, "b", "spaced"),
    ]


def test_optional_columns_may_be_absent_or_present() -> None:
    assert _read("code,name,note\na,b,c\n")[0][0].text("note") == "c"
    assert _read("code,name\na,b\n")[0][0].text("note") == ""


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("code,nmae\na,b\n", "did you mean name?"),
        ("code\na\n", "column 'name' is missing"),
        ("code,name,name\na,b,c\n", "stands 2 times"),
        ("code,name\na,b,c\n", "t.csv:2: 3 cells in this row; expected 2 cells"),
        ('code,name\na,"b"c\n', "not valid CSV"),
    ],
)
def test_mistakes_of_form_are_told(text: str, says: str) -> None:
    assert any(says in problem for problem in _read(text)[1])


def test_a_blank_cell_takes_the_value_below_and_its_place() -> None:
    below = Row(Place("base/t.csv", 9), {"code": "a", "name": "from below"})
    row = Row(Place("x/t.csv", 2), {"code": "a", "name": ""}, below)
    assert (row.text("name"), row.where("name")) == ("from below", Place("base/t.csv", 9))
    assert row.where("code") == Place("x/t.csv", 2)
