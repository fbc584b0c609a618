"""Looking and asking: residents' own accounts, looks of a day, exports, requests about one's own data."""

from __future__ import annotations

from typing import Any, ClassVar

import django.db.models.deletion
from django.db import migrations, models

from onegrid.foundation.database.fields import EncryptedText
from onegrid.foundation.database.migrations import private, protect, together


class Migration(migrations.Migration):
    dependencies: ClassVar[list[tuple[str, str]]] = [("registers", "0008_care")]
    operations: ClassVar[list[Any]] = [
        migrations.CreateModel(
            name="Export",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("scope_path", models.TextField(db_collation="C")),
                ("kind", models.TextField(help_text="residents, households, …")),
                ("filter", EncryptedText(help_text="JSON: what narrows the list, with the words searched for.")),
                ("whole", models.BooleanField(default=False, help_text="Values unmasked.")),
                ("purpose", models.TextField(help_text="A purpose of the pack.")),
                ("words", EncryptedText(help_text="What it is for, in the asker's words.", null=True)),
                ("rows", models.PositiveIntegerField(help_text="How many there were when it was asked for.")),
                ("asked_by", models.BigIntegerField()),
                ("asked_hat", models.BigIntegerField()),
                ("asked_at", models.DateTimeField()),
                ("state", models.TextField(default="asked", help_text="asked, approved, refused, withdrawn")),
                ("decided_by", models.BigIntegerField(null=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("expires_at", models.DateTimeField(help_text="No download after this.", null=True)),
                ("downloads", models.PositiveIntegerField(db_default=0, default=0)),
            ],
            options={
                "indexes": [models.Index(fields=["scope_path", "asked_at"], name="export_scope")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ("asked", "approved", "refused", "withdrawn"))),
                        name="export_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_by", None),
                            models.Q(("decided_by", models.F("asked_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="export_second_person",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LookCount",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("user", models.BigIntegerField()),
                ("day", models.DateField()),
                ("revealed", models.PositiveIntegerField(db_default=0, default=0)),
                (
                    "met",
                    models.PositiveIntegerField(
                        db_default=0, default=0, help_text="People met in searches and on pages."
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("user", "day"), name="look_count_day")],
            },
        ),
        migrations.CreateModel(
            name="Request",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("account", models.UUIDField()),
                ("resident", models.BigIntegerField(help_text="Of the register; the row may be gone by now.")),
                ("kind", models.TextField(help_text="correct, erase, question")),
                ("field", models.TextField(db_default="", default="", help_text="What is to be put right.")),
                ("look", models.BigIntegerField(help_text="The look in question, a row of the audit log.", null=True)),
                ("case", models.UUIDField()),
                ("number", models.TextField(help_text="Of the case.")),
                ("track_code", EncryptedText()),
                ("asked_at", models.DateTimeField()),
                ("due_on", models.DateField(help_text="To be answered by, by law.")),
            ],
            options={
                "indexes": [models.Index(fields=["account", "asked_at"], name="request_account")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ("correct", "erase", "question"))), name="request_kind"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Account",
            fields=[
                ("account", models.UUIDField(help_text="accounts.Resident.", primary_key=True, serialize=False)),
                ("linked_at", models.DateTimeField()),
                (
                    "seen_at",
                    models.DateTimeField(
                        help_text="Last used; numbers are given to other people, so an idle link ends."
                    ),
                ),
                (
                    "resident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="accounts", to="registers.resident"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["seen_at"], name="account_idle")],
            },
        ),
        protect("registers_export"),
        private("registers_account"),
        private("registers_lookcount"),
        private("registers_request"),
    ]
    operations = together(operations)
