"""Characters by how they sound, so that a name spelt by ear is found.

One sign for each syllable without its tone; syllables that the south does not keep apart (zh z, ch c, sh s, n l at the
beginning, -ng -n at the end) share one. The dictionary of readings is the one the product types pinyin with.
"""

from __future__ import annotations

import unicodedata
from functools import cache

from onegrid.foundation.kernel import pinyin

_FIRST_SIGN = 0xE000
"""Private use area: no text that was normalised has these."""
_signs: dict[str, str] = {}


def sounds_of(text: str) -> str:
    """The text with each Chinese character replaced by the sign of its sound; the same length."""
    return "".join([_sound(sign) for sign in text])


@cache
def _sound(sign: str) -> str:
    syllable = pinyin.syllable_of(sign)
    if not syllable:
        return sign
    return _signs.setdefault(_merged(syllable), chr(_FIRST_SIGN + len(_signs)))


def _merged(syllable: str) -> str:
    """The class of a syllable: toneless, southern mergers applied."""
    bare = "".join(letter for letter in unicodedata.normalize("NFD", syllable) if letter.isalpha())
    for one, other in (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l")):
        if bare.startswith(one):
            bare = other + bare[len(one) :]
            break
    return bare[:-1] if bare.endswith("ng") else bare
