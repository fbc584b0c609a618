"""Codes of grids: a 12-digit division code, then a group of digits per level below it.

The division part is the statistical code of the county, township or village the grid lies in
(GB/T 2260 and GB/T 10114, padded with zeros to 12). How many digits each further level adds is
the pack's ``code_pattern``; levels past the pattern repeat its last entry.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from onegrid.county.grids.errors import CodeExhausted

DIVISION_DIGITS = 12


@dataclass(frozen=True)
class CodePattern:
    """How many digits the levels below a division add, top to bottom."""

    digits: tuple[int, ...] = (3, 2)

    def width(self, step: int) -> int:
        """Digits added by the ``step``-th level below the division (0 is the first)."""
        return self.digits[min(step, len(self.digits) - 1)]


def division_code(code: str) -> str:
    """A division's code padded to twelve digits; raises ValueError when it is not digits or too long."""
    if not code.isdigit() or len(code) > DIVISION_DIGITS:
        raise ValueError(f"not a division code: {code!r}")
    return code.ljust(DIVISION_DIGITS, "0")


def extend(parent_code: str, ordinal: int, pattern: CodePattern, step: int) -> str:
    """The code of the ``ordinal``-th child (1 is the first) at the ``step``-th level below the division.

    Raises CodeExhausted when the ordinal does not fit its group of digits.
    """
    width = pattern.width(step)
    if not 1 <= ordinal < 10**width:
        raise CodeExhausted(parent_code=parent_code, ordinal=ordinal, width=width)
    return f"{parent_code}{ordinal:0{width}d}"


def next_ordinal(codes: Sequence[str], parent_code: str, pattern: CodePattern, step: int) -> int:
    """The first ordinal after every code in use below ``parent_code``; a retired code is not used again."""
    return max(_given(codes, parent_code, pattern.width(step)), default=0) + 1


def free_ordinals(codes: Sequence[str], parent_code: str, pattern: CodePattern, step: int, count: int) -> list[int]:
    """So many ordinals never given below ``parent_code``: behind all that were, and where those do not reach, between
    them. Raises CodeExhausted when there are not so many."""
    width = pattern.width(step)
    given = _given(codes, parent_code, width)
    after = range(max(given, default=0) + 1, 10**width)
    if len(after) >= count:
        return list(after[:count])
    never = [one for one in range(1, 10**width) if one not in given]
    if len(never) < count:
        raise CodeExhausted(parent_code=parent_code, ordinal=len(given) + count, width=width)
    return never[:count]


def _given(codes: Sequence[str], parent_code: str, width: int) -> set[int]:
    start = len(parent_code)
    return {
        int(code[start : start + width])
        for code in codes
        if code.startswith(parent_code) and len(code) >= start + width
    }
