"""Words as search terms: numbers for pairs of neighbouring characters, one set per week.

A case is found by its bigrams: Chinese has no spaces, and two characters are a word more often than not. A term is one
32-bit number out of a bigram (or a grid the case lies in) and the week of the report, so that the postings of one week
lie together and a search that goes back week by week reads no more than it needs. Two bigrams may give the same number;
whoever searches looks at the text again.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from datetime import date

FIRST, SECOND, WEEK = 0x9E3779B1, 0x85EBCA6B, 0xC2B2AE35
"""Odd multipliers that spread small differences over 32 bits (golden ratio; two of MurmurHash3's finalisers)."""
GRID = 0x110000
"""The second half of a grid's pair: the first number that is no character."""
RUN = re.compile(r"[^\W_]+")
"""Letters, digits and Chinese characters without a break; nothing is searched across a break."""
PATH_DIGITS = 36
ROOT_SEGMENTS = 1


def week_of(day: date) -> int:
    """The number of the week a day lies in."""
    return day.toordinal() // 7


def pairs(text: str) -> set[tuple[int, int]]:
    """The bigrams of a text, as code points."""
    found: set[tuple[int, int]] = set()
    for run in RUN.findall(text.lower()):
        points = [ord(letter) for letter in run]
        found.update(itertools.pairwise(points))
    return found


def term(first: int, second: int, week: int) -> int:
    """One pair in one week as a signed 32-bit number."""
    return ((first * FIRST + second * SECOND + week * WEEK) & 0xFFFFFFFF) - 0x80000000


def places(scope_path: str) -> list[tuple[int, int]]:
    """The grids on a path below the root, as pairs."""
    return [(int(segment, PATH_DIGITS), GRID) for segment in scope_path.split(".")[ROOT_SEGMENTS:-1]]


def terms_of(texts: Iterable[str], scope_path: str, day: date) -> list[int]:
    """All terms of a case reported on `day` in the grid `scope_path`, in rising order."""
    week = week_of(day)
    known = {pair for text in texts for pair in pairs(text)}
    known.update(places(scope_path))
    return sorted({term(first, second, week) for first, second in known})


def wanted(words: str, scope_path: str) -> list[tuple[int, int]] | None:
    """The pairs a case in `scope_path` must have to hold all `words`; None when no two characters stand together.

    The grid is the deepest of the path; of the root there is none, for everything lies in it.
    """
    known = sorted(pairs(words))
    return [*known, *places(scope_path)[-1:]] if known else None
