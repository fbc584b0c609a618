"""The catalogue and the packs that were loaded."""

import django.db.models.deletion
from django.db import migrations, models

from onegrid.foundation.database.migrations import together


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("organisations", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Matter",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("code", models.TextField(unique=True)),
                ("ordinal", models.PositiveIntegerField(default=0, help_text="Order in the catalogue.")),
                ("field", models.TextField()),
                ("kind", models.TextField(help_text="component, event, dispute, petition, service")),
                (
                    "class_code",
                    models.TextField(default="", help_text="Major and minor class of GB/T 30428.2, four digits."),
                ),
                ("class_zh", models.TextField(default="")),
                ("class_en", models.TextField(default="")),
                ("name_zh", models.TextField()),
                ("name_en", models.TextField()),
                (
                    "words",
                    models.JSONField(default=list, help_text="What people call it, for search and classification."),
                ),
                ("pinyin", models.TextField(default="", help_text="Initials of its name and words, for search.")),
                (
                    "lead_word",
                    models.TextField(
                        help_text="As the catalogue says it: a department code, or @township for the place's own unit."
                    ),
                ),
                ("joint", models.JSONField(default=list, help_text="Department codes.")),
                ("power_holder", models.TextField(default="")),
                ("handed_to", models.TextField(default="")),
                ("collected_by", models.JSONField(default=list)),
                ("on_the_spot", models.BooleanField(default=False)),
                ("verify_before_accept", models.BooleanField(default=False)),
                ("verify_before_close", models.BooleanField(default=True)),
                ("evidence", models.JSONField(default=list)),
                ("closing_rule", models.TextField()),
                ("confidential", models.BooleanField(default=False)),
                ("reply", models.BooleanField(default=True)),
                ("personal", models.BooleanField(default=False)),
                ("urgent", models.BooleanField(default=False)),
                ("basis", models.TextField(default="")),
                ("applied_by", models.TextField(default="")),
                ("approved_by", models.TextField(default="")),
                ("withdrawn_reason", models.TextField(default="")),
                ("valid_from", models.DateField(null=True)),
                ("valid_to", models.DateField(null=True)),
                ("active", models.BooleanField(default=True, help_text="In the pack in force.")),
                (
                    "lead",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.department",
                    ),
                ),
            ],
            options={
                "ordering": ["ordinal"],
            },
        ),
        migrations.CreateModel(
            name="Pack",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("version", models.TextField(unique=True)),
                ("digest", models.TextField()),
                ("loaded_at", models.DateTimeField()),
                ("current", models.BooleanField(default=True)),
                ("content", models.JSONField(help_text="What sections store of it: steps, clocks, reasons, figures.")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("current", True)), fields=("current",), name="pack_one_current"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="MatterCondition",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("ordinal", models.PositiveSmallIntegerField()),
                ("text_zh", models.TextField()),
                ("text_en", models.TextField()),
                ("limit_value", models.PositiveIntegerField(null=True)),
                ("limit_unit", models.TextField(default="")),
                ("accept_value", models.PositiveIntegerField(null=True)),
                ("accept_unit", models.TextField(default="")),
                ("arrive_value", models.PositiveIntegerField(null=True)),
                ("arrive_unit", models.TextField(default="")),
                ("stages", models.JSONField(default=list, help_text="[{name, value, unit}] in order.")),
                ("limit_source", models.TextField(default="")),
                ("active", models.BooleanField(default=True)),
                (
                    "matter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="conditions", to="matters.matter"
                    ),
                ),
            ],
            options={
                "ordering": ["ordinal"],
                "constraints": [models.UniqueConstraint(fields=("matter", "ordinal"), name="condition_ordinal")],
            },
        ),
    ]
    operations = together(operations)
