"""What grids do in the background: drafts whose day has come take effect, and drawings wait for their turn."""

from __future__ import annotations

from datetime import datetime

from onegrid.county.grids import surroundings
from onegrid.county.grids.models import Draft
from onegrid.county.grids.services.drafts import applying, drawing, store
from onegrid.foundation.database.context import in_locality


def next_drawing(locality: str, now: datetime) -> int | None:
    """The drawing to be run next; None while another runs."""
    with in_locality(locality, "draft"):
        return drawing.next_waiting(now)


def apply_due(locality: str, now: datetime) -> int:
    """Every second: approved drafts whose day has come, each in a transaction of its own; how many took effect.

    One whose grids were changed meanwhile is opened again and says so: its sender must look at it anew.
    """
    done = 0
    with in_locality(locality, "draft"):
        today = surroundings.day_of(now)
        due = list(
            Draft.objects.filter(state="approved", effective_on__lte=today)
            .order_by("decided_at", "pk")
            .values_list("pk", flat=True)
        )
    for key in due:
        with in_locality(locality, "draft"):
            draft = Draft.objects.select_for_update().filter(pk=key, state="approved").first()
            if draft is None:
                continue
            if store.fingerprint(draft) != draft.base:
                draft.state, draft.failure, draft.changed_at = "open", "drafts.errors.stale", now
                draft.save()
                continue
            applying.apply(draft, now=now)
            done += 1
    return done
