"""How a line of a list names the place of a case."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from onegrid.cases.selectors.rows import place_names


@pytest.mark.parametrize(
    ("chain", "said"),
    [
        (["凤凰县", "东镇", "桥头村", "桥头村1区", "桥头村1区2片"], "东镇 · 桥头村1区2片"),
        (["凤凰县", "东镇", "桥头村", "前街网格", "3号院"], "桥头村 · 前街网格 · 3号院"),
        (["凤凰县", "东镇", "东镇"], "东镇"),
        (["凤凰县"], "凤凰县"),
        ([], ""),
    ],
)
def test_a_name_that_the_next_one_repeats_is_left_out(chain: list[str], said: str) -> None:
    assert place_names([SimpleNamespace(name=name) for name in chain]) == said
