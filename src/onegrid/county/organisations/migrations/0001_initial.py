"""Departments."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("grids", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Department",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("code", models.TextField(unique=True)),
                ("name_zh", models.TextField()),
                ("name_en", models.TextField()),
                ("kind", models.TextField()),
                ("handles", models.BooleanField(default=False)),
                ("collects", models.BooleanField(default=False)),
                ("field", models.TextField()),
                (
                    "path",
                    models.TextField(
                        db_collation="C", help_text="d. and one segment per generation, like a scope path."
                    ),
                ),
                ("level", models.TextField(help_text="county, township, village")),
                ("division_code", models.TextField(default="", help_text="Of the township or village it belongs to.")),
                ("seat", models.TextField(db_collation="C", default="r.", help_text="Scope path of its area.")),
                ("aliases", models.JSONField(default=list)),
                ("former_names", models.JSONField(default=list)),
                (
                    "managed",
                    models.TextField(
                        default="local", help_text="local, or vertical: obeys city or province, is not scored here."
                    ),
                ),
                ("note", models.TextField(default="")),
                ("valid_from", models.DateField(null=True)),
                ("valid_to", models.DateField(null=True)),
                ("active", models.BooleanField(default=True, help_text="In the pack in force.")),
                (
                    "grid",
                    models.ForeignKey(
                        help_text="Of that division.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="grids.grid",
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="organisations.department",
                    ),
                ),
                (
                    "successor",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.department",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["kind", "seat"], name="department_kind_seat")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("path", ""), _negated=True), fields=("path",), name="department_path"
                    )
                ],
            },
        ),
    ]
