"""Queues: tabs, filters, sorts, pages by key. The number of queries does not depend on the number of rows.

`narrowed` turns what was asked into a walk (`walking`), `page` reads it and loads the rows it found.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final, Literal
from uuid import UUID

from django.db.models import Q, prefetch_related_objects

from onegrid.cases.errors import BadCursor, BadFilter, DueInTodo, WordsByTime
from onegrid.cases.models import Case
from onegrid.cases.permissions import Actor
from onegrid.cases.rules.states import OPEN, Status
from onegrid.cases.selectors import searching, tabs, walking
from onegrid.cases.selectors.rows import case_rows
from onegrid.cases.selectors.setting import setting
from onegrid.cases.selectors.tabs import OVER, Tab, counts, due_filter
from onegrid.cases.selectors.walking import DUE, NEWEST, OLDEST, Found, Key, Order, Part, Walk, under, where
from onegrid.county.grids import selectors as grids
from onegrid.county.matters.models import Matter
from onegrid.county.matters.selectors import known_matters

__all__ = ["MEASURES", "OVER", "CaseQuery", "box", "counts", "due_filter", "every", "narrowed", "page"]

Sort = Literal["due", "reported", "-reported"]
ORDERS: dict[str, Order] = {"due": DUE, "reported": OLDEST, "-reported": NEWEST}
UNTIMED = "-due"
"""The second half of a queue sorted by deadline: what has none, newest first."""
SHOWN = (
    "number", "title", "status", "scope_path", "lon", "lat", "reported_at", "due_at", "due_kind", "warn_at", "paused",
    "supervised", "urged_at", "severity", "thumb", "channel", "version", "matter", "grid__name",
    "department__name_zh", "department__name_en",
)  # fmt: skip
"""What a line shows, and all that is read for it: no words, no guesses, no pictures."""


@dataclass(frozen=True, kw_only=True)
class CaseQuery:
    """What narrows a queue. Everything empty means: all the reader may see."""

    tab: Tab = "all"
    status: str | None = None
    matter: str | None = None
    department: str | None = None
    grid: str | None = None
    channel: str | None = None
    due: Literal["soon", "over"] | None = None
    measure: str | None = None
    day_from: date | None = None
    day_to: date | None = None
    direct: bool | None = None
    hour: str | None = None
    supervised: bool | None = None
    q: str | None = None
    sort: Sort = "-reported"
    bbox: str | None = None
    within: str | None = None


MEASURES: dict[str, tuple[Q, str]] = {
    "reported": (Q(), "reported_on"),
    "closed": (Q(closed_on__isnull=False), "closed_on"),
    "closed_in_time": (Q(closed_on__isnull=False, in_time=True), "closed_on"),
    "on_the_spot": (Q(closed_on__isnull=False, on_the_spot=True), "closed_on"),
    "rated": (Q(rating__isnull=False), "rated_on"),
    "rated_5": (Q(rating=5), "rated_on"),
    "returned": (Q(returned_on__isnull=False), "returned_on"),
    "reopened": (Q(reopened_on__isnull=False), "reopened_on"),
    "open": (~Q(status__in=OVER), "reported_on"),
}
"""Each dashboard measure as a filter over rows, and the day it counts on: the same rule as `flow.counting`."""


def page(actor: Actor, query: CaseQuery, *, cursor: str | None, limit: int, now: datetime) -> dict[str, Any]:
    """One page of the reader's queue and the cursor of the next.

    `looked_to` is a day when the search stopped there for now, so that the page may hold fewer than `limit`; `next`
    goes on behind it. Raises `BadCursor` for a cursor we did not make, `BadFilter`, `WordsByTime` and `DueInTodo` for
    what cannot be asked.
    """
    walk = narrowed(actor, query, now=now)
    kind, after = _decode(cursor, query.sort) if cursor else (query.sort, None)
    found, kind = _read(walk, query, kind, after, limit + 1)
    keys, more = found.keys[:limit], len(found.keys) > limit
    last = keys[-1] if more else found.looked
    return {
        "items": case_rows(_load([key[-1] for key in keys]), now=now, lang=actor.lang),
        "next": _encode(kind if not more else _kind(kind, keys[-1]), last) if last else None,
        "looked_to": None if more or found.looked is None else found.looked[0],
    }


BITE: Final = 500
TURNS: Final = 400
"""A whole list is read so many keys at a time, and given up after so many times: a search for what is nowhere ends."""


def every(actor: Actor, query: CaseQuery, *, now: datetime, most: int) -> tuple[list[UUID], bool]:
    """Ids of all that fits, in the list's order and each once, at most `most`; and whether more may follow.

    Raises what `page` raises.
    """
    walk = narrowed(actor, query, now=now)
    ids: dict[UUID, None] = {}
    kind, after = str(query.sort), None
    for _ in range(TURNS):
        found, kind = _read(walk, query, kind, after, BITE)
        ids.update(dict.fromkeys(key[-1] for key in found.keys))
        if len(ids) > most:
            break
        full = len(found.keys) == BITE
        after = found.keys[-1] if full else found.looked
        if after is None:
            return list(ids), False
        kind = _kind(kind, after) if full else kind
    return list(ids)[:most], True


def _read(walk: Walk, query: CaseQuery, kind: str, after: Key | None, limit: int) -> tuple[Found, str]:
    """Keys behind `after`. Sorted by deadline, those without one follow in a walk of their own."""
    if query.q:
        return searching.read(walk, query.q, after, limit), kind
    if kind != "due":
        if kind == UNTIMED:
            walk = replace(walk, base=walk.base & Part("cases_case.due_at IS NULL"))
        return walking.read(walk, after, limit), kind
    # What is over has no deadline.
    over = query.tab == "closed" or bool(query.status and not _statuses(query.status) & OPEN)
    found = Found([]) if over else walking.read(replace(walk, order=DUE, bounded=True), after, limit)
    if len(found.keys) == limit:
        return found, kind
    rest, _ = _read(replace(walk, order=NEWEST), query, UNTIMED, None, limit - len(found.keys))
    return Found(found.keys + rest.keys, rest.looked), UNTIMED


def _kind(kind: str, key: Key) -> str:
    """Which half of a queue by deadline a key lies in: keys of the first have two parts."""
    return "due" if kind == UNTIMED and len(key) == len(DUE.columns) else kind


def _load(ids: list[UUID]) -> list[Case]:
    """The rows of these keys, in their order."""
    rows = Case.objects.select_related("department", "grid").only(*SHOWN)
    known = {case.pk: case for case in rows.filter(pk__in=ids)} if ids else {}
    in_force = known_matters()
    for case in known.values():
        if case.matter_id is not None and case.matter_id in in_force:
            case.matter = in_force[case.matter_id]
    prefetch_related_objects([*known.values()], "matter")
    return [known[one] for one in ids if one in known]


def narrowed(actor: Actor, query: CaseQuery, *, now: datetime) -> Walk:
    """The walk through the cases in the reader's sight that the query lets through, in the order of its `sort`.

    By deadline it is the walk of those without one; `page` puts the others before it.
    """
    _refuse(actor, query)
    walk = tabs.of_tab(actor, query.tab)
    conditions: list[tuple[Part, bool]] = [(walk.rest, bool(walk.drivers))] if walk.rest.sql else []
    base, bounded = walk.base, walk.bounded
    if query.status:
        wanted = _statuses(query.status)
        bounded = bounded or wanted <= OPEN
        final = wanted <= {Status.REJECTED, Status.MERGED, Status.CANCELLED}
        conditions.append((where(Q(status__in=sorted(wanted))), final))
    conditions += _kinds(query)
    if query.due:
        bounded = True
        conditions.append((where(due_filter(query.due, now)), False))
    period, measured = _period(query)
    base &= period
    if measured.sql:
        bounded = bounded or query.measure == "open"
        conditions.append((measured, query.measure in ("returned", "reopened")))
    place = _grid(query.grid) if query.grid else ""
    if place is None:
        base &= Part("false")
    elif place:
        itself = Part("cases_case.scope_path = %s", (place,))
        base &= itself if query.direct else under("cases_case.scope_path", place)
    if query.hour:
        conditions.append((_hour(query.hour), False))
    if query.bbox:
        west, south, east, north = box(query.bbox)
        conditions.append((where(Q(lon__range=(west, east), lat__range=(south, north))), False))
    if query.within:
        conditions.append((drawn(query.within), False))
    order = OLDEST if query.sort == "reported" else NEWEST
    return replace(walk, order=order, base=base, bounded=bounded, place=place or "", **_beside(conditions))


def _refuse(actor: Actor, query: CaseQuery) -> None:
    if query.sort == "due" and query.q:
        raise WordsByTime({"sort": "not_offered"})
    if query.sort == "due" and actor.department_id is not None and query.tab != "todo":
        # Its other tabs follow its grants, and a grant knows when a case was reported, not when it is due.
        raise DueInTodo({"sort": "not_offered"})


def _kinds(query: CaseQuery) -> list[tuple[Part, bool]]:
    """Matter, department, channel, supervision: conditions, and whether an index follows them in order."""
    found: list[tuple[Part, bool]] = []
    if query.matter == "none":
        found.append((where(Q(matter__isnull=True)), False))
    elif query.matter:
        matter = Matter.objects.filter(code=query.matter).values_list("pk", flat=True).first()
        found.append((Part("false") if matter is None else where(Q(matter=matter)), True))
    if query.department:
        number = _whole(query.department, "department")
        found.append((where(Q(department=number)) if number else where(Q(department__isnull=True)), bool(number)))
    if query.channel:
        found.append((where(Q(channel=query.channel)), True))
    if query.supervised is not None:
        found.append((where(Q(supervised=query.supervised)), query.supervised))
    return found


def _beside(conditions: list[tuple[Part, bool]]) -> dict[str, Any]:
    """All conditions together, and each that can lead beside the others."""
    every = [part for part, _ in conditions]
    leading = [at for at, (_, leads) in enumerate(conditions) if leads]
    return {
        "rest": _all(every),
        "drivers": tuple((every[at], _all(every[:at] + every[at + 1 :])) for at in leading),
    }


def _all(parts: list[Part]) -> Part:
    together = Part()
    for part in parts:
        together &= part
    return together


def _statuses(text: str) -> set[Status]:
    wanted = {Status(word) for word in text.split(",") if word in set(Status)}
    if not wanted:
        raise BadFilter({"status": "unknown"})
    return wanted


def _period(query: CaseQuery) -> tuple[Part, Part]:
    """Days of the report, and the measure's own condition. What is measured on a later day was reported before it."""
    measure = query.measure or "reported"
    if measure not in MEASURES:
        raise BadFilter({"measure": "unknown"})
    condition, day = MEASURES[measure]
    within = {}
    if query.day_from:
        within[f"{day}__gte"] = query.day_from
    if query.day_to:
        within[f"{day}__lte"] = query.day_to
    if day == "reported_on":
        return where(Q(**within)), where(condition)
    before = Q(reported_on__lte=query.day_to) if query.day_to else Q()
    return where(before), where(condition & Q(**within))


def _grid(text: str) -> str | None:
    """The path of a grid; None for one that does not exist."""
    found = grids.find_grid(_whole(text, "grid"))
    return found.scope_path if found else None


def _hour(text: str) -> Part:
    """Reported on one day of the week (Monday is 1) in one local hour: `3-09`."""
    found = re.fullmatch(r"([1-7])-([01]\d|2[0-3])", text)
    if found is None:
        raise BadFilter({"hour": "malformed"})
    hour = "extract(hour FROM cases_case.reported_at AT TIME ZONE %s)"
    return Part(
        f"(extract(isodow FROM cases_case.reported_on) = %s AND {hour} = %s)",
        (int(found[1]), str(setting().zone), int(found[2])),
    )


CORNERS: Final = (3, 80)
"""Corners a drawn area has at least and at most."""


def drawn(text: str) -> Part:
    """Inside or on the border of `lon,lat;lon,lat;…`, an area drawn on the map; `BadFilter` otherwise."""
    try:
        corners = [tuple(float(part) for part in corner.split(",")) for corner in text.split(";") if corner]
        fits = all(-180 <= lon <= 180 and -90 <= lat <= 90 for lon, lat in corners)
    except ValueError:
        raise BadFilter({"within": "malformed"}) from None
    if not fits or not CORNERS[0] <= len(corners) <= CORNERS[1]:
        raise BadFilter({"within": "malformed"})
    lons, lats = [lon for lon, _ in corners], [lat for _, lat in corners]
    around = where(Q(lon__range=(min(lons), max(lons)), lat__range=(min(lats), max(lats))))
    shape = f"({','.join(f'({lon!r},{lat!r})' for lon, lat in corners)})"
    return around & Part("point(cases_case.lon, cases_case.lat) <@ %s::polygon", (shape,))


def box(text: str) -> tuple[float, float, float, float]:
    """West, south, east, north out of `w,s,e,n`; `BadFilter` otherwise."""
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise BadFilter({"bbox": "malformed"}) from None
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise BadFilter({"bbox": "malformed"})
    return west, south, east, north


def _whole(text: str, field: str) -> int:
    if not re.fullmatch(r"\d{1,18}", text):
        raise BadFilter({field: "malformed"})
    return int(text)


def _encode(kind: str, key: Key) -> str:
    parts = [kind, *(str(part) if isinstance(part, UUID) else part.isoformat() for part in key)]
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def _decode(cursor: str, sort: Sort) -> tuple[str, Key]:
    """The kind of walk a cursor goes on with, and the key behind which it does."""
    try:
        kind, *parts, last = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if kind != sort and (sort, kind) != ("due", UNTIMED):
            raise BadCursor()
        day = [date.fromisoformat(parts[0])] if len(parts) > 1 else []
        moment = datetime.fromisoformat(parts[-1])
        if moment.tzinfo is None or len(parts) != len(ORDERS.get(kind, NEWEST).columns) - 1:
            raise BadCursor()
        return kind, (*day, moment, UUID(last))
    except (ValueError, TypeError, binascii.Error, AttributeError, IndexError):
        raise BadCursor() from None
