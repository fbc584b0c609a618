"""A resident's own reports, as progress pages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from onegrid.cases.errors import BadCursor
from onegrid.cases.models import CaseReporter
from onegrid.cases.permissions import Actor
from onegrid.cases.selectors import detail
from onegrid.foundation.database.context import widened
from onegrid.foundation.kernel.errors import NotSignedIn


def own_cases(actor: Actor, *, cursor: str | None, limit: int, now: datetime) -> dict[str, Any]:
    """One page of the resident's cases, newest first; also those he joined and those merged away."""
    if actor.resident_id is None:
        raise NotSignedIn()
    reports = CaseReporter.objects.filter(resident=actor.resident_id, from_case__isnull=True)
    if cursor is not None:
        if not (cursor.isdigit() and len(cursor) < 19):
            raise BadCursor()
        reports = reports.filter(pk__lt=int(cursor))
    found = list(reports.select_related("case__matter", "case__department", "case__grid").order_by("-pk")[: limit + 1])
    more, found = len(found) > limit, found[:limit]
    with widened("act"):
        parts = detail.load_many(actor, [one.case for one in found])
        items = [detail.track_page(one, now=now, lang=actor.lang) for one in parts]
    return {"items": items, "next": str(found[-1].pk) if more else None}
