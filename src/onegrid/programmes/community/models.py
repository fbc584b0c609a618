"""What is stored of notices: the notice itself, and which member of the staff has opened it when."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from onegrid.foundation.database.fields import ScopePath
from onegrid.foundation.database.managers import ScopedManager


class Notice(models.Model):
    """A notice to everybody below one grid. Never changed once written; withdrawn with a reason."""

    id = models.UUIDField(primary_key=True, help_text="Made by the writer; also the key of the request.")
    grid = models.ForeignKey("grids.Grid", models.PROTECT, related_name="+")
    scope_path = ScopePath()
    title = models.TextField()
    body = models.TextField()
    important = models.BooleanField(default=False)
    for_residents = models.BooleanField()
    for_staff = models.BooleanField()
    positions = models.JSONField(default=list, help_text="Keys of the positions it is for; none: all staff.")
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True, help_text="From then on it is not shown; empty: until withdrawn.")
    author = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    position = models.TextField(help_text="Key of the position the author signed with.")
    place = models.TextField(help_text="Where he holds it.")
    fingerprint = models.TextField(help_text="Of what was asked: a repeat of the key must ask the same.")
    created_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    withdrawn_reason = models.TextField(default="")

    objects = ScopedManager()

    class Meta:
        indexes = [models.Index(fields=["scope_path", "-valid_from"], name="notice_scope")]
        constraints = [
            models.CheckConstraint(condition=Q(for_residents=True) | Q(for_staff=True), name="notice_for_somebody"),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gt=F("valid_from")), name="notice_from_before_to"
            ),
        ]


class Receipt(models.Model):
    """A member of the staff has opened a notice. Lies where the notice lies, so its writer sees it."""

    id = models.BigAutoField(primary_key=True)
    notice = models.ForeignKey(Notice, models.PROTECT, related_name="receipts")
    scope_path = ScopePath()
    user = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = ScopedManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["notice", "user"], name="notice_receipt_once")]
