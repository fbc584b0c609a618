"""Chinese names by the first letters of how they sound: 甘蔗街道 is gzjd.

Two ways, for two uses. `initials` gives the one reading a phrase usually has; `found_in` lets a name be found by any
reading of its characters (长 by c or z, 厦 by x or s), for place names are read in their own way.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

LETTERS = re.compile(r"[a-z0-9]+")


@lru_cache(maxsize=20_000)
def initials(text: str) -> str:
    """The pinyin initials of a Chinese text as it is usually read: 井盖 is jg. Other letters stay."""
    # Half a second to import, needed by few processes.
    from pypinyin import Style, lazy_pinyin  # noqa: PLC0415

    return "".join(lazy_pinyin(text, style=Style.FIRST_LETTER)).lower()


@cache
def letters_of(character: str) -> str:
    """Every letter a character's readings begin with; of other characters the lower-case character itself."""
    from pypinyin.constants import PINYIN_DICT  # noqa: PLC0415

    readings = PINYIN_DICT.get(ord(character), "")
    found = {unicodedata.normalize("NFD", one)[0].lower() for one in readings.split(",") if one}
    return "".join(sorted(found)) or character.lower()


@cache
def syllable_of(character: str) -> str:
    """The commonest reading of a character with its tone, 溪 is xī; "" for what is no Chinese character."""
    from pypinyin.constants import PINYIN_DICT  # noqa: PLC0415

    return str(PINYIN_DICT.get(ord(character), "")).partition(",")[0]


def found_in(letters: str, name: str) -> int | None:
    """At which character of `name` one after the other begin with `letters` (lower case); None when nowhere."""
    sounds = [letters_of(character) for character in name]
    for start in range(len(sounds) - len(letters) + 1):
        if all(letter in sound for letter, sound in zip(letters, sounds[start:], strict=False)):
            return start
    return None


def typed(words: str) -> bool:
    """Whether what was typed may be initials: letters and digits only."""
    return LETTERS.fullmatch(words) is not None
