"""What grids store: schemes, levels, grids and their outlines through time, the work
calendar, map features, drafts of the map."""

from onegrid.county.grids.models.calendar import WorkDay
from onegrid.county.grids.models.drafts import Draft, DraftCell, DraftStep
from onegrid.county.grids.models.map import MapFeature, MapVersion
from onegrid.county.grids.models.tree import Grid, GridOutline, GridSuccession, Level, Scheme

__all__ = [
    "Draft",
    "DraftCell",
    "DraftStep",
    "Grid",
    "GridOutline",
    "GridSuccession",
    "Level",
    "MapFeature",
    "MapVersion",
    "Scheme",
    "WorkDay",
]
