"""From the desk of whoever draws to the county and into force: send, recall, decide, drop."""

from __future__ import annotations

from datetime import date, datetime

from onegrid.county.grids import surroundings
from onegrid.county.grids.errors import DraftClosed, DraftFaulty, DraftStale
from onegrid.county.grids.models import Draft
from onegrid.county.grids.permissions import DROPPED, decides
from onegrid.county.grids.services.drafts import applying, store
from onegrid.county.grids.services.drafts.beginning import record
from onegrid.foundation.accounts.actor import Actor
from onegrid.foundation.kernel.errors import FieldError, Forbidden, Invalid


def send(actor: Actor, draft: Draft, *, note: str, effective_on: date | None, now: datetime) -> Draft:
    """Ask the county for its word. Raises DraftClosed, DraftFaulty, DraftStale, CodeExhausted."""
    store.require(draft, "open")
    if draft.faults:
        raise DraftFaulty(draft.faults)
    if store.fingerprint(draft) != draft.base:
        raise DraftStale()
    applying.planned(draft)
    draft.state, draft.note, draft.effective_on = "sent", note.strip(), effective_on
    draft.sent_at, draft.sent_by, draft.changed_at = now, actor.name, now
    draft.save()
    record(actor, "send", draft, now=now)
    return draft


def recall(actor: Actor, draft: Draft, *, now: datetime) -> Draft:
    """Take a sent draft back to go on with it. Raises DraftClosed."""
    store.require(draft, "sent")
    draft.state, draft.changed_at = "open", now
    draft.save()
    record(actor, "recall", draft, now=now)
    return draft


def decide(
    actor: Actor, draft: Draft, *, approve: bool, reason: str, effective_on: date | None, now: datetime
) -> Draft:
    """The county's word: let it hold from a day on (today when none is said), or refuse it with a reason.

    Raises Forbidden, DraftClosed, DraftStale, Invalid without a reason or with a day that is over.
    """
    store.require(draft, "sent")
    if not decides(actor, draft):
        raise Forbidden()
    today = surroundings.day_of(now)
    if approve:
        if store.fingerprint(draft) != draft.base:
            raise DraftStale()
        day = effective_on or draft.effective_on or today
        if effective_on is not None and effective_on < today:
            raise Invalid(fields=[FieldError("effective_on", "drafts.errors.day_over")])
        draft.state, draft.effective_on = "approved", max(day, today)
    else:
        if not reason.strip():
            raise Invalid(fields=[FieldError("reason", "drafts.errors.reason_needed")])
        draft.state = "refused"
    draft.decision, draft.decided_at, draft.decided_by = reason.strip(), now, actor.name
    draft.changed_at = now
    draft.save()
    record(actor, "approve" if approve else "refuse", draft, now=now)
    return draft


def drop(actor: Actor, draft: Draft, *, now: datetime) -> Draft:
    """Give a draft up. Raises DraftClosed."""
    if draft.state not in DROPPED:
        raise DraftClosed()
    draft.state, draft.changed_at = "dropped", now
    draft.save()
    record(actor, "drop", draft, now=now)
    return draft
