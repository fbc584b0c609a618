"""One pack laid over another."""

from __future__ import annotations

from onegrid.foundation.packs.csv_tables import Row
from onegrid.foundation.packs.merging import fill_rows, lay_over
from onegrid.foundation.packs.problems import Place, Problems
from onegrid.foundation.packs.yaml_nodes import Node, read_yaml


def _plain(node: Node | None) -> object:
    if node is None:
        return None
    if node.entries is not None:
        return {key: _plain(item) for key, item in node.entries.items()}
    if node.items is not None:
        return [_plain(item) for item in node.items]
    return node.value


def _merge(below: str, above: str) -> tuple[object, list[str]]:
    problems = Problems()
    merged = lay_over(read_yaml(below, "base.yaml", problems), read_yaml(above, "own.yaml", problems), problems)
    return _plain(merged), [str(problem) for problem in problems]


def test_mappings_merge_and_values_replace() -> None:
    assert _merge("a: {x: 1, y: 2}\nb: [1, 2]\n", "a: {y: 3}\nb: [4]\n") == ({"a": {"x": 1, "y": 3}, "b": [4]}, [])


def test_keyed_lists_merge_by_key_and_keep_their_order() -> None:
    below = "l:\n- {key: a, v: 1}\n- {key: b, v: 2}\n"
    above = "l:\n- {key: c, v: 3}\n- {key: a, v: 9}\n"
    expected = {"l": [{"key": "a", "v": 9}, {"key": "b", "v": 2}, {"key": "c", "v": 3}]}
    assert _merge(below, above) == (expected, [])


def test_an_inherited_entry_can_be_dropped_but_only_one_that_is_there() -> None:
    below = "l:\n- {key: a}\n- {key: b}\n"
    assert _merge(below, "l:\n- {key: a, drop: true}\n") == ({"l": [{"key": "b"}]}, [])
    merged, problems = _merge(below, "l:\n- {key: c, drop: true}\n")
    assert merged == {"l": [{"key": "a"}, {"key": "b"}]}
    assert "nothing with the key 'c' is inherited" in problems[0]


def test_a_key_twice_is_told_with_or_without_a_base() -> None:
    for below in ("l: []\n", "l:\n- {key: z}\n"):
        assert "own.yaml:3: key: the key 'a' stands twice" in _merge(below, "l:\n- {key: a}\n- {key: a}\n")[1][0]


def test_rows_are_filled_by_code_in_turn() -> None:
    below = tuple(Row(Place("base.csv", n), {"code": "a", "text": f"b{n}"}) for n in (2, 3))
    above = tuple(Row(Place("own.csv", n), {"code": "a", "text": ""}) for n in (2, 3, 4))
    filled = fill_rows(below, (*above, Row(Place("own.csv", 5), {"code": "z", "text": ""})), "code")
    assert [row.text("text") for row in filled] == ["b2", "b3", "b3", ""]
