"""Exports as people see them: one's own, and those of others one may decide about."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.db.models import Q

from onegrid.county.registers.models import Export
from onegrid.county.registers.selectors.own import purpose_word
from onegrid.county.registers.selectors.sight import sight
from onegrid.county.workforce import selectors as workforce
from onegrid.county.workforce.rules.duties import Duty
from onegrid.foundation.accounts import selectors as accounts
from onegrid.foundation.accounts.actor import Actor
from onegrid.foundation.database.managers import upper_bound
from onegrid.foundation.kernel.texts import text

DECIDERS: Final = frozenset({str(Duty.APPROVE), str(Duty.ADMINISTER), str(Duty.AUDIT)})
"""Whoever holds one of these may let rows of his grids leave, if another person asked."""
MOST: Final = 200


def may_decide(actor: Actor) -> bool:
    """Whether the hat worn decides about exports."""
    return bool(actor.duties & DECIDERS)


def listed(actor: Actor, *, now: datetime) -> list[dict[str, Any]]:
    """The newest exports: one's own, and for whoever decides those of the grids below. Five statements.

    Raises `Forbidden` for departments and staff without a grid.
    """
    sight(actor)
    below = {"scope_path__gte": actor.scope_path, "scope_path__lt": upper_bound(actor.scope_path)}
    found = Export.objects.filter(**below)
    if not may_decide(actor):
        found = found.filter(Q(asked_by=actor.user_id))
    rows = list(found.order_by("-asked_at", "pk")[:MOST])
    names = accounts.names_of({who for row in rows for who in (row.asked_by, row.decided_by) if who is not None})
    hats = workforce.worn({row.asked_hat for row in rows})
    return [_told(actor, row, names, hats, now) for row in rows]


def one(actor: Actor, row: Export, *, now: datetime) -> dict[str, Any]:
    """One export in the same form."""
    names = accounts.names_of({who for who in (row.asked_by, row.decided_by) if who is not None})
    return _told(actor, row, names, workforce.worn({row.asked_hat}), now)


def state_of(row: Export, now: datetime) -> str:
    """Its state; an approved one runs out."""
    over = row.state == "approved" and (row.expires_at is None or now >= row.expires_at)
    return "expired" if over else row.state


def _told(
    actor: Actor, row: Export, names: dict[int, str], hats: dict[int, workforce.Hat], now: datetime
) -> dict[str, Any]:
    state, mine = state_of(row, now), row.asked_by == actor.user_id
    hat = hats.get(row.asked_hat)
    place = "" if hat is None else hat.place_en if actor.lang == "en" else hat.place
    return {
        "id": row.pk,
        "kind": row.kind,
        "kind_word": text(f"register_sheets.kind.{row.kind}", actor.lang),
        "whole": row.whole,
        "rows": row.rows,
        "purpose": row.purpose,
        "purpose_word": purpose_word(row.purpose, actor.lang),
        "words": row.words or "",
        "asked_by": names.get(row.asked_by, ""),
        "asked_unit": place,
        "asked_at": row.asked_at,
        "state": state,
        "state_word": text(f"register_access.export.state.{state}", actor.lang),
        "decided_by": names.get(row.decided_by or 0, ""),
        "decided_at": row.decided_at,
        "expires_at": row.expires_at,
        "downloads": row.downloads,
        "mine": mine,
        "may_decide": state == "asked" and not mine and may_decide(actor),
        "may_download": state == "approved" and mine and row.scope_path == actor.scope_path,
    }


def name_of(user: int | None) -> str:
    """The name of somebody of the staff; '' for nobody."""
    return "" if user is None else accounts.names_of([user]).get(user, "")
