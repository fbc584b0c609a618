"""Queues: tabs, filters, sorts, pages by key. The number of queries does not depend on the number of rows."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Literal
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import ExtractHour
from django.db.models.lookups import Exact

from onegrid.cases.errors import BadCursor, BadFilter
from onegrid.cases.models import Assignment, Case, CaseAction, CaseReporter, Grant
from onegrid.cases.permissions import Actor
from onegrid.cases.rules.states import Status
from onegrid.cases.selectors.rows import case_rows
from onegrid.cases.selectors.setting import setting
from onegrid.county.grids import selectors as grids

OVER = ("closed", "rated", "rejected", "merged", "cancelled")
Sort = Literal["due", "reported", "-reported"]
NUMBER = re.compile(r"^[A-Za-z]{0,6}\d{6,8}(-\d*)?$")
NO_DEADLINE = datetime(9999, 1, 1, tzinfo=UTC)
"""Where a case without a running clock stands in a queue sorted by deadline: last."""
LIVE_ASSIGNMENT = ("offered", "arrived", "handling")


@dataclass(frozen=True, kw_only=True)
class CaseQuery:
    """What narrows a queue. Everything empty means: all the reader may see."""

    tab: Literal["todo", "done", "closed", "mine", "all", "copied"] = "all"
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
    """One page of the reader's queue and the cursor of the next; `BadCursor` for a cursor we did not make."""
    cases = matching(actor, query, now=now)
    keyed, order, last_key = _keyset(cases, query.sort, cursor)
    found = list(keyed.select_related("matter", "department", "grid").order_by(*order)[: limit + 1])
    more, found = len(found) > limit, found[:limit]
    following = _encode(last_key(found[-1])) if more else None
    return {"items": case_rows(found, now=now, lang=actor.lang), "next": following}


def counts(actor: Actor, *, now: datetime) -> dict[str, Any]:
    """How many cases lie in each of the reader's tabs, and how many of his to-dos burn."""
    tabs = ("todo", "done", "mine", "copied", "closed", "all")
    found = Case.objects.aggregate(
        **{tab: Count("pk", filter=_tab(actor, tab)) for tab in tabs},
        overdue=Count("pk", filter=due_filter("over", now) & ~Q(status__in=OVER)),
        due_soon=Count("pk", filter=due_filter("soon", now) & ~Q(status__in=OVER)),
    )
    return {
        "tabs": {tab: found[tab] for tab in tabs},
        "due": {"overdue": found["overdue"], "due_soon": found["due_soon"]},
    }


def matching(actor: Actor, query: CaseQuery, *, now: datetime) -> QuerySet[Case]:
    """The cases in the reader's sight that the query lets through."""
    cases = Case.objects.all().filter(_tab(actor, query.tab))
    if query.status:
        wanted = [Status(word) for word in query.status.split(",") if word in set(Status)]
        if not wanted:
            raise BadFilter(field="status")
        cases = cases.filter(status__in=[str(status) for status in wanted])
    if query.matter:
        cases = cases.filter(matter__isnull=True) if query.matter == "none" else cases.filter(matter__code=query.matter)
    if query.department:
        number = _whole(query.department, "department")
        cases = cases.filter(department__isnull=True) if number == 0 else cases.filter(department_id=number)
    if query.grid:
        cases = cases.filter(grid_itself(query.grid) if query.direct else grid_prefix(query.grid))
    if query.hour:
        cases = cases.filter(hour_filter(query.hour))
    if query.channel:
        cases = cases.filter(channel=query.channel)
    if query.supervised is not None:
        cases = cases.filter(supervised=query.supervised)
    if query.bbox:
        west, south, east, north = box(query.bbox)
        cases = cases.filter(lon__range=(west, east), lat__range=(south, north))
    cases = _in_period(cases, query)
    cases = cases.filter(due_filter(query.due, now)) if query.due else cases
    return cases.filter(_search(query.q)) if query.q else cases


def todo(actor: Actor) -> Q:
    """Cases that wait for the reader: by his duties, and by the assignments of his department or grid."""
    waits: Q = Q(pk__in=[])
    if "triage" in actor.duties:
        # Only the centre that holds a case may move it on; what lies with another centre waits for that one.
        mine = Q(desk_path=actor.scope_path)
        waits |= mine & (Q(waits_on="centre") | Q(pending="return"))
    if "verify" in actor.duties:
        waits |= Q(waits_on="verifier")
    if "revisit" in actor.duties:
        waits |= Q(waits_on="centre", status="rated")
    if "approve" in actor.duties:
        waits |= Q(pending__in=["extension", "suspension"], desk_path__startswith=actor.scope_path)
    if actor.department_id is not None:
        waits |= Q(Exists(_live(department__path__startswith=actor.department_path)))
    elif "handle" in actor.duties:
        waits |= Q(Exists(_live(grid_path__startswith=actor.scope_path, grid__isnull=False)))
    return waits


def _live(**bearer: Any) -> QuerySet[Assignment]:
    return Assignment.objects.filter(case=OuterRef("pk"), state__in=LIVE_ASSIGNMENT, **bearer)


def _tab(actor: Actor, tab: str) -> Q:
    if tab == "todo":
        return todo(actor)
    if tab == "closed":
        return Q(status__in=OVER)
    if tab == "done":
        acted = CaseAction.objects.filter(case=OuterRef("pk"), user=actor.user_id)
        return Q(Exists(acted)) & ~Q(status__in=OVER) & ~todo(actor)
    if tab == "mine":
        return Q(Exists(CaseReporter.objects.filter(case=OuterRef("pk"), user=actor.user_id)))
    if tab == "copied":
        if actor.department_id is None:
            return Q(supervised=True)
        copies = Grant.objects.filter(
            case=OuterRef("pk"), kind="copy", department_path__startswith=actor.department_path
        )
        return Q(Exists(copies))
    return Q()


def _in_period(cases: QuerySet[Case], query: CaseQuery) -> QuerySet[Case]:
    measure = query.measure or "reported"
    if measure not in MEASURES:
        raise BadFilter(field="measure")
    condition, day = MEASURES[measure]
    cases = cases.filter(condition)
    if query.day_from:
        cases = cases.filter(**{f"{day}__gte": query.day_from})
    if query.day_to:
        cases = cases.filter(**{f"{day}__lte": query.day_to})
    return cases


def due_filter(due: str, now: datetime) -> Q:
    if due == "over":
        return Q(due_at__lt=now, paused=False)
    return Q(due_at__gte=now, warn_at__lte=now, paused=False)


def _search(words: str) -> Q:
    words = words.strip().replace("\x00", "")
    if NUMBER.match(words):
        return Q(number__istartswith=words)
    return (
        Q(words__icontains=words) | Q(title__icontains=words) | Q(address__icontains=words) | Q(number__iendswith=words)
    )


def grid_prefix(grid: str) -> Q:
    """Cases in the grid and below it. A grid that does not exist holds none."""
    found = grids.find_grid(_whole(grid, "grid"))
    return Q(scope_path__startswith=found.scope_path) if found else Q(pk__in=[])


def grid_itself(grid: str) -> Q:
    """Cases that lie in the grid and in none below it."""
    found = grids.find_grid(_whole(grid, "grid"))
    return Q(scope_path=found.scope_path) if found else Q(pk__in=[])


def hour_filter(hour: str) -> Q:
    """Cases reported on one day of the week (Monday is 1) in one local hour: `3-09`."""
    found = re.fullmatch(r"([1-7])-([01]\d|2[0-3])", hour)
    if found is None:
        raise BadFilter(field="hour")
    at = ExtractHour("reported_at", tzinfo=setting().zone)
    return Q(reported_on__iso_week_day=int(found[1])) & Q(Exact(at, int(found[2])))


def box(text: str) -> tuple[float, float, float, float]:
    """West, south, east, north out of `w,s,e,n`; `BadFilter` otherwise."""
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise BadFilter(field="bbox") from None
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise BadFilter(field="bbox")
    return west, south, east, north


def _whole(text: str, field: str) -> int:
    if not re.fullmatch(r"\d{1,18}", text):
        raise BadFilter(field=field)
    return int(text)


def _keyset(cases: QuerySet[Case], sort: Sort, cursor: str | None) -> tuple[QuerySet[Case], list[Any], Any]:
    """Rows after the cursor, their order, and what the cursor of a row is."""
    after = _decode(cursor, sort) if cursor else None
    if sort == "due":
        if after and after[0] >= NO_DEADLINE:
            cases = cases.filter(due_at__isnull=True, pk__gt=after[1])
        elif after:
            later = Q(due_at__gt=after[0]) | Q(due_at=after[0], pk__gt=after[1]) | Q(due_at__isnull=True)
            cases = cases.filter(later)
        order = [F("due_at").asc(nulls_last=True), F("pk").asc()]
        return cases, order, lambda case: [sort, (case.due_at or NO_DEADLINE).isoformat(), str(case.pk)]
    if sort == "reported":
        if after:
            cases = cases.filter(Q(reported_at__gt=after[0]) | Q(reported_at=after[0], pk__gt=after[1]))
        return cases, ["reported_at", "pk"], lambda case: [sort, case.reported_at.isoformat(), str(case.pk)]
    if after:
        cases = cases.filter(Q(reported_at__lt=after[0]) | Q(reported_at=after[0], pk__lt=after[1]))
    order = [F("reported_at").desc(), F("pk").desc()]
    return cases, order, lambda case: [sort, case.reported_at.isoformat(), str(case.pk)]


def _encode(parts: Iterable[str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(list(parts)).encode()).decode().rstrip("=")


def _decode(cursor: str, sort: Sort) -> tuple[datetime, UUID]:
    try:
        kind, at, pk = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if kind != sort:
            raise BadCursor()
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None:
            raise BadCursor()
        return moment, UUID(pk)
    except (ValueError, TypeError, binascii.Error, AttributeError):
        raise BadCursor() from None
