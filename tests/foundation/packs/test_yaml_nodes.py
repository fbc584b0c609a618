"""YAML with the line of every value, and nothing that runs."""

from __future__ import annotations

import pytest

from onegrid.foundation.packs.problems import Problems
from onegrid.foundation.packs.yaml_nodes import Node, read_yaml


def _read(text: str) -> tuple[Node, list[str]]:
    problems = Problems()
    node = read_yaml(text, "x.yaml", problems)
    assert node is not None
    return node, [str(problem) for problem in problems]


def test_values_know_their_lines() -> None:
    node, problems = _read("a: 1\nb:\n  - x\n  - y: 2\n")
    assert problems == []
    assert node.entries is not None
    assert node.entries["b"].place.line == 2
    items = node.entries["b"].items
    assert items is not None
    assert [item.place.line for item in items] == [3, 4]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("12", 12),
        ("-3", -3),
        ("0101", "0101"),
        ('"350121"', "350121"),
        ("1.5", 1.5),
        ("yes", True),
        ("off", False),
        ("~", None),
        ("08:30", "08:30"),
        ("2026-01-31", "2026-01-31"),
        ("15分钟", "15分钟"),
        ("0x1f", "0x1f"),
    ],
)
def test_plain_values_keep_their_meaning(written: str, value: object) -> None:
    node, problems = _read(f"key: {written}\n")
    assert node.entries is not None
    assert (node.entries["key"].value, problems) == (value, [])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: !!python/object/apply:os.system [ls]\n", "the tag"),
        ("a: !include other.yaml\n", "the tag"),
        ("a: &x [1]\nb: *x\n", "x.yaml:2: b: anchors"),
        ("a: 1\na: 2\n", "x.yaml:2: a: repeated key 'a', first at line 1"),
        ("? [1, 2]\n: 3\n", "a key must be a word"),
    ],
)
def test_what_is_not_allowed_is_told(text: str, says: str) -> None:
    _, problems = _read(text)
    assert len(problems) == 1
    assert says.replace(" b:", "") in problems[0] or says in problems[0]


@pytest.mark.parametrize(
    ("text", "line"), [("a: [1\nb: 2\n", 2), ("a: 1\n---\nb: 2\n", 2), ("\ta: 1\n", 1), ("", 1), ("a: \x00\n", 1)]
)
def test_what_cannot_be_read_is_one_problem_with_its_line(text: str, line: int) -> None:
    problems = Problems()
    assert read_yaml(text, "x.yaml", problems) is None
    (problem,) = problems
    assert (problem.file, problem.line) == ("x.yaml", line)


def test_a_bomb_of_aliases_is_refused_at_once() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x]"] + [
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 8)}]" for n in range(1, 12)
    ]
    _, problems = _read("\n".join(lines))
    assert problems


def test_endless_nesting_is_told_and_crashes_nothing() -> None:
    problems = Problems()
    assert read_yaml("a: 1\nb: " + "[" * 50_000 + "]" * 50_000, "x.yaml", problems) is None
    assert [str(problem) for problem in problems] == [
        "x.yaml:2: more than 40 levels of nesting; expected a flatter file"
    ]
