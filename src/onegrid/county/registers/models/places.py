"""Buildings, the dwellings in them, and premises that are not lived in.

Every row lies under row-level security by the path of the leaf grid it stands in. `version` counts the changes of
a row: who edits says which one was seen (see `changes.py`).
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from onegrid.foundation.database.fields import EncryptedText, ScopePath
from onegrid.foundation.database.managers import ScopedManager


class Building(models.Model):
    """One building, with how many floors and stairwells it has."""

    id = models.BigAutoField(primary_key=True)
    grid = models.ForeignKey("grids.Grid", models.PROTECT, related_name="+")
    scope_path = ScopePath()
    code = models.TextField(
        default="", db_default="", help_text="Its number in the source it came from; '' when it has none."
    )
    name = models.TextField(help_text="Its address.")
    kind = models.TextField(
        default="", db_default="", help_text="A choice of the pack: house, slab, tower, mixed, business …"
    )
    levels = models.PositiveSmallIntegerField(default=1, help_text="Floors.")
    units = models.PositiveSmallIntegerField(default=1, help_text="Stairwells.")
    lon = models.FloatField()
    lat = models.FloatField()
    feature = models.BigIntegerField(null=True, help_text="Its outline on the base map.")
    version = models.PositiveIntegerField(default=1, db_default=1)

    objects = ScopedManager()

    class Meta:
        indexes = [
            models.Index(fields=["scope_path", "name"], name="building_scope"),
            models.Index(fields=["name"], name="building_name"),
            models.Index(fields=["code"], name="building_code", condition=~Q(code="")),
        ]


class Dwelling(models.Model):
    """A place behind one door to live in. Who lives there is a household; an empty dwelling has none."""

    id = models.BigAutoField(primary_key=True)
    building = models.ForeignKey(Building, models.PROTECT, related_name="dwellings")
    grid = models.ForeignKey("grids.Grid", models.PROTECT, related_name="+")
    scope_path = ScopePath()
    label = models.TextField(help_text="The door as people say it: 2单元301.")
    unit = models.TextField(default="", db_default="", help_text="Stairwell: 2.")
    floor = models.SmallIntegerField(null=True, help_text="1 is the ground floor; below it 0, -1 …")
    room = models.TextField(default="", db_default="", help_text="301.")
    use = models.TextField(default="", db_default="", help_text="A choice of the pack: owned, let, empty, other.")
    version = models.PositiveIntegerField(default=1, db_default=1)

    objects = ScopedManager()

    class Meta:
        indexes = [models.Index(fields=["scope_path"], name="dwelling_scope")]
        constraints = [models.UniqueConstraint(fields=["building", "label"], name="dwelling_door")]


class Premises(models.Model):
    """A shop, workshop, office, school or store: a place that is used and not lived in."""

    id = models.BigAutoField(primary_key=True)
    building = models.ForeignKey(Building, models.PROTECT, null=True, related_name="premises")
    grid = models.ForeignKey("grids.Grid", models.PROTECT, related_name="+")
    scope_path = ScopePath()
    code = models.TextField(
        default="", db_default="", help_text="Its number in the source it came from; '' when it has none."
    )
    name = models.TextField(help_text="What stands over the door.")
    kind = models.TextField(
        default="", db_default="", help_text="A choice of the pack: shop, restaurant, workshop, school …"
    )
    address = models.TextField(default="", db_default="")
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    organisation = models.ForeignKey("registers.Organisation", models.PROTECT, null=True, related_name="premises")
    contact = EncryptedText(null=True, help_text="Name of the person in charge.")
    phone = EncryptedText(null=True)
    version = models.PositiveIntegerField(default=1, db_default=1)

    objects = ScopedManager()

    class Meta:
        indexes = [
            models.Index(fields=["scope_path", "name"], name="premises_scope"),
            models.Index(fields=["code"], name="premises_code", condition=~Q(code="")),
        ]
