"""What the map shows beside grids, and how often it was changed."""

from __future__ import annotations

from django.db import models

from onegrid.foundation.database.fields import ScopePath


class MapVersion(models.Model):
    """A single row: how often the map was changed. Indexes and tiles are made for one version."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    version = models.PositiveBigIntegerField(default=1)
    changed_at = models.DateTimeField()


class MapFeature(models.Model):
    """Something drawn on the base map: road, water, green, building. A building's name is its address."""

    id = models.BigAutoField(primary_key=True)
    layer = models.TextField(help_text="road, water, green, building")
    kind = models.TextField(default="")
    name = models.TextField(default="")
    levels = models.PositiveSmallIntegerField(default=0, help_text="Floors of a building.")
    scope_path = ScopePath()
    lon = models.FloatField()
    lat = models.FloatField()
    wkb = models.BinaryField(help_text="Any geometry, WGS84 longitude and latitude.")

    class Meta:
        indexes = [models.Index(fields=["layer", "scope_path"], name="feature_layer_scope")]
