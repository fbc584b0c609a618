"""The tree of grids: schemes, levels, grids and their outlines through time.

Nothing here is personal and every table is readable by everybody in the locality; who may change
the map is a matter of permissions. Divisions (county, township, village) and the grids of every
scheme are one tree in one table.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from onegrid.county.grids.rules.drawing.wanted import Along, along_of
from onegrid.foundation.database.fields import ScopePath


class Scheme(models.Model):
    """One tree of grids in a locality, for instance its urban and its rural one."""

    id = models.BigAutoField(primary_key=True)
    key = models.TextField(unique=True)
    title_zh = models.TextField()
    title_en = models.TextField()
    ordinal = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["ordinal"]


class Level(models.Model):
    """A named depth: of the divisions when it has no scheme, else of that scheme."""

    id = models.BigAutoField(primary_key=True)
    scheme = models.ForeignKey(Scheme, models.PROTECT, null=True, related_name="levels")
    key = models.TextField()
    title_zh = models.TextField()
    title_en = models.TextField()
    ordinal = models.PositiveSmallIntegerField(help_text="0 is the top.")
    division = models.TextField(default="", help_text="The official division this level of a scheme is, if it is one.")
    holds = models.TextField(default="", help_text="What its cells are when they are not grids: household.")
    size = models.FloatField(
        default=0,
        db_default=0,
        help_text="Households of one of its grids as the pack has it; 0: it says nothing, -1: cut along buildings.",
    )
    digits = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="How many digits it adds to the code; 0 when the pack was not applied since."
    )

    class Meta:
        ordering = ["scheme__ordinal", "ordinal"]
        constraints = [models.UniqueConstraint(fields=["scheme", "key"], name="grid_level_key", nulls_distinct=False)]

    @property
    def along(self) -> Along:
        """What its grids follow instead of a size: "building", "unit", or "" when they are drawn by size."""
        return along_of(self.size)


class Grid(models.Model):
    """One cell at one level. Its id never changes; its outline is versioned."""

    id = models.BigAutoField(primary_key=True)
    code = models.TextField()
    name = models.TextField()
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    scheme = models.ForeignKey(Scheme, models.PROTECT, null=True, related_name="+")
    level = models.ForeignKey(Level, models.PROTECT, related_name="+")
    scope_path = ScopePath(unique=True)
    division_code = models.TextField(help_text="The 12-digit code of the division it lies in.")
    depth = models.PositiveSmallIntegerField()
    households = models.PositiveIntegerField(default=0)
    lon = models.FloatField(help_text="Where its label stands.")
    lat = models.FloatField()
    west = models.FloatField()
    south = models.FloatField()
    east = models.FloatField()
    north = models.FloatField()
    active = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1, help_text="Of its outline.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["scheme", "code"], condition=Q(active=True), name="grid_code", nulls_distinct=False
            )
        ]
        indexes = [
            models.Index(fields=["name"], name="grid_name"),
            models.Index(fields=["division_code"], name="grid_division"),
        ]


class GridOutline(models.Model):
    """The border of a grid while one version of it holds; the last version has no end."""

    id = models.BigAutoField(primary_key=True)
    grid = models.ForeignKey(Grid, models.PROTECT, related_name="outlines")
    version = models.PositiveIntegerField()
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True)
    wkb = models.BinaryField(help_text="Polygon or MultiPolygon, WGS84 longitude and latitude.")
    area_m2 = models.FloatField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["grid", "version"], name="grid_outline_version"),
            models.UniqueConstraint(fields=["grid"], condition=Q(valid_to=None), name="grid_outline_current"),
        ]


class GridSuccession(models.Model):
    """What became of a retired grid: which grid took over which share of its area, when and why."""

    id = models.BigAutoField(primary_key=True)
    predecessor = models.ForeignKey(Grid, models.PROTECT, related_name="successions")
    successor = models.ForeignKey(Grid, models.PROTECT, related_name="origins")
    share = models.FloatField(help_text="Part of the predecessor's area, 0 to 1.")
    kind = models.TextField(help_text="split, merge")
    reason = models.TextField()
    at = models.DateTimeField()
