"""Spells of duty, patrols and their tracks, under row-level security; pieces of track are added and deleted only."""

from __future__ import annotations

from typing import Any, ClassVar

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

from onegrid.foundation.database.fields import EncryptedText
from onegrid.foundation.database.migrations import append_only, protect, together


class Migration(migrations.Migration):
    initial = True
    dependencies: ClassVar[list[tuple[str, str]]] = [("accounts", "0001_initial"), ("grids", "0001_initial")]
    operations: ClassVar[list[Any]] = [
        migrations.CreateModel(
            name="Spell",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("appointment", models.BigIntegerField(help_text="The hat worn at sign-in.")),
                ("scope_path", models.TextField(db_collation="C")),
                (
                    "began_at",
                    models.DateTimeField(help_text="By the phone's word; by ours when its clock cannot be right."),
                ),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "ended_by",
                    models.TextField(default="", help_text="person, or clock for one nobody signed out of."),
                ),
                ("end_key", models.UUIDField(null=True)),
                ("doubtful", models.BooleanField(default=False, help_text="The phone's clock was ahead of ours.")),
                ("told_at", models.DateTimeField(help_text="What the phone's clock said at sign-in.", null=True)),
                ("received_at", models.DateTimeField()),
                (
                    "in_place",
                    models.TextField(default="unknown", help_text="inside, outside, unknown: the grid at sign-in."),
                ),
                ("out_place", models.TextField(default="", help_text="The same at sign-out.")),
                ("body", models.TextField(help_text="Hash of the sign-in: a repeat of the key must be the same.")),
                ("end_body", models.TextField(default="")),
                (
                    "grid",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="grids.grid"),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.user"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["user", "-began_at"], name="spell_user"),
                    models.Index(condition=Q(("ended_at", None)), fields=["began_at"], name="spell_open"),
                ],
                "constraints": [
                    models.UniqueConstraint(condition=Q(("ended_at", None)), fields=("user",), name="spell_open_once"),
                    models.CheckConstraint(
                        condition=Q(("ended_at", None), ("ended_at__gte", F("began_at")), _connector="OR"),
                        name="spell_order",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Patrol",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("scope_path", models.TextField(db_collation="C")),
                ("began_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_by", models.TextField(default="", help_text="person, next (patrol), sign_out, clock.")),
                ("end_key", models.UUIDField(null=True)),
                ("received_at", models.DateTimeField()),
                ("fixes", models.PositiveIntegerField(default=0)),
                (
                    "refused",
                    models.PositiveIntegerField(default=0, help_text="Positions outside the patrol: told, not stored."),
                ),
                ("metres", models.PositiveIntegerField(default=0)),
                ("covered_s", models.PositiveIntegerField(default=0)),
                ("gap_s", models.PositiveIntegerField(default=0)),
                ("gaps", models.PositiveIntegerField(default=0)),
                ("jumps", models.PositiveIntegerField(default=0)),
                ("kept", models.BooleanField(default=True, help_text="The points are still there.")),
                (
                    "spell",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="patrols", to="patrols.spell"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.user"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["user", "-began_at"], name="patrol_user"),
                    models.Index(condition=Q(("kept", True)), fields=["began_at"], name="patrol_kept"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=Q(("ended_at", None)), fields=("spell",), name="patrol_open_once"
                    ),
                    models.CheckConstraint(
                        condition=Q(("ended_at", None), ("ended_at__gte", F("began_at")), _connector="OR"),
                        name="patrol_order",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TrackPart",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("scope_path", models.TextField(db_collation="C")),
                (
                    "points",
                    EncryptedText(
                        editable=False,
                        help_text="JSON: [seconds since the patrol began, longitude, latitude, accuracy], ….",
                    ),
                ),
                ("body", models.TextField(help_text="Hash of what was sent.")),
                ("received_at", models.DateTimeField()),
                (
                    "patrol",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="parts", to="patrols.patrol"
                    ),
                ),
            ],
            options={"indexes": [models.Index(fields=["patrol"], name="track_patrol")]},
        ),
        protect("patrols_spell"),
        protect("patrols_patrol"),
        protect("patrols_trackpart"),
        append_only("patrols_trackpart", but_delete=True),
    ]
    operations = together(operations)
