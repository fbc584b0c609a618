"""The stages of filling a locality: each is one transaction (or blocks of its own), skipped when its rows are there.

Progress is told in the time a stage usually takes, so that the bar moves as the clock does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

Progress = Callable[[str, float], None]


@dataclass
class Stages:
    """Tells progress as a share of all work. ``weights`` are seconds by stage, in order; their sum is the whole."""

    weights: dict[str, float]
    progress: Progress
    _done: float = field(default=0.0, init=False)
    _now: str = field(default="", init=False)

    def begin(self, name: str) -> None:
        """The stage before is over, this one begins."""
        self._close()
        self._now = name
        self.part(0, 1)

    def part(self, done: int, of: int) -> None:
        """How far the running stage is."""
        share = (self._done + self.weights[self._now] * done / max(1, of)) / sum(self.weights.values())
        self.progress(self._now, min(0.999, share))

    def end(self) -> None:
        """All is there."""
        self._close()
        self.progress("done", 1.0)

    def _close(self) -> None:
        self._done += self.weights.get(self._now, 0.0)
        self._now = ""


def weights(households: int, buildings: int, staff: int, closed: int) -> dict[str, float]:
    """Seconds each stage takes on one core, from how much there is to make; measured on a full Minhou."""
    return {
        "land": 0.3 + households * 1.7e-5,
        "grids": 0.2 + households * 1.0e-5,
        "map": 0.2 + buildings * 1.5e-5,
        "catalogue": 0.6,
        "buildings": 0.2 + buildings * 8e-5,
        "dwellings": 0.1 + households * 8e-5,
        "residents": 0.2 + households * 3e-4,
        "organisations": 0.1 + households * 1.5e-5,
        "premises": 0.1 + households * 2.5e-5,
        "people": 0.2 + staff * 1.4e-4,
        "history": 0.5 + closed * 2.8e-3,
        "open cases": 0.8,
        "figures": 0.2 + closed * 2e-4,
        "accounts": 0.3,
    }
