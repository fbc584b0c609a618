"""Sending: into the drawer at once in a demo, else through the outbox, sealed until it leaves."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from typing import Final

from django.conf import settings
from django.db import connection

from onegrid.foundation.database.context import standing
from onegrid.foundation.database.fields import ring
from onegrid.foundation.journal import selectors as journal_selectors
from onegrid.foundation.journal import services as journal
from onegrid.foundation.journal.services.outbox import Event
from onegrid.foundation.kernel import sealed
from onegrid.foundation.kernel.ids import token
from onegrid.foundation.kernel.masking import mask_phone
from onegrid.foundation.messages import adapters
from onegrid.foundation.messages.drawer import drawer_digest, phone_token
from onegrid.foundation.messages.models import DrawerMessage

TOPIC: Final = "message"


def send(to: str, text: str, *, now: datetime, drawer: str = "") -> str | None:
    """Send `text` to a phone number, after the commit. A demo puts it into the phone's drawer and returns its token.

    Nothing readable is stored: number and text are sealed until the adapter takes them.
    """
    if settings.ONEGRID_DEMO:
        opened = drawer or phone_token(to, standing().locality)
        DrawerMessage.objects.create(digest=drawer_digest(opened), to_masked=mask_phone(to), text=text, at=now)
        return opened
    reference = token(12)
    payload = {
        "reference": reference,
        "to": sealed.seal(ring(), to, _label(reference, "to")).hex(),
        "text": sealed.seal(ring(), text, _label(reference, "text")).hex(),
    }
    journal.publish(TOPIC, payload, now=now)
    return None


def deliver(event: Event, now: datetime) -> None:
    """Outbox handler: hand one message to the channel. Raises `NotSent`, and is tried again."""
    reference = str(event.payload["reference"])
    to, text = (
        sealed.unseal(ring(), bytes.fromhex(str(event.payload[part])), _label(reference, part))
        for part in ("to", "text")
    )
    channel().send(to, text, reference)
    # What was sent need not be kept, not even sealed.
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE journal_outbox SET payload = jsonb_build_object('reference', %s::text) WHERE id = %s",
            [reference, event.id],
        )


@cache
def channel() -> adapters.Adapter:
    """The configured channel (`ONEGRID_MESSAGES`)."""
    return adapters.from_settings(getattr(settings, "ONEGRID_MESSAGES", {"kind": "nothing"}))


def sealed_with() -> set[int]:
    """Numbers of the keys under which messages lie that are not delivered yet, or never were. At root scope."""
    return {
        sealed.key_of(bytes.fromhex(str(payload[part])[:8]))
        for payload in journal_selectors.open_payloads(TOPIC)
        for part in ("to", "text")
    }


def tidy(now: datetime) -> None:
    """Empty the drawers of yesterday."""
    DrawerMessage.objects.filter(at__lt=now - timedelta(days=1)).delete()


def _label(reference: str, part: str) -> bytes:
    return sealed.row_label("journal_outbox", part, reference)
