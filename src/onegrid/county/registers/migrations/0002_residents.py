"""The people of a household: as much of a person as grids and cases need.

A new table, so its indexes need no concurrency: nobody reads it before this migration is through.
"""

from __future__ import annotations

from typing import Any, ClassVar

import django.db.models.deletion
from django.db import migrations, models

from onegrid.foundation.database.fields import EncryptedText
from onegrid.foundation.database.migrations import protect


class Migration(migrations.Migration):
    dependencies: ClassVar[list[tuple[str, str]]] = [("registers", "0001_initial")]
    operations: ClassVar[list[Any]] = [
        migrations.CreateModel(
            name="Resident",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("scope_path", models.TextField(db_collation="C")),
                ("name", EncryptedText(editable=False)),
                (
                    "sex",
                    models.PositiveSmallIntegerField(
                        default=0, help_text="GB/T 2261.1: 0 unknown, 1 male, 2 female, 9 not stated."
                    ),
                ),
                ("birth_year", models.PositiveSmallIntegerField(null=True)),
                (
                    "household",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="residents",
                        to="registers.household",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["scope_path"], name="resident_scope"),
                ],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("sex__in", (0, 1, 2, 9))), name="resident_sex"),
                ],
            },
        ),
        protect("registers_resident"),
    ]
