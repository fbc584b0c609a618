"""What the pack in force says about the registers: choices, purposes, retention, budgets. Read once per pack."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from onegrid.county.matters import selectors as matters
from onegrid.county.registers.rules.section import Choice, Keeping, Purpose, RegistersPart, restored
from onegrid.foundation.database.stamps import Remembered


def part() -> RegistersPart:
    """Everything the pack in force says about the registers. Raises PackNotLoaded."""
    return _part.get()


def choices(name: str) -> Mapping[str, Choice]:
    """What can be chosen under a name such as `building.kind`, by key, in the pack's order. KeyError for no list."""
    return {one.key: one for one in part().choices[name]}


def purposes() -> Mapping[str, Purpose]:
    """Why somebody may look at whole values, by key."""
    return {one.key: one for one in part().purposes}


def keeping() -> Mapping[str, Keeping]:
    """How long what is kept, by key."""
    return {one.key: one for one in part().retention}


def _read() -> RegistersPart:
    return restored(matters.current_pack().content.get("registers", {}))


_part: Final = Remembered(matters.PACK, read=_read)
