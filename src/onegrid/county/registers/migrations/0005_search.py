"""Search terms beside the rows they lead to, for what is there already too."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models, transaction

import onegrid.foundation.database.fields
from onegrid.county.registers.rules.terms import NUMBERS, Hasher, terms_of_building, terms_of_resident
from onegrid.foundation.database.fields import ring
from onegrid.foundation.database.migrations import at_root, private, together
from onegrid.foundation.kernel.sealed import row_label, unseal

BLOCK = 2_000
TABLE = "registers_searchterms"
ADD = f"INSERT INTO {TABLE} (kind, key, terms) VALUES (%s, %s, %s) ON CONFLICT (kind, key) DO NOTHING"  # noqa: S608


def fill(apps: Any, schema_editor: Any) -> None:
    """Put every building and every resident there is into the index, in blocks. Numbers come with the importer."""
    for sql, kind in (
        ("SELECT id, scope_path, name, code FROM registers_building WHERE id > %s ORDER BY id LIMIT %s", "buildings"),
        ("SELECT id, scope_path, name, NULL FROM registers_resident WHERE id > %s ORDER BY id LIMIT %s", "residents"),
    ):
        last = 0
        while True:
            with transaction.atomic(), schema_editor.connection.cursor() as cursor:
                at_root(apps, schema_editor)
                cursor.execute(sql, [last, BLOCK])
                rows = cursor.fetchall()
                cursor.executemany(ADD, [(NUMBERS[kind], row[0], _terms(kind, row)) for row in rows])  # type: ignore[index]
            if not rows:
                break
            last = rows[-1][0]


def _terms(kind: str, row: tuple[Any, ...]) -> list[int]:
    key, path, name, code = row
    hasher = Hasher(ring().index_key)
    if kind == "buildings":
        return terms_of_building(hasher, name, code, path)
    text = unseal(ring(), bytes(name), row_label("registers_resident", "name", str(key)))
    return terms_of_resident(hasher, text, "", "", path)


class Migration(migrations.Migration):
    atomic = False
    """The registers are read and written while a county upgrades."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("registers", "0004_lookups")]
    operations: ClassVar[list[Any]] = [
        migrations.CreateModel(
            name="SearchTerms",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "kind", "key", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.PositiveSmallIntegerField()),
                ("key", models.BigIntegerField()),
                ("terms", onegrid.foundation.database.fields.Terms()),
            ],
        ),
        private(TABLE),
        migrations.RunPython(fill, migrations.RunPython.noop),
        AddIndexConcurrently("searchterms", GinIndex(fields=["terms"], name="register_search", fastupdate=False)),
    ]
    operations = together(operations)
