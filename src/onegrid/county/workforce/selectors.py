"""Who holds what: the hats of a person, the holders of a duty in a place, and which grids are grid centres.

Hats and centres are read with the whole locality in sight, because a hat is chosen before there is a scope, and a
case's centres lie above the scope of those who work on it. Nothing but position and place leaves from there.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Q, QuerySet

from onegrid.county.grids.rules import paths
from onegrid.county.grids.selectors.reading import MAP
from onegrid.county.matters.selectors import PACK, current_pack
from onegrid.county.workforce.models import Appointment, Position
from onegrid.county.workforce.rules.duties import CENTRE_DUTY
from onegrid.foundation.database.context import widened
from onegrid.foundation.database.stamps import Remembered


@dataclass(frozen=True)
class PositionInfo:
    """A position of this locality."""

    key: str
    title_zh: str
    title_en: str
    kind: str
    at: tuple[str, ...]
    duties: tuple[str, ...]
    faces: tuple[str, ...]
    term_years: int
    headcount: int


@dataclass(frozen=True)
class Hat:
    """One appointment as its holder wears it. A department's hat has no scope of grids but a department path."""

    id: int
    user: int
    position: str
    title_zh: str
    title_en: str
    kind: str
    duties: frozenset[str]
    faces: tuple[str, ...]
    place: str
    place_en: str
    scope_path: str
    grid_id: int | None
    department_id: int | None
    department_name: str
    department_name_en: str
    department_path: str

    def title(self, lang: str) -> str:
        """The position's title in the reader's language."""
        return self.title_en if lang == "en" else self.title_zh


def positions() -> list[PositionInfo]:
    """Positions in force, in the pack's order."""
    return [
        PositionInfo(
            row.key,
            row.title_zh,
            row.title_en,
            row.kind,
            tuple(row.at),
            tuple(row.duties),
            tuple(row.faces),
            row.term_years,
            row.headcount,
        )
        for row in Position.objects.filter(active=True)
    ]


def zone() -> ZoneInfo:
    """The time zone of the locality's calendar."""
    return _zone.get()


def day_of(now: datetime) -> date:
    """The locality's own calendar day at an instant."""
    return now.astimezone(zone()).date()


def in_force(day: date) -> Q:
    """Appointments that hold on a day, to positions of the pack in force."""
    return (
        Q(position__active=True, valid_from__lte=day)
        & (Q(valid_to=None) | Q(valid_to__gte=day))
        & (Q(ended_on=None) | Q(ended_on__gt=day))
    )


def count_in_force(position: str, day: date) -> int:
    """Appointments to a position that hold on a day, in the reader's own reach."""
    return Appointment.objects.filter(in_force(day), position__key=position).count()


def _rows() -> QuerySet[Appointment]:
    return Appointment.objects.select_related("position", "grid", "department")


def hats_of(user_id: int, day: date) -> list[Hat]:
    """Every appointment a person holds on a day, in the order of positions."""
    kept = _hats.get()
    found = kept.get((user_id, day))
    if found is None:
        if len(kept) >= MOST_HATS:
            kept.clear()
        found = kept[user_id, day] = _read_hats(user_id, day)
    return list(found)


def _read_hats(user_id: int, day: date) -> tuple[Hat, ...]:
    with widened("hats"):
        found = _rows().filter(in_force(day), user_id=user_id).order_by("position__ordinal", "pk")
        return tuple(_hat(row) for row in found)


def hats_at(user_id: int, now: datetime) -> list[Hat]:
    """Every appointment a person holds at an instant, by the locality's own calendar day."""
    return hats_of(user_id, day_of(now))


def hat(appointment_id: int, *, user_id: int, day: date) -> Hat | None:
    """One of a person's hats, when he holds it on the day."""
    return next((item for item in hats_of(user_id, day) if item.id == appointment_id), None)


def worn(appointment_ids: Collection[int]) -> dict[int, Hat]:
    """Appointments as they were worn, ended ones too: what the journal names."""
    with widened("hats"):
        return {row.pk: _hat(row) for row in _rows().filter(pk__in=appointment_ids)}


def holders(*, grid_id: int, duty: str, day: date) -> list[Hat]:
    """Who holds a duty in exactly this grid."""
    with widened("hats"):
        found = (
            _rows()
            .filter(in_force(day), grid_id=grid_id, position__duties__contains=[duty])
            .order_by("position__ordinal", "pk")
        )
        return [_hat(row) for row in found]


def nearest_holders(scope_path: str, *, duty: str, day: date) -> list[Hat]:
    """Who holds a duty in the smallest grid at or above a path where anybody does."""
    above = list(paths.ancestors(scope_path))
    with widened("hats"):
        found = _rows().filter(
            in_force(day), grid__isnull=False, scope_path__in=above, position__duties__contains=[duty]
        )
        hats = [_hat(row) for row in found.order_by("position__ordinal", "pk")]
    longest = max((len(item.scope_path) for item in hats), default=0)
    return [item for item in hats if len(item.scope_path) == longest]


def of_department(department_ids: Collection[int], *, duty: str, day: date) -> list[Hat]:
    """Who holds a duty in these departments."""
    with widened("hats"):
        found = _rows().filter(in_force(day), department_id__in=department_ids, position__duties__contains=[duty])
        return [_hat(row) for row in found.order_by("department_id", "position__ordinal", "pk")]


def staff_below(scope_path: str, day: date) -> list[Hat]:
    """Everybody with a place in a subtree that the caller's own scope lets him see."""
    found = _rows().filter(in_force(day), scope_path__gte=scope_path, scope_path__lt=paths.upper_bound(scope_path))
    return [_hat(row) for row in found.order_by("scope_path", "position__ordinal", "pk")]


def centres_above(scope_path: str) -> tuple[str, ...]:
    """Paths of the grid centres at or above a path, top first: grids where somebody was appointed to triage.

    Only ended appointments are left out, not lapsed terms: a case must not lose its centre overnight.
    """
    centres = _centres.get()
    return tuple(path for path in paths.ancestors(scope_path) if path in centres)


def _read_centres() -> frozenset[str]:
    with widened("locate"):
        found = Appointment.objects.filter(
            grid__isnull=False, ended_on=None, position__active=True, position__duties__contains=[str(CENTRE_DUTY)]
        )
        return frozenset(found.values_list("scope_path", flat=True))


def leaders_of(grid_ids: Iterable[int], day: date) -> dict[int, Hat]:
    """The leading person of each grid: the first by the pack's order of positions."""
    with widened("hats"):
        found = _rows().filter(in_force(day), grid_id__in=list(grid_ids)).order_by("position__ordinal", "pk")
        leaders: dict[int, Hat] = {}
        for row in found:
            if row.grid_id is not None:
                leaders.setdefault(row.grid_id, _hat(row))
        return leaders


@dataclass(frozen=True)
class Posting:
    """Where somebody holds which position; a department's position sits where the department's area is."""

    scope_path: str
    position: str


def postings(user_id: int, now: datetime) -> list[Posting]:
    """Every place a person is appointed to at an instant, departments included."""
    day = day_of(now)
    with widened("hats"):
        found = Appointment.objects.filter(in_force(day), user_id=user_id).values_list("scope_path", "position__key")
        return [Posting(*row) for row in found]


def count_reached(audiences: Sequence[tuple[str, tuple[str, ...]]], now: datetime) -> list[int]:
    """How many people hold a position below each (scope path, position keys), one question for all of them.

    No keys mean any position. Counts people, not appointments, and only within the caller's own scope.
    """
    if not audiences:
        return []
    day = day_of(now)
    asked = [
        {"n": n, "low": path, "high": paths.upper_bound(path), "keys": list(keys)}
        for n, (path, keys) in enumerate(audiences)
    ]
    with connection.cursor() as cursor:
        cursor.execute(_REACHED, [json.dumps(asked), day, day, day])
        return [int(count) for _, count in cursor.fetchall()]


_REACHED = """
SELECT asked.n, count(DISTINCT held.user_id)
FROM jsonb_to_recordset(%s::jsonb) AS asked(n int, low text, high text, keys jsonb)
LEFT JOIN (workforce_appointment held JOIN workforce_position kind ON kind.id = held.position_id AND kind.active)
  ON held.scope_path >= asked.low AND held.scope_path < asked.high AND held.valid_from <= %s
 AND (held.valid_to IS NULL OR held.valid_to >= %s) AND (held.ended_on IS NULL OR held.ended_on > %s)
 AND (asked.keys = '[]'::jsonb OR asked.keys @> to_jsonb(kind.key))
GROUP BY asked.n ORDER BY asked.n
"""


def reached(
    scope_path: str, keys: tuple[str, ...], now: datetime, *,
    among: Collection[int], inside: bool, after: int = 0, limit: int = 50,
) -> list[Hat]:  # fmt: skip
    """People `count_reached` counts, one hat each, by user id from `after` on: those in `among`, or all the others."""
    day = day_of(now)
    found = _rows().filter(
        in_force(day), scope_path__gte=scope_path, scope_path__lt=paths.upper_bound(scope_path), user_id__gt=after
    )
    if keys:
        found = found.filter(position__key__in=keys)
    found = found.filter(user_id__in=list(among)) if inside else found.exclude(user_id__in=list(among))
    one_each = found.order_by("user_id", "position__ordinal", "pk").distinct("user_id")
    return [_hat(row) for row in one_each[:limit]]


def _hat(row: Appointment) -> Hat:
    grid, department = row.grid, row.department
    return Hat(
        id=row.pk,
        user=row.user_id,
        position=row.position.key,
        title_zh=row.position.title_zh,
        title_en=row.position.title_en,
        kind=row.position.kind,
        duties=frozenset(row.position.duties),
        faces=tuple(row.position.faces),
        place=grid.name if grid else department.name_zh if department else "",
        place_en=grid.name if grid else department.name_en if department else "",
        scope_path=grid.scope_path if grid else "",
        grid_id=row.grid_id,
        department_id=row.department_id,
        department_name=department.name_zh if department else "",
        department_name_en=department.name_en if department else "",
        department_path=department.path if department else "",
    )


PEOPLE: Final = "people"
"""The stamp of positions and appointments."""
MOST_HATS: Final = 20_000
"""People whose hats are kept at once."""

_centres = Remembered(PEOPLE, MAP, PACK, read=_read_centres)
_hats: Remembered[dict[tuple[int, date], tuple[Hat, ...]]] = Remembered(PEOPLE, MAP, PACK, read=dict)
_zone = Remembered(PACK, read=lambda: ZoneInfo(current_pack().content["cases"]["calendar"]["timezone"]))
