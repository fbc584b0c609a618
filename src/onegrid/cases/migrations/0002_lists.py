"""What queues over ten million cases need: indexes that follow every filter in a queue's order, and search terms.

Nothing here rewrites or locks the table of cases for longer than a glance: indexes are built and dropped beside the
writers, rows are filled in blocks of their own transactions, and all of it may be interrupted and run again.
"""

from __future__ import annotations

from typing import Any, ClassVar

import django.db.models.deletion
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models, transaction
from django.db.models import Q

from onegrid.cases.rules.search import terms_of
from onegrid.foundation.database.fields import Terms
from onegrid.foundation.database.migrations import together
from onegrid.foundation.database.roles import DEPARTMENT, RESIDENT

BLOCK = 2_000
CASE = models.OneToOneField(
    on_delete=django.db.models.deletion.PROTECT,
    primary_key=True,
    related_name="+",
    serialize=False,
    to="cases.case",
)
WAITING = Q(waits_on__gt="")
INDEXES = [
    models.Index(fields=["reported_on", "reported_at", "id"], name="case_day"),
    models.Index(fields=["reported_on", "scope_path"], name="case_day_scope"),
    models.Index(fields=["matter", "reported_on", "scope_path"], name="case_matter_day"),
    models.Index(fields=["department", "reported_on", "scope_path"], name="case_department_day"),
    models.Index(fields=["channel", "reported_on", "scope_path"], name="case_channel_day"),
    models.Index(
        fields=["status", "reported_on", "scope_path"],
        name="case_final_day",
        condition=Q(status__in=["rejected", "merged", "cancelled"]),
    ),
    models.Index(fields=["reported_on", "scope_path"], name="case_supervised_day", condition=Q(supervised=True)),
    models.Index(fields=["closed_on", "scope_path"], name="case_closed", condition=Q(closed_on__isnull=False)),
    models.Index(fields=["rated_on", "scope_path"], name="case_rated", condition=Q(rated_on__isnull=False)),
    models.Index(fields=["returned_on", "scope_path"], name="case_returned", condition=Q(returned_on__isnull=False)),
    models.Index(fields=["reopened_on", "scope_path"], name="case_reopened", condition=Q(reopened_on__isnull=False)),
    models.Index(fields=["reported_on", "reported_at", "id"], name="case_waiting_day", condition=WAITING),
    models.Index(
        fields=["scope_path", "status", "channel", "matter", "department"], name="case_waiting_scope", condition=WAITING
    ),
    models.Index(fields=["desk_path", "waits_on", "due_at", "id"], name="case_waiting_desk", condition=WAITING),
    models.Index(fields=["waits_on", "due_at", "id"], name="case_waiting_due", condition=WAITING),
    models.Index(fields=["pending", "desk_path", "due_at", "id"], name="case_pending", condition=Q(pending__gt="")),
    models.Index(
        fields=["reported_on", "scope_path"], name="case_visit", condition=Q(status="rated", waits_on="centre")
    ),
    models.Index(fields=["due_at", "id"], name="case_due", condition=Q(due_at__isnull=False)),
    models.Index(fields=["scope_path", "due_at"], name="case_due_scope", condition=Q(due_at__isnull=False)),
    # What is late or nearly so: counted by the clock from the index alone.
    models.Index(
        fields=["warn_at"],
        include=["due_at", "scope_path", "status", "paused"],
        name="case_near",
        condition=Q(due_at__isnull=False),
    ),
    models.Index(fields=["merged_into"], name="case_merged", condition=Q(merged_into__isnull=False)),
]
OUTDONE = ("case_scope_reported", "case_reported", "case_matter_reported", "case_desk_waits", "case_open_due")
"""Indexes of the first hour that the new ones do better."""
NEVER_USED = ("cases_case_number_980c9551_like", "cases_case_track_code_faf1cf13_like")
"""For LIKE, which under row-level security never uses an index."""


def without_index(model: str, field: str, to: str, **options: Any) -> migrations.AlterField:
    """A foreign key whose own index another one makes needless; dropping it locks the table for an instant."""
    key = models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=to, db_index=False, **options)
    return migrations.AlterField(model, field, key)


def fill_grants(apps: Any, schema_editor: Any) -> None:
    """Give every grant the time its case was reported, in blocks."""
    last = 0
    while True:
        with transaction.atomic(), schema_editor.connection.cursor() as cursor:
            cursor.execute(
                "WITH block AS (SELECT id, case_id FROM cases_grant WHERE id > %s ORDER BY id LIMIT %s)"
                " UPDATE cases_grant g SET reported_at = c.reported_at FROM block JOIN cases_case c"
                " ON c.id = block.case_id WHERE g.id = block.id AND g.reported_at IS NULL",
                [last, BLOCK],
            )
            cursor.execute(
                "SELECT max(id) FROM (SELECT id FROM cases_grant WHERE id > %s ORDER BY id LIMIT %s) block",
                [last, BLOCK],
            )
            (reached,) = cursor.fetchone()
        if reached is None:
            return
        last = reached


def fill_terms(apps: Any, schema_editor: Any) -> None:
    """Put every case there is into the search index, in blocks."""
    last = "00000000-0000-0000-0000-000000000000"
    while True:
        with transaction.atomic(), schema_editor.connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, reported_at, reported_on, scope_path, title, words, address FROM cases_case"
                " WHERE id > %s ORDER BY id LIMIT %s",
                [last, BLOCK],
            )
            rows = cursor.fetchall()
            cursor.executemany(
                "INSERT INTO cases_searchterms (case_id, reported_at, terms) VALUES (%s, %s, %s)"
                " ON CONFLICT (case_id) DO NOTHING",
                [(key, at, terms_of(texts, path, day)) for key, at, day, path, *texts in rows],
            )
        if not rows:
            return
        last = rows[-1][0]


class Migration(migrations.Migration):
    atomic = False
    """Cases are written while a county upgrades: indexes are built beside the writers."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("cases", "0001_initial")]
    operations: ClassVar[list[Any]] = [
        migrations.CreateModel(
            name="SearchTerms",
            fields=[
                ("case", CASE),
                ("reported_at", models.DateTimeField()),
                ("terms", Terms()),
            ],
        ),
        migrations.RunSQL(
            [
                f"REVOKE INSERT, UPDATE ON cases_searchterms FROM {DEPARTMENT}, {RESIDENT}",
                f"REVOKE SELECT ON cases_searchterms FROM {RESIDENT}",  # noqa: S608
            ],
            [f"GRANT SELECT, INSERT, UPDATE ON cases_searchterms TO {DEPARTMENT}, {RESIDENT}"],
        ),
        migrations.RunPython(fill_terms, migrations.RunPython.noop),
        AddIndexConcurrently("searchterms", GinIndex(fields=["terms"], name="case_search", fastupdate=False)),
        migrations.AddField("grant", "reported_at", models.DateTimeField(null=True)),
        migrations.RunPython(fill_grants, migrations.RunPython.noop),
        migrations.AlterField(
            "grant",
            "reported_at",
            models.DateTimeField(help_text="The case's; a department lists its cases by it."),
        ),
        AddIndexConcurrently(
            "grant",
            models.Index(
                fields=["department_path", "reported_at", "case"],
                name="grant_department_time",
                condition=Q(revoked_at__isnull=True),
            ),
        ),
        AddIndexConcurrently(
            "grant",
            models.Index(
                fields=["department_path", "reported_at", "case"],
                name="grant_copied",
                condition=Q(revoked_at__isnull=True, kind="copy"),
            ),
        ),
        RemoveIndexConcurrently("grant", "grant_department"),
        *(AddIndexConcurrently("case", index) for index in INDEXES),
        *(RemoveIndexConcurrently("case", name) for name in OUTDONE),
        migrations.RunSQL([f"DROP INDEX CONCURRENTLY IF EXISTS {name}" for name in NEVER_USED], migrations.RunSQL.noop),
        without_index("case", "grid", "grids.grid", related_name="+", help_text="Today's grid."),
        without_index(
            "case", "reported_grid", "grids.grid", related_name="+", help_text="The grid it had when reported."
        ),
        without_index("case", "matter", "matters.matter", related_name="+", null=True),
        without_index(
            "case", "department", "organisations.department", related_name="+", null=True, help_text="Who leads now."
        ),
        without_index("case", "merged_into", "cases.case", related_name="merged", null=True),
        without_index("grant", "case", "cases.case", related_name="grants"),
        without_index("grant", "department", "organisations.department", related_name="+"),
    ]
    operations = together(operations)
