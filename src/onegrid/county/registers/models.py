"""Buildings, the households in them and their residents: as much of the registers as cases and grids need.

All lie under row-level security by the path of the grid they are in. A resident here is a person of the register; who
signs in with a phone is `accounts.Resident`, and the two are not tied to each other.
"""

from __future__ import annotations

from django.db import models

from onegrid.foundation.database.fields import EncryptedText, ScopePath
from onegrid.foundation.database.managers import ScopedManager


class Building(models.Model):
    """One building, with how many floors and stairwells it has."""

    id = models.BigAutoField(primary_key=True)
    grid = models.ForeignKey("grids.Grid", models.PROTECT, related_name="+")
    scope_path = ScopePath()
    name = models.TextField(help_text="Its address.")
    levels = models.PositiveSmallIntegerField(default=1, help_text="Floors.")
    units = models.PositiveSmallIntegerField(default=1, help_text="Stairwells.")
    lon = models.FloatField()
    lat = models.FloatField()
    feature = models.BigIntegerField(null=True, help_text="Its outline on the base map.")

    objects = ScopedManager()

    class Meta:
        indexes = [models.Index(fields=["scope_path", "name"], name="building_scope")]


class Household(models.Model):
    """People who live together behind one door; belongs to one leaf grid."""

    id = models.BigAutoField(primary_key=True)
    building = models.ForeignKey(Building, models.PROTECT, related_name="households")
    grid = models.ForeignKey("grids.Grid", models.PROTECT, related_name="+")
    scope_path = ScopePath()
    label = models.TextField(help_text="The door: 2单元301.")
    people = models.PositiveSmallIntegerField(default=1)

    objects = ScopedManager()

    class Meta:
        indexes = [models.Index(fields=["scope_path"], name="household_scope")]


class Resident(models.Model):
    """A natural person of the register. No document number, no phone: nothing here needs them yet."""

    id = models.BigAutoField(primary_key=True)
    household = models.ForeignKey(Household, models.PROTECT, related_name="residents")
    scope_path = ScopePath()
    name = EncryptedText()
    sex = models.PositiveSmallIntegerField(
        default=0, help_text="GB/T 2261.1: 0 unknown, 1 male, 2 female, 9 not stated."
    )
    birth_year = models.PositiveSmallIntegerField(null=True)

    objects = ScopedManager()

    class Meta:
        indexes = [models.Index(fields=["scope_path"], name="resident_scope")]
        constraints = [models.CheckConstraint(condition=models.Q(sex__in=(0, 1, 2, 9)), name="resident_sex")]
