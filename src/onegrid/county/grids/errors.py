"""What can go wrong with grids. The kernel's error base turns these into answers of the API."""

from __future__ import annotations


class CodeExhausted(ValueError):
    """A level has more grids than its group of digits can number."""

    def __init__(self, *, parent_code: str, ordinal: int, width: int) -> None:
        super().__init__(f"no {width}-digit number left below {parent_code}: {ordinal}")
