"""The layers only some may see: whom to visit, visits made, tracks. Never in a tile, never kept by anybody."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from onegrid.cases.errors import BadFilter
from onegrid.cases.permissions import Actor
from onegrid.cases.selectors.rows import utc
from onegrid.cases.selectors.setting import setting
from onegrid.county.registers.selectors import mapped
from onegrid.county.registers.selectors.care import may_care
from onegrid.foundation.accounts import permissions
from onegrid.foundation.kernel.errors import Forbidden, NotSignedIn
from onegrid.foundation.kernel.texts import text
from onegrid.insight.map.selectors.area import period, window
from onegrid.programmes.patrols import oversight

LAYERS: Final[dict[str, Callable[[Actor], None]]] = {
    "cases": permissions.staff,
    "care": may_care,
    "visits": may_care,
    "tracks": oversight.may_oversee,
}
"""Each layer and who may see it."""
LONGEST: Final = 92
"""Days of visits on one map at most."""


def offered(actor: Actor) -> list[str]:
    """The layers this reader may ask for."""
    found = []
    for name, allowed in LAYERS.items():
        try:
            allowed(actor)
        except (Forbidden, NotSignedIn):
            continue
        found.append(name)
    return found


def care(actor: Actor, bbox: str | None, *, now: datetime) -> dict[str, Any]:
    """Whom to visit in a window."""
    points, more = mapped.care_points(actor, window(bbox), now=now)
    return {
        "points": [
            {
                "id": str(one.id), "lon": one.lon, "lat": one.lat, "state": one.state, "due": one.due,
                "word": text(f"map.care.{one.state}", actor.lang),
            }
            for one in points
        ],
        "left_out": more,
    }  # fmt: skip


def visits(
    actor: Actor, bbox: str | None, day_from: date | None, day_to: date | None, *, now: datetime
) -> dict[str, Any]:
    """Care visits made in a period, the last thirty days unless told."""
    since, until = period(day_from, day_to, now)
    if (until - since).days > LONGEST:
        raise BadFilter({"from": "malformed"})
    zone = setting().zone
    begin = datetime.combine(since, time(), tzinfo=zone)
    end = datetime.combine(until + timedelta(days=1), time(), tzinfo=zone)
    points, more = mapped.visit_points(actor, window(bbox), begin, end)
    return {
        "points": [
            {
                "id": one.id, "care": str(one.care), "lon": one.lon, "lat": one.lat, "at": utc(one.at),
                "outcome": one.outcome, "word": text(f"map.visit.{one.outcome}", actor.lang),
            }
            for one in points
        ],
        "left_out": more,
    }  # fmt: skip


def tracks(actor: Actor, bbox: str | None, day: date | None, *, now: datetime) -> dict[str, Any]:
    """Patrols of one day, today unless told."""
    walks, more = oversight.walks(actor, day or setting().day(now), window(bbox), now=now)
    return {
        "tracks": [
            {
                "id": str(one.id), "who": one.who, "position": one.position, "begun": utc(one.began_at),
                "ended": utc(one.ended_at), "metres": one.metres, "gap_s": one.gap_s,
                "lines": [[[round(fix.lon, 6), round(fix.lat, 6)] for fix in line] for line in one.lines],
                "at": [[utc(fix.at) for fix in line] for line in one.lines],
            }
            for one in walks
        ],
        "left_out": more,
    }  # fmt: skip
