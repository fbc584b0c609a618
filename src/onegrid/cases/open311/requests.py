"""Cases as Open311 service requests."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from onegrid.cases.open311.answers import Refusal
from onegrid.cases.open311.asking import RequestsAsked
from onegrid.cases.rules.states import OPEN
from onegrid.cases.selectors import public
from onegrid.cases.selectors.rows import named, place_names, utc
from onegrid.cases.selectors.words import status_word
from onegrid.county.grids import selectors as grids
from onegrid.foundation.database.context import widened
from onegrid.foundation.kernel.texts import Lang

PROMISES = ("handle", "stage")
OWN_CHANNEL = "open311"


def listed(asked: RequestsAsked, lang: Lang, media: str) -> list[dict[str, Any]]:
    """GET requests. `media` is the address pictures hang under."""
    with widened("track"):
        if asked.ids:
            return rows(public.by_numbers(asked.ids), lang, media)
        known = {one.code for one in public.matters()}
        unknown = [code for code in asked.services if code not in known]
        if unknown:
            raise Refusal(404, *(f"service_code {code!r} was not found" for code in unknown))
        found = public.reported_between(
            asked.begin,
            asked.end,
            codes=asked.services,
            statuses=asked.statuses,
            around=asked.around,
            updated_after=asked.updated_after,
            start=asked.window.start,
            size=asked.window.size,
        )
        return rows(found, lang, media)


def single(number: str, lang: Lang, media: str) -> list[dict[str, Any]]:
    """GET requests/{id}: a list of one, or a 404."""
    with widened("track"):
        found = rows(public.by_numbers([number]), lang, media)
    if not found:
        raise Refusal(404, f"service_request_id {number!r} was not found")
    return found


def of_token(token: str) -> dict[str, Any]:
    """GET tokens/{token}: a token is the case's own id, which nobody can guess."""
    try:
        key = UUID(token)
    except ValueError:
        raise Refusal(404, "the token was not found") from None
    with widened("track"):
        case = public.cases().filter(pk=key).first()
    if case is None:
        raise Refusal(404, "the token was not found")
    return {"service_request_id": case.number, "token": token}


def rows(cases: Iterable[Any], lang: Lang, media: str) -> list[dict[str, Any]]:
    """Each case as the standard writes it."""
    found = list(cases)
    chains = grids.chains({case.scope_path for case in found}) if found else {}
    return [_row(case, chains.get(case.scope_path, ()), lang, media) for case in found]


def _row(case: Any, chain: Any, lang: Lang, media: str) -> dict[str, Any]:
    own = case.channel == OWN_CHANNEL
    matter, moved = case.matter, case.moved_at
    is_open = case.status in {str(one) for one in OPEN}
    return {
        "service_request_id": case.number,
        "status": "open" if is_open else "closed",
        "status_notes": status_word(case.status, lang),
        "service_name": named(matter, lang),
        "service_code": matter.code,
        "description": case.words if own else named(matter, lang),
        "agency_responsible": named(case.department, lang) if case.department else "",
        "requested_datetime": utc(case.reported_at),
        "updated_datetime": utc(moved or case.reported_at),
        "expected_datetime": utc(case.due_at) if is_open and case.due_kind in PROMISES else "",
        "address": case.address or place_names(chain),
        "address_id": case.grid.code,
        "lat": case.lat,
        "long": case.lon,
        "media_url": f"{media}{case.thumb}" if own and case.thumb else "",
    }
