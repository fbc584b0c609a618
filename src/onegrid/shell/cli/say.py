"""How the command line talks: progress on stderr, answers on stdout, trouble in one clear line."""

from __future__ import annotations

import sys
import time
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field


class Trouble(Exception):
    """Something the person at the keyboard can mend; the message says how."""


def note(words: str) -> None:
    """One line of progress."""
    print(f"  · {words}", file=sys.stderr, flush=True)


@dataclass
class Bar:
    """A progress bar: redrawn in place on a terminal, a line per tenth elsewhere. Call it with (what, share 0–1)."""

    title: str
    _drawn: tuple[str, int] = ("", -1)
    _started: float = field(default_factory=time.monotonic)

    def __call__(self, what: str, share: float) -> None:
        """Show how far we are."""
        share = min(1.0, max(0.0, share))
        step = int(share * (100 if sys.stderr.isatty() else 10))
        if (what, step) == self._drawn or (not sys.stderr.isatty() and step == self._drawn[1]):
            return
        self._drawn = (what, step)
        if sys.stderr.isatty():
            filled = int(share * 24)
            line = f"\r  · {self.title} [{'█' * filled}{'░' * (24 - filled)}] {share:4.0%} {what[:40]:<40}"
            print(line, end="\n" if share >= 1 else "", file=sys.stderr, flush=True)
        else:
            note(f"{self.title} {share:.0%} {what}")

    def done(self) -> None:
        """Say how long it took."""
        note(f"{self.title} done in {time.monotonic() - self._started:.1f} s")


def width(words: str) -> int:
    """Columns on a terminal: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in words)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns aligned for a terminal."""
    lines = [list(head), *[list(row) for row in rows]]
    widths = [max(width(line[place]) for line in lines) for place in range(len(head))]
    pad: Callable[[str, int], str] = lambda words, room: words + " " * (room - width(words))  # noqa: E731
    drawn = ["  ".join(pad(cell, room) for cell, room in zip(line, widths, strict=True)).rstrip() for line in lines]
    return "\n".join([drawn[0], "  ".join("─" * room for room in widths), *drawn[1:]])
