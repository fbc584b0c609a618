"""What is stored about duty: spells, patrols, and the pieces of their tracks.

All lie under row-level security by the path of the grid the hat had at sign-in. Positions are personal data of the
worker: the points are sealed, and deleted by `tasks.forget_tracks`.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from onegrid.foundation.database.fields import EncryptedText, ScopePath
from onegrid.foundation.database.managers import ScopedManager


class Spell(models.Model):
    """One spell of duty, from sign-in to sign-out. Its id is the key the phone made."""

    id = models.UUIDField(primary_key=True)
    user = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    appointment = models.BigIntegerField(help_text="The hat worn at sign-in.")
    grid = models.ForeignKey("grids.Grid", models.PROTECT, related_name="+")
    scope_path = ScopePath()
    began_at = models.DateTimeField(help_text="By the phone's word; by ours when its clock cannot be right.")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.TextField(default="", help_text="person, or clock for one nobody signed out of.")
    end_key = models.UUIDField(null=True)
    doubtful = models.BooleanField(default=False, help_text="The phone's clock was ahead of ours.")
    told_at = models.DateTimeField(null=True, help_text="What the phone's clock said at sign-in.")
    received_at = models.DateTimeField()
    in_place = models.TextField(default="unknown", help_text="inside, outside, unknown: the grid at sign-in.")
    out_place = models.TextField(default="", help_text="The same at sign-out.")
    body = models.TextField(help_text="Hash of the sign-in: a repeat of the key must be the same.")
    end_body = models.TextField(default="")

    objects = ScopedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=Q(ended_at=None), name="spell_open_once"),
            models.CheckConstraint(condition=Q(ended_at=None) | Q(ended_at__gte=F("began_at")), name="spell_order"),
        ]
        indexes = [
            models.Index(fields=["user", "-began_at"], name="spell_user"),
            models.Index(fields=["began_at"], condition=Q(ended_at=None), name="spell_open"),
        ]


class Patrol(models.Model):
    """One walk within a spell of duty. Its id is the key the phone made."""

    id = models.UUIDField(primary_key=True)
    spell = models.ForeignKey(Spell, models.PROTECT, related_name="patrols")
    user = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    scope_path = ScopePath()
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.TextField(default="", help_text="person, next (patrol), sign_out, clock.")
    end_key = models.UUIDField(null=True)
    received_at = models.DateTimeField()
    fixes = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0, help_text="Positions outside the patrol: told, not stored.")
    metres = models.PositiveIntegerField(default=0)
    covered_s = models.PositiveIntegerField(default=0)
    gap_s = models.PositiveIntegerField(default=0)
    gaps = models.PositiveIntegerField(default=0)
    jumps = models.PositiveIntegerField(default=0)
    kept = models.BooleanField(default=True, help_text="The points are still there.")

    objects = ScopedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["spell"], condition=Q(ended_at=None), name="patrol_open_once"),
            models.CheckConstraint(condition=Q(ended_at=None) | Q(ended_at__gte=F("began_at")), name="patrol_order"),
        ]
        indexes = [
            models.Index(fields=["user", "-began_at"], name="patrol_user"),
            models.Index(fields=["began_at"], condition=Q(kept=True), name="patrol_kept"),
        ]


class TrackPart(models.Model):
    """A piece of a track as the phone sent it. Its id is the key the phone made."""

    id = models.UUIDField(primary_key=True)
    patrol = models.ForeignKey(Patrol, models.CASCADE, related_name="parts")
    scope_path = ScopePath()
    points = EncryptedText(help_text="JSON: [seconds since the patrol began, longitude, latitude, accuracy], ….")
    body = models.TextField(help_text="Hash of what was sent.")
    received_at = models.DateTimeField()

    objects = ScopedManager()

    class Meta:
        indexes = [models.Index(fields=["patrol"], name="track_patrol")]


class HandedRound(models.Model):
    """A round somebody is sent on for one day. Its id is the key the sender made.

    The stops are sealed: where somebody in care lives says that he is. Deleted by `tasks.forget_tracks`.
    """

    id = models.UUIDField(primary_key=True)
    user = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", help_text="Who walks.")
    scope_path = ScopePath()
    day = models.DateField()
    stops = EncryptedText(help_text="JSON: [{kind, id, lon, lat, words, minutes}, …] in the order to walk.")
    count = models.PositiveIntegerField(help_text="Stops.")
    metres = models.PositiveIntegerField()
    minutes = models.PositiveIntegerField()
    made_by = models.BigIntegerField()
    made_at = models.DateTimeField()
    body = models.TextField(help_text="Hash of what was sent: a repeat of the key must be the same.")

    objects = ScopedManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "day"], name="round_once_a_day")]
        indexes = [models.Index(fields=["day"], name="round_day")]
