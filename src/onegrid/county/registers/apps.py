"""Registers the registers with Django."""

from __future__ import annotations

from django.apps import AppConfig


class RegistersConfig(AppConfig):
    """Buildings and households."""

    name = "onegrid.county.registers"
    label = "registers"
