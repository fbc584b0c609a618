"""Search terms of register rows: blind 32-bit numbers for what somebody may type to find them.

A term is the beginning of an HMAC, under the ring's index key, of what is known about a row: two neighbouring
characters of a name, the letters a name begins with when read aloud, the last four of a number, each grid on its path.
Who reads the table without the key learns which rows share something, never what. Two things may give one number:
whoever searches looks at the row again.
"""

from __future__ import annotations

import hmac
import itertools
import re
from collections.abc import Callable, Collection, Iterable
from typing import Final

from onegrid.county.registers.rules.kinds import Kind
from onegrid.foundation.kernel import pinyin
from onegrid.foundation.kernel.masking import normalise

NUMBERS: Final[dict[Kind, int]] = {
    "residents": 1,
    "households": 2,
    "dwellings": 3,
    "buildings": 4,
    "premises": 5,
    "organisations": 6,
}
"""How the index names the kinds. Households and dwellings are found by their number and their building."""
RUN: Final = re.compile(r"[^\W_]+")
"""Letters, digits and Chinese characters without a break; nothing is searched across one."""
SPACED: Final = re.compile(r"(\+86)?[0-9]{7,}X?")
TAIL: Final = 4
LEAST_NUMBER: Final = 7
"""A passport or a landline has so many characters at least."""
LONGEST_SOUND: Final = 6
"""So many letters of a name read aloud are kept; nobody types more."""
MOST_KEPT: Final = 400_000
"""So many numbers one process keeps: names and grids of a county repeat, the HMAC need not."""

_KEY: Final = b"registers.terms"
_GRID: Final = "g\x1f"
_ID: Final = "ri\x1f"
_PHONE: Final = "rp\x1f"
NAMED: Final = {"id_number": _ID, "phone": _PHONE}
"""The fields of a resident whose last four are found."""


class Hasher:
    """Makes terms under one key. Made once in a process; remembers what it has made."""

    def __init__(self, index_key: bytes) -> None:
        self._key = hmac.digest(index_key, _KEY, "sha256")
        self._known: dict[str, int] = {}
        self._names: dict[str, tuple[int, ...]] = {}
        self._paths: dict[str, tuple[int, ...]] = {}

    def term(self, token: str) -> int:
        """The number of one token (its domain in front), as a signed 32-bit number."""
        found = self._known.get(token)
        if found is None:
            if len(self._known) >= MOST_KEPT:
                self._known.clear()
            found = int.from_bytes(hmac.digest(self._key, token.encode(), "sha256")[:4], "big", signed=True)
            self._known[token] = found
        return found

    def name(self, name: str) -> tuple[int, ...]:
        """Terms of a resident's name: its pairs of characters and how it begins when read aloud."""
        found = self._names.get(name)
        if found is None:
            if len(self._names) >= MOST_KEPT:
                self._names.clear()
            term = self.term
            made = [term("rn\x1f" + pair) for pair in pairs(name)]
            made += [term("rs\x1f" + sound) for sound in sounds(name)]
            found = self._names[name] = tuple(made)
        return found

    def path(self, scope_path: str) -> tuple[int, ...]:
        """Terms of every grid on a path below the root."""
        found = self._paths.get(scope_path)
        if found is None:
            if len(self._paths) >= MOST_KEPT:
                self._paths.clear()
            parts = scope_path.split(".")[1:-1]
            found = self._paths[scope_path] = tuple(self.term(_GRID + part) for part in parts)
        return found


def pairs(text: str) -> set[str]:
    """The pairs of neighbouring characters of a text, lower case; a single character between breaks stands alone."""
    found: set[str] = set()
    for run in RUN.findall(text.lower()):
        if len(run) == 1:
            found.add(run)
        else:
            found.update(map("".join, itertools.pairwise(run)))
    return found


def sounds(name: str) -> set[str]:
    """What somebody types who writes a name by the letters it is read with: 单小明 is dx, dxm, sx and sxm.

    A surname is taken with all its readings, for many have one of their own; a given name as it is usually read.
    """
    runs = "".join(RUN.findall(name.lower()))[:LONGEST_SOUND]
    if len(runs) < 2 or runs.isascii():
        return set()
    rest = "".join(_letter(character) for character in runs[1:])
    return {first + rest[:end] for first in pinyin.letters_of(runs[0]) for end in range(1, len(rest) + 1)}


_LETTERS: Final[dict[str, str]] = {}


def _letter(character: str) -> str:
    found = _LETTERS.get(character)
    if found is None:
        found = _LETTERS[character] = pinyin.initials(character)[:1] or character
    return found


def terms_of_resident(hasher: Hasher, name: str, id_number: str, phone: str, scope_path: str) -> list[int]:
    """All terms of a resident; numbers normalised already, "" where unknown."""
    made = [*hasher.name(name), *hasher.path(scope_path)]
    if len(id_number) > TAIL:
        made.append(hasher.term(_ID + id_number[-TAIL:]))
    if len(phone) > TAIL:
        made.append(hasher.term(_PHONE + phone[-TAIL:]))
    return made


def terms_of_building(hasher: Hasher, name: str, code: str, scope_path: str) -> list[int]:
    """All terms of a building: its address and its number."""
    return _open("b", hasher, (name,), (code,), scope_path)


def terms_of_premises(hasher: Hasher, name: str, code: str, address: str, scope_path: str) -> list[int]:
    """All terms of premises: what stands over the door, the address, the number."""
    return _open("p", hasher, (name, address), (code,), scope_path)


def terms_of_organisation(hasher: Hasher, name: str, credit_code: str, address: str, scope_path: str) -> list[int]:
    """All terms of an organisation."""
    return _open("o", hasher, (name, address), (credit_code,), scope_path)


def _open(letter: str, hasher: Hasher, texts: Iterable[str], codes: Iterable[str], scope_path: str) -> list[int]:
    """Terms of what is no secret: pairs of its texts, whole numbers, and how the first text begins when read aloud."""
    first, *rest = texts
    tokens = {f"{letter}n\x1f{pair}" for text in (first, *rest) for pair in pairs(text)}
    tokens |= {f"{letter}s\x1f{sound}" for sound in sounds(first)}
    tokens |= {f"{letter}c\x1f{plain(code)}" for code in codes if code}
    return [*map(hasher.term, sorted(tokens)), *hasher.path(scope_path)]


def _wanted_name(letter: str, hasher: Hasher, word: str) -> list[list[int]]:
    """Sets of terms of which a row must have one whole, for a word of a name or an address."""
    found = [[hasher.term(f"{letter}n\x1f{pair}") for pair in sorted(pairs(word))]]
    if pinyin.typed(word) and 1 < len(word) <= LONGEST_SOUND:
        found.append([hasher.term(f"{letter}s\x1f{word}")])
    return found


def wanted(hasher: Hasher, kind: Kind, words: str, numbers: Collection[str] = NAMED) -> list[list[int]]:
    """Sets of terms of which a row of `kind` must have one whole to be worth a look; none when nothing is looked up.

    Every word must be there. One character alone is in no index of names, and finds nothing. `numbers`: which of a
    person's (id_number, phone) the last four may be of.
    """
    given = normalise_words(words)
    if not given or kind in ("households", "dwellings"):
        return []
    letter = {"residents": "r", "buildings": "b", "premises": "p", "organisations": "o"}[kind]
    if len(given) == 1 and is_number(given[0]):
        return _wanted_number(letter, hasher, given[0], numbers)
    ways: list[list[int]] = []
    if all(any(len(run) > 1 for run in RUN.findall(word)) for word in given):
        ways = [[]]
        for word in given:
            ways = [[*way, *more] for way in ways for more in _wanted_name(letter, hasher, word)]
    if len(given) == 1:
        ways += _wanted_number(letter, hasher, given[0], numbers)
    return ways


def _wanted_number(letter: str, hasher: Hasher, word: str, numbers: Collection[str]) -> list[list[int]]:
    upper = word.upper()
    if letter != "r":
        return [[hasher.term(f"{letter}c\x1f{plain(word)}")]] if len(word) > 1 else []
    if is_tail(word):
        return [[hasher.term(domain + upper)] for name, domain in NAMED.items() if name in numbers]
    return []


def is_tail(word: str) -> bool:
    """Whether a word may be the last four of an identity or phone number: 3 digits and a digit or X."""
    return len(word) == TAIL and word.isascii() and word[:3].isdigit() and (word[3].isdigit() or word[3] in "xX")


def is_number(word: str) -> bool:
    """Whether a word is so much of a number (identity, phone, credit code) that no name or address has it in it."""
    return len(word) >= LEAST_NUMBER and word.isascii() and word.isalnum() and sum(map(str.isdigit, word)) >= TAIL


def plain(number: str) -> str:
    """A number as it is compared: narrow, upper case, without spaces and dashes."""
    return normalise(number).replace("-", "")


def normalise_words(words: str) -> list[str]:
    """What was typed, as words: full-width letters narrowed, lower case; a number written in groups is one word."""
    joined = plain(words)
    if SPACED.fullmatch(joined):
        return [joined.removeprefix("+86").lower()]
    return [word for part in words.split() if (word := normalise(part).lower())]


def grid_term(hasher: Callable[[str], int], segment: str) -> int:
    """The term of one grid, by its segment of a path."""
    return hasher(_GRID + segment)
