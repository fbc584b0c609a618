"""What the Open311 update feed and the sweeper need."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q

from onegrid.foundation.database.migrations import at_root, together

DAYS = """
UPDATE cases_case c SET resume_on = (SELECT (a.data->>'until')::date FROM cases_caseaction a
    WHERE a.case_id = c.id AND a.action = 'suspend' ORDER BY a.seq DESC LIMIT 1)
WHERE c.status = 'suspended' AND c.resume_on IS NULL
"""


def give_days(apps: Any, schema_editor: Any) -> None:
    """What stands suspended gets the day its suspension ends on."""
    at_root(apps, schema_editor)
    schema_editor.execute(DAYS)


class Migration(migrations.Migration):
    atomic = False
    """Both tables are written while a county upgrades: their indexes are built beside the writers."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("cases", "0002_lists")]
    operations: ClassVar[list[Any]] = [
        migrations.AddField(
            "case",
            "resume_on",
            models.DateField(null=True, help_text="The day a suspension ends by itself."),
        ),
        AddIndexConcurrently(
            "case", models.Index(fields=["resume_on"], name="case_resume", condition=Q(resume_on__isnull=False))
        ),
        # Atomic, unlike the rest: the scope it takes lasts for a transaction.
        migrations.RunPython(give_days, migrations.RunPython.noop, atomic=True),
        AddIndexConcurrently("caseaction", models.Index(fields=["at"], name="case_action_at")),
    ]
    operations = together(operations)
