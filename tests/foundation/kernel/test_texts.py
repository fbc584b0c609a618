"""Both languages say the same things."""

from __future__ import annotations

import string

import pytest

from onegrid.foundation.kernel import errors, texts


def test_both_languages_have_the_same_keys_and_blanks() -> None:
    zh, en = texts.catalogue("zh-CN"), texts.catalogue("en")
    assert set(zh) == set(en)

    def blanks(sentence: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}

    assert {key: blanks(value) for key, value in zh.items()} == {key: blanks(value) for key, value in en.items()}


def test_every_error_type_has_a_sentence() -> None:
    def tree(kind: type[errors.OneGridError]) -> list[type[errors.OneGridError]]:
        return [kind, *(inner for sub in kind.__subclasses__() for inner in tree(sub))]

    # Modules above name their errors in locale files of their own and test that themselves.
    every = tree(errors.OneGridError)
    plain = [kind for kind in every if kind.__init__ is errors.OneGridError.__init__]
    house = [kind for kind in plain if kind.__module__.startswith("onegrid.foundation.")]
    said = [kind for kind in house if texts.has_text(kind().key) or texts.has_text(f"errors.{kind.code}")]
    assert [kind.__name__ for kind in house if kind not in said] == []


def test_a_missing_key_is_loud() -> None:
    with pytest.raises(texts.TextMissing):
        texts.text("errors.no_such", "en")


@pytest.mark.parametrize(
    ("accept", "lang"),
    [
        (None, "zh-CN"),
        ("en", "en"),
        ("en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"),
        ("fr", "zh-CN"),
        ("en;q=0.1,zh;q=x", "en"),
    ],
)
def test_language_of_a_browser(accept: str | None, lang: str) -> None:
    assert texts.choose_lang(accept) == lang
