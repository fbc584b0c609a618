"""What the Open311 update feed and the sweeper need."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar[list[tuple[str, str]]] = [("cases", "0002_lists")]
    operations: ClassVar[list[Any]] = []
