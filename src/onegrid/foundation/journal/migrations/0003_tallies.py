"""What dashboards over ten million cases need."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar[list[tuple[str, str]]] = [("journal", "0002_feed_order")]
    operations: ClassVar[list[Any]] = []
