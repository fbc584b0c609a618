"""The case engine as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """App label `cases`."""

    name = "onegrid.cases"
    label = "cases"
    default_auto_field = "django.db.models.BigAutoField"
