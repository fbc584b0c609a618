"""Making and closing staff accounts."""

from __future__ import annotations

from datetime import datetime

from onegrid.foundation.accounts.models import ApiKey, User
from onegrid.foundation.accounts.services import passwords, sessions


def create_user(
    *, username: str, display_name: str, password: str = "", phone: str | None = None, must_change: bool = True
) -> User:
    """A new account; without a password it cannot sign in yet. Raises `WeakPassword`."""
    user = User.objects.create(username=username, display_name=display_name, password="", phone=phone)
    if password:
        passwords.set_password(user, password, must_change=must_change)
    return user


def disable(user: User, now: datetime) -> None:
    """Close an account at once, with every session and token. Its history stays."""
    user.is_active = False
    user.save(update_fields=["is_active"])
    sessions.close_all(user.pk)
    ApiKey.objects.filter(user=user, revoked_at=None).update(revoked_at=now)
