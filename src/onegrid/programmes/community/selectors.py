"""Notices as their readers see them: at a place, on my own list, written in my grids, and who has read one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery

from onegrid.county.grids import selectors as grids
from onegrid.county.grids.rules import paths
from onegrid.county.workforce import selectors as workforce
from onegrid.foundation.accounts import selectors as accounts
from onegrid.foundation.database.context import widened
from onegrid.foundation.kernel.texts import Lang
from onegrid.programmes.community.errors import BadCursor, NoticeNotFound
from onegrid.programmes.community.models import Notice, Receipt
from onegrid.programmes.community.permissions import Actor, may_announce, staff
from onegrid.programmes.community.rules import state

MOST_HERE: Final = 20
"""A board with more on it is not read."""


def in_force(now: datetime) -> Q:
    """Notices that are shown at an instant."""
    return Q(valid_from__lte=now, withdrawn_at=None) & (Q(valid_to=None) | Q(valid_to__gt=now))


def here(point: tuple[float, float] | None, *, lang: Lang, now: datetime) -> list[dict[str, Any]]:
    """What residents are told at a point (lon, lat), or in the whole locality without one; important ones first.

    Raises Nowhere outside the locality. At most `MOST_HERE`.
    """
    above = {paths.ROOT}
    if point is not None:
        for chain in grids.locate(*point).chains:
            above |= set(paths.ancestors(chain.leaf.scope_path))
    with widened("notices"):
        found = Notice.objects.filter(in_force(now), for_residents=True, scope_path__in=above)
        rows = list(found.select_related("grid").order_by("-important", "-valid_from", "-id")[:MOST_HERE])
    return [notice_out(row, lang, titles(lang)) for row in rows]


def titles(lang: Lang) -> dict[str, str]:
    """Position → what it is called in the reader's language."""
    return {one.key: one.title_en if lang == "en" else one.title_zh for one in workforce.positions()}


def notice_out(row: Notice, lang: Lang, known: dict[str, str]) -> dict[str, Any]:
    """What everybody it is for may know of a notice: who signed it by office, not by name."""
    return {
        "id": row.pk,
        "title": row.title,
        "body": row.body,
        "important": row.important,
        "place": row.grid.name,
        "signed": " · ".join(word for word in (row.place, known.get(row.position, "")) if word),
        "valid_from": row.valid_from,
        "valid_to": row.valid_to,
    }


def mine(actor: Actor, *, cursor: str | None, limit: int, now: datetime) -> dict[str, Any]:
    """The notices in force that are for one of the caller's positions, newest first, and how many are unread."""
    staff(actor)
    # Managers filter when they are asked for rows, so everything is asked for inside.
    with widened("notices"):
        wanted = for_me(actor, now)
        read = Receipt.objects.filter(notice=OuterRef("pk"), user=actor.user_id)
        found = wanted.annotate(read_at=Subquery(read.values("at")[:1])).select_related("grid")
        page, more = _page(found, cursor, limit)
        unread = wanted.filter(~Exists(read)).count()
    known = titles(actor.lang)
    items = [{**notice_out(row, actor.lang, known), "read_at": row.read_at} for row in page]  # type: ignore[attr-defined]
    return {"items": items, "next": more, "unread": unread}


def for_me(actor: Actor, now: datetime) -> QuerySet[Notice]:
    """Notices in force for any position the caller holds now. To be asked under `widened("notices")`."""
    wanted = Q(pk=None)
    for posting in workforce.postings(actor.user_id or 0, now):
        above = Q(scope_path__in=list(paths.ancestors(posting.scope_path)))
        wanted |= above & (Q(positions=[]) | Q(positions__contains=[posting.position]))
    return Notice.objects.filter(wanted, in_force(now), for_staff=True)


def written(actor: Actor, *, cursor: str | None, limit: int, now: datetime) -> dict[str, Any]:
    """Notices to the caller's grid and below, newest first, with how many of the staff they reach and who read them."""
    may_announce(actor)
    page, more = _page(_written(), cursor, limit)
    return {"items": _written_out(page, actor.lang, now), "next": more}


def one_written(actor: Actor, notice: UUID, *, now: datetime) -> dict[str, Any]:
    """One of them."""
    return _written_out([_find(_written(), notice)], actor.lang, now)[0]


def _written() -> QuerySet[Notice]:
    return Notice.objects.select_related("grid").annotate(opened=Count("receipts"))


def _find(rows: QuerySet[Notice], notice: UUID) -> Notice:
    found = rows.filter(pk=notice).first()
    if found is None:
        raise NoticeNotFound()
    return found


def _written_out(rows: Sequence[Notice], lang: Lang, now: datetime) -> list[dict[str, Any]]:
    known = titles(lang)
    names = accounts.names_of([row.author_id for row in rows])
    asked = {_audience(row): 0 for row in rows if row.for_staff}
    reached = dict(zip(asked, workforce.count_reached(list(asked), now), strict=True))
    return [
        {
            **notice_out(row, lang, known),
            "grid": str(row.grid_id),
            "author": names.get(row.author_id, ""),
            "for_residents": row.for_residents,
            "for_staff": row.for_staff,
            "positions": [{"key": key, "title": known.get(key, key)} for key in row.positions],
            "state": state(
                valid_from=row.valid_from, valid_to=row.valid_to, withdrawn=row.withdrawn_at is not None, now=now
            ),
            "withdrawn_at": row.withdrawn_at,
            "withdrawn_reason": row.withdrawn_reason,
            "read": row.opened,  # type: ignore[attr-defined]
            "reached": reached.get(_audience(row), 0),
        }
        for row in rows
    ]


def _audience(row: Notice) -> tuple[str, tuple[str, ...]]:
    return row.scope_path, tuple(row.positions)


@dataclass(frozen=True)
class Readers:
    """Whom to list: those who opened it, or those it reaches who did not."""

    read: bool
    cursor: str | None
    limit: int


def readers(actor: Actor, notice: UUID, asked: Readers, *, now: datetime) -> dict[str, Any]:
    """Who of the staff has opened a notice, or has not yet; only to whoever may write there. Names, no phones."""
    may_announce(actor)
    row = _find(Notice.objects.all(), notice)
    opened = dict(Receipt.objects.filter(notice=row).values_list("user_id", "at"))
    people = _people(row, opened, asked, now)
    page, more = people[: asked.limit], len(people) > asked.limit
    names = accounts.names_of([one.user for one in page])
    items = [
        {
            "name": names.get(one.user, ""),
            "position": one.title(actor.lang),
            "place": one.place_en if actor.lang == "en" else one.place,
            "at": opened.get(one.user),
        }
        for one in page
    ]
    return {"items": items, "next": str(page[-1].user) if more else None}


def _people(row: Notice, opened: Collection[int], asked: Readers, now: datetime) -> list[workforce.Hat]:
    if asked.cursor is not None and not (asked.cursor.isdigit() and len(asked.cursor) < 19):
        raise BadCursor("community.errors.bad_cursor")
    if not row.for_staff:
        return []
    return workforce.reached(
        *_audience(row), now, among=opened, inside=asked.read, after=int(asked.cursor or 0), limit=asked.limit + 1
    )


def _page(rows: QuerySet[Notice], cursor: str | None, limit: int) -> tuple[list[Notice], str | None]:
    """One page, newest first, and the cursor of the next. The cursor is the last row's time and id."""
    if cursor is not None:
        at, key = _opened(cursor)
        rows = rows.filter(Q(valid_from__lt=at) | Q(valid_from=at, id__lt=key))
    found = list(rows.order_by(F("valid_from").desc(), F("id").desc())[: limit + 1])
    more = found[limit - 1] if len(found) > limit else None
    return found[:limit], f"{more.valid_from.isoformat()}~{more.pk}" if more else None


def _opened(cursor: str) -> tuple[datetime, UUID]:
    at, _, key = cursor.partition("~")
    try:
        moment, found = datetime.fromisoformat(at), UUID(key)
    except ValueError:
        raise BadCursor("community.errors.bad_cursor") from None
    if moment.tzinfo is None:
        raise BadCursor("community.errors.bad_cursor")
    return moment, found
