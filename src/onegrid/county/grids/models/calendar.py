"""The work calendar."""

from __future__ import annotations

from django.db import models


class WorkDay(models.Model):
    """Whether one date is a working day; a year is complete or absent, never partly known."""

    date = models.DateField(primary_key=True)
    working = models.BooleanField()
    name = models.TextField(default="", help_text="The holiday's name, if the day has one.")
    source = models.TextField(help_text="Where the fact comes from: a published notice, or who edited it.")
