"""Answers given once are given again: the receipt book that makes every write safe to repeat.

A key is claimed under a transaction lock before anything else happens, so that duplicates arriving together queue up
and all get the first one's answer. The book is keyed by sender and lies under no path policy: a sender gets his
answer even when the case has left his sight.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from onegrid.cases.errors import KeyUsedForAnother
from onegrid.foundation.database.write import Statement, turn, write


@dataclass(frozen=True)
class Answer:
    """What a step answers: HTTP status of the first time, JSON body, the case it is about."""

    status: int
    body: dict[str, Any]
    case_id: UUID | None = None

    @cached_property
    def text(self) -> str:
        """The body as JSON, written once: for the book and for the sender."""
        return json.dumps(self.body, ensure_ascii=False, separators=(",", ":"))


def fingerprint(operation: str, body: Any) -> str:
    """SHA-256 of what was asked, independent of the order of fields."""
    canonical = json.dumps([operation, body], sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()


def claim(*, sender: str, key: str, operation: str, body_hash: str) -> Answer | None:
    """Hold `key` for this transaction; the earlier answer when there is one (status 200).

    Raises `KeyUsedForAnother` when the key was used with another body.
    """
    _, rows = turn(questions(sender, key))
    return known(rows, operation=operation, body_hash=body_hash)


def questions(sender: str, key: str) -> tuple[Statement, Statement]:
    """What `claim` asks: the lock, then, seeing what was committed while it was waited for, the receipt."""
    return (_LOCK, [f"receipt {sender} {key}"]), (_KNOWN, [sender, key])


def known(rows: Sequence[tuple[Any, ...]], *, operation: str, body_hash: str) -> Answer | None:
    """The earlier answer out of the receipt's row, if there is one. Raises `KeyUsedForAnother`."""
    if not rows:
        return None
    known_operation, known_hash, case_id, answer = rows[0]
    if known_hash != body_hash or known_operation != operation:
        raise KeyUsedForAnother()
    return Answer(200, json.loads(answer), case_id)


_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"
_KNOWN = "SELECT operation, body_hash, case_id, answer FROM cases_receipt WHERE actor = %s AND key = %s"


def keep(*, sender: str, key: str, operation: str, body_hash: str, answer: Answer, now: datetime) -> None:
    """Write the answer into the book, in the step's own transaction."""
    write([(_KEEP, [sender, key, operation, body_hash, answer.case_id, answer.status, answer.text, now])])


_KEEP = (
    "INSERT INTO cases_receipt (actor, key, operation, body_hash, case_id, status, answer, at)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"
)


def plain(body: Any) -> Any:
    """A body as JSON stores it: ids and times as text."""
    return json.loads(json.dumps(body, default=str, ensure_ascii=False))
