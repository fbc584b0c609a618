"""Looking at registers of a county's size: what the server knows of paths."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django.db import migrations

TABLES: Final = ("building", "dwelling", "household", "resident", "premises", "organisation")
FINE: Final = 1000
"""Steps of the histogram of paths. With a hundred a whole village falls between two steps: the server takes its twelve
thousand residents for one, and reads them again for each of its four thousand doors."""


def _of_paths(steps: int) -> str:
    return ";".join(f"ALTER TABLE registers_{table} ALTER scope_path SET STATISTICS {steps}" for table in TABLES)


class Migration(migrations.Migration):
    """Nothing is rewritten: a note in the catalogue, and a look at the tables."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("registers", "0011_fetched")]
    operations: ClassVar[list[Any]] = [
        migrations.RunSQL(_of_paths(FINE), _of_paths(-1)),
        migrations.RunSQL(
            "ANALYZE " + ", ".join(f"registers_{table} (scope_path)" for table in TABLES), migrations.RunSQL.noop
        ),
    ]
