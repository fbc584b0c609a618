"""Reading single values: what is wrong is told and reading goes on with the default."""

from __future__ import annotations

from datetime import date

import pytest

from onegrid.foundation.packs.csv_tables import Row
from onegrid.foundation.packs.problems import Place, Problems
from onegrid.foundation.packs.reading import Reader, RowReader
from onegrid.foundation.packs.yaml_nodes import read_yaml


def _reader(text: str) -> tuple[Reader, Problems]:
    problems = Problems()
    node = read_yaml(text, "x.yaml", problems)
    assert node is not None
    return Reader(node, problems), problems


def test_right_values_are_read() -> None:
    reader, problems = _reader("t: word\nn: 3\nf: 0.5\nb: yes\nl: [a, b]\nm: {zh: 名, en: name}\n")
    assert (reader.text("t"), reader.integer("n", 0, 9), reader.number("f", 0, 1), reader.flag("b")) == (
        "word",
        3,
        0.5,
        True,
    )
    assert reader.texts("l", words=("a", "b", "c")) == ("a", "b")
    assert reader.title("m").as_json() == {"zh": "名", "en": "name"}
    reader.done()
    assert len(problems) == 0


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("t: 12\n", 1),
        ("t: ''\n", 1),
        ("t: [a]\n", 1),
        ("{}\n", 1),
        ("t: ~\n", 1),
        ("t: word\nextra: 1\n", 1),
        ("t: word\n", 0),
    ],
)
def test_a_text_that_is_none(text: str, count: int) -> None:
    reader, problems = _reader(text)
    reader.text("t")
    reader.done()
    assert len(problems) == count


@pytest.mark.parametrize("written", ["true", "1.0", "'1'", "-1", "10", "[1]"])
def test_a_number_that_is_none(written: str) -> None:
    reader, problems = _reader(f"n: {written}\n")
    assert reader.integer("n", 0, 9, default=7) == 7
    assert len(problems) == 1


def test_lists_tell_every_wrong_entry() -> None:
    reader, problems = _reader("l:\n  - a\n  - a\n  - z\n  - 3\n")
    assert reader.texts("l", words=("a", "b")) == ("a",)
    assert [problem.line for problem in problems] == [3, 4, 5]


def test_cells() -> None:
    problems = Problems()
    cells = {"w": "yes", "d": "2026-02-30", "l": "a| b |a||c", "c": "x", "e": ""}
    row = RowReader(Row(Place("t.csv", 4), cells), problems)
    assert row.flag("w") is True
    assert row.flag("e", default=True) is True
    assert row.day("d") is None
    assert row.listing("l") == ("a", "b", "c")
    assert row.choice("c", ("a", "b"), default="a") == "a"
    assert row.parsed("c", int, "a number") is None
    assert row.day("e") is None
    assert {problem.field for problem in problems} == {"d", "l", "c"}
    assert RowReader(Row(Place("t.csv", 4), {"d": "2026-02-28"}), problems).day("d") == date(2026, 2, 28)
