"""What becomes of an edit when the row changed after its author looked: field by field, nothing overwritten unseen.

A field nobody else touched is taken. A field somebody touched is a conflict, unless both want the same. What its author
saw decides; where he saw a mask only, the record of changes since his version does.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Final

from onegrid.foundation.kernel.masking import STAR

Value = str | int | float | None
Values = Mapping[str, Value]
Mask = Callable[[str, Value], Value]
"""How a field's value looks masked; other fields come back as they are."""
BLANK: Final = (None, "")


@dataclass(frozen=True)
class Clash:
    """A field two people changed: what the author saw, what stands there now, what he wants."""

    field: str
    seen: Value
    current: Value
    wanted: Value


@dataclass(frozen=True)
class Merged:
    """Fields to write, and those that clash. With any clash nothing is to be written."""

    take: dict[str, Value]
    clashes: tuple[Clash, ...]


def merge(
    current: Values,
    seen: Values,
    wanted: Values,
    *,
    touched: Collection[str] | None,
    mask: Mask,
) -> Merged:
    """Merge `wanted` into `current`.

    `touched` names the fields that changed since the version the author saw; None when that cannot be told any more,
    and then only what he saw unmasked counts.
    """
    take: dict[str, Value] = {}
    clashes: list[Clash] = []
    for field, value in wanted.items():
        now = current[field]
        if same(value, now):
            continue
        if _unseen(field, now, seen, touched, mask):
            clashes.append(Clash(field, seen.get(field), now, value))
        else:
            take[field] = value
    return Merged(take, tuple(clashes))


def _unseen(field: str, now: Value, seen: Values, touched: Collection[str] | None, mask: Mask) -> bool:
    """Whether what stands there now is something the author did not look at."""
    if field in seen:
        told = seen[field]
        if not is_mask(told):
            return not same(told, now)
        if not same(told, mask(field, now)):
            return True
    return touched is None or field in touched


def same(one: Value, other: Value) -> bool:
    """Whether two values say the same: nothing is nothing, and 2 is 2 whether written as text or number."""
    if one in BLANK and other in BLANK:
        return True
    return one == other or (one not in BLANK and other not in BLANK and str(one) == str(other))


def is_mask(value: Value) -> bool:
    """Whether a value was shown masked."""
    return isinstance(value, str) and STAR in value
