"""What the clock wakes in the accounts."""

from __future__ import annotations

from datetime import datetime

from onegrid.foundation.accounts.services import limits, phones, sessions
from onegrid.foundation.database.context import in_locality
from onegrid.foundation.files import services as files
from onegrid.foundation.messages import services as messages


def tidy(locality: str, now: datetime) -> None:
    """Every hour: ended sessions, old codes and counts, yesterday's drawers, photos nobody attached or
    finished."""
    with in_locality(locality, "sign_in"):
        sessions.tidy(now)
        phones.tidy(now)
        limits.tidy(now)
        messages.tidy(now)
    files.forget_loose(locality, now)
    files.forget_parts(locality, now)
