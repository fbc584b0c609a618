"""The same thing twice, and what only looks alike."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from onegrid.cases.rules.duplicates import Nearness, Sighting, bigrams, likely, metres_between, similarity

NOW = datetime(2026, 3, 2, tzinfo=UTC)
MANHOLE = Sighting("new", "C0101", "0101", 119.13, 26.15, NOW, "解放路路口井盖破损，很危险")


def other(id: str = "old", **changes: object) -> Sighting:
    return replace(MANHOLE, id=id, **changes)  # type: ignore[arg-type]


def test_same_matter_place_and_words() -> None:
    (found,) = likely(MANHOLE, [other(words="路口的井盖坏了", at=NOW - timedelta(days=2), lon=119.1302)], Nearness())
    assert found.id == "old"
    assert found.distance_m == pytest.approx(20, abs=2)


@pytest.mark.parametrize(
    "changes",
    [
        {"lon": 119.14},
        {"at": NOW - timedelta(days=31)},
        {"matter": "E0301", "class_code": "0301", "words": "夜间施工噪声扰民"},
        {"lon": None},
    ],
)
def test_too_far_too_old_or_another_thing(changes: dict[str, object]) -> None:
    assert likely(MANHOLE, [other(**changes)], Nearness()) == ()


def test_the_likeliest_comes_first_and_never_itself() -> None:
    others = [other("far", lon=119.1308), other("near"), MANHOLE, other("unclassified", matter=None)]
    assert [one.id for one in likely(MANHOLE, others, Nearness(), most=2)] == ["near", "unclassified"]


def test_another_class_counts_only_in_nearly_the_same_words() -> None:
    assert likely(MANHOLE, [other(matter="E9", class_code="99")], Nearness())


def test_bigrams_ignore_width_space_and_punctuation() -> None:
    assert bigrams("井 盖，ＡＢ！") == bigrams("井盖ab")
    assert similarity("井盖", "井盖") == 1.0
    assert similarity("", "井盖") == 0.0
    assert bigrams("井") == {"井"}


def test_distance() -> None:
    assert metres_between(119.13, 26.15, 119.13, 26.16) == pytest.approx(1112, abs=2)
