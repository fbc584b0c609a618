"""mySociety's extension: the feed of what happened to requests, and words added by the system that filed one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import uuid5

from onegrid.cases.flow import engine
from onegrid.cases.open311.answers import Refusal
from onegrid.cases.open311.asking import LONGEST_DESCRIPTION, Asked, Window
from onegrid.cases.open311.filing import SENDERS, Sender
from onegrid.cases.permissions import Actor
from onegrid.cases.rules.states import OPEN
from onegrid.cases.selectors import public
from onegrid.cases.selectors.rows import utc
from onegrid.cases.selectors.setting import setting
from onegrid.cases.selectors.track import bearer_name, step_text
from onegrid.foundation.database.context import widened
from onegrid.foundation.kernel.ids import uuid7
from onegrid.foundation.kernel.texts import Lang

ENDS = frozenset({"close", "rate", "reject", "merge", "cancel"})
"""Steps after which a request is closed. All others the feed tells leave it open."""
DEEPEST = 20_000
"""Rows of a window that can be paged through."""


def feed(begin: datetime, end: datetime, window: Window, *, lang: Lang, now: datetime) -> list[dict[str, Any]]:
    """GET servicerequestupdates: oldest first, so that a reader can go on from the last time it saw. Pages that lie
    deeper than `DEEPEST` are refused: the rows before them would all be read again."""
    if window.start > DEEPEST:
        raise Refusal(400, "Go on with start_date at the last updated_datetime you saw instead of paging this far")
    with widened("track"):
        steps = public.steps_between(begin, end, start=window.start, size=window.size)
        return _rows(steps, lang, now)


def _rows(steps: Iterable[Any], lang: Lang, now: datetime) -> list[dict[str, Any]]:
    seen = list(steps)
    units = {one.pk: bearer_name(one, lang) for one in public.assignments_of(step.case_id for step in seen)}
    local = setting()
    reasons = local.reason_words(lang)
    rows = []
    for step in seen:
        said = step_text(
            step, case=step.case, units=units, due={}, reason=reasons, zone=local.calendar.zone, now=now, lang=lang
        )
        if said:
            rows.append(
                {
                    "update_id": f"{step.case.number}.{step.seq}",
                    "service_request_id": step.case.number,
                    "status": "closed" if step.action in ENDS else "open",
                    "updated_datetime": utc(step.at),
                    "description": said,
                }
            )
    return rows


def add(asked: Asked, sender: Sender, *, now: datetime) -> dict[str, Any]:
    """POST servicerequestupdates: the reporter's further words; `status=OPEN` on a closed request asks to reopen it."""
    number, words = asked.text("service_request_id", 60), asked.text("description", LONGEST_DESCRIPTION)
    missing = [name for name, value in (("service_request_id", number), ("description", words)) if not value]
    if missing:
        raise Refusal(400, *(f"{name} was not provided" for name in missing))
    case = _own_case(number, sender)
    said, update = asked.text("status", 40).lower(), asked.text("update_id", 100)
    key = str(uuid5(SENDERS, f"{sender.key_id} update {number} {update}") if update else uuid7(now))
    ended = case.status not in {str(one) for one in OPEN}
    if ended and said != "open":
        raise Refusal(400, "The request is closed; send status OPEN to reopen it")
    # The system that filed it speaks for the reporter: it holds what the reporter holds, the tracking code.
    actor = Actor(
        kind=sender.actor.kind, user_id=sender.actor.user_id, name=sender.actor.name, lang=sender.actor.lang,
        track_code=case.track_code,
    )  # fmt: skip
    engine.act(
        actor=actor,
        case_id=case.id,
        action="reopen" if ended else "add_words",
        key=key,
        now=now,
        data={"words": words},
    )
    moved = public.known(number=number)
    return {"update_id": f"{number}.{moved.last_seq if moved else 0}"}


def _own_case(number: str, sender: Sender) -> public.Known:
    """The case this key filed; another's looks like none."""
    found = public.known(number=number)
    if found is None or found.api_key != sender.key_id:
        raise Refusal(404, f"service_request_id {number!r} was not found among the requests of this api_key")
    return found
