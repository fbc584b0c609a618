"""Registers the grids with Django."""

from __future__ import annotations

from django.apps import AppConfig


class GridsConfig(AppConfig):
    """Schemes, grids, outlines, the work calendar, the base map."""

    name = "onegrid.county.grids"
    label = "grids"
