"""Where a case is: the grid its point lies in, the chain above it, and the centre that takes it first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from onegrid.cases.errors import BadFields
from onegrid.cases.flow.work import Work
from onegrid.cases.models import Assignment, CaseAction, CaseReporter, Clock, Grant, Rating
from onegrid.cases.rules.states import Action
from onegrid.cases.selectors import searching
from onegrid.county.grids import selectors as grids
from onegrid.county.grids.selectors import GridInfo
from onegrid.county.workforce import selectors as workforce
from onegrid.foundation.database.context import ROOT
from onegrid.foundation.database.write import write

FROM_OUTSIDE = frozenset({"snap", "hotline", "open311", "sensor", "petition", "import"})
"""Channels that end at the top centre, which passes on; what staff report starts at the nearest centre above them."""


@dataclass(frozen=True)
class Place:
    """A place in the grids: the deepest grid, its path, and the centres above it, top first."""

    grid_id: int
    scope_path: str
    centres: tuple[str, ...]
    address: str = ""


def place_of(*, lon: float | None, lat: float | None, grid: str | None) -> Place:
    """Find the deepest grid of the first scheme that holds the point; `BadFields` when nothing does."""
    if lon is not None and lat is not None:
        spot = grids.find_grid_at(lon, lat)
        if spot is None:
            raise BadFields({"point": "outside"})
        return Place(spot.id, spot.scope_path, workforce.centres_above(spot.scope_path), spot.address)
    if not grid:
        raise BadFields({"point": "required"})
    found = grid_of(grid)
    return Place(found.id, found.scope_path, workforce.centres_above(found.scope_path))


def grid_of(grid: str, field: str = "grid") -> GridInfo:
    """The active grid of an id as text; `BadFields` when there is none."""
    found = grids.find_grid(grid)
    if found is None:
        raise BadFields({field: "unknown"})
    return found


def first_desk(place: Place, channel: str, reporter_scope: str) -> str:
    """The centre a new case begins at: the top one for calls from outside, the nearest one for what staff saw."""
    if not place.centres:
        return ROOT
    if channel in FROM_OUTSIDE:
        return place.centres[0]
    if reporter_scope in place.centres:
        return reporter_scope
    return place.centres[-1]


def above(centres: Sequence[str], desk: str) -> str | None:
    """The next centre up from `desk`."""
    return next((path for path in reversed(centres) if len(path) < len(desk)), None)


def below(centres: Sequence[str], desk: str) -> str | None:
    """The next centre down from `desk` on the case's path."""
    return next((path for path in centres if len(path) > len(desk)), None)


def relocate(work: Work, data: dict[str, Any]) -> None:
    """Correct the place: the case and all its rows move to the new grid; the grid at report stays on record."""
    point = data["point"]
    place = place_of(lon=point["lon"], lat=point["lat"], grid=None)
    case, former = work.case, work.case.scope_path
    case.lon, case.lat = point["lon"], point["lat"]
    case.address = data.get("address") or case.address
    case.grid_id, case.scope_path = place.grid_id, place.scope_path
    work.centres = place.centres
    centre = case.desk_path if case.desk_path in place.centres else first_desk(place, case.channel, "")
    work.record(Action.RELOCATE, {**data, "centre": centre, "from": former})
    if former != place.scope_path:
        for kind in (CaseAction, Assignment, Clock, CaseReporter, Grant, Rating):
            kind.objects.filter(case=case).update(scope_path=place.scope_path)
        for clock in work.clocks.all:
            clock.scope_path = place.scope_path
        for assignment in work.assignments.values():
            assignment.scope_path = place.scope_path
    write([searching.remember(case)])
