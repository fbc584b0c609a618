"""Looking up what is imported again: buildings by address or number, households by number, people blindly."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

from onegrid.foundation.database.migrations import together


class Migration(migrations.Migration):
    atomic = False
    """The tables are read and written while a county upgrades: their indexes are built beside that."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("registers", "0003_registers")]

    operations: ClassVar[list[Any]] = [
        AddIndexConcurrently(
            model_name="building",
            index=models.Index(fields=["name"], name="building_name"),
        ),
        AddIndexConcurrently(
            model_name="building",
            index=models.Index(condition=models.Q(("code", ""), _negated=True), fields=["code"], name="building_code"),
        ),
        AddIndexConcurrently(
            model_name="resident",
            index=models.Index(
                condition=models.Q(("id_index__isnull", False)), fields=["id_index"], name="resident_id"
            ),
        ),
        AddIndexConcurrently(
            model_name="resident",
            index=models.Index(
                condition=models.Q(("phone_index__isnull", False)), fields=["phone_index"], name="resident_phone"
            ),
        ),
        AddIndexConcurrently(
            model_name="household",
            index=models.Index(
                condition=models.Q(("number", ""), _negated=True), fields=["number"], name="household_number"
            ),
        ),
    ]
    operations = together(operations)
