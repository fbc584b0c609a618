"""Looks at people: each on record for whom it concerns, whole values within a budget, and an alarm before it is spent.

Everything is written in the caller's transaction, which is committed before the answer leaves: a look that could not be
recorded shows nothing, and a refused one is not counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from onegrid.county.matters.selectors import current_pack
from onegrid.county.registers.errors import LooksSpent, PurposeUnknown
from onegrid.county.registers.selectors import choices
from onegrid.county.workforce import selectors as workforce
from onegrid.county.workforce.rules.duties import Duty
from onegrid.foundation.accounts import selectors as accounts
from onegrid.foundation.accounts.actor import Actor
from onegrid.foundation.database.context import widened
from onegrid.foundation.database.write import read
from onegrid.foundation.journal import services as journal
from onegrid.foundation.kernel.masking import mask_numbers
from onegrid.foundation.kernel.texts import text
from onegrid.foundation.messages import services as messages

How = Literal["read", "search", "reveal", "export"]
Subject = tuple[int, str]
"""Number and scope path of a row."""
SHORTEST: Final = 2
LONGEST: Final = 200
ALARM: Final = "looks.alarm"


def look(
    actor: Actor,
    subjects: Sequence[Subject],
    *,
    how: How,
    now: datetime,
    purpose: str = "",
    kind: str = "resident",
    fields: Sequence[str] = (),
) -> None:
    """Put on record that `actor` sees these rows, one row of the log for each, before anything of them leaves.

    `read` and `search` show masked rows and count as met. `reveal` shows whole values: it needs a purpose (a key of the
    pack's or words) and a place in the day's budget, and raises `PurposeUnknown` or `LooksSpent`. `export` needs a
    purpose and a second person's approval, so it has no budget. `fields` names what was shown, never its content.
    """
    if not subjects:
        return
    if how in ("reveal", "export"):
        check_purpose(purpose)
    detail = {"fields": list(fields)} if fields else {}
    if actor.user_id is not None and how != "export":
        _spend(actor, actor.user_id, len(subjects), whole=how == "reveal", now=now)
    why = mask_numbers(purpose)  # words of one's own stay in the journal for good
    journal.record_each(actor, f"{kind}.{how}", kind, subjects, now=now, purpose=why, detail=detail)


def left_today(actor: Actor, *, now: datetime) -> tuple[int, int]:
    """How many whole values the actor may still look at today, and of how many. Nothing is counted for asking."""
    part = choices.part()
    zone = ZoneInfo(current_pack().content["cases"]["calendar"]["timezone"])
    with widened("looks"):
        found = read(_SEEN, [actor.user_id, now.astimezone(zone).date()]) if actor.user_id is not None else []
    seen = found[0][0] if found else 0
    return max(0, part.daily - seen), part.daily


def check_purpose(purpose: str) -> None:
    """A key of the pack's purposes, or a few words of one's own. Raises `PurposeUnknown`."""
    if purpose not in choices.purposes() and not SHORTEST <= len(purpose.strip()) <= LONGEST:
        raise PurposeUnknown()


def _spend(actor: Actor, user: int, count: int, *, whole: bool, now: datetime) -> None:
    """Count against the day; tell the persons in charge when a threshold is passed. Raises `LooksSpent`."""
    part = choices.part()
    zone = ZoneInfo(current_pack().content["cases"]["calendar"]["timezone"])
    local = now.astimezone(zone)
    revealed, met = (count, 0) if whole else (0, count)
    with widened("looks"):
        [(after_revealed, after_met)] = read(_COUNT, [user, local.date(), revealed, met])
        if whole and after_revealed > part.daily:
            midnight = datetime.combine(local.date() + timedelta(days=1), time(), zone)
            raise LooksSpent(daily=part.daily, retry_after=int((midnight - now).total_seconds()) + 1)
        before_revealed, before_met = after_revealed - revealed, after_met - met
        if any(before_revealed < mark <= after_revealed for mark in (part.warn_at, part.daily)):
            _alarm(actor, "revealed", after_revealed, now)
        if before_met < part.hits <= after_met:
            _alarm(actor, "met", after_met, now)


def _alarm(actor: Actor, what: str, count: int, now: datetime) -> None:
    """On record, and told to those who administer and audit above the person."""
    day = now.astimezone(ZoneInfo(current_pack().content["cases"]["calendar"]["timezone"])).date()
    journal.record(actor, ALARM, ("user", actor.user_id), now=now, detail={"what": what, "count": count})
    told = {
        hat.user
        for duty in (Duty.AUDIT, Duty.ADMINISTER)
        for hat in workforce.nearest_holders(actor.scope_path or "r.", duty=str(duty), day=day)
    }
    for contact in accounts.contacts_of(sorted(told - {actor.user_id})).values():
        if contact.phone:
            words = text(f"register_access.alarm.{what}", "zh-CN", name=actor.name, unit=actor.unit, count=count)
            messages.send(contact.phone, words, now=now)


_SEEN: Final = 'SELECT revealed FROM registers_lookcount WHERE "user" = %s AND day = %s'
_COUNT: Final = """
INSERT INTO registers_lookcount AS known ("user", day, revealed, met) VALUES (%s, %s, %s, %s)
ON CONFLICT ("user", day) DO UPDATE SET revealed = known.revealed + excluded.revealed, met = known.met + excluded.met
RETURNING revealed, met
"""
