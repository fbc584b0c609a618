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
    lon: float | None = None
    lat: float | None = None
    by_words: float = 0.0
    """How sure the place is that words alone told; 0 when a point or a grid did."""


def place_of(*, lon: float | None, lat: float | None, grid: str | None, words: Sequence[str] = ()) -> Place:
    """The deepest grid of the first scheme that holds the point; else the grid named; else what the words surely mean.

    `words` are tried one after the other: an address, then what was reported. `BadFields` when nothing tells the place.
    """
    if lon is not None and lat is not None:
        spot = grids.find_grid_at(lon, lat)
        if spot is None:
            raise BadFields({"point": "outside"})
        return Place(spot.id, spot.scope_path, workforce.centres_above(spot.scope_path), spot.address, lon, lat)
    if grid:
        found = grid_of(grid)
        return Place(found.id, found.scope_path, workforce.centres_above(found.scope_path))
    told = place_by_words(words)
    if told is None:
        raise BadFields({"point": "required"})
    return told


def place_by_words(words: Sequence[str]) -> Place | None:
    """Where the first of these texts that surely means a building or grid lies; None when none does."""
    for text in words:
        meant = grids.meant(text) if text.strip() else None
        if meant is None:
            continue
        if meant.lon is not None and meant.lat is not None:
            spot = grids.find_grid_at(meant.lon, meant.lat)
            if spot is not None:
                centres = workforce.centres_above(spot.scope_path)
                label = meant.label
                return Place(spot.id, spot.scope_path, centres, label, meant.lon, meant.lat, meant.confidence)
        found = grids.by_path(meant.scope_path)
        centres = workforce.centres_above(found.scope_path)
        return Place(found.id, found.scope_path, centres, by_words=meant.confidence)
    return None


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
