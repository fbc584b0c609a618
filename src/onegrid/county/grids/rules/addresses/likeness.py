"""How unlike a name and the best fitting part of a text are, counted in characters.

A character that only sounds like the right one (临西路 for 临溪路) counts half, an inserted, missing or other one
whole, the right ones in another order three quarters together. The comparison is Myers' bit-parallel search for the
smallest edit distance between a pattern and any part of a text (G. Myers, A fast bit-vector algorithm for approximate
string matching, JACM 46(3), 1999): a few whole-number operations for each character of the text, however long the
pattern.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

SWAPPED: Final = 0.75
"""What the right signs in another order count."""
TWO: Final = 2
HOPELESS: Final = 0.6
"""Part of the sounds that differ beyond which nobody looks at the characters."""


class Found(NamedTuple):
    """Where a name fits a text best: characters that differ (halves for sounds), first and past the last position."""

    unlike: float
    begin: int
    end: int


class Name:
    """A name prepared for comparisons: its characters and its sounds as bit masks."""

    __slots__ = ("_letters", "_signs", "_sounds", "length", "text")

    def __init__(self, text: str, sounds: str) -> None:
        """Take the name and its sounds, one sign for each character."""
        self.text = text
        self.length = len(text)
        self._letters = _masks(text)
        self._sounds = _masks(sounds)
        self._signs = sorted(text)

    def within(self, text: str, sounds: str) -> Found:
        """The best fit in a text; positions are of the text's characters."""
        at = text.find(self.text)
        if at >= 0:
            return Found(0.0, at, at + self.length)
        by_sound, end = _search(self._sounds, self.length, sounds)
        if by_sound > HOPELESS * self.length and by_sound > TWO:
            return Found(float(by_sound), 0, 0)
        by_letter, _ = _search(self._letters, self.length, text)
        unlike = (by_letter + by_sound) / 2
        if unlike > SWAPPED and self.length > TWO >= by_sound:
            at = self._shuffled(text)
            if at >= 0:
                return Found(SWAPPED, at, at + self.length)
        return Found(unlike, max(0, end - self.length), end)

    def _shuffled(self, text: str) -> int:
        """Where the text has the name's signs in another order; -1 nowhere."""
        for at in range(len(text) - self.length + 1):
            if text[at] in self._letters and sorted(text[at : at + self.length]) == self._signs:
                return at
        return -1


@lru_cache(maxsize=100_000)
def _masks(text: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for at, sign in enumerate(text):
        found[sign] = found.get(sign, 0) | 1 << at
    return found


def _search(masks: dict[str, int], length: int, text: str) -> tuple[int, int]:
    """The smallest distance to any part of the text, and where that part ends (the first such place)."""
    whole = (1 << length) - 1
    top = 1 << (length - 1)
    up, down = whole, 0
    distance = best = length
    end = 0
    for at, sign in enumerate(text, 1):
        equal = masks.get(sign, 0)
        vertical = equal | down
        horizontal = (((equal & up) + up) ^ up) | equal
        more = down | (~(horizontal | up) & whole)
        less = up & horizontal
        if more & top:
            distance += 1
        elif less & top:
            distance -= 1
            if distance < best:
                best, end = distance, at
        more, less = more << 1 & whole, less << 1 & whole
        up = less | (~(vertical | more) & whole)
        down = more & vertical
    return best, end
