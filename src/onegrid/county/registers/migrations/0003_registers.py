"""The whole register: dwellings, premises, organisations, and who lives, owns, rents and works where since when.

Every household gets the dwelling behind the door it was known by; the door itself moves to the dwelling.
"""

from __future__ import annotations

from typing import Any, ClassVar

import django.db.models.deletion
from django.db import migrations, models

import onegrid.foundation.database.fields
from onegrid.foundation.database.migrations import at_root, protect, together

DOORS = """
INSERT INTO registers_dwelling (building_id, grid_id, scope_path, label, unit, room, use, version)
SELECT DISTINCT ON (building_id, label) building_id, grid_id, scope_path, label,
    coalesce(substring(label from '^(\\d+)单元'), ''), coalesce(substring(label from '^\\d+单元(\\d+)$'), ''), '', 1
FROM registers_household ORDER BY building_id, label, id
"""
BEHIND = """
UPDATE registers_household h SET dwelling_id = d.id FROM registers_dwelling d
WHERE d.building_id = h.building_id AND d.label = h.label
"""


def open_doors(apps: Any, schema_editor: Any) -> None:
    """A dwelling for each door that households are known by."""
    at_root(apps, schema_editor)
    schema_editor.execute(DOORS)
    schema_editor.execute(BEHIND)
    schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")


class Migration(migrations.Migration):
    dependencies: ClassVar[list[tuple[str, str]]] = [("grids", "0001_initial"), ("registers", "0002_residents")]

    operations: ClassVar[list[Any]] = [
        migrations.CreateModel(
            name="Dwelling",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("scope_path", models.TextField(db_collation="C")),
                ("label", models.TextField(help_text="The door as people say it: 2单元301.")),
                ("unit", models.TextField(default="", db_default="", help_text="Stairwell: 2.")),
                ("floor", models.SmallIntegerField(help_text="1 is the ground floor; below it 0, -1 …", null=True)),
                ("room", models.TextField(default="", db_default="", help_text="301.")),
                (
                    "use",
                    models.TextField(
                        default="", db_default="", help_text="A choice of the pack: owned, let, empty, other."
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, db_default=1)),
                (
                    "building",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="dwellings", to="registers.building"
                    ),
                ),
                (
                    "grid",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="grids.grid"),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["scope_path"], name="dwelling_scope"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("building", "label"), name="dwelling_door"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Organisation",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("scope_path", models.TextField(db_collation="C")),
                ("credit_code", models.TextField(default="", db_default="")),
                ("name", models.TextField()),
                (
                    "kind",
                    models.TextField(
                        default="",
                        db_default="",
                        help_text="A choice of the pack: enterprise, sole trader, school, institution …",
                    ),
                ),
                ("address", models.TextField(default="", db_default="")),
                (
                    "contact",
                    onegrid.foundation.database.fields.EncryptedText(
                        help_text="Name of the person in charge.", null=True
                    ),
                ),
                ("phone", onegrid.foundation.database.fields.EncryptedText(null=True)),
                ("version", models.PositiveIntegerField(default=1, db_default=1)),
                (
                    "grid",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="grids.grid"),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["scope_path", "name"], name="organisation_scope"),
                    models.Index(
                        condition=models.Q(("credit_code", ""), _negated=True),
                        fields=["credit_code"],
                        name="organisation_credit",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Employment",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("scope_path", models.TextField(db_collation="C")),
                ("since", models.DateField(null=True)),
                ("until", models.DateField(null=True)),
                (
                    "resident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="employments", to="registers.resident"
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="employments",
                        to="registers.organisation",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["scope_path"], name="employment_scope"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("since", None), ("until", None), ("until__gte", models.F("since")), _connector="OR"
                        ),
                        name="employment_order",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Premises",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("scope_path", models.TextField(db_collation="C")),
                (
                    "code",
                    models.TextField(
                        default="",
                        db_default="",
                        help_text="Its number in the source it came from; '' when it has none.",
                    ),
                ),
                ("name", models.TextField(help_text="What stands over the door.")),
                (
                    "kind",
                    models.TextField(
                        default="",
                        db_default="",
                        help_text="A choice of the pack: shop, restaurant, workshop, school …",
                    ),
                ),
                ("address", models.TextField(default="", db_default="")),
                ("lon", models.FloatField(null=True)),
                ("lat", models.FloatField(null=True)),
                (
                    "contact",
                    onegrid.foundation.database.fields.EncryptedText(
                        help_text="Name of the person in charge.", null=True
                    ),
                ),
                ("phone", onegrid.foundation.database.fields.EncryptedText(null=True)),
                ("version", models.PositiveIntegerField(default=1, db_default=1)),
                (
                    "building",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="premises",
                        to="registers.building",
                    ),
                ),
                (
                    "grid",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="grids.grid"),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="premises",
                        to="registers.organisation",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["scope_path", "name"], name="premises_scope"),
                    models.Index(
                        condition=models.Q(("code", ""), _negated=True), fields=["code"], name="premises_code"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Stay",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("household", models.BigIntegerField(help_text="The household it was; it may be gone.")),
                ("scope_path", models.TextField(db_collation="C")),
                ("since", models.DateField(null=True)),
                ("until", models.DateField()),
                (
                    "dwelling",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registers.dwelling"
                    ),
                ),
                (
                    "resident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="stays", to="registers.resident"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["scope_path"], name="stay_scope"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("since", None), ("until__gte", models.F("since")), _connector="OR"),
                        name="stay_order",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Tenure",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("scope_path", models.TextField(db_collation="C")),
                ("role", models.TextField(help_text="owner, tenant")),
                (
                    "name",
                    onegrid.foundation.database.fields.EncryptedText(
                        help_text="Of a holder who lives elsewhere.", null=True
                    ),
                ),
                ("phone", onegrid.foundation.database.fields.EncryptedText(null=True)),
                ("since", models.DateField(null=True)),
                ("until", models.DateField(null=True)),
                (
                    "dwelling",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="tenures", to="registers.dwelling"
                    ),
                ),
                (
                    "resident",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tenures",
                        to="registers.resident",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["scope_path"], name="tenure_scope"),
                ],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("role__in", ("owner", "tenant"))), name="tenure_role"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("since", None), ("until", None), ("until__gte", models.F("since")), _connector="OR"
                        ),
                        name="tenure_order",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="building",
            name="code",
            field=models.TextField(
                default="", db_default="", help_text="Its number in the source it came from; '' when it has none."
            ),
        ),
        migrations.AddField(
            model_name="building",
            name="kind",
            field=models.TextField(
                default="", db_default="", help_text="A choice of the pack: house, slab, tower, mixed, business …"
            ),
        ),
        migrations.AddField(
            model_name="building",
            name="version",
            field=models.PositiveIntegerField(default=1, db_default=1),
        ),
        migrations.AddField(
            model_name="household",
            name="number",
            field=models.TextField(
                default="", db_default="", help_text="Household number of the source it came from; '' when it has none."
            ),
        ),
        migrations.AddField(
            model_name="household",
            name="version",
            field=models.PositiveIntegerField(default=1, db_default=1),
        ),
        migrations.AddField(
            model_name="resident",
            name="birth_date",
            field=onegrid.foundation.database.fields.EncryptedText(
                help_text="ISO date; the year alone lies open, for counting ages.", null=True
            ),
        ),
        migrations.AddField(
            model_name="resident",
            name="collected_at",
            field=models.DateTimeField(
                help_text="When last confirmed at its source; retention counts from here.", null=True
            ),
        ),
        migrations.AddField(
            model_name="resident",
            name="died_on",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="resident",
            name="id_index",
            field=onegrid.foundation.database.fields.BlindIndex(null=True),
        ),
        migrations.AddField(
            model_name="resident",
            name="id_kind",
            field=models.TextField(
                default="",
                db_default="",
                help_text="id_card, passport, hkmt_permit, residence_permit, other; '' unknown.",
            ),
        ),
        migrations.AddField(
            model_name="resident",
            name="id_number",
            field=onegrid.foundation.database.fields.EncryptedText(null=True),
        ),
        migrations.AddField(
            model_name="resident",
            name="left_on",
            field=models.DateField(help_text="Moved away, and not into another household of the register.", null=True),
        ),
        migrations.AddField(
            model_name="resident",
            name="phone",
            field=onegrid.foundation.database.fields.EncryptedText(null=True),
        ),
        migrations.AddField(
            model_name="resident",
            name="phone_index",
            field=onegrid.foundation.database.fields.BlindIndex(null=True),
        ),
        migrations.AddField(
            model_name="resident",
            name="registered",
            field=models.TextField(
                default="", db_default="", help_text="Where registered: local, elsewhere, abroad; '' unknown."
            ),
        ),
        migrations.AddField(
            model_name="resident",
            name="relation",
            field=models.TextField(
                default="",
                db_default="",
                help_text="To the head of the household, a choice of the pack; head for the head.",
            ),
        ),
        migrations.AddField(
            model_name="resident",
            name="since",
            field=models.DateField(help_text="Lives here since.", null=True),
        ),
        migrations.AddField(
            model_name="resident",
            name="version",
            field=models.PositiveIntegerField(default=1, db_default=1),
        ),
        migrations.AlterField(
            model_name="household",
            name="people",
            field=models.PositiveSmallIntegerField(
                default=1, help_text="As counted at the door; residents may be fewer."
            ),
        ),
        protect("registers_dwelling"),
        protect("registers_premises"),
        protect("registers_stay"),
        protect("registers_tenure"),
        protect("registers_organisation"),
        protect("registers_employment"),
        migrations.AddField(
            "household",
            "dwelling",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="households",
                to="registers.dwelling",
            ),
        ),
        migrations.RunPython(open_doors, migrations.RunPython.noop),
        migrations.AlterField(
            "household",
            "dwelling",
            models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="households", to="registers.dwelling"
            ),
        ),
        migrations.RemoveField(
            model_name="household",
            name="building",
        ),
        migrations.RemoveField(
            model_name="household",
            name="label",
        ),
    ]
    operations = together(operations)
