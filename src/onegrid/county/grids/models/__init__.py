"""What grids store: schemes, levels, grids and their outlines through time, the work calendar, map features."""

from onegrid.county.grids.models.calendar import WorkDay
from onegrid.county.grids.models.map import MapFeature, MapVersion
from onegrid.county.grids.models.tree import Grid, GridOutline, GridSuccession, Level, Scheme

__all__ = [
    "Grid",
    "GridOutline",
    "GridSuccession",
    "Level",
    "MapFeature",
    "MapVersion",
    "Scheme",
    "WorkDay",
]
