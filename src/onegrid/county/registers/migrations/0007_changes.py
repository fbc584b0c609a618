"""What changed, what waits, who looks like whom, and which systems are told."""

from __future__ import annotations

from typing import Any, ClassVar

import django.db.models.deletion
from django.db import migrations, models

import onegrid.foundation.database.fields
from onegrid.foundation.database.migrations import append_only, private, protect, together


class Migration(migrations.Migration):
    dependencies: ClassVar[list[tuple[str, str]]] = [("registers", "0006_imports")]
    operations: ClassVar[list[Any]] = [
        migrations.CreateModel(
            name="Change",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "seq",
                    models.BigIntegerField(
                        help_text="Place in the feed, given after the commit: no reader skips a late one.",
                        null=True,
                        unique=True,
                    ),
                ),
                ("scope_path", models.TextField(db_collation="C")),
                ("kind", models.TextField(help_text="Which register: residents, households …")),
                ("row", models.BigIntegerField(help_text="The row, or the first of those added.")),
                ("last", models.BigIntegerField(help_text="The last of those added together.", null=True)),
                ("action", models.TextField()),
                ("fields", models.JSONField(default=list, help_text="Names of the fields.")),
                (
                    "before",
                    onegrid.foundation.database.fields.EncryptedText(help_text="JSON: field to value.", null=True),
                ),
                ("after", onegrid.foundation.database.fields.EncryptedText(null=True)),
                ("source", models.TextField()),
                ("state", models.TextField(default="applied")),
                (
                    "version",
                    models.PositiveIntegerField(
                        help_text="Of the row after it; while waiting, the one it was based on."
                    ),
                ),
                ("user", models.BigIntegerField(null=True)),
                ("resident", models.UUIDField(help_text="accounts.Resident who asked for it.", null=True)),
                (
                    "unit",
                    models.TextField(
                        db_default="", default="", help_text="Place or department of the hat, and its title."
                    ),
                ),
                ("told_at", models.DateTimeField(help_text="When it happened, by the device that tells.", null=True)),
                ("at", models.DateTimeField(help_text="When it was stored.")),
                ("settled_by", models.BigIntegerField(null=True)),
                ("settled_at", models.DateTimeField(null=True)),
                ("reason", models.TextField(db_default="", default="", help_text="Of a refusal, numbers masked.")),
                ("undoes", models.BigIntegerField(help_text="The change that this one undid.", null=True)),
                ("reference", models.TextField(db_default="", default="", help_text="The import it belongs to.")),
                (
                    "compared",
                    models.BooleanField(db_default=False, default=False, help_text="Looked through for duplicates."),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["kind", "row", "-id"], name="change_row"),
                    models.Index(
                        condition=models.Q(("state", "waiting")), fields=["scope_path", "id"], name="change_waiting"
                    ),
                    models.Index(
                        condition=models.Q(("seq", None), ("state__in", ("applied", "undone"))),
                        fields=["id"],
                        name="change_unnumbered",
                    ),
                    models.Index(
                        condition=models.Q(("compared", False), ("kind", "residents")),
                        fields=["id"],
                        name="change_uncompared",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("action__in", ("added", "changed", "moved", "merged", "gone", "restored"))),
                        name="change_action",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("source__in", ("desk", "door", "import", "resident", "merge", "clock"))),
                        name="change_source",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ("applied", "waiting", "refused", "undone"))),
                        name="change_state",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ChangeReceipt",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("sender", models.TextField()),
                ("key", models.UUIDField()),
                ("body", models.TextField(help_text="Keyed hash of what was asked.")),
                ("answer", onegrid.foundation.database.fields.EncryptedText(help_text="JSON.")),
                ("at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["at"], name="change_receipt_age")],
                "constraints": [models.UniqueConstraint(fields=("sender", "key"), name="change_receipt_once")],
            },
        ),
        migrations.CreateModel(
            name="Consumer",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("scope_path", models.TextField(db_collation="C")),
                ("name", models.TextField()),
                ("unit", models.TextField(help_text="Whose system it is.")),
                ("purpose", models.TextField(help_text="A purpose of the pack, or words.")),
                ("fields", models.JSONField(default=dict, help_text="Kind to names of fields.")),
                ("key", models.BigIntegerField(help_text="accounts.ApiKey.", unique=True)),
                ("user", models.BigIntegerField(help_text="Who agreed.", null=True)),
                ("created_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["scope_path"], name="consumer_scope")],
            },
        ),
        migrations.CreateModel(
            name="Duplicate",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("scope_path", models.TextField(db_collation="C")),
                ("why", models.JSONField(default=list, help_text="same_id, same_phone, same_person, by_hand.")),
                ("likeness", models.FloatField(help_text="0 to 1.")),
                (
                    "apart",
                    models.BooleanField(db_default=False, default=False, help_text="Somebody said they are two."),
                ),
                ("user", models.BigIntegerField(help_text="Who said so, or who put them side by side.", null=True)),
                ("at", models.DateTimeField()),
                (
                    "one",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="registers.resident"
                    ),
                ),
                (
                    "other",
                    models.ForeignKey(
                        help_text="The one entered later.",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="registers.resident",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("apart", False)), fields=["scope_path", "-likeness"], name="duplicate_open"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("one", "other"), name="duplicate_pair"),
                    models.CheckConstraint(condition=models.Q(("one__lt", models.F("other"))), name="duplicate_order"),
                ],
            },
        ),
        protect("registers_change"),
        append_only(
            "registers_change",
            but_update=(
                "scope_path",
                "seq",
                "state",
                "fields",
                "before",
                "after",
                "version",
                "settled_by",
                "settled_at",
                "reason",
                "compared",
            ),
        ),
        private("registers_change"),
        private("registers_changereceipt"),
        protect("registers_duplicate"),
        protect("registers_consumer"),
    ]
    operations = together(operations)
