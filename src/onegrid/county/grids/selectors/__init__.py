"""What others read about grids. Values, never models: nobody changes a grid by accident."""

from __future__ import annotations

from onegrid.county.grids.selectors.addresses import Hit, Meant, find_addresses, meant
from onegrid.county.grids.selectors.counting import count_in_schemes, count_of_level, level, usual_children
from onegrid.county.grids.selectors.finding import places_of, search
from onegrid.county.grids.selectors.places import (
    Address,
    Chain,
    Place,
    chain,
    chains,
    find_grid_at,
    index,
    locate,
    version_seen,
)
from onegrid.county.grids.selectors.reading import (
    GridInfo,
    LevelInfo,
    SchemeInfo,
    by_code,
    by_path,
    calendar_for,
    calendar_span,
    children,
    division_levels,
    find_grid,
    grid,
    map_version,
    root,
    schemes,
    subtree,
)

__all__ = [
    "Address",
    "Chain",
    "GridInfo",
    "Hit",
    "LevelInfo",
    "Meant",
    "Place",
    "SchemeInfo",
    "by_code",
    "by_path",
    "calendar_for",
    "calendar_span",
    "chain",
    "chains",
    "children",
    "count_in_schemes",
    "count_of_level",
    "division_levels",
    "find_addresses",
    "find_grid",
    "find_grid_at",
    "grid",
    "index",
    "level",
    "locate",
    "map_version",
    "meant",
    "places_of",
    "root",
    "schemes",
    "search",
    "subtree",
    "usual_children",
    "version_seen",
]  # fmt: skip
