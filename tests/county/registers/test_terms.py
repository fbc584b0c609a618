"""Search terms: what is typed finds what was stored, whatever the words; numbers are blind and small numbers untold."""

from __future__ import annotations

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onegrid.county.registers.rules.suppressing import SMALLEST, suppressed
from onegrid.county.registers.rules.terms import (
    Hasher,
    normalise_words,
    pairs,
    sounds,
    terms_of_building,
    terms_of_organisation,
    terms_of_premises,
    terms_of_resident,
    wanted,
)

HASHER = Hasher(b"k" * 32)
HAN = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=2, max_size=5)
DIGITS = st.text(string.digits, min_size=11, max_size=18)
PATH = "r.1.2f.3a."


def found(ways: list[list[int]], terms: list[int]) -> bool:
    """Whether the index would give the row."""
    return any(set(way) <= set(terms) for way in ways)


@settings(deadline=None)
@given(HAN, DIGITS, DIGITS)
def test_any_two_neighbouring_characters_find_a_name(name: str, number: str, phone: str) -> None:
    terms = terms_of_resident(HASHER, name, number, phone, PATH)
    for start in range(len(name) - 1):
        for end in range(start + 2, len(name) + 1):
            assert found(wanted(HASHER, "residents", name[start:end]), terms)
    for sound in sounds(name):
        assert found(wanted(HASHER, "residents", sound.upper()), terms)
    assert found(wanted(HASHER, "residents", number[-4:]), terms)
    assert found(wanted(HASHER, "residents", phone[-4:]), terms)
    assert not wanted(HASHER, "residents", name[0])
    if phone[-4:] != number[-4:]:
        assert not found(wanted(HASHER, "residents", phone[-4:], ["id_number"]), terms)
    assert all(-(2**31) <= term < 2**31 for term in terms)


@settings(deadline=None)
@given(HAN, HAN)
def test_a_place_is_found_by_any_part_of_its_address(first: str, second: str) -> None:
    address = f"{first}路12号{second}"
    for kind, terms in (
        ("buildings", terms_of_building(HASHER, address, "B-1", PATH)),
        ("premises", terms_of_premises(HASHER, second, "B-1", address, PATH)),
        ("organisations", terms_of_organisation(HASHER, second, "B-1", address, PATH)),
    ):
        assert found(wanted(HASHER, kind, second), terms)  # type: ignore[arg-type]
        assert found(wanted(HASHER, kind, f"12号 {first}"), terms)  # type: ignore[arg-type]
        assert found(wanted(HASHER, kind, "b-1"), terms)  # type: ignore[arg-type]


def test_kinds_do_not_find_each_other() -> None:
    terms = terms_of_resident(HASHER, "如意", "", "", PATH)
    assert not found(wanted(HASHER, "premises", "如意"), terms)
    assert wanted(HASHER, "households", "如意") == wanted(HASHER, "dwellings", "如意") == []


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("  单小明 ", ["单小明"]),
        ("Ｓ ｘＭ", ["s", "xm"]),
        ("３５０１９９１９９００３０７０２１Ｘ", ["35019919900307021x"]),
        ("+86 190-0000-4321", ["19000004321"]),
        ("190 0000 4321", ["19000004321"]),
        ("前街 12号", ["前街", "12号"]),
        ("", []),
    ],
)
def test_words_as_they_are_typed(typed: str, words: list[str]) -> None:
    assert normalise_words(typed) == words


def test_pairs_and_sounds() -> None:
    assert pairs("阿卜杜·热合曼") == {"阿卜", "卜杜", "热合", "合曼"}
    assert {"sxm", "dxm", "sx", "dx"} <= sounds("单小明")
    assert sounds("Ann") == sounds("明") == set()


@given(st.dictionaries(st.text(max_size=3), st.integers(0, 40), max_size=8))
def test_no_small_number_can_be_had_from_the_sum(cells: dict[str, int]) -> None:
    told = suppressed(cells)
    hidden = [cells[key] for key, n in told.items() if n is None]
    assert all(n is None or n == cells[key] for key, n in told.items())
    assert not [key for key, n in told.items() if n is not None and 0 < n < SMALLEST]
    occupied = [n for n in cells.values() if n > 0]
    if hidden and len(occupied) > 1:
        assert len(hidden) > 1
