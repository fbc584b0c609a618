"""Finding matters by what people type."""

from __future__ import annotations

from onegrid.county.matters.rules.search import Entry, find

ENTRIES = (
    Entry("A1", "路灯不亮", "Street lamp out", ("灯坏了",), ("ldbl", "dhl")),
    Entry("A2", "路面破损", "Broken road", ("坑洼",), ("lmps", "kw")),
    Entry("A3", "灯箱广告", "Light box", (), ("dxgg",)),
)


def test_the_beginning_of_a_name_comes_first() -> None:
    assert find("灯", ENTRIES) == ["A3", "A1"]


def test_initials_of_the_name_come_before_initials_of_a_word() -> None:
    assert find("l", ENTRIES)[:1] == ["A3"]
    assert find("lm", ENTRIES)[:1] == ["A2"]
    assert find("kw", ENTRIES) == ["A2"]


def test_every_word_must_fit() -> None:
    assert find("路 灯", ENTRIES) == ["A1"]
    assert find("路 箱", ENTRIES) == []


def test_nothing_fits() -> None:
    assert find("马", ENTRIES) == []
