"""What waits for confirmation does not wait for ever: after the pack's days it lapses, and whoever proposed it is told.

The row stays as it is. What the change said stays until retention takes it, so it can be proposed again by hand.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from onegrid.county.registers.models import Change
from onegrid.county.registers.selectors import choices
from onegrid.foundation.accounts import selectors as accounts
from onegrid.foundation.accounts.actor import SYSTEM
from onegrid.foundation.journal import services as journal
from onegrid.foundation.kernel.texts import text
from onegrid.foundation.messages import services as messages

BLOCK: Final = 200
"""Changes of one transaction."""


def lapse(now: datetime) -> int:
    """Let one block of what waited too long lapse; how many. At root scope; call it again while it did something."""
    days = choices.part().waiting_days
    old = Change.objects.filter(state="waiting", at__lt=now - timedelta(days=days))
    block = list(old.select_for_update(skip_locked=True).order_by("pk")[:BLOCK])
    staff: Counter[int] = Counter()
    residents: set[UUID] = set()
    for change in block:
        change.state, change.settled_at = "lapsed", now
        change.save(update_fields=["state", "settled_at"])
        detail = {"change": change.pk, "fields": change.fields}
        journal.record(
            SYSTEM, "register.lapse", (change.kind, change.row), now=now, scope_path=change.scope_path, detail=detail
        )
        if change.user is not None:
            staff[change.user] += 1
        elif change.resident is not None:
            residents.add(change.resident)
    _tell(staff, residents, days, now)
    return len(block)


def _tell(staff: Counter[int], residents: set[UUID], days: int, now: datetime) -> None:
    """One message for each person, however many of his changes lapsed together. It says nothing of anybody."""
    for user, contact in accounts.contacts_of(staff).items():
        if contact.phone:
            words = text("register_changes.lapsed.staff", "zh-CN", count=staff[user], days=days)
            messages.send(contact.phone, words, now=now)
    for resident in sorted(residents):
        phone = accounts.resident_phone_unmasked(resident)
        if phone:
            messages.send(phone, text("register_changes.lapsed.resident", "zh-CN", days=days), now=now)
