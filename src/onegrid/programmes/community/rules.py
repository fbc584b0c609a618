"""What a notice may say and when it is shown. No Django here."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

LONGEST: Final = timedelta(days=366)
"""A notice that shall hold longer is written again: nobody trusts a blackboard that is never wiped."""

State = Literal["planned", "current", "over", "withdrawn"]


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A notice as its author asks for it. ``grid`` is a grid's id; times are aware."""

    key: UUID
    grid: str
    title: str
    body: str
    for_residents: bool
    for_staff: bool
    positions: tuple[str, ...] = ()
    important: bool = False
    valid_from: datetime | None = None
    valid_to: datetime | None = None


def starts(draft: Draft, now: datetime) -> datetime:
    """When it begins to be shown: never before it was written."""
    return max(draft.valid_from or now, now)


def faults(draft: Draft, *, now: datetime, positions: Collection[str]) -> dict[str, str]:
    """Field → what is wrong with it, for a locality with these positions; empty when all is well."""
    found: dict[str, str] = {}
    if not draft.for_residents and not draft.for_staff:
        found["for_residents"] = "for_nobody"
    if draft.positions and not draft.for_staff:
        found["positions"] = "positions_without_staff"
    elif set(draft.positions) - set(positions):
        found["positions"] = "unknown_position"
    begin = starts(draft, now)
    if draft.valid_to is not None and draft.valid_to <= begin:
        found["valid_to"] = "ends_before_it_begins"
    elif (draft.valid_to or begin) - begin > LONGEST or begin - now > LONGEST:
        found["valid_to"] = "too_long"
    return found


def state(*, valid_from: datetime, valid_to: datetime | None, withdrawn: bool, now: datetime) -> State:
    """Where a notice stands. `valid_to` itself is already over."""
    if withdrawn:
        return "withdrawn"
    if now < valid_from:
        return "planned"
    return "over" if valid_to is not None and now >= valid_to else "current"
