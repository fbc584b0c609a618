"""What a quick journal needs: stamps of what is kept in processes, so that reports ask for it once."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar[list[tuple[str, str]]] = [("journal", "0004_feed")]
    operations: ClassVar[list[Any]] = [
        migrations.CreateModel(
            name="Stamp",
            fields=[
                ("topic", models.TextField(primary_key=True, serialize=False)),
                ("n", models.BigIntegerField()),
            ],
        ),
    ]
