"""Positions, and appointments under row-level security."""

import django.db.models.deletion
from django.db import migrations, models

from onegrid.foundation.database.migrations import protect, together


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("grids", "0001_initial"),
        ("organisations", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Position",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("key", models.TextField(unique=True)),
                ("title_zh", models.TextField()),
                ("title_en", models.TextField()),
                ("kind", models.TextField()),
                ("at", models.JSONField(default=list, help_text="Levels where it sits, or department.")),
                ("duties", models.JSONField(default=list)),
                ("faces", models.JSONField(default=list)),
                ("headcount", models.PositiveSmallIntegerField(default=1)),
                ("term_years", models.PositiveSmallIntegerField(default=0, help_text="0 for no fixed term.")),
                ("chosen_by", models.JSONField(default=list)),
                ("ordinal", models.PositiveSmallIntegerField()),
                ("active", models.BooleanField(default=True)),
            ],
            options={
                "ordering": ["ordinal"],
            },
        ),
        migrations.CreateModel(
            name="Appointment",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("scope_path", models.TextField(db_collation="C")),
                ("chosen_by", models.TextField(default="appointed")),
                ("valid_from", models.DateField()),
                ("valid_to", models.DateField(help_text="The last day of the term; empty while open.", null=True)),
                (
                    "ended_on",
                    models.DateField(
                        help_text="The first day it no longer holds, when ended before its term.", null=True
                    ),
                ),
                (
                    "ended_reason",
                    models.TextField(
                        default="", help_text="resigned, replaced, promoted, dismissed, moved, reorganised"
                    ),
                ),
                (
                    "department",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.department",
                    ),
                ),
                (
                    "grid",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="grids.grid"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.user"
                    ),
                ),
                (
                    "position",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appointments",
                        to="workforce.position",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["scope_path", "position"], name="appointment_scope"),
                    models.Index(fields=["user"], name="appointment_user"),
                    models.Index(fields=["department"], name="appointment_department"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("grid__isnull", False), ("department__isnull", False), _connector="XOR"),
                        name="appointment_one_place",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_to", None), ("valid_to__gte", models.F("valid_from")), _connector="OR"
                        ),
                        name="appointment_term",
                    ),
                ],
            },
        ),
        protect("workforce_appointment"),
    ]
    operations = together(operations)
