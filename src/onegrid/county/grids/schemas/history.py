"""A grid through time as the API shows it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from ninja import Schema

from onegrid.county.grids.schemas.drafts import GeoJson
from onegrid.county.grids.schemas.reading import GridOut


class FeatureOut(Schema):
    """One GeoJSON feature, WGS84."""

    type: Literal["Feature"] = "Feature"
    id: str
    geometry: GeoJson
    properties: GeoJson


class VersionOut(Schema):
    """An outline while it held."""

    version: int
    valid_from: datetime
    valid_to: datetime | None
    area_m2: float


class SuccessionOut(Schema):
    """A grid that came before or after."""

    grid: str
    name: str
    code: str
    share: float
    kind: str
    reason: str
    at: datetime


class GridHistoryOut(Schema):
    """A grid through time."""

    grid: GridOut
    versions: list[VersionOut]
    came_from: list[SuccessionOut]
    became: list[SuccessionOut]
