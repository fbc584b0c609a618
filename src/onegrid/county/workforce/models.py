"""What is stored about positions and who holds them; appointments lie under row-level security by place."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from onegrid.foundation.database.fields import ScopePath
from onegrid.foundation.database.managers import ScopedManager


class Position(models.Model):
    """A kind of role of this locality. One that leaves the pack becomes inactive and keeps its row."""

    id = models.BigAutoField(primary_key=True)
    key = models.TextField(unique=True)
    title_zh = models.TextField()
    title_en = models.TextField()
    kind = models.TextField()
    at = models.JSONField(default=list, help_text="Levels where it sits, or department.")
    duties = models.JSONField(default=list)
    faces = models.JSONField(default=list)
    headcount = models.PositiveSmallIntegerField(default=1)
    term_years = models.PositiveSmallIntegerField(default=0, help_text="0 for no fixed term.")
    chosen_by = models.JSONField(default=list)
    ordinal = models.PositiveSmallIntegerField()
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["ordinal"]


class Appointment(models.Model):
    """One person holds one position in a grid or a department for a term; never deleted, ended with a reason."""

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    position = models.ForeignKey(Position, models.PROTECT, related_name="appointments")
    grid = models.ForeignKey("grids.Grid", models.PROTECT, null=True, related_name="+")
    department = models.ForeignKey("organisations.Department", models.PROTECT, null=True, related_name="+")
    scope_path = ScopePath()
    chosen_by = models.TextField(default="appointed")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, help_text="The last day of the term; empty while open.")
    ended_on = models.DateField(null=True, help_text="The first day it no longer holds, when ended before its term.")
    ended_reason = models.TextField(default="", help_text="resigned, replaced, promoted, dismissed, moved, reorganised")

    objects = ScopedManager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(grid__isnull=False) ^ Q(department__isnull=False), name="appointment_one_place"
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")), name="appointment_term"
            ),
        ]
        indexes = [
            models.Index(fields=["scope_path", "position"], name="appointment_scope"),
            models.Index(fields=["user"], name="appointment_user"),
            models.Index(fields=["department"], name="appointment_department"),
        ]
