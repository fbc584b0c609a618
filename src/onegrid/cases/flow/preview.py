"""What a report would become, before it is filed: its place, its likely matter, who would have it, what is near.

Nothing is stored. It lies in `flow` because it answers exactly what `intake` would do with the same words and point.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from onegrid.cases.permissions import Actor
from onegrid.cases.selectors import classifying, near, proposals
from onegrid.cases.selectors.rows import chain_out
from onegrid.cases.selectors.setting import setting
from onegrid.county.grids import selectors as grids
from onegrid.county.grids.errors import Nowhere
from onegrid.county.grids.selectors import Place
from onegrid.county.matters import selectors as matters
from onegrid.foundation.database.context import widened

MOST_PLACES: Final = 4
LIKELY: Final = 0.15
"""A place less sure than this is not offered."""


def preview(
    *, actor: Actor, words: str, lon: float | None, lat: float | None, now: datetime, address: str = ""
) -> dict[str, Any]:
    """Place, guesses, proposal and near cases. A point outside the locality has no place, and that is not an error
    yet. Without a point the places that address and words may mean are offered, surest first.
    """
    with widened("preview"):
        opinion = classifying.classify(words)
        codes = [code for code, _ in opinion.guesses]
        names = matters.names(set(codes), actor.lang)
        place = _place(lon, lat)
        first = matters.matter(codes[0]) if codes else None
        return {
            "place": None
            if place is None
            else {"chain": chain_out(place.chains[0].grids, actor.lang), "address": place.address},
            "guesses": [
                {"matter": {"code": code, "name": names.get(code, code)}, "confidence": round(share, 3)}
                for code, share in opinion.guesses
            ],
            "sure": opinion.sure,
            "proposal": None
            if first is None or place is None
            else proposals.propose(first, place.leaf.scope_path, setting(), actor.lang),
            "near": []
            if lon is None or lat is None
            else near.near_point(
                lon=lon, lat=lat, matter=first if opinion.sure else None, words=words, now=now, lang=actor.lang
            ),
            "places": _meant(address, words) if lon is None or lat is None else [],
        }


def _place(lon: float | None, lat: float | None) -> Place | None:
    if lon is None or lat is None:
        return None
    try:
        return grids.locate(lon, lat)
    except Nowhere:
        return None


def _meant(address: str, words: str) -> list[dict[str, Any]]:
    """What an address, or else the words of the report, may mean."""
    for text in (address, words):
        found = [hit for hit in grids.find_addresses(text, None, MOST_PLACES) if hit.confidence >= LIKELY]
        if found:
            return [asdict(hit) for hit in found]
    return []
