"""What other systems fetched, day by day."""

from __future__ import annotations

from django.db import migrations, models

from onegrid.foundation.database import fields
from onegrid.foundation.database.migrations import protect


class Migration(migrations.Migration):
    """One table, under the path of the agreed grid."""

    dependencies = [("registers", "0010_lapsed")]

    operations = [
        migrations.CreateModel(
            name="ConsumerFetch",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("scope_path", fields.ScopePath()),
                ("day", models.DateField()),
                ("kind", models.TextField()),
                ("rows", models.PositiveBigIntegerField(db_default=0, default=0)),
                ("last_at", models.DateTimeField()),
                (
                    "consumer",
                    models.ForeignKey(
                        on_delete=models.deletion.CASCADE, related_name="fetched", to="registers.consumer"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("consumer", "day", "kind"), name="consumer_fetch_day")],
            },
        ),
        protect("registers_consumerfetch"),
    ]
