"""Browser sessions: an unguessable cookie, its hash in the table, an end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from onegrid.foundation.accounts.models import Resident, Session, User
from onegrid.foundation.accounts.secrets import digest
from onegrid.foundation.database.stamps import read_with_stamps
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


@dataclass(frozen=True, slots=True)
class Signed:
    """Who a live session belongs to: somebody of the staff, or a resident."""

    digest: bytes
    hat: str
    user_id: int | None
    name: str
    must_change: bool
    resident_id: UUID | None


_FIND = (
    "SELECT s.hat, s.seen_at, u.id, u.display_name, u.must_change, s.resident_id FROM accounts_session s"
    " LEFT JOIN accounts_user u ON u.id = s.user_id"
    " WHERE s.digest = %s AND s.expires_at > %s AND u.is_active IS NOT FALSE"
)


def find(cookie: str, now: datetime) -> Signed | None:
    """The live session of a cookie, of somebody who may still sign in. Keeps it alive while it is used."""
    marked = digest(cookie)
    rows = read_with_stamps(_FIND, [marked, now])
    if not rows:
        return None
    hat, seen_at, user_id, name, must_change, resident_id = rows[0]
    if now - seen_at > TOUCH:
        keep = STAFF_IDLE if user_id else RESIDENT_IDLE
        Session.objects.filter(digest=marked).update(seen_at=now, expires_at=now + keep)
    return Signed(marked, hat, user_id, name or "", bool(must_change), resident_id)


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
