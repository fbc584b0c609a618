"""The demo's phone drawer: which token opens which phone's messages."""

from __future__ import annotations

import hashlib
import hmac

from django.conf import settings

from onegrid.foundation.kernel.masking import normalise_phone


def phone_token(phone: str, locality: str) -> str:
    """The drawer of a phone, the same each time; without the server's secret it cannot be made from the number."""
    said = f"drawer:{locality}:{normalise_phone(phone)}"
    return hmac.new(settings.SECRET_KEY.encode(), said.encode(), hashlib.sha256).hexdigest()[:40]


def drawer_digest(token: str) -> bytes:
    """What is stored of a token."""
    return hashlib.sha256(token.encode()).digest()
