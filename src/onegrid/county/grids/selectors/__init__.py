"""What others read about grids. Values, never models: nobody changes a grid by accident."""

from __future__ import annotations

from onegrid.county.grids.selectors.places import (
    Address,
    Chain,
    Place,
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
    chain,
    chains,
    children,
    division_levels,
    find_grid,
    grid,
    map_version,
    root,
    schemes,
    search,
    subtree,
)

__all__ = [
    "Address", "Chain", "GridInfo", "LevelInfo", "Place", "SchemeInfo", "by_code", "by_path", "calendar_for",
    "calendar_span", "chain", "chains", "children", "division_levels", "find_grid", "find_grid_at", "grid", "index",
    "locate", "map_version", "root", "schemes", "search", "subtree", "version_seen",
]  # fmt: skip
