"""Registers the matters with Django."""

from __future__ import annotations

from django.apps import AppConfig


class MattersConfig(AppConfig):
    """The catalogue and the loaded pack."""

    name = "onegrid.county.matters"
    label = "matters"
