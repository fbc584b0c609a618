"""The care register and its visits, and people who came back."""

from __future__ import annotations

from typing import Any, ClassVar

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import onegrid.foundation.database.fields
from onegrid.foundation.database.migrations import PERSON, append_only, protect, together

MINE = f"resident = {PERSON}::uuid"


class Migration(migrations.Migration):
    dependencies: ClassVar[list[tuple[str, str]]] = [
        ("grids", "0001_initial"),
        ("registers", "0007_changes"),
    ]
    operations: ClassVar[list[Any]] = [
        migrations.CreateModel(
            name="Care",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "key",
                    models.UUIDField(help_text="Made by whoever wrote it: a repeat makes no second row.", unique=True),
                ),
                ("body", models.TextField(help_text="Hash of what was sent with the key.")),
                ("scope_path", models.TextField(db_collation="C")),
                (
                    "needs",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(),
                        help_text="Choices of the pack: living_alone, disabled, pregnant …",
                        size=None,
                    ),
                ),
                (
                    "plan",
                    onegrid.foundation.database.fields.EncryptedText(
                        help_text="What is to be done, by whom, in which case."
                    ),
                ),
                ("every_days", models.PositiveSmallIntegerField(help_text="Days from one visit to the next.")),
                ("next_due", models.DateField()),
                ("begun_on", models.DateField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_why", models.TextField(db_default="", default="")),
                ("version", models.PositiveIntegerField(db_default=1, default=1)),
                (
                    "resident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="cares", to="registers.resident"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("ended_at", None)), fields=["scope_path", "next_due"], name="care_due"
                    ),
                    models.Index(
                        condition=models.Q(("ended_at__isnull", False)), fields=["ended_at"], name="care_ended"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)), fields=("resident",), name="care_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("every_days__gte", 1), ("every_days__lte", 366)), name="care_every"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ended_why__in", ("", "recovered", "moved", "died", "asked", "other"))),
                        name="care_ending",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CareHelper",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("scope_path", models.TextField(db_collation="C")),
                ("role", models.TextField()),
                ("name", onegrid.foundation.database.fields.EncryptedText()),
                ("phone", onegrid.foundation.database.fields.EncryptedText(null=True)),
                (
                    "care",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="helpers", to="registers.care"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("role__in", ("family", "neighbour", "worker", "doctor", "volunteer", "cadre"))
                        ),
                        name="care_helper_role",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CareVisit",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("scope_path", models.TextField(db_collation="C")),
                ("user", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                ("outcome", models.TextField()),
                ("note", onegrid.foundation.database.fields.EncryptedText(null=True)),
                ("body", models.TextField(help_text="Hash of what was sent with the key.")),
                ("received_at", models.DateTimeField()),
                (
                    "care",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="visits", to="registers.care"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["care", "-at"], name="care_visit"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("outcome__in", ("met", "absent", "declined", "urgent"))),
                        name="care_visit_outcome",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Returnee",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("resident", models.UUIDField(help_text="The sign-in that wrote it (accounts.Resident).")),
                ("scope_path", models.TextField(db_collation="C")),
                ("lon", models.FloatField()),
                ("lat", models.FloatField()),
                ("name", onegrid.foundation.database.fields.EncryptedText()),
                ("phone", onegrid.foundation.database.fields.EncryptedText()),
                (
                    "came_from",
                    onegrid.foundation.database.fields.EncryptedText(
                        help_text="Province and city, in the person's words."
                    ),
                ),
                (
                    "address",
                    onegrid.foundation.database.fields.EncryptedText(help_text="Where he will stay, in his words."),
                ),
                (
                    "words",
                    onegrid.foundation.database.fields.EncryptedText(
                        help_text="What he would like help with.", null=True
                    ),
                ),
                ("people", models.PositiveSmallIntegerField(default=1, help_text="Who come, this person too.")),
                ("arrives_on", models.DateField()),
                ("leaves_on", models.DateField(null=True)),
                ("over_on", models.DateField(help_text="When the reason for keeping it ends.")),
                ("state", models.TextField(default="waiting")),
                ("decided_at", models.DateTimeField(null=True)),
                ("decided_by", models.BigIntegerField(null=True)),
                (
                    "reason",
                    onegrid.foundation.database.fields.EncryptedText(
                        help_text="Why it was not confirmed, as told to the person.", null=True
                    ),
                ),
                ("body", models.TextField(help_text="Hash of what was sent with the key.")),
                ("created_at", models.DateTimeField()),
                (
                    "grid",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="grids.grid"),
                ),
                (
                    "household",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="registers.household",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["scope_path", "arrives_on"], name="returnee_scope"),
                    models.Index(fields=["resident", "-created_at"], name="returnee_own"),
                    models.Index(fields=["over_on"], name="returnee_over"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ("waiting", "confirmed", "refused", "withdrawn"))),
                        name="returnee_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("leaves_on", None), ("leaves_on__gte", models.F("arrives_on")), _connector="OR"
                        ),
                        name="returnee_days",
                    ),
                ],
            },
        ),
        protect("registers_care"),
        protect("registers_carehelper"),
        protect("registers_carevisit"),
        protect("registers_returnee", resident=MINE),
        append_only("registers_carevisit", but_update=["scope_path", "note"], but_delete=True),
    ]
    operations = together(operations)
