"""The parameters of a request, read once and refused by name (Part 1 requirements 22 to 30, Part 2 requirement 6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from django.http import HttpRequest

from onegrid.foundation.features import crs
from onegrid.foundation.features.collections import Asked, Box
from onegrid.foundation.kernel.errors import BadRequest, FieldError

MOST: Final = 5_000
"""Features of one page at most; more are a next page."""
USUAL: Final = 100
COMMON: Final = frozenset({"f"})
ITEMS: Final = COMMON | {"bbox", "bbox-crs", "datetime", "limit", "crs", "cursor"}


@dataclass(frozen=True)
class Reading:
    """What is wanted and how it is to be written."""

    asked: Asked
    crs: str


def refused(field: str, fault: str = "malformed") -> BadRequest:
    """A parameter that makes no sense, by name."""
    key = f"features.errors.{fault}"
    return BadRequest(key, fields=[FieldError(field, key, {"name": field})], name=field)


def only(request: HttpRequest, names: frozenset[str]) -> None:
    """Refuse parameters nobody knows: a misspelt filter must not look like an answer. Raises `BadRequest`."""
    for name in request.GET:
        if name not in names:
            raise refused(name, "unknown")
    wanted = request.GET.get("f", "json")
    if wanted not in ("json", "geojson"):
        raise refused("f", "format")


def items(request: HttpRequest, filters: Sequence[str]) -> Reading:
    """What of a collection is wanted. Raises `BadRequest`."""
    only(request, ITEMS | set(filters))
    given = request.GET
    since, until = _moments(given.get("datetime", ""))
    asked = Asked(
        box=_box(given.get("bbox", ""), system(given.get("bbox-crs", ""), "bbox-crs")),
        since=since,
        until=until,
        limit=_limit(given.get("limit", "")),
        after=given.get("cursor", "")[:200],
        equal={name: given[name][:200] for name in filters if name in given},
    )
    return Reading(asked, system(given.get("crs", ""), "crs"))


def system(text: str, name: str) -> str:
    """A coordinate system of those offered, CRS84 unless told. Raises `BadRequest`."""
    found = text.strip("[]<>") or crs.CRS84
    if found not in crs.OFFERED:
        raise refused(name, "unknown_crs")
    return found


def _limit(text: str) -> int:
    if not text:
        return USUAL
    if not (text.isascii() and text.isdigit()) or len(text) > 9 or int(text) < 1:
        raise refused("limit")
    return min(int(text), MOST)


def _box(text: str, written: str) -> Box | None:
    if not text:
        return None
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        raise refused("bbox") from None
    if len(numbers) == 6:
        # Heights are allowed and mean nothing here.
        numbers = [*numbers[0:2], *numbers[3:5]]
    if len(numbers) != 4 or not all(abs(number) < 1e9 for number in numbers):
        raise refused("bbox")
    box = crs.box_from((numbers[0], numbers[1], numbers[2], numbers[3]), written)
    west, south, east, north = box
    if south > north or not (south >= -90 and north <= 90 and -180 <= west <= 180 and -180 <= east <= 180):
        raise refused("bbox")
    if west > east:
        # Across the date line; everything of ours lies on one side of it.
        return (west, south, 180.0, north) if west <= 180 - east else (-180.0, south, east, north)
    return box


def _moments(text: str) -> tuple[datetime | None, datetime | None]:
    """An instant or an interval with open ends, RFC 3339. Raises `BadRequest`."""
    if not text:
        return None, None
    parts = text.split("/")
    if len(parts) > 2:
        raise refused("datetime")
    begin = _moment(parts[0])
    end = _moment(parts[-1], last=True)
    if (len(parts) == 1 and begin is None) or (begin is not None and end is not None and begin > end):
        raise refused("datetime")
    return begin, end


def _moment(text: str, *, last: bool = False) -> datetime | None:
    if text in ("", ".."):
        return None
    try:
        # A plus sign in an address arrives as a space.
        found = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        raise refused("datetime") from None
    if len(text) == 10 and last:
        found = found.replace(hour=23, minute=59, second=59, microsecond=999_999)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found


def cursor_error() -> BadRequest:
    """A page mark we did not make."""
    return refused("cursor")


def number(text: str, name: str) -> int:
    """A whole number that a filter needs. Raises `BadRequest`."""
    if not (text.isascii() and text.isdigit()) or len(text) > 18:
        raise refused(name)
    return int(text)


def link(href: str, rel: str, kind: str, title: str) -> dict[str, Any]:
    """A link as the standard writes it."""
    return {"href": href, "rel": rel, "type": kind, "title": title}
