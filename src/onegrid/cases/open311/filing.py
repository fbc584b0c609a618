"""POST requests: a report through Open311 becomes a case like any other, by the same intake."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from onegrid.cases.flow import intake
from onegrid.cases.flow.locate import place_by_words
from onegrid.cases.open311.answers import Refusal
from onegrid.cases.open311.asking import Filed
from onegrid.cases.open311.catalogue import condition_of, service
from onegrid.cases.permissions import Actor
from onegrid.cases.selectors import public
from onegrid.county.grids import selectors as grids
from onegrid.county.grids.errors import GridNotFound
from onegrid.foundation.accounts.services import keys
from onegrid.foundation.database.context import widened
from onegrid.foundation.kernel.ids import uuid7
from onegrid.foundation.kernel.texts import Lang

SENDERS = UUID("5f0c7a52-1f0e-5c06-9d57-3d0f7f5b6c11")
"""Name space of keys made from what a sender repeats."""
SENDERS_OWN_NUMBER = ("fixmystreet_id", "external_id")
"""Attributes by which known clients mark the report they send again when they heard no answer."""


@dataclass(frozen=True)
class Sender:
    """A connected system, known by its key."""

    key_id: int
    actor: Actor


def sender_of(plain: str, lang: Lang) -> Sender:
    """Whose key it is; 403 for none or one we do not know, as the standard says."""
    if not plain:
        raise Refusal(403, "api_key was not provided")
    with widened("sign_in"):
        row = keys.find(plain, "open311")
    if row is None:
        raise Refusal(403, "api_key is not known or was revoked")
    return Sender(row.id, Actor(kind="integration", user_id=row.user_id, name=row.label, lang=lang))


def file(filed: Filed, sender: Sender, *, repeat_key: str, photos: Sequence[UUID], now: datetime) -> dict[str, Any]:
    """File it; the answer's one member. A repeat with the same key, or the sender's own number, files nothing new."""
    matter = service(filed.service_code)
    key = _key(filed, sender, repeat_key, now)
    if repeat_key or _own_number(filed):
        known = public.known(id=key)
        if known is not None:
            return _answer(known, filed)
    lon, lat, grid = _place(filed)
    report = intake.Report(
        key=key,
        words=filed.description or matter.name(sender.actor.lang),
        lon=lon,
        lat=lat,
        grid=grid,
        address=filed.address_string,
        matter=matter.code,
        condition=condition_of(matter, filed.attributes),
        photos=tuple(photos),
        channel="open311",
        contact_name=" ".join(part for part in (filed.last_name, filed.first_name) if part),
        contact_phone=filed.phone or filed.email,
        anonymous=not (filed.phone or filed.email or filed.last_name or filed.first_name),
        extra=_extra(filed, sender),
    )
    intake.report(actor=sender.actor, report=report, now=now)
    stored = public.known(id=key)
    if stored is None:
        raise Refusal(400, "The request could not be stored")
    return _answer(stored, filed)


def _answer(case: public.Known, filed: Filed) -> dict[str, Any]:
    """The id or the token, never both."""
    if filed.token_only:
        return {"token": str(case.id), "account_id": filed.account_id}
    return {"service_request_id": case.number, "account_id": filed.account_id}


def _key(filed: Filed, sender: Sender, repeat_key: str, now: datetime) -> UUID:
    said = repeat_key or _own_number(filed)
    return uuid5(SENDERS, f"{sender.key_id} {said}") if said else uuid7(now)


def _own_number(filed: Filed) -> str:
    return next((filed.attributes[name][0] for name in SENDERS_OWN_NUMBER if name in filed.attributes), "")


def _place(filed: Filed) -> tuple[float | None, float | None, str | None]:
    """A point as it came; else the grid of an address_id; else what the address surely means; else the root, where a
    dispatcher finds the place.
    """
    if filed.lon is not None and filed.lat is not None:
        return filed.lon, filed.lat, None
    with widened("locate"):
        if filed.address_id:
            return None, None, _grid_of(filed.address_id)
        if place_by_words((filed.address_string,)) is not None:
            return None, None, None
        return None, None, str(grids.root().id)


def _grid_of(address_id: str) -> str:
    """The grid of a code, whichever tree it stands in; 404 when there is none."""
    for scheme in ("", *(one.key for one in grids.schemes())):
        try:
            return str(grids.by_code(address_id, scheme).id)
        except GridNotFound:
            continue
    raise Refusal(404, f"address_id {address_id!r} was not found")


def _extra(filed: Filed, sender: Sender) -> dict[str, Any]:
    """What the sender wants back, and by which key it came. Nothing personal: contact is stored encrypted, apart."""
    attributes = {name: list(values) for name, values in filed.attributes.items()}
    extra = {"api_key": sender.key_id, "account_id": filed.account_id, "media_url": filed.media_url}
    return {name: value for name, value in {**extra, "attributes": attributes}.items() if value}
