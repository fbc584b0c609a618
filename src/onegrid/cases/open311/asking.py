"""Reads what an Open311 client asks. Empty is absent; what cannot be read is a 400 that says why."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, QueryDict
from django.http.multipartparser import MultiPartParserError

from onegrid.cases.open311.answers import Refusal

SPAN = timedelta(days=90)
"""The standard's longest range, and its default."""
MOST_ROWS = 1000
PAGE_SIZE = 100
NEAR_METRES = 1000.0
FARTHEST_METRES = 20_000.0
MOST_CODES = 200
LONGEST_DESCRIPTION = 4000
LONGEST_VALUE = 500
STATUSES = frozenset({"open", "closed"})
UNHOLDABLE = "\x00"
"""PostgreSQL keeps no NUL in text."""
ATTRIBUTE = re.compile(r"attribute\[([^\]]{1,60})\](\[\])?\Z")


@dataclass(frozen=True)
class Window:
    """Which part of a list: rows from `start`, at most `size`."""

    start: int
    size: int


@dataclass(frozen=True)
class RequestsAsked:
    """Parameters of GET requests. `ids` overrides everything else, as the standard says."""

    ids: tuple[str, ...]
    services: tuple[str, ...]
    begin: datetime
    end: datetime
    statuses: frozenset[str]
    around: tuple[float, float, float] | None
    """lon, lat, metres."""
    updated_after: datetime | None
    window: Window


@dataclass(frozen=True)
class Filed:
    """Parameters of POST requests."""

    service_code: str
    lon: float | None
    lat: float | None
    address_string: str
    address_id: str
    description: str
    first_name: str
    last_name: str
    phone: str
    email: str
    account_id: str
    device_id: str
    media_url: str
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    token_only: bool = False
    """Our extension: answer with a token, the id follows by GET tokens."""


class Asked:
    """All parameters of a request: query and form together, form first."""

    def __init__(self, request: HttpRequest) -> None:
        try:
            self._form: QueryDict = request.POST
            self.files = request.FILES.getlist("media")
        except RequestDataTooBig as why:
            raise Refusal(413, "The body is too large") from why
        except (MultiPartParserError, UnicodeDecodeError, SuspiciousOperation, OSError) as why:
            raise Refusal(400, "The body could not be read as form data") from why
        self._query = request.GET
        for name, values in [*self._form.lists(), *self._query.lists()]:
            if UNHOLDABLE in name or any(UNHOLDABLE in value for value in values):
                raise Refusal(400, "A parameter holds a NUL character")

    def text(self, name: str, longest: int = LONGEST_VALUE) -> str:
        """A value without surrounding space; empty when absent."""
        value = (self._form.get(name) or self._query.get(name) or "").strip()
        if len(value) > longest:
            raise Refusal(400, f"{name} is longer than {longest} characters")
        return value

    def listed(self, name: str) -> tuple[str, ...]:
        """A comma list; also repeated parameters."""
        values = [*self._form.getlist(name), *self._query.getlist(name)]
        found = tuple(dict.fromkeys(part.strip() for value in values for part in value.split(",") if part.strip()))
        if len(found) > MOST_CODES:
            raise Refusal(400, f"{name} names more than {MOST_CODES} values")
        return found

    def number(self, name: str, lowest: float, highest: float) -> float | None:
        """A number within bounds."""
        value = self.text(name)
        if not value:
            return None
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not lowest <= number <= highest:
            raise Refusal(400, f"{name} must be a number from {lowest:g} to {highest:g}")
        return number

    def whole(self, name: str, default: int, highest: int) -> int:
        """A whole number from 1."""
        value = self.text(name)
        if not value:
            return default
        if not (value.isascii() and value.isdigit() and len(value) < 10 and 1 <= int(value) <= highest):
            raise Refusal(400, f"{name} must be a whole number from 1 to {highest}")
        return int(value)

    def moment(self, name: str) -> datetime | None:
        """A W3C date-time with its zone."""
        value = self.text(name).replace(" ", "+")
        if not value:
            return None
        try:
            at = datetime.fromisoformat(value)
            if at.tzinfo is None:
                raise ValueError(value)
            return at.astimezone(UTC)
        except (ValueError, OverflowError):
            raise Refusal(400, f"{name} must be a date and time with zone, such as 2026-03-02T09:00:00Z") from None

    def window(self) -> Window:
        """page and page_size."""
        size = self.whole("page_size", PAGE_SIZE if self.text("page") else MOST_ROWS, MOST_ROWS)
        return Window((self.whole("page", 1, 100_000) - 1) * size, size)

    def attributes(self) -> Mapping[str, tuple[str, ...]]:
        """`attribute[code]=v` and `attribute[code][]=v` repeated."""
        found: dict[str, tuple[str, ...]] = {}
        for name, values in self._form.lists():
            match = ATTRIBUTE.match(name)
            if match:
                kept = tuple(value.strip() for value in values if value.strip())
                if any(len(value) > LONGEST_DESCRIPTION for value in kept):
                    raise Refusal(400, f"{name} is longer than {LONGEST_DESCRIPTION} characters")
                if kept:
                    found[match[1]] = found.get(match[1], ()) + kept
        return found


def requests_asked(asked: Asked, now: datetime) -> RequestsAsked:
    """GET requests. A missing end or beginning lies 90 days from the other."""
    begin, end = span(asked, now)
    statuses = frozenset(one.lower() for one in asked.listed("status"))
    if not statuses <= STATUSES:
        raise Refusal(400, "status must be open, closed or both")
    return RequestsAsked(
        ids=asked.listed("service_request_id"),
        services=asked.listed("service_code"),
        begin=begin,
        end=end,
        statuses=statuses or STATUSES,
        around=_around(asked),
        updated_after=asked.moment("updated_after"),
        window=asked.window(),
    )


def span(asked: Asked, now: datetime) -> tuple[datetime, datetime]:
    """start_date and end_date; of a longer span the last 90 days, as the standard limits its answers."""
    begin, end = asked.moment("start_date"), asked.moment("end_date")
    try:
        if end is None:
            end = now if begin is None else min(now, begin + SPAN)
        if begin is None:
            begin = end - SPAN
    except OverflowError:
        raise Refusal(400, "start_date and end_date must be dates of this age") from None
    try:
        return max(begin, end - SPAN), end
    except OverflowError:
        return begin, end


def _around(asked: Asked) -> tuple[float, float, float] | None:
    lon, lat = asked.number("long", -180, 180), asked.number("lat", -90, 90)
    radius = asked.number("radius", 1, FARTHEST_METRES)
    if lon is None and lat is None:
        return None
    if lon is None or lat is None:
        raise Refusal(400, "lat and long come together")
    return lon, lat, radius or NEAR_METRES


def filed(asked: Asked) -> Filed:
    """POST requests: what must be there is there."""
    lon, lat = asked.number("long", -180, 180), asked.number("lat", -90, 90)
    found = Filed(
        service_code=asked.text("service_code", 60),
        lon=lon,
        lat=lat,
        address_string=asked.text("address_string", 200),
        address_id=asked.text("address_id", 60),
        description=asked.text("description", LONGEST_DESCRIPTION),
        first_name=asked.text("first_name", 60),
        last_name=asked.text("last_name", 60),
        phone=asked.text("phone", 40),
        email=asked.text("email", 200),
        account_id=asked.text("account_id", 100),
        device_id=asked.text("device_id", 200),
        media_url=asked.text("media_url", 1000),
        attributes=asked.attributes(),
        token_only=asked.text("token").lower() in ("1", "true"),
    )
    missing = []
    if not found.service_code:
        missing.append("service_code was not provided")
    if (lon is None) != (lat is None):
        missing.append("lat and long come together")
    elif lon is None and not found.address_string and not found.address_id:
        missing.append("lat and long, address_string or address_id must be provided")
    if found.media_url and not re.match(r"https?://", found.media_url):
        missing.append("media_url must be an http or https address")
    if missing:
        raise Refusal(400, *missing)
    return found
