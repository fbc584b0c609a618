"""Collected once, used many times: whom and what a campaign, a service or a visit is for, by place, read from here.

Values, never models, and nothing that names anybody: who needs a name or a number asks for it by the row's own id, for
a purpose and on record. All of it in the caller's own scope, in order of id: a long run goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import F

from onegrid.county.registers.models import Household, Premises, Resident
from onegrid.foundation.database.managers import upper_bound

BLOCK: Final = 2_000


@dataclass(frozen=True)
class Home:
    """A household somebody can be sent to."""

    id: int
    grid: int
    scope_path: str
    building: int
    door: str
    people: int
    lon: float
    lat: float


@dataclass(frozen=True)
class Neighbour:
    """A resident a service may be meant for, without a name."""

    id: int
    household: int
    grid: int
    scope_path: str
    sex: int
    birth_year: int | None
    registered: str


@dataclass(frozen=True)
class Place:
    """Premises to be visited."""

    id: int
    grid: int
    scope_path: str
    name: str
    kind: str
    address: str


def homes(scope_path: str, *, after: int = 0, most: int | None = None) -> Iterator[Home]:
    """Households below a grid, from behind the id `after` on."""
    rows = Household.objects.filter(**_below(scope_path)).values_list(
        "pk", "grid_id", "scope_path", "dwelling__building_id", "dwelling__label", "people",
        "dwelling__building__lon", "dwelling__building__lat",
    )  # fmt: skip
    return (Home(*row) for row in _walk(rows, after, most))


def neighbours(
    scope_path: str,
    *,
    born_from: int | None = None,
    born_to: int | None = None,
    sex: int | None = None,
    registered: str = "",
    after: int = 0,
    most: int | None = None,
) -> Iterator[Neighbour]:
    """Residents who live below a grid, of certain years of birth, sex or registration."""
    wanted: dict[str, Any] = {"left_on": None, "died_on": None, **_below(scope_path)}
    if born_from is not None:
        wanted["birth_year__gte"] = born_from
    if born_to is not None:
        wanted["birth_year__lte"] = born_to
    if sex is not None:
        wanted["sex"] = sex
    if registered:
        wanted["registered"] = registered
    rows = Resident.objects.filter(**wanted).values_list(
        "pk", "household_id", F("household__grid_id"), "scope_path", "sex", "birth_year", "registered"
    )
    return (Neighbour(*row) for row in _walk(rows, after, most))


def places(scope_path: str, *, kind: str = "", after: int = 0, most: int | None = None) -> Iterator[Place]:
    """Premises below a grid, of one kind when told."""
    rows = Premises.objects.filter(**_below(scope_path), **({"kind": kind} if kind else {}))
    return (
        Place(*row)
        for row in _walk(rows.values_list("pk", "grid_id", "scope_path", "name", "kind", "address"), after, most)
    )


def _below(path: str) -> dict[str, str]:
    return {"scope_path__gte": path, "scope_path__lt": upper_bound(path)}


def _walk(rows: Any, after: int, most: int | None) -> Iterator[tuple[Any, ...]]:
    """Rows by id in blocks, one statement each."""
    left = most
    while left is None or left > 0:
        block = list(rows.filter(pk__gt=after).order_by("pk")[: BLOCK if left is None else min(BLOCK, left)])
        if not block:
            return
        yield from block
        after = block[-1][0]
        if left is not None:
            left -= len(block)
