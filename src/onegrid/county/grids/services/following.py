"""Where what lay in grids that were split, merged or redrawn lies today."""

from __future__ import annotations

from collections.abc import Iterable

from onegrid.county.grids import selectors as grids
from onegrid.county.grids.models import Grid, GridSuccession
from onegrid.county.grids.services.redraw import today_many


class Follower:
    """Finds today's grid for places in grids of the past; asks the database thrice for all of them.

    A point goes to whichever of the successors holds it. Without a point, or with one that lies in none of them (a
    report may have been given its grid by hand), the successor that took the largest share of the area has it.
    """

    def __init__(self, paths: Iterable[str]) -> None:
        """`paths`: of the grids that were changed, retired ones too."""
        self.paths = sorted(paths)
        changed = dict(Grid.objects.filter(scope_path__in=self.paths).values_list("pk", "scope_path"))
        heirs = today_many(changed)
        wanted = {heir for shares in heirs.values() for heir, _ in shares}
        # A grid that goes on with less land has given the rest to others.
        given = GridSuccession.objects.filter(predecessor__in=changed, predecessor__active=True, successor__active=True)
        wanted.update(given.values_list("successor_id", flat=True))
        self._path = dict(Grid.objects.filter(pk__in=wanted).values_list("pk", "scope_path"))
        self._largest = {
            path: max(heirs[key], key=lambda heir: (heir[1], -heir[0]))[0]
            for key, path in changed.items()
            if heirs[key]
        }

    def place(self, path: str, lon: float | None = None, lat: float | None = None) -> tuple[int, str] | None:
        """Today's grid (key, path) of something that lay in the grid `path`; None when nothing took that grid over."""
        if path not in self._largest:
            return None
        if lon is not None and lat is not None:
            spot = grids.find_grid_at(lon, lat)
            if spot is not None and spot.id in self._path:
                return spot.id, spot.scope_path
        largest = self._largest[path]
        return largest, self._path[largest]
