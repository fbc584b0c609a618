"""Residents sign in with a code sent to their phone. The answer never tells whether a phone is known."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Final

from django.db import IntegrityError, transaction

from onegrid.foundation.accounts.models import PhoneCode, Resident
from onegrid.foundation.accounts.secrets import keyed, same
from onegrid.foundation.accounts.services import limits
from onegrid.foundation.database.fields import blind
from onegrid.foundation.kernel.errors import FieldError, Invalid, SignInRefused
from onegrid.foundation.kernel.ids import uuid7
from onegrid.foundation.kernel.masking import is_mobile, normalise_phone
from onegrid.foundation.kernel.texts import Lang, text
from onegrid.foundation.messages import services as messages

PHONE_LIMITS: Final = (
    limits.Limit(1, timedelta(seconds=60)),
    limits.Limit(5, timedelta(hours=1)),
    limits.Limit(10, timedelta(days=1)),
)
NETWORK_LIMITS: Final = (limits.Limit(30, timedelta(hours=1)),)
TRY_LIMITS: Final = (limits.Limit(20, timedelta(hours=1)),)
TRIES: Final = 5
LIFE: Final = timedelta(minutes=5)


def send_code(*, phone: str, network: str, lang: Lang, now: datetime) -> str | None:
    """Send a code; the drawer's token in a demo, else None. Raises `Invalid` for no mobile number, `TooMany`."""
    number = _mobile(phone)
    index = blind(Resident, "phone_index", number)
    mine, place = limits.bucket("code", index.hex()), limits.bucket("code-network", network)
    limits.one_at_a_time(mine)
    limits.refuse_if_spent(mine, PHONE_LIMITS, now)
    limits.refuse_if_spent(place, NETWORK_LIMITS, now)
    limits.count(mine, now)
    limits.count(place, now)
    code = f"{secrets.randbelow(10**6):06d}"
    PhoneCode.objects.filter(phone_index=index, used_at=None).update(used_at=now)
    PhoneCode.objects.create(phone_index=index, digest=_digest(index, code), sent_at=now, expires_at=now + LIFE)
    minutes = int(LIFE.total_seconds() // 60)
    return messages.send(number, text("accounts.code_message", lang, code=code, minutes=minutes), now=now)


def sign_in(*, phone: str, code: str, network: str, now: datetime) -> Resident:
    """The resident, known or new, when the code is right. Raises `SignInRefused` for whatever was wrong, `TooMany`.

    The try is counted and the caller commits it even when refused. A code that was used counts for nothing: half a town
    may come out of one mobile network's gateway.
    """
    number = _mobile(phone)
    index = blind(Resident, "phone_index", number)
    mine, place = limits.bucket("try", index.hex()), limits.bucket("try-network", network)
    limits.one_at_a_time(mine)
    limits.refuse_if_spent(mine, TRY_LIMITS, now)
    limits.refuse_if_spent(place, TRY_LIMITS, now)
    limits.count(mine, now)
    limits.count(place, now)
    sent = PhoneCode.objects.filter(phone_index=index, used_at=None, expires_at__gt=now).order_by("-sent_at").first()
    if sent is None or sent.tries >= TRIES:
        raise SignInRefused()
    if not same(bytes(sent.digest), _digest(index, code.strip())):
        sent.tries += 1
        sent.save(update_fields=["tries"])
        raise SignInRefused()
    sent.used_at = now
    sent.save(update_fields=["used_at"])
    limits.clear(mine)
    limits.forgive(place)
    limits.forgive(limits.bucket("code-network", network))
    return resident_of(number, now)


def resident_of(phone: str, now: datetime) -> Resident:
    """The resident with this phone, made when there is none. Two at once end with one."""
    number = normalise_phone(phone)
    found = Resident.objects.filter(phone_index=blind(Resident, "phone_index", number)).first()
    if found is not None:
        return found
    try:
        with transaction.atomic():
            return Resident.objects.create(id=uuid7(now), phone=number, created_at=now)
    except IntegrityError:
        return Resident.objects.get(phone_index=blind(Resident, "phone_index", number))


def tidy(now: datetime) -> None:
    """Delete codes of yesterday."""
    PhoneCode.objects.filter(expires_at__lt=now - timedelta(days=1)).delete()


def _mobile(phone: str) -> str:
    number = normalise_phone(phone)
    if not is_mobile(number):
        raise Invalid(fields=[FieldError("phone", "accounts.not_a_mobile")])
    return number


def _digest(index: bytes, code: str) -> bytes:
    return keyed("phone-code", f"{index.hex()}:{code}")
