"""Households, the residents in them, where they lived before, and who owns or rents a dwelling.

A resident here is a person of the register; who signs in with a phone is `accounts.Resident` (`access.py` ties them).
Sealed columns open one at a time; `*_index` finds by equality, `*_tail` by the last four within a scope.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from onegrid.county.registers.models.places import Dwelling
from onegrid.foundation.database.fields import BlindIndex, EncryptedText, ScopePath
from onegrid.foundation.database.managers import ScopedManager
from onegrid.foundation.kernel.masking import normalise_phone


class Household(models.Model):
    """People who live together behind one door; belongs to one leaf grid."""

    id = models.BigAutoField(primary_key=True)
    dwelling = models.ForeignKey(Dwelling, models.PROTECT, related_name="households")
    grid = models.ForeignKey("grids.Grid", models.PROTECT, related_name="+")
    scope_path = ScopePath()
    number = models.TextField(
        default="", db_default="", help_text="Household number of the source it came from; '' when it has none."
    )
    people = models.PositiveSmallIntegerField(default=1, help_text="As counted at the door; residents may be fewer.")
    version = models.PositiveIntegerField(default=1, db_default=1)

    objects = ScopedManager()

    class Meta:
        indexes = [
            models.Index(fields=["scope_path"], name="household_scope"),
            models.Index(fields=["number"], name="household_number", condition=~Q(number="")),
        ]


class Resident(models.Model):
    """A natural person of the register.

    Field names follow GB/T 31000-2015 where it serves the resident; what mission refuses has no column. Everything but
    `name` may be unknown.
    """

    id = models.BigAutoField(primary_key=True)
    household = models.ForeignKey(Household, models.PROTECT, related_name="residents")
    scope_path = ScopePath()
    name = EncryptedText()
    sex = models.PositiveSmallIntegerField(
        default=0, help_text="GB/T 2261.1: 0 unknown, 1 male, 2 female, 9 not stated."
    )
    birth_year = models.PositiveSmallIntegerField(null=True)
    birth_date = EncryptedText(null=True, help_text="ISO date; the year alone lies open, for counting ages.")
    id_kind = models.TextField(
        default="", db_default="", help_text="id_card, passport, hkmt_permit, residence_permit, other; '' unknown."
    )
    id_number = EncryptedText(null=True)
    id_index = BlindIndex(of="id_number")
    phone = EncryptedText(null=True)
    phone_index = BlindIndex(of="phone", normalise=normalise_phone)
    relation = models.TextField(
        default="", db_default="", help_text="To the head of the household, a choice of the pack; head for the head."
    )
    registered = models.TextField(
        default="", db_default="", help_text="Where registered: local, elsewhere, abroad; '' unknown."
    )
    since = models.DateField(null=True, help_text="Lives here since.")
    left_on = models.DateField(null=True, help_text="Moved away, and not into another household of the register.")
    died_on = models.DateField(null=True)
    collected_at = models.DateTimeField(
        null=True, help_text="When last confirmed at its source; retention counts from here."
    )
    version = models.PositiveIntegerField(default=1, db_default=1)

    objects = ScopedManager()

    class Meta:
        indexes = [
            models.Index(fields=["scope_path"], name="resident_scope"),
            models.Index(fields=["id_index"], name="resident_id", condition=Q(id_index__isnull=False)),
            models.Index(fields=["phone_index"], name="resident_phone", condition=Q(phone_index__isnull=False)),
        ]
        constraints = [models.CheckConstraint(condition=models.Q(sex__in=(0, 1, 2, 9)), name="resident_sex")]


class Stay(models.Model):
    """Where a resident lived before: one row for each household left. Where one lives now is the resident's own row."""

    id = models.BigAutoField(primary_key=True)
    resident = models.ForeignKey(Resident, models.CASCADE, related_name="stays")
    dwelling = models.ForeignKey(Dwelling, models.PROTECT, related_name="+")
    household = models.BigIntegerField(help_text="The household it was; it may be gone.")
    scope_path = ScopePath()
    since = models.DateField(null=True)
    until = models.DateField()

    objects = ScopedManager()

    class Meta:
        indexes = [models.Index(fields=["scope_path"], name="stay_scope")]
        constraints = [
            models.CheckConstraint(condition=Q(since=None) | Q(until__gte=F("since")), name="stay_order"),
        ]


class Tenure(models.Model):
    """Who owns or rents a dwelling, from when to when. The holder is a resident of the register or named by hand."""

    id = models.BigAutoField(primary_key=True)
    dwelling = models.ForeignKey(Dwelling, models.PROTECT, related_name="tenures")
    scope_path = ScopePath()
    role = models.TextField(help_text="owner, tenant")
    resident = models.ForeignKey(Resident, models.CASCADE, null=True, related_name="tenures")
    name = EncryptedText(null=True, help_text="Of a holder who lives elsewhere.")
    phone = EncryptedText(null=True)
    since = models.DateField(null=True)
    until = models.DateField(null=True)

    objects = ScopedManager()

    class Meta:
        indexes = [models.Index(fields=["scope_path"], name="tenure_scope")]
        constraints = [
            models.CheckConstraint(condition=Q(role__in=("owner", "tenant")), name="tenure_role"),
            models.CheckConstraint(
                condition=Q(since=None) | Q(until=None) | Q(until__gte=F("since")), name="tenure_order"
            ),
        ]
