"""A grid's card: what it is, who looks after it, what is going on there, each as far as the reader may see it.

What may not be seen is absent (None), never 0. Nobody in particular and residents are told what the page about their
grid tells anyway: who leads it, by name and position.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.db.models import Q

from onegrid.cases.permissions import Actor
from onegrid.cases.selectors import figures
from onegrid.cases.selectors.rows import utc
from onegrid.county.grids import selectors as grids
from onegrid.county.grids.selectors import GridInfo, outlines
from onegrid.county.registers.selectors import mapped
from onegrid.county.workforce import colleagues
from onegrid.county.workforce import selectors as workforce
from onegrid.foundation.accounts import selectors as accounts
from onegrid.foundation.database.context import widened
from onegrid.foundation.kernel.errors import Forbidden
from onegrid.foundation.kernel.texts import Lang, text
from onegrid.programmes.patrols import oversight

VISITS: Final = 5
LATELY: Final = timedelta(days=365)


def card(actor: Actor, grid_id: int, *, lang: Lang, now: datetime) -> dict[str, Any]:
    """The card of one grid. Raises `GridNotFound` for none."""
    info = grids.grid(grid_id)
    near = _near(actor, info)
    outline = outlines.newest(info.id)
    people = colleagues.in_charge(actor, info.scope_path, now=now) if near else _leader(info, lang, now)
    lived, buildings = mapped.live_here(info.scope_path) if near else (None, None)
    return {
        "grid": info,
        "chain": grids.chain(info.scope_path),
        "area_m2": round(outline.area_m2, 1) if outline else None,
        "version": outline.version if outline else 0,
        "since": utc(outline.since) if outline else None,
        "people": people,
        "households": info.households,
        "residents": lived,
        "buildings": buildings,
        "open": _open(info, now) if near or _department(actor) else None,
        "visits": _visits(actor, info, lang, now) if near else None,
        "children": _children(info, lang),
    }


def _near(actor: Actor, info: GridInfo) -> bool:
    """Whether the grid lies in the reach of a hat of the staff."""
    within = actor.kind == "staff" and bool(actor.scope_path) and not actor.department_path
    return within and info.scope_path.startswith(actor.scope_path)


def _department(actor: Actor) -> bool:
    return actor.kind == "staff" and bool(actor.department_path)


def _leader(info: GridInfo, lang: Lang, now: datetime) -> list[dict[str, Any]]:
    """Whoever leads the grid, else the nearest one above with a leader: name and position, no number."""
    chain = grids.chain(info.scope_path)
    leaders = workforce.leaders_of([one.id for one in chain], workforce.day_of(now))
    for one in reversed(chain):
        hat = leaders.get(one.id)
        if hat is not None:
            with widened("hats"):
                name = accounts.names_of([hat.user]).get(hat.user, "")
            title = hat.title(lang)
            return [{"id": None, "name": name, "position": title, "place": one.name, "phone": "", "may_call": False}]
    return []


def _open(info: GridInfo, now: datetime) -> dict[str, Any]:
    """Open cases of the grid in the reader's sight, and the queue filters that list them."""
    n = sum(figures.open_now(info.scope_path, 1, Q()).values())
    late = figures.late(info.scope_path, now=now).values()

    def query(**more: str) -> str:
        return urlencode({"measure": "open", **more, "grid": info.id})

    return {
        "n": n,
        "overdue": sum(one.overdue for one in late),
        "due_soon": sum(one.due_soon for one in late),
        "query": query(),
        "queries": {"overdue": query(due="over"), "due_soon": query(due="soon")},
    }


def _visits(actor: Actor, info: GridInfo, lang: Lang, now: datetime) -> list[dict[str, Any]] | None:
    """The newest visits and walks the reader may know of; None when he may know of neither kind."""
    found: list[tuple[datetime, dict[str, Any]]] = []
    allowed = False
    try:
        visits, _ = mapped.visit_points(
            actor, None, now - LATELY, now + timedelta(days=1), scope_path=info.scope_path, most=VISITS
        )
        allowed = True
        names = accounts.names_of([one.user for one in visits])
        for one in visits:
            word = text(f"map.visit.{one.outcome}", lang)
            who = names.get(one.user, "")
            found.append((one.at, {"kind": "care", "word": word, "who": who, "lon": one.lon, "lat": one.lat}))
    except Forbidden:
        pass
    try:
        for at, who in oversight.lately(actor, info.scope_path, most=VISITS):
            word = text("map.visit.patrol", lang)
            found.append((at, {"kind": "patrol", "word": word, "who": who, "lon": None, "lat": None}))
        allowed = True
    except Forbidden:
        pass
    newest = sorted(found, key=lambda one: one[0], reverse=True)[:VISITS]
    return [{"at": utc(at), **told} for at, told in newest] if allowed else None


def _children(info: GridInfo, lang: Lang) -> dict[str, Any] | None:
    below = [one for one in grids.children(info.id) if one.active]
    if not below:
        return None
    (scheme, level), n = Counter((one.scheme, one.level) for one in below).most_common(1)[0]
    first = next(one for one in below if (one.scheme, one.level) == (scheme, level))
    title = first.level_en if lang == "en" else first.level_zh
    return {"key": f"{scheme}.{level}", "level": level, "title": title, "n": n}
