"""Writing, withdrawing and opening notices. Each runs in the caller's transaction and is safe to repeat."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

from onegrid.county.grids import selectors as grids
from onegrid.county.grids.rules.paths import within
from onegrid.county.grids.selectors import GridInfo
from onegrid.county.workforce import selectors as workforce
from onegrid.foundation.database.context import widened
from onegrid.foundation.database.write import one_at_a_time
from onegrid.foundation.journal import services as journal
from onegrid.foundation.journal.services.outbox import Event
from onegrid.foundation.kernel.errors import Forbidden, KeyReused
from onegrid.foundation.kernel.texts import text
from onegrid.programmes.community.errors import NoticeNotFound, NoticeRefused
from onegrid.programmes.community.models import Notice, Receipt
from onegrid.programmes.community.permissions import Actor, may_announce, staff
from onegrid.programmes.community.rules import Draft, faults, starts
from onegrid.programmes.community.selectors import for_me

COPIES: Final = UUID("8a1f0f43-5a35-4a64-8f0b-3f5d3b7c6a10")
"""Names the copies of a notice after what it says and where it hangs."""


def publish(*, actor: Actor, draft: Draft, now: datetime) -> bool:
    """Put up a notice; False when this key did so before.

    Raises Forbidden, NoticeRefused (fields; a grid outside the author's own counts as none), KeyReused.
    """
    may_announce(actor)
    asked = fingerprint(draft)
    one_at_a_time(f"notice {draft.key}")
    with widened("receipt"):
        known = Notice.objects.filter(pk=draft.key).first()
    if known is not None:
        if known.author_id != actor.user_id or known.fingerprint != asked:
            raise KeyReused()
        return False
    wrong = faults(draft, now=now, positions=[one.key for one in workforce.positions()])
    grid = grids.find_grid(draft.grid)
    if grid is None or not within(grid.scope_path, actor.scope_path):
        raise NoticeRefused({**wrong, "grid": "grid_out_of_reach"})
    if wrong:
        raise NoticeRefused(wrong)
    hat = next((one for one in actor.hats if one.id == actor.hat_id), None)
    if hat is None or actor.user_id is None:
        raise Forbidden()
    Notice.objects.create(
        id=draft.key, grid_id=grid.id, scope_path=grid.scope_path, title=draft.title, body=draft.body,
        important=draft.important, for_residents=draft.for_residents, for_staff=draft.for_staff,
        positions=sorted(draft.positions), valid_from=starts(draft, now), valid_to=draft.valid_to,
        author_id=actor.user_id, position=hat.position, place=hat.place, fingerprint=asked, created_at=now,
    )  # fmt: skip
    journal.record(
        actor, "notice.publish", ("notice", draft.key), now=now, scope_path=grid.scope_path,
        detail={"residents": draft.for_residents, "staff": draft.for_staff, "positions": sorted(draft.positions)},
    )  # fmt: skip
    return True


def fingerprint(draft: Draft) -> str:
    """SHA-256 of everything a draft says."""
    return hashlib.sha256(json.dumps(asdict(draft), sort_keys=True, default=str).encode()).hexdigest()


def withdraw(*, actor: Actor, notice: UUID, reason: str, now: datetime) -> None:
    """Take a notice down; again changes nothing. Raises NoticeNotFound outside the caller's grids."""
    may_announce(actor)
    row = Notice.objects.select_for_update(of=("self",)).filter(pk=notice).first()
    if row is None:
        raise NoticeNotFound()
    if row.withdrawn_at is not None:
        return
    row.withdrawn_at, row.withdrawn_by_id, row.withdrawn_reason = now, actor.user_id, reason
    row.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_reason"])
    journal.record(
        actor, "notice.withdraw", ("notice", notice), now=now, scope_path=row.scope_path, detail={"reason": reason}
    )


def read(*, actor: Actor, notice: UUID, now: datetime) -> None:
    """Note that the caller has opened a notice that is for him; the first time counts. Raises NoticeNotFound."""
    staff(actor)
    with widened("notices"):
        row = for_me(actor, now).filter(pk=notice).first()
        if row is None or actor.user_id is None:
            raise NoticeNotFound()
        receipt = Receipt(notice=row, scope_path=row.scope_path, user_id=actor.user_id, at=now)
        Receipt.objects.bulk_create([receipt], ignore_conflicts=True)


def follow(event: Event, now: datetime) -> None:
    """Hears of `grids.replaced`: what hangs in a retired grid goes on to every grid that took it over. At root scope.

    A receipt says what was read where, so a copy begins without any, and the old sheet is taken down. Two copies of
    one notice that meet again in a merged grid are one: their id is made of what was said and the place.
    """
    payload = event.payload
    if payload.get("kind") == "redraw" or payload.get("after") or payload.get("again"):
        return
    heirs = [grids.by_path(str(path)) for path in payload["successors"]]
    old = Notice.objects.filter(scope_path__in=[str(path) for path in payload["retired"]], withdrawn_at=None)
    live = [row for row in old if row.valid_to is None or row.valid_to > now]
    copies = [_copy(row, heir) for row in live for heir in heirs]
    Notice.objects.bulk_create(copies, ignore_conflicts=True)
    reason = text("community.grid_replaced", "zh-CN")
    old.filter(pk__in=[row.pk for row in live]).update(withdrawn_at=now, withdrawn_reason=reason)


def _copy(row: Notice, heir: GridInfo) -> Notice:
    """The same sheet on another board."""
    same = {
        field.attname: getattr(row, field.attname)
        for field in Notice._meta.concrete_fields
        if field.attname not in {"id", "grid_id", "scope_path"}
    }
    key = uuid5(COPIES, f"{row.fingerprint} {heir.scope_path}")
    return Notice(id=key, grid_id=heir.id, scope_path=heir.scope_path, **same)
