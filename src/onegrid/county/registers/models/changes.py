"""What changed and by whom, what waits for confirmation, which residents look like one, who else is told.

A change keeps what a row said before and after, sealed. Only names of fields lie open. `version` counts a row's
changes: who edits says which one was seen, and what changed since is told from here (`rules.merging`).
"""

from __future__ import annotations

from typing import Final

from django.db import models
from django.db.models import Q

from onegrid.county.registers.models.people import Resident
from onegrid.foundation.database.fields import EncryptedText, ScopePath
from onegrid.foundation.database.managers import ScopedManager

ACTIONS: Final = ("added", "changed", "moved", "merged", "gone", "restored")
SOURCES: Final = ("desk", "door", "import", "resident", "merge", "clock")
STATES: Final = ("applied", "waiting", "refused", "lapsed", "undone")
WHY: Final = ("same_id", "same_phone", "same_person", "by_hand")


class Change(models.Model):
    """One change of one row, or the rows that one batch of an import added.

    Nothing of it is ever taken back but the content, by retention. Undoing is a change too.
    """

    id = models.BigAutoField(primary_key=True)
    seq = models.BigIntegerField(
        null=True, unique=True, help_text="Place in the feed, given after the commit: no reader skips a late one."
    )
    scope_path = ScopePath()
    kind = models.TextField(help_text="Which register: residents, households …")
    row = models.BigIntegerField(help_text="The row, or the first of those added.")
    last = models.BigIntegerField(null=True, help_text="The last of those added together.")
    action = models.TextField()
    fields = models.JSONField(default=list, help_text="Names of the fields.")
    before = EncryptedText(null=True, help_text="JSON: field to value.")
    after = EncryptedText(null=True)
    source = models.TextField()
    state = models.TextField(default="applied")
    version = models.PositiveIntegerField(help_text="Of the row after it; while waiting, the one it was based on.")
    user = models.BigIntegerField(null=True)
    resident = models.UUIDField(null=True, help_text="accounts.Resident who asked for it.")
    unit = models.TextField(default="", db_default="", help_text="Place or department of the hat, and its title.")
    told_at = models.DateTimeField(null=True, help_text="When it happened, by the device that tells.")
    at = models.DateTimeField(help_text="When it was stored.")
    settled_by = models.BigIntegerField(null=True)
    settled_at = models.DateTimeField(null=True)
    reason = models.TextField(default="", db_default="", help_text="Of a refusal, numbers masked.")
    undoes = models.BigIntegerField(null=True, help_text="The change that this one undid.")
    reference = models.TextField(default="", db_default="", help_text="The import it belongs to.")
    compared = models.BooleanField(default=False, db_default=False, help_text="Looked through for duplicates.")

    objects = ScopedManager()

    class Meta:
        indexes = [
            models.Index(fields=["kind", "row", "-id"], name="change_row"),
            models.Index(fields=["scope_path", "id"], name="change_waiting", condition=Q(state="waiting")),
            models.Index(
                fields=["id"], name="change_unnumbered", condition=Q(seq=None, state__in=("applied", "undone"))
            ),
            models.Index(fields=["id"], name="change_uncompared", condition=Q(compared=False, kind="residents")),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(action__in=ACTIONS), name="change_action"),
            models.CheckConstraint(condition=Q(source__in=SOURCES), name="change_source"),
            models.CheckConstraint(condition=Q(state__in=STATES), name="change_state"),
        ]


class ChangeReceipt(models.Model):
    """An answer given once is given again. Keyed by sender: he gets it even when the row has left his sight."""

    id = models.BigAutoField(primary_key=True)
    sender = models.TextField()
    key = models.UUIDField()
    body = models.TextField(help_text="Keyed hash of what was asked.")
    answer = EncryptedText(help_text="JSON.")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["at"], name="change_receipt_age")]
        constraints = [models.UniqueConstraint(fields=["sender", "key"], name="change_receipt_once")]


class Duplicate(models.Model):
    """Two residents who look like one person. The path is the smallest grid that holds both."""

    id = models.BigAutoField(primary_key=True)
    scope_path = ScopePath()
    one = models.ForeignKey(Resident, models.CASCADE, related_name="+")
    other = models.ForeignKey(Resident, models.CASCADE, related_name="+", help_text="The one entered later.")
    why = models.JSONField(default=list, help_text="same_id, same_phone, same_person, by_hand.")
    likeness = models.FloatField(help_text="0 to 1.")
    apart = models.BooleanField(default=False, db_default=False, help_text="Somebody said they are two.")
    user = models.BigIntegerField(null=True, help_text="Who said so, or who put them side by side.")
    at = models.DateTimeField()

    objects = ScopedManager()

    class Meta:
        indexes = [models.Index(fields=["scope_path", "-likeness"], name="duplicate_open", condition=Q(apart=False))]
        constraints = [
            models.UniqueConstraint(fields=["one", "other"], name="duplicate_pair"),
            models.CheckConstraint(condition=Q(one__lt=models.F("other")), name="duplicate_order"),
        ]


class Consumer(models.Model):
    """Another system that is told of changes: of which grids, which fields, and what for. Agreed, and revocable."""

    id = models.BigAutoField(primary_key=True)
    scope_path = ScopePath()
    name = models.TextField()
    unit = models.TextField(help_text="Whose system it is.")
    purpose = models.TextField(help_text="A purpose of the pack, or words.")
    fields = models.JSONField(default=dict, help_text="Kind to names of fields.")
    key = models.BigIntegerField(unique=True, help_text="accounts.ApiKey.")
    user = models.BigIntegerField(null=True, help_text="Who agreed.")
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    objects = ScopedManager()

    class Meta:
        indexes = [models.Index(fields=["scope_path"], name="consumer_scope")]


class ConsumerFetch(models.Model):
    """How many rows of a kind a system fetched on a day of the locality; whom each told of is in the journal."""

    id = models.BigAutoField(primary_key=True)
    consumer = models.ForeignKey(Consumer, models.CASCADE, related_name="fetched")
    scope_path = ScopePath()
    day = models.DateField()
    kind = models.TextField()
    rows = models.PositiveBigIntegerField(default=0, db_default=0)
    last_at = models.DateTimeField()

    objects = ScopedManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["consumer", "day", "kind"], name="consumer_fetch_day")]
