"""Rounds handed to walkers, under row-level security."""

from __future__ import annotations

from typing import Any, ClassVar

import django.db.models.deletion
from django.db import migrations, models

from onegrid.foundation.database.fields import EncryptedText
from onegrid.foundation.database.migrations import protect


class Migration(migrations.Migration):
    dependencies: ClassVar[list[tuple[str, str]]] = [("accounts", "0001_initial"), ("patrols", "0001_initial")]
    operations: ClassVar[list[Any]] = [
        migrations.CreateModel(
            name="HandedRound",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("scope_path", models.TextField(db_collation="C")),
                ("day", models.DateField()),
                (
                    "stops",
                    EncryptedText(
                        editable=False,
                        help_text="JSON: [{kind, id, lon, lat, words, minutes}, …] in the order to walk.",
                    ),
                ),
                ("count", models.PositiveIntegerField(help_text="Stops.")),
                ("metres", models.PositiveIntegerField()),
                ("minutes", models.PositiveIntegerField()),
                ("made_by", models.BigIntegerField()),
                ("made_at", models.DateTimeField()),
                ("body", models.TextField(help_text="Hash of what was sent: a repeat of the key must be the same.")),
                (
                    "user",
                    models.ForeignKey(
                        help_text="Who walks.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.user",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["day"], name="round_day")],
                "constraints": [models.UniqueConstraint(fields=("user", "day"), name="round_once_a_day")],
            },
        ),
        protect("patrols_handedround"),
    ]
