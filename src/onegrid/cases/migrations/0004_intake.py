"""What a quick intake needs."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar[list[tuple[str, str]]] = [("cases", "0003_updates")]
    operations: ClassVar[list[Any]] = []
