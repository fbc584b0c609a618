"""What the journal stores. Every step writes here in its own transaction; nobody who serves may change the past."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from onegrid.foundation.database.fields import ScopePath
from onegrid.foundation.database.managers import ScopedManager


class AuditRow(models.Model):
    """Who did what to what, and why. `leaf` is the hash of all other columns (see `leaves.py`)."""

    at = models.DateTimeField()
    scope_path = ScopePath()
    actor_kind = models.TextField()
    user = models.BigIntegerField(null=True)
    resident = models.UUIDField(null=True)
    hat = models.TextField(default="")
    action = models.TextField()
    subject_kind = models.TextField()
    subject_id = models.TextField()
    purpose = models.TextField(default="")
    request_id = models.TextField(default="")
    result = models.TextField(default="done")
    detail = models.JSONField(default=dict)
    leaf = models.BinaryField(max_length=32)

    objects = ScopedManager()

    class Meta:
        indexes = [models.Index(fields=["subject_kind", "subject_id", "id"], name="audit_subject")]


class Seal(models.Model):
    """A signed Merkle root over the rows of one minute, chained to the seal before."""

    n = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    count = models.PositiveIntegerField()
    last_id = models.BigIntegerField()
    root = models.BinaryField(max_length=32)
    previous = models.BinaryField(max_length=32)
    digest = models.BinaryField(max_length=32, help_text="Hash of this seal's content; the next seal's `previous`.")
    signature = models.BinaryField(max_length=64)
    key_id = models.TextField()


class SealedRow(models.Model):
    """Which seal holds an audit row. A list, not a range of ids: a late committer simply joins a later seal."""

    row = models.BigIntegerField(primary_key=True)
    seal = models.ForeignKey(Seal, models.PROTECT, related_name="rows")


class Outbox(models.Model):
    """One event on its way to its handlers: at least once each, in their own transactions."""

    topic = models.TextField()
    payload = models.JSONField()
    created_at = models.DateTimeField()
    available_at = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    handled = ArrayField(models.TextField(), default=list, help_text="Handlers that have done their part.")
    done_at = models.DateTimeField(null=True)
    dead_at = models.DateTimeField(null=True)
    reason = models.TextField(default="", help_text="What went wrong last.")

    class Meta:
        indexes = [
            models.Index(fields=["available_at", "id"], name="outbox_open", condition=Q(done_at=None, dead_at=None)),
            models.Index(fields=["dead_at"], name="outbox_dead", condition=Q(dead_at__isnull=False)),
        ]


class TallyDelta(models.Model):
    """A case's footprint, n times (−1 takes one away), that no roll-up has taken in yet; see `services/tallies.py`."""

    scope_path = ScopePath()
    reported_on = models.DateField()
    hour = models.PositiveSmallIntegerField(help_text="Local hour of the report, 0 to 23.")
    status = models.TextField()
    open = models.BooleanField()
    channel = models.TextField()
    matter = models.BigIntegerField(null=True)
    department = models.BigIntegerField(null=True)
    closed_on = models.DateField(null=True)
    in_time = models.BooleanField()
    on_the_spot = models.BooleanField()
    rated_on = models.DateField(null=True)
    five = models.BooleanField()
    returned_on = models.DateField(null=True)
    reopened_on = models.DateField(null=True)
    n = models.IntegerField()

    objects = ScopedManager()

    class Meta:
        indexes = [models.Index(fields=["scope_path"], name="tally_delta_place")]


class Tally(models.Model):
    """What one node of the tree holds, with everything below it, for one key of one dimension over one span of days.

    The primary key is the order of reading: one node, one dimension, a range of days.
    """

    pk = models.CompositePrimaryKey("scope_path", "dimension", "span", "day", "key")
    scope_path = ScopePath()
    dimension = models.TextField(db_collation="C", help_text="total, matter, department, channel, child, status, hour")
    span = models.PositiveSmallIntegerField(help_text="Days: 1, 7 from a Monday, or 0 for all of time.")
    day = models.DateField(help_text="First day of the span.")
    key = models.TextField(db_collation="C", help_text="Empty when not known, and for `total`.")
    reported = models.IntegerField()
    open = models.IntegerField()
    closed = models.IntegerField()
    closed_in_time = models.IntegerField()
    on_the_spot = models.IntegerField()
    returned = models.IntegerField()
    reopened = models.IntegerField()
    rated = models.IntegerField()
    rated_5 = models.IntegerField()

    objects = ScopedManager()


class Stamp(models.Model):
    """The number of a topic's last change; whoever keeps a copy compares (`database/stamps.py`)."""

    topic = models.TextField(primary_key=True)
    n = models.BigIntegerField()


class FeedEvent(models.Model):
    """Something an open page may want to show now. Kept for a day, for pages that reconnect."""

    scope_path = ScopePath()
    departments = ArrayField(models.TextField(), default=list, help_text="Paths of departments that may see it.")
    residents = ArrayField(models.UUIDField(), default=list, help_text="Residents that may see it.")
    kind = models.TextField()
    data = models.JSONField()
    at = models.DateTimeField()

    objects = ScopedManager()

    class Meta:
        indexes = [models.Index(fields=["at"], name="feed_age")]
