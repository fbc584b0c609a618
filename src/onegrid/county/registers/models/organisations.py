"""Enterprises, shops, schools and offices as the register knows them, and who works there.

Departments that handle matters are `county/organisations`; one of these may never be asked to handle a case.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from onegrid.county.registers.models.people import Resident
from onegrid.foundation.database.fields import EncryptedText, ScopePath
from onegrid.foundation.database.managers import ScopedManager


class Organisation(models.Model):
    """A legal person or other unit, by its unified social credit code (GB 32100-2015) when it has one."""

    id = models.BigAutoField(primary_key=True)
    grid = models.ForeignKey("grids.Grid", models.PROTECT, related_name="+")
    scope_path = ScopePath()
    credit_code = models.TextField(default="", db_default="")
    name = models.TextField()
    kind = models.TextField(
        default="", db_default="", help_text="A choice of the pack: enterprise, sole trader, school, institution …"
    )
    address = models.TextField(default="", db_default="")
    contact = EncryptedText(null=True, help_text="Name of the person in charge.")
    phone = EncryptedText(null=True)
    version = models.PositiveIntegerField(default=1, db_default=1)

    objects = ScopedManager()

    class Meta:
        indexes = [
            models.Index(fields=["scope_path", "name"], name="organisation_scope"),
            models.Index(fields=["credit_code"], name="organisation_credit", condition=~Q(credit_code="")),
        ]


class Employment(models.Model):
    """A resident works at an organisation, from when to when."""

    id = models.BigAutoField(primary_key=True)
    resident = models.ForeignKey(Resident, models.CASCADE, related_name="employments")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="employments")
    scope_path = ScopePath()
    since = models.DateField(null=True)
    until = models.DateField(null=True)

    objects = ScopedManager()

    class Meta:
        indexes = [models.Index(fields=["scope_path"], name="employment_scope")]
        constraints = [
            models.CheckConstraint(
                condition=Q(since=None) | Q(until=None) | Q(until__gte=F("since")), name="employment_order"
            ),
        ]
