"""How secrets of sign-in are hashed. Keyed by the server's secret, each purpose with a key of its own."""

from __future__ import annotations

import hashlib
import hmac

from django.conf import settings


def keyed(purpose: str, value: str) -> bytes:
    """HMAC-SHA256 of `value` for one purpose."""
    key = hmac.new(settings.SECRET_KEY.encode(), purpose.encode(), hashlib.sha256).digest()
    return hmac.new(key, value.encode(), hashlib.sha256).digest()


def digest(token: str) -> bytes:
    """What is stored of a random token: it has enough entropy for a plain hash."""
    return hashlib.sha256(token.encode()).digest()


def same(left: bytes, right: bytes) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(bytes(left), bytes(right))


def csrf_of(session_digest: bytes) -> str:
    """The CSRF token of a session: bound to it, so a token of another session does not fit."""
    return keyed("csrf", session_digest.hex()).hex()[:40]
