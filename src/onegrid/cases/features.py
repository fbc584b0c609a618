"""Cases for other systems' maps: what the reader may see anyway, without a word that anybody wrote and without a name.

Of a confidential case not even the matter is told. Under the reader's own standing, so row-level security holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import shapely
from django.db.models import Q, QuerySet

from onegrid.cases.models import Case
from onegrid.cases.rules.states import Status
from onegrid.cases.selectors.rows import named
from onegrid.cases.selectors.words import status_word
from onegrid.county.grids import selectors as grids
from onegrid.county.matters.selectors import catalogue
from onegrid.foundation.accounts import permissions
from onegrid.foundation.database.managers import upper_bound
from onegrid.foundation.features.asking import cursor_error, number, refused
from onegrid.foundation.features.collections import Asked, Collection, Extent, Feature, Found, Kind
from onegrid.foundation.kernel.texts import Lang

_PROPERTIES: Final[dict[str, Kind]] = {
    "number": "string", "status": "string", "status_word": "string", "matter": "string", "matter_name": "string",
    "channel": "string", "severity": "string", "grid": "string", "grid_name": "string", "department": "string",
    "reported_at": "date-time", "due_at": "date-time", "closed_at": "date-time",
}  # fmt: skip
_SHOWN: Final = (
    *("number", "status", "matter_id", "channel", "severity", "grid__name", "lon", "lat", "reported_on"),
    *("reported_at", "due_at", "closed_at", "confidential", "department__name_zh", "department__name_en"),
)


def _rows() -> QuerySet[Case]:
    return Case.objects.select_related("grid", "department").only(*_SHOWN)


def items(actor: Any, asked: Asked) -> Found:
    """A page in the order of the reports. Raises `BadRequest` for a filter or page mark that makes no sense."""
    rows = _narrowed(_rows(), asked)
    if asked.after:
        day, at, key = _mark(asked.after)
        behind = Q(reported_on__gt=day) | Q(reported_at__gt=at) | Q(reported_at=at, pk__gt=key)
        rows = rows.filter(behind, reported_on__gte=day)
    found = list(rows.order_by("reported_on", "reported_at", "pk")[: asked.limit + 1])
    page = found[: asked.limit]
    last = page[-1] if len(found) > asked.limit else None
    following = f"{last.reported_on}~{last.reported_at.isoformat()}~{last.pk}" if last else ""
    known = catalogue().by_id
    return Found([_feature(row, known, actor.lang) for row in page], following)


def _narrowed(rows: QuerySet[Case], asked: Asked) -> QuerySet[Case]:
    if asked.box is not None:
        west, south, east, north = asked.box
        rows = rows.filter(lon__range=(west, east), lat__range=(south, north))
    # The day has the index; it is the local one, so a day more on both sides holds every moment of the interval.
    if asked.since is not None:
        rows = rows.filter(reported_at__gte=asked.since, reported_on__gte=asked.since.date() - timedelta(days=1))
    if asked.until is not None:
        rows = rows.filter(reported_at__lte=asked.until, reported_on__lte=asked.until.date() + timedelta(days=1))
    for name, value in asked.equal.items():
        if name == "status":
            if value not in set(Status):
                raise refused("status")
            rows = rows.filter(status=value)
        elif name == "grid":
            grid = grids.find_grid(number(value, "grid"))
            path = grid.scope_path if grid else "-"
            rows = rows.filter(scope_path__gte=path, scope_path__lt=upper_bound(path))
        elif name == "matter":
            matter = catalogue().by_code.get(value)
            rows = rows.filter(matter=matter.id if matter else -1, confidential=False)
        else:
            rows = rows.filter(channel=value)
    return rows


def one(actor: Any, key: str) -> Feature | None:
    """A case in the reader's sight."""
    try:
        row = _rows().filter(pk=UUID(key)).first()
    except ValueError:
        return None
    return _feature(row, catalogue().by_id, actor.lang) if row else None


def _mark(text: str) -> tuple[str, datetime, UUID]:
    parts = text.replace(" ", "+").split("~")
    try:
        day, at, key = parts
        moment = datetime.fromisoformat(at)
        found = datetime.fromisoformat(day).date().isoformat(), moment, UUID(key)
    except ValueError:
        raise cursor_error() from None
    if moment.tzinfo is None:
        raise cursor_error()
    return found


def _feature(row: Case, known: Mapping[int, Any], lang: Lang) -> Feature:
    matter = None if row.confidential or row.matter_id is None else known.get(row.matter_id)
    placed = row.lon is not None and row.lat is not None
    return Feature(
        str(row.pk),
        shapely.Point(row.lon, row.lat) if placed else None,
        {
            "number": row.number,
            "status": row.status,
            "status_word": status_word(row.status, lang),
            "matter": matter.code if matter else "",
            "matter_name": matter.name(lang) if matter else "",
            "channel": row.channel,
            "severity": row.severity,
            "grid": str(row.grid_id),
            "grid_name": row.grid.name,
            "department": named(row.department, lang) if row.department else "",
            "reported_at": row.reported_at,
            "due_at": row.due_at,
            "closed_at": row.closed_at,
        },
    )


def _extent(_: Any) -> Extent:
    return Extent(grids.root().bbox)


COLLECTIONS: Final = (
    Collection(
        id="cases", title="features.cases.title", description="features.cases.description", properties=_PROPERTIES,
        allowed=permissions.staff, items=items, one=one, extent=_extent,
        filters=("status", "matter", "channel", "grid"), geometry="https://geojson.org/schema/Point.json",
    ),
)  # fmt: skip
