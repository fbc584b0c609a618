"""People who need help, each with a plan made in advance and visits due; and people who came back for a while.

What is noted here is noted to help: it ends when help ends, and is deleted when the pack's rule says (`purge`).
"""

from __future__ import annotations

from typing import Final

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from onegrid.county.registers.models.people import Household, Resident
from onegrid.foundation.database.fields import EncryptedText, ScopePath
from onegrid.foundation.database.managers import ScopedManager

HELPERS: Final = ("family", "neighbour", "worker", "doctor", "volunteer", "cadre")
OUTCOMES: Final = ("met", "absent", "declined", "urgent")
ENDINGS: Final = ("recovered", "moved", "died", "asked", "other")
STATES: Final = ("waiting", "confirmed", "refused", "withdrawn")


class Care(models.Model):
    """One resident in the care register, from when to when. At most one open row for each resident."""

    id = models.BigAutoField(primary_key=True)
    key = models.UUIDField(unique=True, help_text="Made by whoever wrote it: a repeat makes no second row.")
    body = models.TextField(help_text="Hash of what was sent with the key.")
    resident = models.ForeignKey(Resident, models.CASCADE, related_name="cares")
    scope_path = ScopePath()
    needs = ArrayField(models.TextField(), help_text="Choices of the pack: living_alone, disabled, pregnant …")
    plan = EncryptedText(help_text="What is to be done, by whom, in which case.")
    every_days = models.PositiveSmallIntegerField(help_text="Days from one visit to the next.")
    next_due = models.DateField()
    begun_on = models.DateField()
    ended_at = models.DateTimeField(null=True)
    ended_why = models.TextField(default="", db_default="")
    version = models.PositiveIntegerField(default=1, db_default=1)

    objects = ScopedManager()

    class Meta:
        indexes = [
            models.Index(fields=["scope_path", "next_due"], name="care_due", condition=Q(ended_at=None)),
            models.Index(fields=["ended_at"], name="care_ended", condition=Q(ended_at__isnull=False)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["resident"], name="care_once", condition=Q(ended_at=None)),
            models.CheckConstraint(condition=Q(every_days__gte=1, every_days__lte=366), name="care_every"),
            models.CheckConstraint(condition=Q(ended_why__in=("", *ENDINGS)), name="care_ending"),
        ]


class CareHelper(models.Model):
    """Somebody who helps, as the plan names him: a daughter, the neighbour, the village doctor."""

    id = models.BigAutoField(primary_key=True)
    care = models.ForeignKey(Care, models.CASCADE, related_name="helpers")
    scope_path = ScopePath()
    role = models.TextField()
    name = EncryptedText()
    phone = EncryptedText(null=True)

    objects = ScopedManager()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(role__in=HELPERS), name="care_helper_role")]


class CareVisit(models.Model):
    """One visit. Its id is the key the phone made; it counts at the time it happened."""

    id = models.UUIDField(primary_key=True)
    care = models.ForeignKey(Care, models.CASCADE, related_name="visits")
    scope_path = ScopePath()
    user = models.BigIntegerField()
    at = models.DateTimeField()
    outcome = models.TextField()
    note = EncryptedText(null=True)
    body = models.TextField(help_text="Hash of what was sent with the key.")
    received_at = models.DateTimeField()

    objects = ScopedManager()

    class Meta:
        indexes = [models.Index(fields=["care", "-at"], name="care_visit")]
        constraints = [models.CheckConstraint(condition=Q(outcome__in=OUTCOMES), name="care_visit_outcome")]


class Returnee(models.Model):
    """Somebody who says that he comes home, with whom and until when; a worker confirms it at the door.

    Its id is the key the phone made. Who wrote it sees it by `resident`, his sign-in.
    """

    id = models.UUIDField(primary_key=True)
    resident = models.UUIDField(help_text="The sign-in that wrote it (accounts.Resident).")
    grid = models.ForeignKey("grids.Grid", models.PROTECT, related_name="+")
    scope_path = ScopePath()
    lon = models.FloatField()
    lat = models.FloatField()
    name = EncryptedText()
    phone = EncryptedText()
    came_from = EncryptedText(help_text="Province and city, in the person's words.")
    address = EncryptedText(help_text="Where he will stay, in his words.")
    words = EncryptedText(null=True, help_text="What he would like help with.")
    people = models.PositiveSmallIntegerField(default=1, help_text="Who come, this person too.")
    arrives_on = models.DateField()
    leaves_on = models.DateField(null=True)
    over_on = models.DateField(help_text="When the reason for keeping it ends.")
    state = models.TextField(default="waiting")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.BigIntegerField(null=True)
    reason = EncryptedText(null=True, help_text="Why it was not confirmed, as told to the person.")
    household = models.ForeignKey(Household, models.SET_NULL, null=True, related_name="+")
    body = models.TextField(help_text="Hash of what was sent with the key.")
    created_at = models.DateTimeField()

    objects = ScopedManager()

    class Meta:
        indexes = [
            models.Index(fields=["scope_path", "arrives_on"], name="returnee_scope"),
            models.Index(fields=["resident", "-created_at"], name="returnee_own"),
            models.Index(fields=["over_on"], name="returnee_over"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=STATES), name="returnee_state"),
            models.CheckConstraint(
                condition=Q(leaves_on=None) | Q(leaves_on__gte=F("arrives_on")), name="returnee_days"
            ),
        ]
