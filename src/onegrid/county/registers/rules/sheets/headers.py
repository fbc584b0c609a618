"""Which column of a file is which of ours.

Titles are compared without spaces, signs and what stands in brackets: 「证件号码(必填)」 is 证件号码. A column is known
by its titles in both languages and by the synonyms of the locale files; what a kind says of a column of its own
(`residents.name`) goes before what is said for all (`any.name`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass
from functools import cache
from typing import Final
from unicodedata import normalize

from onegrid.county.registers.rules.kinds import COLUMNS, KINDS, NEEDED, Kind
from onegrid.county.registers.rules.sheets.problems import SheetRefused
from onegrid.foundation.kernel.masking import mask_numbers
from onegrid.foundation.kernel.texts import LANGS, Lang, has_text, text

_BRACKETS: Final = re.compile(r"[(\[{【<].*?[)\]}】>]")
_NOISE: Final = re.compile(r"[\s*:;,.、_\-/'\"#]+")
LONGEST_TITLE: Final = 60
LONGEST_CELL: Final = 200


@dataclass(frozen=True, slots=True)
class Mapping:
    """Where each of our columns stands in a file: column key to place from 0.

    `unknown` are titles of the file nothing is taken from; `missing` are groups of columns of which one is needed and
    none is there: with any of them nothing can be imported.
    """

    kind: Kind
    places: ReadOnly[str, int]
    unknown: tuple[str, ...] = ()
    missing: tuple[tuple[str, ...], ...] = ()


def title(kind: Kind, key: str, lang: Lang) -> str:
    """What a column of ours is called."""
    own = f"register_sheets.column.{kind}.{key}"
    return text(own if has_text(own) else f"register_sheets.column.any.{key}", lang)


def guess(header: Sequence[str], kind: Kind) -> Mapping:
    """Find our columns among the titles of a file. Of two columns with one meaning the first is taken."""
    words = _words(kind)
    places: dict[str, int] = {}
    for at, found in enumerate(map(plain, header)):
        key = words.get(found)
        if key is not None and key not in places:
            places[key] = at
    return _mapping(header, kind, places)


def chosen(header: Sequence[str], kind: Kind, wanted: ReadOnly[str, str]) -> Mapping:
    """The mapping somebody chose: our column key to the title in the file, "" for none.

    Columns nobody chose for are guessed, unless their title was chosen for another. Raises SheetRefused:
    `no_such_column` for a key that is none of ours, `no_such_title` for a title the file has not.
    """
    ours = {column.key for column in COLUMNS[kind]}
    titles = [shown(one) for one in header]
    places: dict[str, int] = {}
    for key, wish in wanted.items():
        if key not in ours:
            raise SheetRefused("no_such_column", column=str(key)[:LONGEST_TITLE])
        if not wish:
            continue
        if shown(wish) not in titles:
            raise SheetRefused("no_such_title", title=shown(wish))
        places[key] = titles.index(shown(wish))
    taken = set(places.values())
    for key, at in guess(header, kind).places.items():
        if key not in wanted and at not in taken:
            places[key] = at
    return _mapping(header, kind, places)


def likeness(header: Sequence[str]) -> int:
    """How many of the cells are titles of columns of any kind: what makes a line the header."""
    words = _every_word()
    return len({words[found] for found in map(plain, header) if found in words})


def plain(cell: str) -> str:
    """A title as it is compared."""
    return _NOISE.sub("", _BRACKETS.sub("", normalize("NFKC", cell[:LONGEST_CELL]))).casefold()


def shown(cell: str) -> str:
    """A title of a file as it may be told: a sheet without a header has people where titles should be."""
    return mask_numbers(" ".join(normalize("NFKC", cell[:LONGEST_CELL]).split()))[:LONGEST_TITLE]


def ignored(kind: Kind) -> frozenset[str]:
    """Plain titles of the columns our own reports add, which nothing is taken from and nobody is told about."""
    return frozenset(plain(text(f"register_sheets.report.{key}", lang)) for key in ("row", "reason") for lang in LANGS)


def _mapping(header: Sequence[str], kind: Kind, places: dict[str, int]) -> Mapping:
    used, own = set(places.values()), ignored(kind)
    unknown = tuple(
        shown(one) for at, one in enumerate(header) if at not in used and one.strip() and plain(one) not in own
    )
    missing = tuple(group for group in NEEDED[kind] if not any(key in places for key in group))
    return Mapping(kind, places, unknown, missing)


@cache
def _words(kind: Kind) -> ReadOnly[str, str]:
    """Every plain word a column of the kind is known by, to its key."""
    found: dict[str, str] = {}
    keys = [column.key for column in COLUMNS[kind]]
    for where in (kind, "any"):
        for part in ("column", "also"):
            for key in keys:
                for word in _texts(f"register_sheets.{part}.{where}.{key}"):
                    found.setdefault(plain(word), key)
    for key in keys:
        found.setdefault(plain(key), key)
    return found


@cache
def _every_word() -> ReadOnly[str, str]:
    return {word: key for kind in KINDS for word, key in _words(kind).items()}


def _texts(key: str) -> Iterable[str]:
    if has_text(key):
        for lang in LANGS:
            yield from text(key, lang).split("|")
