"""Reading the journal: dead letters, how far behind the jobs are, who looked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import connection

from onegrid.foundation.journal.models import AuditRow, Outbox


def backlog(now: datetime) -> dict[str, float]:
    """How late the jobs are: age in seconds of the oldest due event, number of dead ones. For /healthz."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(extract(epoch FROM %s - min(available_at) FILTER (WHERE dead_at IS NULL)), 0),"
            " count(*) FILTER (WHERE dead_at IS NOT NULL) FROM journal_outbox WHERE done_at IS NULL",
            [now],
        )
        oldest, dead = cursor.fetchone()
    return {"oldest_s": float(max(oldest, 0)), "dead": float(dead)}


def dead_letters(limit: int = 100) -> list[Outbox]:
    """Events no handler could take, newest first."""
    return list(Outbox.objects.filter(dead_at__isnull=False).order_by("-dead_at")[:limit])


def open_payloads(topic: str) -> Iterator[dict[str, Any]]:
    """What events of a topic carry that are on their way or dead, in no order."""
    found = Outbox.objects.filter(topic=topic, done_at=None)
    return found.values_list("payload", flat=True).iterator()


def history(subject_kind: str, subject_id: object) -> list[AuditRow]:
    """Who did what to one subject, oldest first, as far as the reader's scope goes."""
    return list(AuditRow.objects.filter(subject_kind=subject_kind, subject_id=str(subject_id)).order_by("id"))
