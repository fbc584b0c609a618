"""Registers the community with Django."""

from __future__ import annotations

from django.apps import AppConfig


class CommunityConfig(AppConfig):
    """Notices."""

    name = "onegrid.programmes.community"
    label = "community"
