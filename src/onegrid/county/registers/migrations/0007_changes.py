"""(to come)"""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar[list[tuple[str, str]]] = [("registers", "0006_imports")]
    operations: ClassVar[list[Any]] = []
