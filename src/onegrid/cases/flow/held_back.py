"""Nothing a phone sends is dropped: what the rules refuse is kept, with the reason, for its sender and for the
centre.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from onegrid.cases.errors import CaseNotFound
from onegrid.cases.flow.receipts import plain
from onegrid.cases.models import Case, Quarantine
from onegrid.cases.permissions import Actor
from onegrid.foundation.database.context import ROOT, widened
from onegrid.foundation.kernel.errors import OneGridError
from onegrid.foundation.kernel.texts import has_text, text


def keep(
    *,
    actor: Actor,
    case_id: UUID | None,
    action: str,
    key: str,
    body: Mapping[str, Any],
    refusal: OneGridError,
    device_at: datetime,
    now: datetime,
) -> None:
    """Keep a refused item once; the same key again changes nothing. It lies where the case lies, else with its
    sender.
    """
    with widened("act"):
        case = Case.objects.filter(pk=case_id).only("scope_path", "number").first() if case_id else None
        message = text(refusal.key, actor.lang, **refusal.values) if has_text(refusal.key) else refusal.code
        Quarantine.objects.get_or_create(
            actor=actor.word,
            key=key,
            defaults={
                "scope_path": case.scope_path if case else (actor.scope_path or ROOT),
                "case_id": case.pk if case else None,
                "number": case.number if case else "",
                "sender": actor.name,
                "action": action,
                "body": plain(body),
                "reason": refusal.code,
                "message": message,
                "device_at": device_at,
                "at": now,
            },
        )


def settle(*, actor: Actor, item: int, now: datetime) -> None:
    """Mark an item as dealt with: its sender, or the centre above it. Repeating it changes nothing."""
    with widened("act"):
        held = Quarantine.objects.select_for_update().filter(pk=item).first()
        above = (
            held is not None
            and "triage" in actor.duties
            and bool(actor.scope_path)
            and held.scope_path.startswith(actor.scope_path)
        )
        if held is None or not (above or held.actor == actor.word):
            raise CaseNotFound()
        if held.settled_at is None:
            held.settled_at, held.settled_by = now, actor.user_id
            held.save(update_fields=["settled_at", "settled_by"])
