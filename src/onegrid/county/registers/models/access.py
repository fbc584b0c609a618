"""Who may look, and what residents may ask: links with their own accounts, looks of a day, exports, requests.

Nobody but the app role touches these tables but for exports, which lie in the grid of whoever asked for one.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from onegrid.county.registers.models.people import Resident
from onegrid.foundation.database.fields import EncryptedText, ScopePath
from onegrid.foundation.database.managers import ScopedManager


class Account(models.Model):
    """Who signs in with a phone is this resident of the register: he knew the phone and the end of the ID number."""

    account = models.UUIDField(primary_key=True, help_text="accounts.Resident.")
    resident = models.ForeignKey(Resident, models.CASCADE, related_name="accounts")
    linked_at = models.DateTimeField()
    seen_at = models.DateTimeField(help_text="Last used; numbers are given to other people, so an idle link ends.")

    class Meta:
        indexes = [models.Index(fields=["seen_at"], name="account_idle")]


class LookCount(models.Model):
    """How many whole values and hits somebody saw on a day of the locality."""

    id = models.BigAutoField(primary_key=True)
    user = models.BigIntegerField()
    day = models.DateField()
    revealed = models.PositiveIntegerField(default=0, db_default=0)
    met = models.PositiveIntegerField(default=0, db_default=0, help_text="People met in searches and on pages.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "day"], name="look_count_day")]


class Export(models.Model):
    """Rows of the register asked for as a workbook; who asks never approves. The workbook is made at each download.

    The key of the request is the id. Filter and words are sealed: a filter may be somebody's name.
    """

    id = models.UUIDField(primary_key=True)
    scope_path = ScopePath()
    kind = models.TextField(help_text="residents, households, …")
    filter = EncryptedText(help_text="JSON: what narrows the list, with the words searched for.")
    whole = models.BooleanField(default=False, help_text="Values unmasked.")
    purpose = models.TextField(help_text="A purpose of the pack.")
    words = EncryptedText(null=True, help_text="What it is for, in the asker's words.")
    rows = models.PositiveIntegerField(help_text="How many there were when it was asked for.")
    asked_by = models.BigIntegerField()
    asked_hat = models.BigIntegerField()
    asked_at = models.DateTimeField()
    state = models.TextField(default="asked", help_text="asked, approved, refused, withdrawn")
    decided_by = models.BigIntegerField(null=True)
    decided_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True, help_text="No download after this.")
    downloads = models.PositiveIntegerField(default=0, db_default=0)

    objects = ScopedManager()

    class Meta:
        indexes = [models.Index(fields=["scope_path", "asked_at"], name="export_scope")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=("asked", "approved", "refused", "withdrawn")), name="export_state"
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=models.F("asked_by")), name="export_second_person"
            ),
        ]


class Request(models.Model):
    """What a resident asked about his own data: put it right, delete it, why somebody looked. A case answers."""

    id = models.UUIDField(primary_key=True)
    account = models.UUIDField()
    resident = models.BigIntegerField(help_text="Of the register; the row may be gone by now.")
    kind = models.TextField(help_text="correct, erase, question")
    field = models.TextField(default="", db_default="", help_text="What is to be put right.")
    look = models.BigIntegerField(null=True, help_text="The look in question, a row of the audit log.")
    case = models.UUIDField()
    number = models.TextField(help_text="Of the case.")
    track_code = EncryptedText()
    asked_at = models.DateTimeField()
    due_on = models.DateField(help_text="To be answered by, by law.")

    class Meta:
        indexes = [models.Index(fields=["account", "asked_at"], name="request_account")]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=("correct", "erase", "question")), name="request_kind")
        ]
