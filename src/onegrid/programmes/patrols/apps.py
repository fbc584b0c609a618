"""Registers the patrols with Django."""

from __future__ import annotations

from django.apps import AppConfig


class PatrolsConfig(AppConfig):
    """Duty and patrols."""

    name = "onegrid.programmes.patrols"
    label = "patrols"
