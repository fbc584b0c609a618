"""Names by the first letters of how they sound."""

from __future__ import annotations

import pytest

from onegrid.foundation.kernel.pinyin import found_in, initials, letters_of, typed


def test_initials_of_a_phrase_as_it_is_read() -> None:
    assert initials("上水井盖") == "ssjg"
    assert initials("重庆路 12 号") == "cql 12 h"


@pytest.mark.parametrize(
    ("letters", "name", "at"),
    [
        ("gzjd", "甘蔗街道", 0),
        ("jd", "甘蔗街道", 2),
        ("clz", "长乐镇", 0),  # read c and z, as a name c
        ("zlz", "长乐镇", 0),
        ("sd1", "上店1网格", 0),
        ("w", "Wǎ", 0),
        ("gzx", "甘蔗街道", None),
        ("gzjdgzjd", "甘蔗街道", None),
    ],
)
def test_a_name_is_found_by_any_reading_of_its_characters(letters: str, name: str, at: int | None) -> None:
    assert found_in(letters, name) == at


def test_what_is_no_character_stands_for_itself() -> None:
    assert letters_of("A") == "a"
    assert letters_of("·") == "·"
    assert letters_of("厦") == "sx"


def test_only_letters_and_digits_may_be_initials() -> None:
    assert typed("gz1")
    assert not typed("甘蔗")
    assert not typed("g z")
    assert not typed("")
