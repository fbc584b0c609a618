"""Words to matters: learns, admits doubt, survives its file, and measures itself."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from onegrid.cases.rules.classify import ModelUnreadable, grams, load
from onegrid.cases.rules.training import CatalogueText, TooFew, catalogue_examples, evaluate, train

CATALOGUE = (
    CatalogueText("C1", "井盖破损", ("井盖坏了", "窨井盖不见", "下水道盖子"), ("井盖破损、缺失、移位",), "公用设施"),
    CatalogueText("E2", "噪声扰民", ("太吵", "广场舞噪音", "夜里施工"), ("夜间施工噪声超标",), "环境"),
    CatalogueText("S3", "路灯不亮", ("路灯坏了", "没有路灯", "灯不亮"), ("路灯不亮、闪烁",), "公用设施"),
)
EXAMPLES = list(catalogue_examples(CATALOGUE))


def test_learns_a_catalogue() -> None:
    model = train(EXAMPLES)
    for words, label in (("门口井盖被压坏了", "C1"), ("晚上施工吵得睡不着", "E2"), ("巷子里路灯好几天不亮", "S3")):
        guesses = model.guess(words)
        assert guesses.top[0].label == label
        assert len(guesses.top) == 3
        assert sum(one.confidence for one in guesses.top) == pytest.approx(1, abs=0.01)


def test_leaves_doubt_to_a_person() -> None:
    model = train(EXAMPLES)
    assert not model.guess("").sure
    assert model.guess("qwxz").top == ()
    assert not model.guess("路灯井盖施工").sure or model.guess("路灯井盖施工").top[0].confidence < 0.99


def test_two_labels_work_and_one_does_not() -> None:
    two = [one for one in EXAMPLES if one[1] != "S3"]
    assert train(two).guess("井盖").top[0].label == "C1"
    with pytest.raises(TooFew):
        train([one for one in EXAMPLES if one[1] == "C1"])


def test_a_saved_model_answers_as_before(tmp_path: Path) -> None:
    model, file = train(EXAMPLES), tmp_path / "model.npz"
    assert model.save(file) == file.stat().st_size
    again = load(file)
    for words in ("井盖坏了", "太吵了", "灯不亮"):
        assert again.guess(words) == model.guess(words)
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("content", [b"", b"not a model", b"PK\x03\x04broken"])
def test_a_broken_file_is_named(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "model.npz"
    file.write_bytes(content)
    with pytest.raises(ModelUnreadable):
        load(file)


def test_pickled_objects_are_never_opened(tmp_path: Path) -> None:
    file = tmp_path / "model.npz"
    np.savez(file, format=np.array([1]), labels=np.array([{"evil": 1}], dtype=object))
    with pytest.raises(ModelUnreadable):
        load(file)


def test_training_is_repeatable() -> None:
    one, other = train(EXAMPLES), train(EXAMPLES)
    assert np.array_equal(one.weights, other.weights)


def test_width_and_spaces_do_not_count() -> None:
    assert grams("井 盖 Ａ") == grams("井盖a")


def test_evaluation_prints_what_it_measured(tmp_path: Path) -> None:
    for name in ("train", "test"):
        with (tmp_path / f"{name}.csv").open("w", encoding="utf-8", newline="") as out:
            rows = csv.writer(out)
            rows.writerow(["text", "label"])
            rows.writerows(EXAMPLES)
    found = evaluate(tmp_path / "train.csv", tmp_path / "test.csv", "text", "label")
    assert found["macro_f1"] > 0.9
    assert found["accuracy"] > 0.9
    assert 0 < found["ms_per_message"] < 5
    assert 0 < found["model_bytes"] < 50_000_000
    with pytest.raises(KeyError, match="kind"):
        evaluate(tmp_path / "train.csv", tmp_path / "test.csv", "text", "kind")
