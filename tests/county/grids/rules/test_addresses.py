"""Addresses as people write them: taken apart, compared, and brought to the building or grid they mean."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onegrid.county.grids.rules.addresses.gazetteer import Gazetteer, Labelled, Named
from onegrid.county.grids.rules.addresses.likeness import SWAPPED, Name
from onegrid.county.grids.rules.addresses.reading import figure, plain, read
from onegrid.county.grids.rules.addresses.resolver import agreed, common, resolve
from onegrid.county.grids.rules.addresses.sounds import sounds_of

PLACES = [
    Named("闽侯县", "r.", True),
    Named("甘蔗街道", "r.2.", True),
    Named("白沙镇", "r.3.", True),
    Named("昙石村民委员会", "r.2.4.", True),
    Named("侯官社区居民委员会", "r.2.5.", True),
    Named("马坑村委会", "r.3.6.", True),
    Named("昙石村民委员会1区", "r.2.4.7.", False),
    Named("昙石村民委员会1区2片", "r.2.4.7.8.", False),
]
LABELS = [
    "昙石村临溪路12号", "昙石村临溪路14号便民超市", "昙石村翠屏苑3栋", "昙石村翠屏苑5栋", "昙石村朝阳街12号",
    "侯官社区临溪路12号", "侯官社区人民路8号翠景花园2号楼", "侯官社区人民路8号翠景花园3号楼",
    "马坑村3组12号", "马坑村3组13号", "马坑村817路5号",
]  # fmt: skip
PATHS = ["r.2.4.7.8."] * 2 + ["r.2.4.7."] * 3 + ["r.2.5."] * 3 + ["r.3.6."] * 3
STREETS = [Labelled("滨江大道", "r.2.5.")]


@cache
def known() -> Gazetteer:
    return Gazetteer(PLACES, [Labelled(*one) for one in zip(LABELS, PATHS, strict=True)], STREETS)


@pytest.fixture
def book() -> Gazetteer:
    return known()


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("甘蔗街道 昙石村临溪路十二号", [("甘蔗街道昙石村临溪路", "12", "plate")]),
        ("临溪路１２号３号楼２单元３０１室", [("临溪路", "12/3", "plate")]),
        ("翠屏苑3#2单元", [("翠屏苑", "3", "block")]),
        ("翠屏苑3-2-301", [("翠屏苑", "3", "")]),
        ("临溪路12-1号", [("临溪路", "12-1", "plate")]),
        ("翠屏苑三幢501", [("翠屏苑", "3", "block")]),
        ("人民路8号翠景花园B座", [("人民路", "8", "plate"), ("翠景花园", "B", "block")]),
        ("12号临溪路", [("临溪路", "12", "plate")]),
        ("临溪路二十九，昙石村", [("临溪路", "29", ""), ("昙石村", "", "")]),
        ("临溪路4号路灯不亮", [("临溪路", "4", "plate"), ("路灯不亮", "", "")]),
        ("开发区3号路5号", [("开发区3号路", "5", "plate")]),
        ("马坑村3组五", [("马坑村", "3/5", "part")]),
        ("八一七路5号", [("817路", "5", "plate")]),
        ("马坑村3组012号", [("马坑村", "3/12", "part")]),
        ("昙石村", [("昙石村", "", "")]),
        ("3单元", []),
        ("", []),
        ("，。 -", []),
    ],
)
def test_names_and_numbers_are_taken_apart(text: str, pieces: list[tuple[str, str, str]]) -> None:
    assert [(piece.name, "/".join(piece.numbers), piece.sort) for piece in read(text)] == pieces


@pytest.mark.parametrize(("han", "value"), [("十二", 12), ("二十", 20), ("一百零三", 103), ("二〇五", 205), ("十", 10)])
def test_chinese_numbers(han: str, value: int) -> None:
    assert figure(han) == value


def slow_distance(pattern: str, text: str) -> int:
    """The least edit distance between a pattern and any part of a text, by the table of the textbook."""
    row = [0] * (len(text) + 1)
    for at, sign in enumerate(pattern, 1):
        before, row[0] = row[0], at
        for other, letter in enumerate(text, 1):
            before, row[other] = row[other], min(row[other] + 1, row[other - 1] + 1, before + (sign != letter))
    return min(row)


@given(st.text("ABCD", min_size=1, max_size=7), st.text("ABCD", max_size=12))
def test_likeness_is_the_edit_distance_to_the_best_part(pattern: str, text: str) -> None:
    found = Name(pattern, pattern).within(text, text)
    assert found.unlike == slow_distance(pattern, text) or found.unlike == SWAPPED
    shuffled = [text[n : n + len(pattern)] for n in range(len(text))]
    assert (found.unlike < slow_distance(pattern, text)) <= any(sorted(one) == sorted(pattern) for one in shuffled)
    assert 0 <= found.begin <= found.end <= len(text)


def test_a_sign_that_sounds_alike_counts_half() -> None:
    name = Name("临溪路", sounds_of("临溪路"))
    assert [name.within(text, sounds_of(text)).unlike for text in ("住临溪路边", "临西路", "林西路", "临州路")] == [
        0,
        0.5,
        1,
        1,
    ]
    assert sounds_of("斯") == sounds_of("诗"), "the south does not keep s and sh apart"


@pytest.mark.parametrize(
    ("words", "label"),
    [
        ("福建省福州市闽侯县甘蔗街道昙石村民委员会临溪路12号", 0),
        ("昙石村临溪路12号", 0),
        ("昙石临溪路十二号2单元301室", 0),
        ("甘蔗 昙石村 临西路 12号", 0),
        ("谭石村临溪路１２号", 0),
        ("昙石村临溪12", 0),
        ("临溪路12号，昙石村", 0),
        ("我家住在昙石村临溪路12号门口", 0),
        ("昙石村临溪路14号", 1),
        ("昙石村便民超市", 1),
        ("昙石村翠屏苑三号楼", 2),
        ("翠屏5幢", 3),
        ("昙石村催平苑5#301", 3),
        ("昙石村溪临路12号", 0),
        ("县石村临溪路12号", 0),
        ("马坑三组十三", 9),
        ("侯官临溪路12号", 5),
        ("侯官社区人民路8号翠景花园2栋", 6),
        ("翠景花园3号楼", 7),
        ("白沙镇马坑村三组13号", 9),
        ("马坑八一七路5号", 10),
    ],
)
def test_what_people_write_finds_the_building(book: Gazetteer, words: str, label: int) -> None:
    found = resolve(book, words)
    assert found, words
    first = found[0]
    assert (first.kind, first.kind == "building" and LABELS[first.at]) == ("building", LABELS[label]), found[:3]
    assert 0.5 < first.confidence <= 1


def test_what_may_mean_two_is_sure_of_neither(book: Gazetteer) -> None:
    found = resolve(book, "临溪路12号")
    assert {LABELS[one.at] for one in found[:2]} == {LABELS[0], LABELS[5]}
    assert all(one.confidence < 0.6 for one in found)
    told = agreed(found, 0.8)
    assert told is not None
    assert told[0] == "r.2.", "both lie in one township"


def test_streets_and_grids_are_answers_too(book: Gazetteer) -> None:
    first = resolve(book, "昙石村翠屏苑")[0]
    assert (first.kind, first.scope_path) == ("street", "r.2.4.7.")
    assert (resolve(book, "昙石村翠屏苑99栋")[0].kind, resolve(book, "侯官滨江大道")[0].kind) == ("street", "street")
    assert resolve(book, "昙石村翠屏苑99栋")[0].confidence < resolve(book, "昙石村翠屏苑")[0].confidence
    for words, path in (
        ("昙石村", "r.2.4."),
        ("甘蔗街道", "r.2."),
        ("昙石村1区2片", "r.2.4.7.8."),
        ("昙石村一区", "r.2.4.7."),
    ):
        found = resolve(book, words)[0]
        assert (found.kind, found.scope_path) == ("grid", path), words


@pytest.mark.parametrize(
    "words", ["昙石路8号", "侯官街2号", "", "   ", "路灯不亮", "火星大道", "qwerty", "📮", "-" * 50]
)
def test_what_names_nothing_finds_nothing_surely(book: Gazetteer, words: str) -> None:
    assert agreed(resolve(book, words), 0.8) is None


@given(st.text(st.sampled_from("昙石村临溪路翠屏苑马坑甘蔗街道侯官社区一二三十0123号栋楼组-，. #AＢ"), max_size=40))
def test_any_words_get_an_answer_in_order_with_confidences_that_are_shares(words: str) -> None:
    found = resolve(known(), words)
    shares = [one.confidence for one in found]
    assert all(0 <= share <= 1 for share in shares)
    assert sum(shares) <= 1.01
    assert shares == sorted(shares, reverse=True)
    assert not any(sign.isspace() for sign in plain(words))


def test_buildings_that_come_later_are_found_too() -> None:
    book = Gazetteer(PLACES, [Labelled(LABELS[0], PATHS[0])])
    assert resolve(book, "昙石村新建路3号")[0].kind != "building"
    book.add([Labelled("昙石村新建路3号", "r.2.4.7.")])
    found = resolve(book, "昙石村新建路3号")[0]
    assert (found.kind, found.at) == ("building", 1)


def test_nothing_known_is_no_trouble() -> None:
    assert resolve(Gazetteer([], []), "昙石村临溪路12号") == []


def test_the_lowest_path_that_holds_all() -> None:
    assert common(["r.2.4.", "r.2.5.", "r.2."]) == "r.2."
    assert common(["r.2.4.", "r.24."]) == "r."
    assert common(["r.2.4."]) == "r.2.4."
