"""Answers given once are given again: the receipt book that makes every write safe to repeat.

A key is claimed under a transaction lock before anything else happens, so that duplicates arriving together queue up
and all get the first one's answer. The book is keyed by sender and lies under no path policy: a sender gets his
answer even when the case has left his sight.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from onegrid.cases.errors import KeyUsedForAnother
from onegrid.cases.models import Receipt


@dataclass(frozen=True)
class Answer:
    """What a step answers: HTTP status of the first time, JSON body, the case it is about."""

    status: int
    body: dict[str, Any]
    case_id: UUID | None = None


def fingerprint(operation: str, body: Any) -> str:
    """SHA-256 of what was asked, independent of the order of fields."""
    canonical = json.dumps([operation, body], sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()


def claim(*, sender: str, key: str, operation: str, body_hash: str) -> Answer | None:
    """Hold `key` for this transaction; the earlier answer when there is one (status 200).

    Raises `KeyUsedForAnother` when the key was used with another body.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"receipt {sender} {key}"])
    receipt = Receipt.objects.filter(actor=sender, key=key).first()
    if receipt is None:
        return None
    if receipt.body_hash != body_hash or receipt.operation != operation:
        raise KeyUsedForAnother()
    return Answer(200, receipt.answer, receipt.case_id)


def keep(*, sender: str, key: str, operation: str, body_hash: str, answer: Answer, now: datetime) -> None:
    """Write the answer into the book, in the step's own transaction."""
    Receipt.objects.create(
        actor=sender,
        key=key,
        operation=operation,
        body_hash=body_hash,
        case_id=answer.case_id,
        status=answer.status,
        answer=answer.body,
        at=now,
    )


def plain(body: Any) -> Any:
    """A body as JSON stores it: ids and times as text."""
    return json.loads(json.dumps(body, default=str, ensure_ascii=False))
