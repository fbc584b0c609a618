"""Runs of the importer: one row for a file that is or was imported, one for each batch of its rows.

A batch is stored in the transaction that stores its rows. So what `Import` and its batches say is what happened, at
whatever instant the machine stopped, and the next batch begins exactly behind the last one.
"""

from __future__ import annotations

from typing import Final

from django.db import models

from onegrid.foundation.database.fields import ScopePath
from onegrid.foundation.database.managers import ScopedManager

STATES: Final = ("uploaded", "waiting", "running", "done", "cancelled", "failed")
MODES: Final = ("all_good", "whole_batch")


class Import(models.Model):
    """One file on its way into the register. Counts are rows of the file."""

    id = models.BigAutoField(primary_key=True)
    scope_path = ScopePath()
    kind = models.TextField(help_text="Which register: residents, buildings …")
    name = models.TextField(help_text="Of the file, without its folder.")
    digest = models.TextField(help_text="SHA-256 of the file: it is resumed with the same bytes or not at all.")
    encoding = models.TextField(default="", db_default="")
    mapping = models.JSONField(default=dict, help_text="Column of the file → field of the register.")
    mode = models.TextField(
        default="all_good", help_text="all_good: good rows go in. whole_batch: all of a batch or none."
    )
    dry_run = models.BooleanField(default=False, db_default=False)
    state = models.TextField(default="uploaded")
    failure = models.TextField(default="", db_default="", help_text="Why it stopped: a word for programs.")
    total = models.PositiveIntegerField(default=0, help_text="Rows in the file, as estimated when it was opened.")
    last_row = models.PositiveIntegerField(default=0, db_default=0, help_text="Line of the last row that was settled.")
    added = models.PositiveIntegerField(default=0, db_default=0)
    changed = models.PositiveIntegerField(default=0, db_default=0)
    same = models.PositiveIntegerField(default=0, db_default=0)
    bad = models.PositiveIntegerField(default=0, db_default=0)
    user = models.BigIntegerField(null=True, help_text="Who asked for it; nobody for the command line.")
    stored = models.TextField(default="", db_default="", help_text="Name of the sealed upload; '' when read in place.")
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    beat_at = models.DateTimeField(null=True, help_text="When the last batch was stored.")
    finished_at = models.DateTimeField(null=True)

    objects = ScopedManager()

    class Meta:
        indexes = [
            models.Index(fields=["scope_path", "-id"], name="import_scope"),
            models.Index(fields=["state"], name="import_open", condition=models.Q(state__in=("waiting", "running"))),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=STATES), name="import_state"),
            models.CheckConstraint(condition=models.Q(mode__in=MODES), name="import_mode"),
        ]


class ImportBatch(models.Model):
    """Some thousand rows that went in together, with everything that was wrong with the others."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(Import, models.CASCADE, related_name="batches")
    scope_path = ScopePath()
    first_row = models.PositiveIntegerField()
    last_row = models.PositiveIntegerField()
    added = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    same = models.PositiveIntegerField(default=0)
    bad = models.PositiveIntegerField(default=0)
    problems = models.JSONField(
        default=list, help_text="[line, column, value masked, reason, params] for each bad cell; no whole value."
    )
    at = models.DateTimeField()

    objects = ScopedManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "last_row"], name="import_batch")]
