"""What is stored about departments. Public facts: everybody in the locality may read them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Department(models.Model):
    """A unit that handles or collects matters. One that ends keeps its row: cases keep the name of their day."""

    id = models.BigAutoField(primary_key=True)
    code = models.TextField(unique=True)
    name_zh = models.TextField()
    name_en = models.TextField()
    kind = models.TextField()
    handles = models.BooleanField(default=False)
    collects = models.BooleanField(default=False)
    field = models.TextField()
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    path = models.TextField(db_collation="C", help_text="d. and one segment per generation, like a scope path.")
    level = models.TextField(help_text="county, township, village")
    division_code = models.TextField(default="", help_text="Of the township or village it belongs to.")
    grid = models.ForeignKey("grids.Grid", models.PROTECT, null=True, related_name="+", help_text="Of that division.")
    seat = models.TextField(db_collation="C", default="r.", help_text="Scope path of its area.")
    aliases = models.JSONField(default=list)
    former_names = models.JSONField(default=list)
    successor = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    managed = models.TextField(
        default="local", help_text="local, or vertical: obeys city or province, is not scored here."
    )
    note = models.TextField(default="")
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)
    active = models.BooleanField(default=True, help_text="In the pack in force.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["path"], condition=~Q(path=""), name="department_path")]
        indexes = [models.Index(fields=["kind", "seat"], name="department_kind_seat")]
