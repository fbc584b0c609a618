"""What of the registers stands on a map of its own reader's reach: whom to visit, visits made, how many live where.

Points stand at the building and carry no name: whoever may see more opens the row by its own access.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal

from django.db.models import Count, Sum
from django.db.models.functions import Coalesce

from onegrid.county.registers.models import Building, Care, CareVisit, Household
from onegrid.county.registers.selectors.care import may_care
from onegrid.county.workforce.selectors import day_of
from onegrid.foundation.accounts.actor import Actor
from onegrid.foundation.database.managers import upper_bound

POINTS: Final = 2_000
SOON: Final = timedelta(days=3)
"""A visit due within so many days is due."""
Box = tuple[float, float, float, float]
_SPOT: Final = "resident__household__dwelling__building"


@dataclass(frozen=True)
class CarePoint:
    """Somebody to visit: where, and how the next visit stands."""

    id: int
    lon: float
    lat: float
    due: date
    name: str
    """The building's; where somebody lives is shown to those alone who may open the row."""
    state: Literal["late", "due", "fine"]


@dataclass(frozen=True)
class DoorPoint:
    """A building somebody could go to, with how many households live there."""

    id: int
    name: str
    lon: float
    lat: float
    households: int


@dataclass(frozen=True)
class VisitPoint:
    """A visit that was made: where, when and with what outcome."""

    id: str
    care: int
    lon: float
    lat: float
    at: datetime
    outcome: str
    user: int


def care_points(
    actor: Actor,
    box: Box | None,
    *,
    now: datetime,
    scope_path: str = "",
    due_by: date | None = None,
    most: int = POINTS,
) -> tuple[list[CarePoint], bool]:
    """Open rows of the care register in the hat's grids, the longest due first; and whether some are left out.

    `scope_path`: of one grid below. `due_by`: those due until that day. Raises `Forbidden` for whoever may not see
    the care register.
    """
    may_care(actor)
    rows = Care.objects.filter(ended_at=None)
    if box is not None:
        rows = rows.filter(**_inside(_SPOT, box))
    if scope_path:
        rows = rows.filter(scope_path__gte=scope_path, scope_path__lt=upper_bound(scope_path))
    if due_by is not None:
        rows = rows.filter(next_due__lte=due_by)
    columns = ("pk", f"{_SPOT}__lon", f"{_SPOT}__lat", "next_due", f"{_SPOT}__name")
    found = list(rows.order_by("next_due", "pk").values_list(*columns)[: most + 1])
    today = day_of(now)
    return [
        CarePoint(pk, lon, lat, due, name, "late" if due < today else "due" if due <= today + SOON else "fine")
        for pk, lon, lat, due, name in found[:most]
    ], len(found) > most


def visit_points(
    actor: Actor, box: Box | None, since: datetime, until: datetime, *, scope_path: str = "", most: int = POINTS
) -> tuple[list[VisitPoint], bool]:
    """Visits made in a period in the hat's grids, the newest first; and whether some are left out. Raises `Forbidden`.

    `until` is the first moment after the period.
    """
    may_care(actor)
    rows = CareVisit.objects.filter(at__gte=since, at__lt=until)
    if scope_path:
        rows = rows.filter(scope_path__gte=scope_path, scope_path__lt=upper_bound(scope_path))
    if box is not None:
        rows = rows.filter(**_inside(f"care__{_SPOT}", box))
    columns = ("pk", "care_id", f"care__{_SPOT}__lon", f"care__{_SPOT}__lat", "at", "outcome", "user")
    found = list(rows.order_by("-at", "-pk").values_list(*columns)[: most + 1])
    return [VisitPoint(str(row[0]), *row[1:]) for row in found[:most]], len(found) > most


def door_points(scope_path: str, *, most: int) -> list[DoorPoint]:
    """Buildings of a grid somebody lives in, by address. One statement, in the caller's own reach."""
    lived = Household.objects.filter(scope_path__gte=scope_path, scope_path__lt=upper_bound(scope_path))
    columns = [f"dwelling__building{part}" for part in ("", "__name", "__lon", "__lat")]
    found = lived.values_list(*columns).annotate(n=Count("pk")).order_by(columns[1], columns[0])[:most]
    return [DoorPoint(*row) for row in found]


def live_here(scope_path: str) -> tuple[int, int]:
    """People in households, and buildings, below a grid in the caller's own reach. Two statements."""
    below = {"scope_path__gte": scope_path, "scope_path__lt": upper_bound(scope_path)}
    people = Household.objects.filter(**below).aggregate(n=Coalesce(Sum("people"), 0))["n"]
    return int(people), Building.objects.filter(**below).count()


def _inside(spot: str, box: Box) -> dict[str, Sequence[float]]:
    west, south, east, north = box
    return {f"{spot}__lon__range": (west, east), f"{spot}__lat__range": (south, north)}
