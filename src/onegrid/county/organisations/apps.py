"""Registers the organisations with Django."""

from __future__ import annotations

from django.apps import AppConfig


class OrganisationsConfig(AppConfig):
    """Departments that handle and collect matters."""

    name = "onegrid.county.organisations"
    label = "organisations"
