"""What queues over ten million cases need."""

from __future__ import annotations

from typing import Any, ClassVar

import django.db.models.deletion
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

from onegrid.foundation.database.fields import Terms
from onegrid.foundation.database.roles import DEPARTMENT, RESIDENT

CASE = models.OneToOneField(
    on_delete=django.db.models.deletion.PROTECT,
    primary_key=True,
    related_name="+",
    serialize=False,
    to="cases.case",
)


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
            options={"indexes": [GinIndex(fields=["terms"], name="case_search", fastupdate=False)]},
        ),
        migrations.RunSQL(
            [
                f"REVOKE INSERT, UPDATE ON cases_searchterms FROM {DEPARTMENT}, {RESIDENT}",
                f"REVOKE SELECT ON cases_searchterms FROM {RESIDENT}",  # noqa: S608
            ],
            [f"GRANT SELECT, INSERT, UPDATE ON cases_searchterms TO {DEPARTMENT}, {RESIDENT}"],
        ),
        # What is late or nearly so: counted by the clock from the index alone.
        AddIndexConcurrently(
            "case",
            models.Index(
                fields=["warn_at"],
                include=["due_at", "scope_path", "status", "paused"],
                name="case_near",
                condition=models.Q(due_at__isnull=False),
            ),
        ),
    ]
