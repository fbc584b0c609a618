"""What is stored of the catalogue, and the packs that were loaded. Everybody in the locality may read it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Pack(models.Model):
    """One version of the locality's pack that was loaded. Cases name the version they began under."""

    id = models.BigAutoField(primary_key=True)
    version = models.TextField(unique=True)
    digest = models.TextField()
    loaded_at = models.DateTimeField()
    current = models.BooleanField(default=True)
    content = models.JSONField(help_text="What sections store of it: steps, clocks, reasons, figures.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["current"], condition=Q(current=True), name="pack_one_current")]


class Matter(models.Model):
    """A catalogue entry. One that leaves the catalogue becomes inactive and keeps its row."""

    id = models.BigAutoField(primary_key=True)
    code = models.TextField(unique=True)
    ordinal = models.PositiveIntegerField(default=0, help_text="Order in the catalogue.")
    field = models.TextField()
    kind = models.TextField(help_text="component, event, dispute, petition, service")
    class_code = models.TextField(default="", help_text="Major and minor class of GB/T 30428.2, four digits.")
    class_zh = models.TextField(default="")
    class_en = models.TextField(default="")
    name_zh = models.TextField()
    name_en = models.TextField()
    words = models.JSONField(default=list, help_text="What people call it, for search and classification.")
    pinyin = models.TextField(default="", help_text="Initials of its name and words, for search.")
    lead = models.ForeignKey("organisations.Department", models.PROTECT, null=True, related_name="+")
    lead_word = models.TextField(
        help_text="As the catalogue says it: a department code, or @township for the place's own unit."
    )
    joint = models.JSONField(default=list, help_text="Department codes.")
    power_holder = models.TextField(default="")
    handed_to = models.TextField(default="")
    collected_by = models.JSONField(default=list)
    on_the_spot = models.BooleanField(default=False)
    verify_before_accept = models.BooleanField(default=False)
    verify_before_close = models.BooleanField(default=True)
    evidence = models.JSONField(default=list)
    closing_rule = models.TextField()
    confidential = models.BooleanField(default=False)
    reply = models.BooleanField(default=True)
    personal = models.BooleanField(default=False)
    urgent = models.BooleanField(default=False)
    basis = models.TextField(default="")
    applied_by = models.TextField(default="")
    approved_by = models.TextField(default="")
    withdrawn_reason = models.TextField(default="")
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)
    active = models.BooleanField(default=True, help_text="In the pack in force.")

    class Meta:
        ordering = ["ordinal"]


class MatterCondition(models.Model):
    """When the matter is given, and the limits that then run. Units as in `rules.limits.Unit`."""

    id = models.BigAutoField(primary_key=True)
    matter = models.ForeignKey(Matter, models.PROTECT, related_name="conditions")
    ordinal = models.PositiveSmallIntegerField()
    text_zh = models.TextField()
    text_en = models.TextField()
    limit_value = models.PositiveIntegerField(null=True)
    limit_unit = models.TextField(default="")
    accept_value = models.PositiveIntegerField(null=True)
    accept_unit = models.TextField(default="")
    arrive_value = models.PositiveIntegerField(null=True)
    arrive_unit = models.TextField(default="")
    stages = models.JSONField(default=list, help_text="[{name, value, unit}] in order.")
    limit_source = models.TextField(default="")
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["ordinal"]
        constraints = [models.UniqueConstraint(fields=["matter", "ordinal"], name="condition_ordinal")]
