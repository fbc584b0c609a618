"""Bearer tokens of people and keys of connected systems. The plain token is shown once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from onegrid.foundation.accounts.models import ApiKey
from onegrid.foundation.accounts.secrets import digest
from onegrid.foundation.database.stamps import read_with_stamps
from onegrid.foundation.kernel.ids import token

Kind = Literal["token", "open311", "system"]


def make(*, user_id: int | None, kind: Kind, label: str, now: datetime, hat: str = "") -> tuple[ApiKey, str]:
    """A new key and its plain form."""
    plain = f"og_{token(24)}"
    row = ApiKey.objects.create(digest=digest(plain), user_id=user_id, kind=kind, label=label, hat=hat, created_at=now)
    return row, plain


@dataclass(frozen=True, slots=True)
class Key:
    """A live key and whose it is; a connected system's key is nobody's."""

    id: int
    label: str
    hat: str
    user_id: int | None
    name: str
    must_change: bool


_FIND = (
    "SELECT k.id, k.label, k.hat, u.id, coalesce(u.display_name, ''), coalesce(u.must_change, false)"
    " FROM accounts_apikey k LEFT JOIN accounts_user u ON u.id = k.user_id"
    " WHERE k.digest = %s AND k.kind = %s AND k.revoked_at IS NULL AND u.is_active IS NOT FALSE"
)


def find(plain: str, kind: Kind) -> Key | None:
    """The live key, of somebody who may still sign in."""
    rows = read_with_stamps(_FIND, [digest(plain), kind])
    return Key(*rows[0]) if rows else None


def revoke(key_id: int, *, user_id: int, now: datetime) -> bool:
    """End one of a person's own keys; False when he has no such key."""
    return ApiKey.objects.filter(pk=key_id, user_id=user_id, revoked_at=None).update(revoked_at=now) == 1
