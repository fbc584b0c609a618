"""Registers the workforce with Django."""

from __future__ import annotations

from django.apps import AppConfig


class WorkforceConfig(AppConfig):
    """Positions and appointments."""

    name = "onegrid.county.workforce"
    label = "workforce"
