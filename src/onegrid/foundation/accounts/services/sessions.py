"""Browser sessions: an unguessable cookie, its hash in the table, an end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from onegrid.foundation.accounts.models import Resident, Session, User
from onegrid.foundation.accounts.secrets import digest
from onegrid.foundation.kernel.ids import token

STAFF_IDLE = timedelta(hours=12)
RESIDENT_IDLE = timedelta(days=30)
TOUCH = timedelta(minutes=5)
"""How often a session in use is written to, at most."""


@dataclass(frozen=True)
class Opened:
    """A new session: the cookie's value leaves once, here."""

    cookie: str
    row: Session
    keep: timedelta


def open_session(*, user: User | None = None, resident: Resident | None = None, now: datetime) -> Opened:
    """Sign somebody in on this browser, always under a new token."""
    keep = STAFF_IDLE if user else RESIDENT_IDLE
    cookie = token(32)
    row = Session.objects.create(
        digest=digest(cookie), user=user, resident=resident, created_at=now, seen_at=now, expires_at=now + keep
    )
    return Opened(cookie, row, keep)


def find(cookie: str, now: datetime) -> Session | None:
    """The live session of a cookie, of somebody who may still sign in. Keeps it alive while it is used."""
    row = Session.objects.select_related("user", "resident").filter(digest=digest(cookie), expires_at__gt=now).first()
    if row is None or (row.user is not None and not row.user.is_active):
        return None
    if now - row.seen_at > TOUCH:
        row.seen_at = now
        row.expires_at = now + (STAFF_IDLE if row.user_id else RESIDENT_IDLE)
        row.save(update_fields=["seen_at", "expires_at"])
    return row


def close(session_digest: bytes) -> None:
    """Sign out this browser."""
    Session.objects.filter(digest=session_digest).delete()


def close_all(user_id: int, *, but: bytes = b"") -> None:
    """Sign out everywhere (a changed password, a disabled person), perhaps but for one browser."""
    Session.objects.filter(user_id=user_id).exclude(digest=but).delete()


def wear(session_digest: bytes, hat: str) -> None:
    """Remember which hat this browser wears."""
    Session.objects.filter(digest=session_digest).update(hat=hat)


def tidy(now: datetime) -> None:
    """Delete ended sessions."""
    Session.objects.filter(expires_at__lte=now).delete()
