"""What is known of a photo. The bytes lie in the data folder, named by their hash."""

from __future__ import annotations

from django.db import models

from onegrid.foundation.database.fields import ScopePath
from onegrid.foundation.database.managers import ScopedManager


class Photo(models.Model):
    """One picture. Until it is attached it belongs to its sender alone and has the root path."""

    id = models.UUIDField(primary_key=True)
    key = models.TextField(help_text="Idempotency key of the sender.")
    sender = models.TextField(help_text="Who sent it, as `Actor.word`.")
    owner_kind = models.TextField(default="")
    owner_id = models.TextField(default="")
    scope_path = ScopePath(default="r.")
    kind = models.TextField()
    mime = models.TextField(default="image/jpeg")
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    size = models.PositiveIntegerField()
    sha256 = models.TextField()
    source_sha256 = models.TextField(help_text="Of the bytes as sent: a repeat of the key must carry the same.")
    taken_at = models.DateTimeField(null=True)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    uploaded_at = models.DateTimeField()

    objects = ScopedManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sender", "key"], name="photo_once")]
        indexes = [
            models.Index(fields=["owner_kind", "owner_id"], name="photo_owner"),
            models.Index(fields=["uploaded_at"], name="photo_loose", condition=models.Q(owner_kind="")),
        ]


class PartialPhoto(models.Model):
    """A photo that is coming in pieces. Its bytes lie in the data folder; how many, that file's length says."""

    sender = models.TextField(help_text="Who sends it, as `Actor.word`.")
    key = models.TextField(help_text="Idempotency key; the finished photo keeps it.")
    scope_path = ScopePath(default="r.")
    kind = models.TextField()
    size = models.PositiveIntegerField(help_text="Bytes announced.")
    sha256 = models.TextField(default="", help_text="Of the bytes announced; empty where the sender cannot say.")
    taken_at = models.DateTimeField(null=True)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    begun_at = models.DateTimeField()

    objects = ScopedManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sender", "key"], name="partial_photo_once")]
        indexes = [models.Index(fields=["begun_at"], name="partial_photo_begun")]
