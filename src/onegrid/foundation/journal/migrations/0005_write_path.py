"""What a quick journal needs."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar[list[tuple[str, str]]] = [("journal", "0004_feed")]
    operations: ClassVar[list[Any]] = []
