"""Cases anybody may see, as Open311 shows them. The rule stands here once.

Public are components and events of the street. A case is not when its matter is confidential or personal, when it was
asked to be kept confidential, or when it has no matter yet. Words and pictures are shown only of reports that came in
through Open311, whose senders were told that they are; of others, the matter's own name says what it is.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from onegrid.cases.models import Assignment, Case, CaseAction
from onegrid.cases.rules.duplicates import metres_between
from onegrid.cases.rules.states import OPEN
from onegrid.county.matters import selectors as catalogue
from onegrid.county.matters.selectors import MatterInfo
from onegrid.foundation.database.context import widened

KINDS = ("component", "event")
METRES_PER_DEGREE = 111_320.0
OPEN_WORDS = tuple(str(one) for one in OPEN)
PUBLIC = Q(matter__kind__in=KINDS, matter__confidential=False, matter__personal=False, confidential=False)
TOLD = frozenset(
    {
        "report", "accept", "reject", "dispatch", "whistle", "take", "handle", "handle_on_the_spot", "verify_pass",
        "verify_fail", "close", "rate", "reopen", "approve_suspend", "resume", "escalate", "return_back", "merge",
        "cancel",
    }
)  # fmt: skip
"""Steps the update feed tells."""


def matters() -> Sequence[MatterInfo]:
    """Matters whose cases may be public, in the catalogue's order."""
    with widened("reference"):
        allowed = set(_public_codes())
        return [one for one in catalogue.catalogue().matters if one.code in allowed]


def _public_codes() -> Iterable[str]:
    matter = Case._meta.get_field("matter").related_model
    rows = matter._default_manager.filter(kind__in=KINDS, confidential=False, personal=False, active=True)
    return list(rows.values_list("code", flat=True))


def cases() -> QuerySet[Any]:
    """Public cases with the time of their last step as `moved_at`. Call under the scope `track`."""
    last = CaseAction.objects.filter(case=OuterRef("pk"), seq=OuterRef("last_seq")).values("at")[:1]
    return Case.objects.filter(PUBLIC).select_related("matter", "department", "grid").annotate(moved_at=Subquery(last))


def by_numbers(numbers: Sequence[str]) -> list[Case]:
    """The public cases of these numbers, in that order; unknown ones are left out."""
    found = {one.number: one for one in cases().filter(number__in=numbers)}
    return [found[number] for number in numbers if number in found]


def reported_between(
    begin: datetime,
    end: datetime,
    *,
    codes: Sequence[str],
    statuses: frozenset[str],
    around: tuple[float, float, float] | None,
    updated_after: datetime | None,
    start: int,
    size: int,
) -> list[Case]:
    """Public cases, newest first. `around` is lon, lat, metres; `statuses` of open and closed."""
    # The day as well: it is what the index of cases in order begins with, and no place is more than a day from UTC.
    days = (begin.date() - timedelta(days=1), end.date() + timedelta(days=1))
    rows = cases().filter(reported_at__gte=begin, reported_at__lte=end, reported_on__range=days)
    if codes:
        rows = rows.filter(matter__code__in=codes)
    if statuses == {"open"}:
        rows = rows.filter(status__in=OPEN_WORDS)
    elif statuses == {"closed"}:
        rows = rows.exclude(status__in=OPEN_WORDS)
    if updated_after is not None:
        rows = rows.filter(moved_at__gte=updated_after)
    rows = rows.order_by("-reported_on", "-reported_at", "pk")
    if around is None:
        return list(rows[start : start + size])
    lon, lat, metres = around
    # Read only as far as the page reaches: a wide circle over a city holds more than anybody pages through.
    near = (
        one
        for one in rows.filter(_square(lon, lat, metres)).iterator(chunk_size=500)
        if metres_between(lon, lat, one.lon, one.lat) <= metres
    )
    return list(islice(near, start, start + size))


def _square(lon: float, lat: float, metres: float) -> Q:
    up = metres / METRES_PER_DEGREE
    across = up / max(math.cos(math.radians(lat)), 0.01)
    return Q(lon__range=(lon - across, lon + across), lat__range=(lat - up, lat + up))


def steps_between(begin: datetime, end: datetime, *, start: int, size: int) -> list[CaseAction]:
    """Steps of public cases that a reporter is told of, oldest first."""
    public = {f"case__{name}": value for name, value in PUBLIC.children}  # type: ignore[misc]
    rows = CaseAction.objects.filter(at__gte=begin, at__lte=end, action__in=TOLD, **public)
    ordered = rows.select_related("case", "case__matter").order_by("at", F("case_id"), "seq")
    return list(ordered[start : start + size])


def assignments_of(cases_seen: Iterable[object]) -> list[Assignment]:
    """Assignments of these cases, with who bears them."""
    return list(Assignment.objects.filter(case_id__in=set(cases_seen)).select_related("department", "grid"))


@dataclass(frozen=True)
class Known:
    """A case as its own sender may know it, whatever others see of it."""

    id: UUID
    number: str
    status: str
    track_code: str
    api_key: int | None
    """Which connected system filed it; None when none did."""
    last_seq: int


def known(*, id: UUID | None = None, number: str = "") -> Known | None:
    """The case of an id or a number. Says nothing about who may see it."""
    wanted = Q(pk=id) if id is not None else Q(number=number)
    with widened("track"):
        case = Case.objects.filter(wanted).first()
        if case is None:
            return None
        first = CaseAction.objects.filter(case=case, seq=1).values_list("data", flat=True).first() or {}
    sender = first.get("extra", {}).get("api_key")
    return Known(case.pk, case.number, case.status, case.track_code, sender, case.last_seq)
