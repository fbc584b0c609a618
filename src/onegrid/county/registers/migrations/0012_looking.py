"""Looking at registers of a county's size: what the server knows of paths, and how new search terms are put in."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django.contrib.postgres.indexes import GinIndex
from django.db import migrations

TABLES: Final = ("building", "dwelling", "household", "resident", "premises", "organisation")
FINE: Final = 1000
"""Steps of the histogram of paths. With a hundred a whole village falls between two steps: the server takes its twelve
thousand residents for one, and reads them again for each of its four thousand doors."""


def _of_paths(steps: int) -> str:
    return ";".join(f"ALTER TABLE registers_{table} ALTER scope_path SET STATISTICS {steps}" for table in TABLES)


class Migration(migrations.Migration):
    """Nothing is rewritten: both are notes in the catalogue, and a look at the tables."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("registers", "0011_fetched")]
    operations: ClassVar[list[Any]] = [
        migrations.RunSQL(_of_paths(FINE), _of_paths(-1)),
        migrations.RunSQL(
            "ANALYZE " + ", ".join(f"registers_{table} (scope_path)" for table in TABLES), migrations.RunSQL.noop
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "ALTER INDEX register_search SET (fastupdate = on, gin_pending_list_limit = 256)",
                    "ALTER INDEX register_search SET (fastupdate = off); ALTER INDEX register_search"
                    " RESET (gin_pending_list_limit)",
                )
            ],
            state_operations=[
                migrations.RemoveIndex("searchterms", "register_search"),
                migrations.AddIndex(
                    "searchterms",
                    GinIndex(fields=["terms"], name="register_search", fastupdate=True, gin_pending_list_limit=256),
                ),
            ],
        ),
    ]
