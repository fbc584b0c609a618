"""One action on many cases: each row is a step of its own, with its own key, version and transaction.

What was done stays done when a later row is refused, nobody waits for two hundred locks, and the same rows sent again
get their first answers.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import DatabaseError

from onegrid.cases.errors import NotInBatch
from onegrid.cases.flow import engine
from onegrid.cases.permissions import Actor
from onegrid.cases.rules.states import IN_BATCH, Action
from onegrid.foundation.database.context import Standing, acting
from onegrid.foundation.kernel.errors import OneGridError, Unavailable
from onegrid.foundation.kernel.texts import has_text, text

log = logging.getLogger("onegrid.cases")

TAKEN_BACK_BY: Final[Mapping[Action, Action]] = {
    Action.DISPATCH: Action.WITHDRAW,
    Action.SUPERVISE: Action.LIFT_SUPERVISION,
}
"""Which action takes another one back while nobody has gone on from it."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One case of a batch: the sender's key, what he saw, and the fields that are this case's own."""

    case: UUID
    key: str
    version: int | None = None
    assignment: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


def perform(*, actor: Actor, who: Standing, action: str, rows: Iterable[Row], now: datetime) -> list[dict[str, Any]]:
    """Do `action` on every row under the standing `who`; one result per row, in order.

    To be called outside any transaction, so that each row commits by itself. A refused row says why and leaves nothing.
    Raises `NotInBatch` for an action that wants every case looked at.
    """
    wanted = allowed(action)
    return [_one(actor, who, wanted, row, now) for row in rows]


def allowed(action: str) -> Action:
    """The action, if it may be done to many at once; `NotInBatch` otherwise."""
    found = next((one for one in IN_BATCH if one.value == action), None)
    if found is None:
        raise NotInBatch(action=action)
    return found


def offered(duties: Collection[str]) -> list[Action]:
    """What a page offers somebody with these duties to do to many; what only takes back is offered after it."""
    return [one for one, duty in IN_BATCH.items() if duty in duties and one not in TAKEN_BACK_BY.values()]


def _one(actor: Actor, who: Standing, action: Action, row: Row, now: datetime) -> dict[str, Any]:
    try:
        with acting(who):
            answer = engine.act(
                actor=actor, case_id=row.case, action=action.value, key=row.key, now=now, data=row.data,
                version=row.version, assignment=row.assignment,
            )  # fmt: skip
    except OneGridError as refusal:
        return _refused(row, refusal, actor)
    except DatabaseError:
        log.exception("a row of a batch failed: %s of case %s", action, row.case)
        return _refused(row, Unavailable(), actor)
    return {
        "case": str(row.case),
        "done": True,
        "code": "",
        "message": "",
        "fields": [],
        "version": answer["version"],
        "status": answer["status"],
        "status_word": answer["status_word"],
        "back": _way_back(action, answer),
    }


def _refused(row: Row, refusal: OneGridError, actor: Actor) -> dict[str, Any]:
    key = refusal.key if has_text(refusal.key) else f"errors.{refusal.code}"
    return {
        "case": str(row.case),
        "done": False,
        "code": refusal.code,
        "message": text(key, actor.lang, **refusal.values),
        "fields": [
            {"field": one.field, "message": text(one.key, actor.lang, **(one.values or {}))} for one in refusal.fields
        ],
        "version": None,
        "status": None,
        "status_word": None,
        "back": [],
    }


def _way_back(action: Action, answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The steps that would take this one back, as the case offers them now; only of work nobody has begun."""
    back = TAKEN_BACK_BY.get(action)
    fresh = {one["id"] for one in answer["assignments"] if one["state"] == "offered"}
    return [
        {"action": offer["action"], "assignment": offer["assignment"]}
        for offer in answer["actions"]
        if back is not None and offer["action"] == back.value and offer["assignment"] in {None, *fresh}
    ]
