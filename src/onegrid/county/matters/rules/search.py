"""Finds matters by what people type: part of the name, an everyday word, the code, or pinyin initials."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """What can be searched of one matter. ``initials``: those of the name first, then of each word."""

    code: str
    name_zh: str
    name_en: str
    words: tuple[str, ...]
    initials: tuple[str, ...]


def find(words: str, entries: Iterable[Entry]) -> list[str]:
    """Codes of matching matters, best first; equally good ones in the catalogue's order.

    Several words separated by spaces must all fit.
    """
    wanted = words.lower().split()
    scored = []
    for place, entry in enumerate(entries):
        scores = [_score(word, entry) for word in wanted]
        if scores and all(scores):
            scored.append((-sum(scores), place, entry.code))
    return [code for _, _, code in sorted(scored)]


def _score(word: str, entry: Entry) -> int:
    return max(_scores(word, entry), default=0)


def _scores(word: str, entry: Entry) -> Iterator[int]:
    name, english, code = entry.name_zh.lower(), entry.name_en.lower(), entry.code.lower()
    if word in (name, english, code):
        yield 100
    if name.startswith(word) or english.startswith(word):
        yield 80
    if word in name or word in english:
        yield 60
    if any(word in everyday.lower() for everyday in entry.words):
        yield 50
    if code.startswith(word):
        yield 40
    if word.isascii() and word.isalpha() and entry.initials:
        if entry.initials[0].startswith(word):
            yield 55
        elif any(word in initial for initial in entry.initials):
            yield 30
