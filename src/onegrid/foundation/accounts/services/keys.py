"""Bearer tokens of people and keys of connected systems. The plain token is shown once."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from onegrid.foundation.accounts.models import ApiKey
from onegrid.foundation.accounts.secrets import digest
from onegrid.foundation.kernel.ids import token

Kind = Literal["token", "open311"]


def make(*, user_id: int | None, kind: Kind, label: str, now: datetime, hat: str = "") -> tuple[ApiKey, str]:
    """A new key and its plain form."""
    plain = f"og_{token(24)}"
    row = ApiKey.objects.create(digest=digest(plain), user_id=user_id, kind=kind, label=label, hat=hat, created_at=now)
    return row, plain


def find(plain: str, kind: Kind) -> ApiKey | None:
    """The live key, of somebody who may still sign in."""
    row = ApiKey.objects.select_related("user").filter(digest=digest(plain), kind=kind, revoked_at=None).first()
    if row is None or (row.user is not None and not row.user.is_active):
        return None
    return row


def revoke(key_id: int, *, user_id: int, now: datetime) -> bool:
    """End one of a person's own keys; False when he has no such key."""
    return ApiKey.objects.filter(pk=key_id, user_id=user_id, revoked_at=None).update(revoked_at=now) == 1
