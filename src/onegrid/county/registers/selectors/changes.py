"""What waits for confirmation, what was changed, which residents look like one. Everything personal is masked."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from onegrid.county.registers.errors import BadCursor
from onegrid.county.registers.models import Change, Duplicate
from onegrid.county.registers.rules.editing import EDITABLE, shown
from onegrid.county.registers.rules.fields import FIELDS
from onegrid.county.registers.rules.kinds import Kind
from onegrid.county.registers.selectors import shown as showing
from onegrid.county.registers.selectors.cells import MODELS, cells, placed
from onegrid.county.registers.selectors.sight import Sight, sight
from onegrid.foundation.accounts import selectors as accounts
from onegrid.foundation.accounts.actor import Actor
from onegrid.foundation.database.context import widened
from onegrid.foundation.kernel.errors import NotFound
from onegrid.foundation.kernel.texts import Lang, text

MOST_COUNTED: Final = 999
UNDOABLE: Final = ("changed", "moved", "merged", "restored")
NOT_COMPARED: Final = frozenset({"grid", "address", "building", "unit", "floor", "room", "collected_at"})
"""Cells of two residents that may differ without telling anything."""


@dataclass(frozen=True)
class Listed:
    """One page: rows as the API tells them, where the next begins, how many there are up to 999, and who is met."""

    items: list[dict[str, Any]]
    next: str | None
    total: int
    met: tuple[tuple[int, str], ...] = ()
    """Number and path of each resident on the page, for the record of looks."""


def waiting(actor: Actor, *, kind: Kind | None, after: str, limit: int) -> Listed:
    """What waits in the caller's reach, oldest first. Some statements for each kind on the page, however many rows."""
    who = sight(actor)
    found = Change.objects.filter(state="waiting")
    if kind is not None:
        found = found.filter(kind=kind)
    total = found[: MOST_COUNTED + 1].count()
    if after:
        found = found.filter(pk__gt=_number(after))
    page = list(found.order_by("pk")[: limit + 1])
    more, page = len(page) > limit, page[:limit]
    rows = _rows(page)
    told = {key: one for kinds, held in rows.items() for key, one in _told(who, kinds, held.values()).items()}
    names = _names(page)
    items = [
        _waiting(who, actor, change, rows[_kind(change)][change.row], told[_kind(change), change.row], names)
        for change in page
        if change.row in rows[_kind(change)]
    ]
    met = tuple((row.pk, row.scope_path) for row in rows["residents"].values())
    return Listed(items, str(page[-1].pk) if more else None, min(total, MOST_COUNTED), met)


def history(actor: Actor, kind: Kind, key: int) -> list[dict[str, Any]]:
    """The changes of one row, newest first. Raises `NotFound` for a row outside the caller's reach."""
    who = sight(actor)
    if not MODELS[kind].objects.filter(pk=key).exists():
        raise NotFound()
    page = list(Change.objects.filter(kind=kind, row=key).order_by("-pk")[:100])
    names = _names(page)
    return [
        {
            "id": str(one.pk),
            "action": one.action,
            "fields": [field for field in one.fields if _sees(who, kind, field)],
            "titles": [title_of(kind, field, actor.lang) for field in one.fields if _sees(who, kind, field)],
            "source": one.source,
            "state": one.state,
            "by": names.get(one.user or 0, ""),
            "unit": one.unit,
            "at": one.at,
            "told_at": one.told_at,
            "can_undo": _can_undo(who, kind, one),
            "reason": one.reason,
        }
        for one in page
    ]


def pairs(actor: Actor, *, after: str, limit: int) -> Listed:
    """Residents who look like one person, most alike first."""
    who = sight(actor)
    found = Duplicate.objects.filter(apart=False)
    total = found[: MOST_COUNTED + 1].count()
    if after:
        likeness, number = _place(after)
        found = found.filter(likeness__lte=likeness).exclude(likeness=likeness, pk__lte=number)
    page = list(
        found.select_related("one__household__dwelling__building", "other__household__dwelling__building").order_by(
            "-likeness", "pk"
        )[: limit + 1]
    )
    more, page = len(page) > limit, page[:limit]
    people = {row.pk: row for pair in page for row in (pair.one, pair.other)}
    told = {int(one["id"]): one for one in showing.records(who, "residents", list(people.values()))}
    items = [_pair(pair, told, actor.lang) for pair in page]
    following = json.dumps([page[-1].likeness, page[-1].pk]) if more else None
    return Listed(
        items, following, min(total, MOST_COUNTED), tuple((row.pk, row.scope_path) for row in people.values())
    )


def title_of(kind: Kind, field: str, lang: Lang) -> str:
    """What a field is called."""
    if field in _MOVED:
        return text(f"register_changes.field.{field}", lang)
    return showing.column_title(kind, field, lang)


def _waiting(
    who: Sight, actor: Actor, change: Change, row: Any, told: Mapping[str, Any], names: Mapping[int, str]
) -> dict[str, Any]:
    kind = _kind(change)
    before, after = (json.loads(str(one)) if one is not None else {} for one in (change.before, change.after))
    seen = [field for field in change.fields if _sees(who, kind, field)]
    now = cells(who, kind, row)
    return {
        "id": str(change.pk),
        "kind": kind,
        "row": str(change.row),
        "title": told["title"],
        "place": told["line"],
        "fields": [
            {
                "field": field,
                "title": title_of(kind, field, actor.lang),
                "before": shown(kind, field, before.get(field)),
                "current": now.get(field),
                "wanted": shown(kind, field, after.get(field)),
            }
            for field in seen
        ],
        "version": row.version,
        "source": change.source,
        "by": names.get(change.user or 0, ""),
        "unit": change.unit,
        "at": change.at,
        "told_at": change.told_at,
        "mine": change.user is not None and change.user == actor.user_id,
        "may": change.user != actor.user_id and all(who.access(kind, field) == "write" for field in change.fields),
    }


def _pair(pair: Duplicate, told: Mapping[int, Mapping[str, Any]], lang: Lang) -> dict[str, Any]:
    one, other = told[pair.one_id], told[pair.other_id]
    sides = []
    for side, row in ((one, pair.one), (other, pair.other)):
        sides.append(
            {
                "id": side["id"], "version": side["version"], "cells": side["cells"], "place": side["line"],
                "since": row.since,
            }
        )  # fmt: skip
    keys = [key for key in one["cells"] if key in EDITABLE["residents"] or key in FIELDS["residents"]]
    differing = [key for key in keys if key not in NOT_COMPARED and one["cells"][key] != other["cells"].get(key)]
    return {
        "id": str(pair.pk), "why": pair.why, "words": [text(f"register_changes.why.{why}", lang) for why in pair.why],
        "likeness": pair.likeness, "one": sides[0], "other": sides[1], "differing": differing,
    }  # fmt: skip


def _rows(page: Sequence[Change]) -> dict[Kind, dict[int, Any]]:
    """The rows changes are about, by kind, with what is read along."""
    wanted: dict[Kind, list[int]] = defaultdict(list)
    for one in page:
        wanted[_kind(one)].append(one.row)
    found: dict[Kind, dict[int, Any]] = defaultdict(dict)
    for kind, keys in wanted.items():
        found[kind] = {row.pk: row for row in placed(kind, list(MODELS[kind].objects.filter(pk__in=keys)))}
    return found


def _told(who: Sight, kind: Kind, rows: Iterable[Any]) -> dict[tuple[Kind, int], dict[str, Any]]:
    return {(kind, int(one["id"])): one for one in showing.records(who, kind, list(rows))}


def _names(page: Sequence[Change]) -> dict[int, str]:
    with widened("hats"):
        return accounts.names_of({one.user for one in page if one.user is not None})


def _sees(who: Sight, kind: Kind, field: str) -> bool:
    """A field of the kind by the table; of what only a change knows, that somebody moved is told."""
    return who.sees(kind, field) if field in FIELDS[kind] else field in _MOVED


_TIES: Final = frozenset({"tenures", "employments"})
"""Taken out or ended where they stand, not in the history."""
_MOVED: Final = frozenset({"dwelling", "scope_path"}) | _TIES


def _can_undo(who: Sight, kind: Kind, one: Change) -> bool:
    if one.state != "applied" or one.action not in UNDOABLE or one.before is None:
        return False
    if _TIES & set(one.fields):
        return False
    if one.source == "import" and (one.action == "moved" or set(one.fields) - {*EDITABLE[kind], "birth_year"}):
        # What an import moved is moved back by the next one, or by hand.
        return False
    if one.action == "merged":
        return who.access("residents", "name") == who.access("residents", "id_number") == "write"
    return all(who.access(kind, field) == "write" for field in one.fields if field in EDITABLE[kind])


def _kind(change: Change) -> Any:
    return change.kind


def _number(after: str) -> int:
    if not after.isdigit():
        raise BadCursor
    return int(after)


def _place(after: str) -> tuple[float, int]:
    try:
        likeness, number = json.loads(after)
        return float(likeness), int(number)
    except (ValueError, TypeError):
        raise BadCursor from None
