"""Drafts of the map: what somebody proposes, step by step, until it takes effect.

A draft pictures all grids of one scheme inside one grid. Its cells are kept by step: a cell is in the picture of step
n when `from_step` ≤ n and it was not replaced by a step ≤ n. So undoing and redoing move `Draft.step` and nothing else.
"""

from __future__ import annotations

from typing import Final

from django.db import models
from django.db.models import Q

from onegrid.county.grids.models.tree import Grid, Level, Scheme
from onegrid.foundation.database.fields import ScopePath
from onegrid.foundation.database.managers import ScopedManager

STATES: Final = (
    *("waiting", "running", "stopped", "failed"),
    *("open", "sent", "approved", "applied", "refused", "dropped"),
)
KINDS: Final = ("edited", "drawn", "imported")


class Draft(models.Model):
    """A proposal for the grids of one scheme inside one grid."""

    id = models.BigAutoField(primary_key=True)
    scope_path = ScopePath()
    grid = models.ForeignKey(Grid, models.PROTECT, related_name="+", help_text="Whose inside is drawn.")
    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="+")
    title = models.TextField()
    kind = models.TextField()
    state = models.TextField()
    base = models.TextField(help_text="Digest of the grids inside and their versions when it was begun.")
    step = models.PositiveIntegerField(default=0, help_text="Which step is shown; undo and redo move it.")
    steps = models.PositiveIntegerField(default=0, help_text="The last step there is.")
    fresh = models.PositiveIntegerField(default=0, help_text="How many cells were made that continue no grid.")
    levels = models.JSONField(default=list, help_text="[{level, size, tolerance}] wished for, top to bottom.")
    wish = models.JSONField(default=dict, help_text="Seed and workload of a drawing.")
    before = models.JSONField(default=dict, help_text="Grids inside by level key when it was begun.")
    after = models.JSONField(default=dict, help_text="Cells by level key at the step shown.")
    faults = models.PositiveIntegerField(default=0, help_text="Grave faults at the step shown.")
    report = models.JSONField(null=True, help_text="What the drawing measured.")
    work = models.JSONField(default=dict, help_text="How far a drawing is: stage, done, total, area, areas done.")
    failure = models.TextField(default="", help_text="Key of the words that say why it stopped.")
    beat_at = models.DateTimeField(null=True, help_text="When a drawing last stored something.")
    author = models.BigIntegerField(null=True)
    author_name = models.TextField(default="")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    note = models.TextField(default="", help_text="What the sender says.")
    sent_at = models.DateTimeField(null=True)
    sent_by = models.TextField(default="")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.TextField(default="")
    decision = models.TextField(default="", help_text="The reason given.")
    effective_on = models.DateField(null=True, help_text="From which day the grids hold.")
    applied_at = models.DateTimeField(null=True)

    objects = ScopedManager()

    class Meta:
        indexes = [
            models.Index(fields=["scope_path", "-id"], name="draft_scope"),
            models.Index(
                fields=["state"], name="draft_work", condition=Q(state__in=("waiting", "running", "approved"))
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=STATES), name="draft_state"),
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="draft_kind"),
        ]


class DraftStep(models.Model):
    """One thing done to a draft."""

    id = models.BigAutoField(primary_key=True)
    draft = models.ForeignKey(Draft, models.CASCADE, related_name="done")
    scope_path = ScopePath()
    number = models.PositiveIntegerField()
    action = models.TextField(help_text="split, merge, border, redraw, rename")
    cells = models.JSONField(default=list, help_text="Keys it was done to.")
    user_name = models.TextField(default="")
    at = models.DateTimeField()

    objects = ScopedManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["draft", "number"], name="draft_step")]


class DraftCell(models.Model):
    """A grid as a draft has it, from one step to another."""

    id = models.BigAutoField(primary_key=True)
    draft = models.ForeignKey(Draft, models.CASCADE, related_name="cells")
    scope_path = ScopePath()
    key = models.TextField(help_text="g12 continues grid 12, n3 is the third new one.")
    parent = models.TextField(help_text="Key of the cell it lies in, or g12 of a grid the draft leaves as it is.")
    level = models.ForeignKey(Level, models.PROTECT, related_name="+")
    grid = models.ForeignKey(Grid, models.PROTECT, null=True, related_name="+", help_text="Which it continues.")
    name = models.TextField()
    households = models.FloatField(default=0)
    residents = models.PositiveIntegerField(default=0)
    west = models.FloatField()
    south = models.FloatField()
    east = models.FloatField()
    north = models.FloatField()
    wkb = models.BinaryField(help_text="Polygon or MultiPolygon, WGS84 longitude and latitude.")
    from_step = models.PositiveIntegerField()
    to_step = models.PositiveIntegerField(null=True, help_text="The step that replaced it.")

    objects = ScopedManager()

    class Meta:
        indexes = [models.Index(fields=["draft", "level", "from_step"], name="draft_cell_level")]
        constraints = [models.UniqueConstraint(fields=["draft", "key", "from_step"], name="draft_cell_step")]
