"""An answer given once is given again. See `cases.flow.receipts`; here the answer is sealed, for it is about people."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from onegrid.county.registers.models import ChangeReceipt
from onegrid.foundation.accounts.actor import Actor
from onegrid.foundation.database.fields import ring
from onegrid.foundation.database.write import read
from onegrid.foundation.kernel.errors import KeyReused
from onegrid.foundation.kernel.sealed import blind_index

KEPT: Final = timedelta(days=30)
"""A phone without a network for longer than this asks again in vain, and then the merge tells it the same."""


def claim(actor: Actor, key: UUID, body: Any) -> dict[str, Any] | None:
    """Hold `key` for this transaction; the earlier answer when there is one. Raises `KeyReused` for another body."""
    read("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"register receipt {actor.word} {key}"])
    known = ChangeReceipt.objects.filter(sender=actor.word, key=key).first()
    if known is None:
        return None
    if known.body != fingerprint(body):
        raise KeyReused()
    found: dict[str, Any] = json.loads(str(known.answer))
    return found


def keep(actor: Actor, key: UUID, body: Any, answer: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Write the answer into the book, in the step's own transaction, and give it back."""
    ChangeReceipt.objects.create(
        sender=actor.word, key=key, body=fingerprint(body), answer=json.dumps(answer, ensure_ascii=False), at=now
    )
    return answer


def fingerprint(body: Any) -> str:
    """A keyed hash of what was asked, whatever the order of its fields: who has the table learns nothing of it."""
    canonical = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return blind_index(ring(), "registers.receipt", canonical).hex()


def forget(now: datetime) -> int:
    """Delete answers older than `KEPT`; how many."""
    return ChangeReceipt.objects.filter(at__lt=now - KEPT).delete()[0]
