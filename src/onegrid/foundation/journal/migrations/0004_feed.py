"""What thousands of open pages need."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar[list[tuple[str, str]]] = [("journal", "0003_tallies")]
    operations: ClassVar[list[Any]] = []
