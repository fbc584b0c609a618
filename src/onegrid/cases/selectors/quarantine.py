"""Held-back items: the sender's own, and for a centre all that lie below it."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from onegrid.cases.errors import BadCursor
from onegrid.cases.models import Quarantine
from onegrid.cases.permissions import Actor
from onegrid.cases.selectors.rows import utc
from onegrid.foundation.database.context import widened


def page(actor: Actor, *, cursor: str | None, limit: int) -> dict[str, Any]:
    """One page, newest first."""
    mine = Q(actor=actor.word)
    if "triage" in actor.duties and actor.scope_path:
        mine |= Q(scope_path__startswith=actor.scope_path)
    with widened("act"):
        items = Quarantine.objects.filter(mine)
        if cursor is not None:
            if not (cursor.isdigit() and len(cursor) < 19):
                raise BadCursor()
            items = items.filter(pk__lt=int(cursor))
        found = list(items.order_by("-pk")[: limit + 1])
    more, found = len(found) > limit, found[:limit]
    return {"items": [_item(one) for one in found], "next": str(found[-1].pk) if more else None}


def _item(one: Quarantine) -> dict[str, Any]:
    return {
        "id": str(one.pk),
        "case": str(one.case_id) if one.case_id else None,
        "number": one.number or None,
        "action": one.action,
        "reason": one.reason,
        "message": one.message,
        "at": utc(one.at),
        "device_at": utc(one.device_at),
        "sender": one.sender,
        "body": one.body,
        "settled": one.settled_at is not None,
    }
