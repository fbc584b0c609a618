"""Drafts of the map."""

from __future__ import annotations

from typing import Any, ClassVar

import django.db.models.deletion
from django.db import migrations, models

from onegrid.foundation.database.migrations import protect, together

STATES = (
    *("waiting", "running", "stopped", "failed"),
    *("open", "sent", "approved", "applied", "refused", "dropped"),
)


class Migration(migrations.Migration):
    dependencies: ClassVar[list[tuple[str, str]]] = [("grids", "0001_initial")]

    operations: ClassVar[list[Any]] = [
        migrations.AddField(
            model_name="level",
            name="size",
            field=models.FloatField(
                db_default=0,
                default=0,
                help_text="Households of one of its grids as the pack has it; 0: it says nothing, -1: cut along buildings.",
            ),
        ),
        migrations.AddField(
            model_name="level",
            name="digits",
            field=models.PositiveSmallIntegerField(
                db_default=0,
                default=0,
                help_text="How many digits it adds to the code; 0 when the pack was not applied since.",
            ),
        ),
        migrations.CreateModel(
            name="Draft",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("scope_path", models.TextField(db_collation="C")),
                ("title", models.TextField()),
                ("kind", models.TextField()),
                ("state", models.TextField()),
                (
                    "base",
                    models.TextField(help_text="Digest of the grids inside and their versions when it was begun."),
                ),
                (
                    "step",
                    models.PositiveIntegerField(default=0, help_text="Which step is shown; undo and redo move it."),
                ),
                ("steps", models.PositiveIntegerField(default=0, help_text="The last step there is.")),
                (
                    "fresh",
                    models.PositiveIntegerField(default=0, help_text="How many cells were made that continue no grid."),
                ),
                (
                    "levels",
                    models.JSONField(default=list, help_text="[{level, size, tolerance}] wished for, top to bottom."),
                ),
                ("wish", models.JSONField(default=dict, help_text="Seed and workload of a drawing.")),
                (
                    "before",
                    models.JSONField(default=dict, help_text="Grids inside by level key when it was begun."),
                ),
                ("after", models.JSONField(default=dict, help_text="Cells by level key at the step shown.")),
                ("faults", models.PositiveIntegerField(default=0, help_text="Grave faults at the step shown.")),
                ("report", models.JSONField(help_text="What the drawing measured.", null=True)),
                (
                    "work",
                    models.JSONField(
                        default=dict, help_text="How far a drawing is: stage, done, total, area, areas done."
                    ),
                ),
                (
                    "failure",
                    models.TextField(default="", help_text="Key of the words that say why it stopped."),
                ),
                ("beat_at", models.DateTimeField(help_text="When a drawing last stored something.", null=True)),
                ("author", models.BigIntegerField(null=True)),
                ("author_name", models.TextField(default="")),
                ("created_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                ("note", models.TextField(default="", help_text="What the sender says.")),
                ("sent_at", models.DateTimeField(null=True)),
                ("sent_by", models.TextField(default="")),
                ("decided_at", models.DateTimeField(null=True)),
                ("decided_by", models.TextField(default="")),
                ("decision", models.TextField(default="", help_text="The reason given.")),
                ("effective_on", models.DateField(help_text="From which day the grids hold.", null=True)),
                ("applied_at", models.DateTimeField(null=True)),
                (
                    "grid",
                    models.ForeignKey(
                        help_text="Whose inside is drawn.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="grids.grid",
                    ),
                ),
                (
                    "scheme",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="grids.scheme"),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["scope_path", "-id"], name="draft_scope"),
                    models.Index(
                        condition=models.Q(("state__in", ("waiting", "running", "approved"))),
                        fields=["state"],
                        name="draft_work",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("state__in", STATES)), name="draft_state"),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ("edited", "drawn", "imported"))), name="draft_kind"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DraftStep",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("scope_path", models.TextField(db_collation="C")),
                ("number", models.PositiveIntegerField()),
                ("action", models.TextField(help_text="split, merge, border, redraw, rename")),
                ("cells", models.JSONField(default=list, help_text="Keys it was done to.")),
                ("user_name", models.TextField(default="")),
                ("at", models.DateTimeField()),
                (
                    "draft",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="done", to="grids.draft"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("draft", "number"), name="draft_step")],
            },
        ),
        migrations.CreateModel(
            name="DraftCell",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("scope_path", models.TextField(db_collation="C")),
                ("key", models.TextField(help_text="g12 continues grid 12, n3 is the third new one.")),
                (
                    "parent",
                    models.TextField(
                        help_text="Key of the cell it lies in, or g12 of a grid the draft leaves as it is."
                    ),
                ),
                ("name", models.TextField()),
                ("households", models.FloatField(default=0)),
                ("residents", models.PositiveIntegerField(default=0)),
                ("west", models.FloatField()),
                ("south", models.FloatField()),
                ("east", models.FloatField()),
                ("north", models.FloatField()),
                ("wkb", models.BinaryField(help_text="Polygon or MultiPolygon, WGS84 longitude and latitude.")),
                ("from_step", models.PositiveIntegerField()),
                ("to_step", models.PositiveIntegerField(help_text="The step that replaced it.", null=True)),
                (
                    "draft",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="cells", to="grids.draft"
                    ),
                ),
                (
                    "grid",
                    models.ForeignKey(
                        help_text="Which it continues.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="grids.grid",
                    ),
                ),
                (
                    "level",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="grids.level"),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["draft", "level", "from_step"], name="draft_cell_level")],
                "constraints": [models.UniqueConstraint(fields=("draft", "key", "from_step"), name="draft_cell_step")],
            },
        ),
        protect("grids_draft"),
        protect("grids_draftstep"),
        protect("grids_draftcell"),
    ]
    operations = together(operations)
