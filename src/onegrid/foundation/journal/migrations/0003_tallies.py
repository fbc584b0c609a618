"""What dashboards over ten million cases need: footprints instead of loose units, roll-ups by one dimension each.

The old tables are dropped, for their rows cannot be turned into the new ones (they never knew the hour). In a locality
that already has cases every case's footprint is appended, and the folder rolls them up within seconds.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import migrations, models

from onegrid.foundation.database.fields import ScopePath
from onegrid.foundation.database.migrations import EVERYBODY, add_only, at_root, private, protect, together

FOOTPRINTS = """
DO $$ BEGIN
    IF to_regclass('cases_case') IS NULL THEN RETURN; END IF;
    INSERT INTO journal_tallydelta (scope_path, reported_on, hour, status, open, channel, matter, department,
        closed_on, in_time, on_the_spot, rated_on, five, returned_on, reopened_on, n)
    SELECT scope_path, reported_on, extract(hour FROM reported_at AT TIME ZONE 'Asia/Shanghai'), status,
        status NOT IN ('closed', 'rated', 'rejected', 'merged', 'cancelled'), channel, matter_id, department_id,
        closed_on, closed_on IS NOT NULL AND coalesce(in_time, false), closed_on IS NOT NULL AND on_the_spot,
        CASE WHEN rating IS NOT NULL THEN rated_on END, coalesce(rating = 5, false), returned_on, reopened_on, 1
    FROM cases_case;
END $$
"""


def count_again(apps: Any, schema_editor: Any) -> None:
    """Append the footprint of every case there is; none in a new locality, whose cases have no table yet."""
    at_root(apps, schema_editor)
    schema_editor.execute(FOOTPRINTS)


class Migration(migrations.Migration):
    dependencies: ClassVar[list[tuple[str, str]]] = [("journal", "0002_feed_order")]
    operations: ClassVar[list[Any]] = [
        migrations.DeleteModel("TallyDelta"),
        migrations.DeleteModel("Tally"),
        migrations.CreateModel(
            name="TallyDelta",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("scope_path", ScopePath()),
                ("reported_on", models.DateField()),
                ("hour", models.PositiveSmallIntegerField(help_text="Local hour of the report, 0 to 23.")),
                ("status", models.TextField()),
                ("open", models.BooleanField()),
                ("channel", models.TextField()),
                ("matter", models.BigIntegerField(null=True)),
                ("department", models.BigIntegerField(null=True)),
                ("closed_on", models.DateField(null=True)),
                ("in_time", models.BooleanField()),
                ("on_the_spot", models.BooleanField()),
                ("rated_on", models.DateField(null=True)),
                ("five", models.BooleanField()),
                ("returned_on", models.DateField(null=True)),
                ("reopened_on", models.DateField(null=True)),
                ("n", models.IntegerField()),
            ],
            options={"indexes": [models.Index(fields=["scope_path"], name="tally_delta_place")]},
        ),
        migrations.CreateModel(
            name="Tally",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "scope_path",
                        "dimension",
                        "span",
                        "day",
                        "key",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("scope_path", ScopePath()),
                (
                    "dimension",
                    models.TextField(
                        db_collation="C",
                        help_text="total, matter, department, channel, child, status, hour",
                    ),
                ),
                (
                    "span",
                    models.PositiveSmallIntegerField(help_text="Days: 1, 7 from a Monday, or 0 for all of time."),
                ),
                ("day", models.DateField(help_text="First day of the span.")),
                ("key", models.TextField(db_collation="C", help_text="Empty when not known, and for `total`.")),
                ("reported", models.IntegerField()),
                ("open", models.IntegerField()),
                ("closed", models.IntegerField()),
                ("closed_in_time", models.IntegerField()),
                ("on_the_spot", models.IntegerField()),
                ("returned", models.IntegerField()),
                ("reopened", models.IntegerField()),
                ("rated", models.IntegerField()),
                ("rated_5", models.IntegerField()),
            ],
        ),
        protect("journal_tallydelta", add=EVERYBODY),
        add_only("journal_tallydelta"),
        protect("journal_tally"),
        private("journal_tally"),
        # Today's cells are rewritten every second: room on their pages keeps that off the index. Footprints come and go
        # by the thousand: dead ones must not pile up in front of the readers.
        migrations.RunSQL(
            [
                "ALTER TABLE journal_tally SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02)",
                "ALTER TABLE journal_tallydelta SET (autovacuum_vacuum_scale_factor = 0,"
                " autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_insert_threshold = -1)",
            ],
            migrations.RunSQL.noop,
        ),
        migrations.RunPython(count_again, migrations.RunPython.noop),
    ]
    operations = together(operations)
