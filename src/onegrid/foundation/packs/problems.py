"""What is wrong with a pack: every problem with its file, its line, what was found and what was expected."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a value was written: file relative to the folder of packs, and line (1 is the first)."""

    file: str
    line: int


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake. ``expected`` says what would be right, so that the reader need not look it up."""

    file: str
    line: int
    field: str
    message: str
    expected: str = ""

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}"
        what = f"{self.field}: {self.message}" if self.field else self.message
        return f"{where}: {what}; expected {self.expected}" if self.expected else f"{where}: {what}"

    def as_json(self) -> dict[str, str | int]:
        """The same for programs."""
        return {
            "file": self.file,
            "line": self.line,
            "field": self.field,
            "message": self.message,
            "expected": self.expected,
        }


class Problems:
    """Collects problems, so that one run reports all of them; the same one is kept once."""

    def __init__(self) -> None:
        self._found: dict[Problem, None] = {}

    def add(self, place: Place, field: str, message: str, expected: str = "") -> None:
        """Note a mistake at a place."""
        self._found[Problem(place.file, place.line, field, message, expected)] = None

    def __iter__(self) -> Iterator[Problem]:
        return iter(sorted(self._found))

    def __len__(self) -> int:
        return len(self._found)


def nearest(word: str, words: Iterable[str]) -> str:
    """The closest of ``words`` to a misspelt one, or '' when none is close."""
    close = difflib.get_close_matches(word, list(words), n=1, cutoff=0.6)
    return close[0] if close else ""


def one_of(word: str, words: Iterable[str]) -> str:
    """An expectation for a closed list: the nearest word first, then the list (shortened when long)."""
    known = list(words)
    if not known:
        return "nothing: there is none to choose from"
    close = nearest(word, known)
    shown = ", ".join(known[:12]) + (f" … ({len(known)} in all)" if len(known) > 12 else "")
    return f"one of {shown}" + (f" (did you mean {close}?)" if close else "")
