"""Layer A of access: a manager that refuses to work without a standing and filters by its scope.

Layer B, row-level security, holds when this one is forgotten. See README.md.
"""

from __future__ import annotations

from typing import TypeVar

from django.db import models

from onegrid.foundation.database.context import ROOT, standing

M = TypeVar("M", bound=models.Model)


def upper_bound(scope: str) -> str:
    """The first path after the subtree of `scope`: `/` is the character after `.`."""
    return scope.rstrip(".") + "/"


class ScopedManager(models.Manager[M]):
    """Rows of the current scope. Departments and residents are filtered by their own policies and grants."""

    def get_queryset(self) -> models.QuerySet[M]:
        """Raises `NoStanding` when nobody is acting."""
        who = standing()
        rows = super().get_queryset()
        if who.role != "app" or who.scope == ROOT:
            return rows
        if not who.scope:
            return rows.none()
        return rows.filter(scope_path__gte=who.scope, scope_path__lt=upper_bound(who.scope))
