"""What every reader gives: numbered rows of texts, and how the file was read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(slots=True)
class Lines:
    """All rows of a file with their numbers from 1, heading and header included. `total` is about how many."""

    encoding: str
    rows: Iterator[tuple[int, list[str]]]
    total: int
    sheet: str = ""
    delimiter: str = ""
