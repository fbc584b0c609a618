"""What a report would become, before it is filed: its place, its likely matter, who would have it, what is near.

Nothing is stored. It lies in `flow` because it answers exactly what `intake` would do with the same words and point.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from onegrid.cases.permissions import Actor
from onegrid.cases.selectors import classifying, near, proposals
from onegrid.cases.selectors.rows import chain_out
from onegrid.cases.selectors.setting import setting
from onegrid.county.grids import selectors as grids
from onegrid.county.grids.errors import Nowhere
from onegrid.county.matters import selectors as matters
from onegrid.foundation.database.context import widened


def preview(*, actor: Actor, words: str, lon: float, lat: float, now: datetime) -> dict[str, Any]:
    """Place, guesses, proposal and near cases. A point outside the locality has no place, and that is not an error
    yet.
    """
    with widened("preview"):
        opinion = classifying.classify(words)
        codes = [code for code, _ in opinion.guesses]
        names = matters.names(set(codes), actor.lang)
        try:
            place = grids.locate(lon, lat)
        except Nowhere:
            place = None
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
            "near": near.near_point(
                lon=lon, lat=lat, matter=first if opinion.sure else None, words=words, now=now, lang=actor.lang
            ),
        }
