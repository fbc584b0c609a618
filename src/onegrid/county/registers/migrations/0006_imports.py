"""Runs of the importer and their batches."""

from __future__ import annotations

from typing import Any, ClassVar

import django.db.models.deletion
from django.db import migrations, models

from onegrid.foundation.database.migrations import protect, together
from onegrid.foundation.database.roles import APP

KNOWS_MAINTAIN = 170000
FILLED = "registers_building, registers_dwelling, registers_household, registers_resident, registers_premises, registers_organisation"


def let_look(apps: Any, schema_editor: Any) -> None:
    """An import fills empty tables: until the server has looked at them (ANALYZE) it asks their wrong index.

    From PostgreSQL 17 on others than the owner may be let; before that the server looks by itself a little later.
    """
    if schema_editor.connection.pg_version >= KNOWS_MAINTAIN:
        schema_editor.execute(f"GRANT MAINTAIN ON {FILLED} TO {APP}")


class Migration(migrations.Migration):
    dependencies: ClassVar[list[tuple[str, str]]] = [("registers", "0005_search")]
    operations: ClassVar[list[Any]] = [
        migrations.CreateModel(
            name="Import",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("scope_path", models.TextField(db_collation="C")),
                ("kind", models.TextField(help_text="Which register: residents, buildings …")),
                ("name", models.TextField(help_text="Of the file, without its folder.")),
                (
                    "digest",
                    models.TextField(help_text="SHA-256 of the file: it is resumed with the same bytes or not at all."),
                ),
                ("encoding", models.TextField(db_default="", default="")),
                ("mapping", models.JSONField(default=dict, help_text="Column of the file → field of the register.")),
                (
                    "mode",
                    models.TextField(
                        default="all_good", help_text="all_good: good rows go in. whole_batch: all of a batch or none."
                    ),
                ),
                ("dry_run", models.BooleanField(db_default=False, default=False)),
                ("state", models.TextField(default="uploaded")),
                (
                    "failure",
                    models.TextField(db_default="", default="", help_text="Why it stopped: a word for programs."),
                ),
                (
                    "total",
                    models.PositiveIntegerField(
                        default=0, help_text="Rows in the file, as estimated when it was opened."
                    ),
                ),
                (
                    "last_row",
                    models.PositiveIntegerField(
                        db_default=0, default=0, help_text="Line of the last row that was settled."
                    ),
                ),
                ("added", models.PositiveIntegerField(db_default=0, default=0)),
                ("changed", models.PositiveIntegerField(db_default=0, default=0)),
                ("same", models.PositiveIntegerField(db_default=0, default=0)),
                ("bad", models.PositiveIntegerField(db_default=0, default=0)),
                ("user", models.BigIntegerField(help_text="Who asked for it; nobody for the command line.", null=True)),
                (
                    "stored",
                    models.TextField(
                        db_default="", default="", help_text="Name of the sealed upload; '' when read in place."
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("started_at", models.DateTimeField(null=True)),
                ("beat_at", models.DateTimeField(help_text="When the last batch was stored.", null=True)),
                ("finished_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["scope_path", "-id"], name="import_scope"),
                    models.Index(
                        condition=models.Q(("state__in", ("waiting", "running"))), fields=["state"], name="import_open"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ("uploaded", "waiting", "running", "done", "cancelled", "failed"))
                        ),
                        name="import_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("mode__in", ("all_good", "whole_batch"))), name="import_mode"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportBatch",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("scope_path", models.TextField(db_collation="C")),
                ("first_row", models.PositiveIntegerField()),
                ("last_row", models.PositiveIntegerField()),
                ("added", models.PositiveIntegerField(default=0)),
                ("changed", models.PositiveIntegerField(default=0)),
                ("same", models.PositiveIntegerField(default=0)),
                ("bad", models.PositiveIntegerField(default=0)),
                (
                    "problems",
                    models.JSONField(
                        default=list,
                        help_text="[line, column, value masked, reason, params] for each bad cell; no whole value.",
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="batches", to="registers.import"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("run", "last_row"), name="import_batch")],
            },
        ),
        protect("registers_import"),
        protect("registers_importbatch"),
        migrations.RunPython(let_look, migrations.RunPython.noop),
    ]
    operations = together(operations)
