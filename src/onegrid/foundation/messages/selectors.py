"""Opening the demo's drawer."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from onegrid.foundation.database.context import widened
from onegrid.foundation.kernel.errors import NotFound
from onegrid.foundation.messages.drawer import drawer_digest
from onegrid.foundation.messages.models import DrawerMessage

SHOWN = timedelta(hours=2)


def drawer(token: str, now: datetime, *, demo: bool) -> list[dict[str, Any]]:
    """The drawer's messages of the last hours, newest first. `NotFound` outside a demo."""
    if not demo:
        raise NotFound()
    with widened("notify"):
        rows = DrawerMessage.objects.filter(digest=drawer_digest(token), at__gt=now - SHOWN).order_by("-at")[:20]
        return [{"at": row.at, "to_masked": row.to_masked, "text": row.text} for row in rows]
