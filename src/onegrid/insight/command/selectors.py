"""The county at a glance: figures from the tallies, the clock's own counts live, every figure with the filter that
opens it.

One statement reads all roll-ups of a node, so parts add up to their whole also while cases come in. Where the tallies
do not reach (below community level, and under a department's hat) the same figures are counted over rows; a test holds
the two equal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final
from urllib.parse import urlencode

from onegrid.cases.errors import CaseNotFound
from onegrid.cases.permissions import Actor
from onegrid.cases.rules.states import Status
from onegrid.cases.selectors import figures
from onegrid.cases.selectors import wall as walls
from onegrid.cases.selectors.rows import utc
from onegrid.cases.selectors.setting import setting
from onegrid.cases.selectors.words import status_word, word
from onegrid.county.grids import selectors as grids
from onegrid.county.matters import selectors as matters
from onegrid.county.organisations import selectors as organisations
from onegrid.foundation.database.context import ROOT
from onegrid.foundation.journal.services import tallies
from onegrid.foundation.journal.services.tallies import Cell, Window
from onegrid.foundation.kernel.errors import Forbidden, Invalid, NotSignedIn
from onegrid.foundation.kernel.texts import Lang
from onegrid.insight.command.rules import trends
from onegrid.insight.command.rules.trends import Bucket, share

MEASURES: Final = ("reported", "closed", "closed_in_time", "on_the_spot", "returned", "reopened", "rated")
BY: Final = ("matter", "department", "channel", "child")
DEFAULT_DAYS: Final = 30
LONGEST_DAYS: Final = 1100
MOST_ROWS: Final = 400
"""A breakdown shows so many rows, the largest first: more than a catalogue has matters."""
WALL_ROWS: Final = 20
"""More late cases, or more steps, than a wall has room for."""
NOW: Final = ("open", "overdue", "due_soon")
TODAY: Final = ("reported", "closed", "on_the_spot")
"""What a wall compares with yesterday."""

Table = dict[str, list[Cell]]
"""Key → its cell in the period and in the period before."""
Names = Callable[[set[str], Lang], Mapping[str, tuple[str, dict[str, object]]]]
"""Keys and language → key → name and what narrows the queue to it; keys nobody knows any more are left out."""


@dataclass(frozen=True)
class View:
    """What is looked at: which grid, which days, in which language."""

    grid_id: int | None
    name: str
    node: str
    tallied: bool
    since: date
    until: date
    lang: Lang

    @property
    def before(self) -> Window:
        """The period of equal length just before."""
        days = (self.until - self.since).days + 1
        return self.since - timedelta(days=days), self.since - timedelta(days=1)

    @property
    def windows(self) -> list[Window]:
        """The period and the one before."""
        return [(self.since, self.until), self.before]

    @property
    def path(self) -> str | None:
        """Where to count rows; None: all that the reader may see."""
        return self.node or None

    def query(self, parts: Mapping[str, object], *, dated: bool = True) -> str:
        """The `/cases` filter of one figure."""
        found = {**parts}
        if self.grid_id is not None and "grid" not in found:
            found["grid"] = self.grid_id
        if dated:
            found.setdefault("day_from", self.since)
            found.setdefault("day_to", self.until)
        return "&".join(_encoded(key, str(value)) for key, value in found.items())

    def queries(self, narrowed: Mapping[str, object], overdue: bool = False) -> dict[str, str | None]:
        """The filters of a row's numbers beside `reported`."""
        found: dict[str, str | None] = {
            measure: self.query({"measure": measure, **narrowed}) for measure in ("closed", "closed_in_time", "open")
        }
        found["overdue"] = self.query({"measure": "open", "due": "over", **narrowed}, dated=False) if overdue else None
        return found


@lru_cache(4096)
def _encoded(key: str, value: str) -> str:
    """One part of a filter; the same few come again in every row."""
    return urlencode({key: value})


def dashboard(
    actor: Actor,
    *,
    grid: str | None,
    day_from: date | None,
    day_to: date | None,
    now: datetime,
    bucket: Bucket | None = None,
) -> dict[str, Any]:
    """All figures of one grid over one period; `CaseNotFound` for a grid outside the reader's area.

    `bucket` cuts the trend; without one the length of the period says how.
    """
    view = _view(actor, grid, day_from, day_to, now)
    cut = bucket or trends.natural(view.since, view.until)
    tables = _read(view, ("total", "status", "now", "hour", cut, *BY))
    current, earlier = _pair(tables["total"].get("", []))
    late = figures.late(view.path, now=now)
    return {
        "grid": {"id": str(view.grid_id) if view.grid_id else None, "name": view.name, "scope_path": view.node},
        "day_from": view.since,
        "day_to": view.until,
        "totals": _totals(view, current, earlier, tables["now"], late),
        "on_time": {
            "closed": current.closed,
            "in_time": current.closed_in_time,
            "rate": share(current.closed_in_time, current.closed),
            "before": share(earlier.closed_in_time, earlier.closed),
        },
        "rating": {
            "rated": current.rated, "five": current.rated_5, "share_five": share(current.rated_5, current.rated),
        },
        "by_status": _statuses(view, tables["now"], tables["status"]),
        "by_matter": _broken_down(view, tables["matter"], _matter_names),
        "by_department": _broken_down(view, tables["department"], _department_names),
        "by_channel": _broken_down(view, tables["channel"], _channel_names),
        "by_child": _broken_down(view, tables["child"], _child_names(view), late),
        "bucket": cut,
        "trend": trends.rows(view, cut, tables[cut]),
        "by_hour": trends.hours(view, tables["hour"]),
        "updated_at": utc(now),
    }  # fmt: skip


def wall(actor: Actor, *, grid: str | None, now: datetime) -> dict[str, Any]:
    """Today beside yesterday, what is late and what just moved, for a screen that everybody can read.

    `yesterday_by_now` is yesterday up to this time of the day, so that a morning is not compared with a whole day.
    Nothing in it can name a person. `CaseNotFound` for a grid outside the reader's area.
    """
    today = setting().day(now)
    view = _view(actor, grid, today, today, now)
    tables = _read(view, ("total", "now"))
    current, earlier = _pair(tables["total"].get("", []))
    by_now = walls.so_far(view.path, today - timedelta(days=1), now - timedelta(days=1))
    totals = _totals(view, current, earlier, tables["now"], figures.late(view.path, now=now))
    return {
        "grid": {"id": str(view.grid_id) if view.grid_id else None, "name": view.name, "scope_path": view.node},
        "day": today,
        "today": [
            {
                "key": key, "n": totals[key]["n"], "yesterday": totals[key]["before"],
                "yesterday_by_now": getattr(by_now, key), "query": totals[key]["query"],
            }
            for key in TODAY
        ],
        "now": [{"key": key, "n": totals[key]["n"], "query": totals[key]["query"]} for key in NOW],
        "late": walls.late(view.path, now=now, lang=view.lang, limit=WALL_ROWS),
        "steps": walls.steps(view.path, now=now, lang=view.lang, limit=WALL_ROWS),
        "updated_at": utc(now),
    }  # fmt: skip


def _view(actor: Actor, grid: str | None, day_from: date | None, day_to: date | None, now: datetime) -> View:
    if actor.kind == "anonymous":
        raise NotSignedIn()
    if actor.kind != "staff":
        raise Forbidden()
    until = day_to or setting().day(now)
    since = day_from or until - timedelta(days=DEFAULT_DAYS - 1)
    if since > until or (until - since).days > LONGEST_DAYS or since.year < 1000:
        raise Invalid()
    if actor.department_path:
        path = _grid(grid).scope_path if grid is not None else ""
        return View(int(grid) if grid else None, actor.unit, path, False, since, until, actor.lang)
    here = _grid(grid) if grid is not None else grids.by_path(actor.scope_path or ROOT)
    if not actor.scope_path or not here.scope_path.startswith(actor.scope_path):
        raise CaseNotFound()
    return View(here.id, here.name, here.scope_path, True, since, until, actor.lang)


def _grid(grid: str) -> grids.GridInfo:
    found = grids.find_grid(grid) if len(grid) <= 18 else None
    if found is None:
        raise CaseNotFound()
    return found


def _read(view: View, dimensions: Sequence[str]) -> dict[str, Table]:
    """All cells, from roll-ups where they are kept and from rows where not: dimension → key → cells by window."""
    rolled = [name for name in dimensions if view.tallied and tallies.kept(view.node, name)]
    counted = [name for name in dimensions if name not in rolled]
    cells = tallies.read(view.node, rolled, view.windows) if rolled else []
    if counted:
        cells += figures.read(view.path, counted, view.windows)
    tables: dict[str, Table] = {name: {} for name in dimensions}
    for cell in cells:
        tables[cell.dimension].setdefault(cell.key, []).append(cell)
    return tables


def _pair(cells: Sequence[Cell]) -> tuple[Cell, Cell]:
    """One key's cells of the period and of the period before; empty ones where nothing was counted."""
    found = {cell.window: cell for cell in cells}
    return found.get(0) or Cell("", 0, ""), found.get(1) or Cell("", 1, "")


def _totals(
    view: View, current: Cell, earlier: Cell, statuses: Table, late: Mapping[str, figures.Late]
) -> dict[str, Any]:
    found: dict[str, Any] = {
        measure: {
            "n": getattr(current, measure),
            "before": getattr(earlier, measure),
            "query": view.query({"measure": measure}),
        }
        for measure in MEASURES
    }  # fmt: skip
    still_open = sum(cell.open for cells in statuses.values() for cell in cells)
    found["open"] = {"n": still_open, "before": None, "query": view.query({"measure": "open"}, dated=False)}
    for key, due in (("overdue", "over"), ("due_soon", "soon")):
        n = sum(getattr(one, key) for one in late.values())
        found[key] = {"n": n, "before": None, "query": view.query({"due": due, "measure": "open"}, dated=False)}
    return found


def _statuses(view: View, ever: Table, period: Table) -> list[dict[str, Any]]:
    found = []
    for status in Status:
        n = sum(cell.reported for cell in ever.get(str(status), []))
        if n:
            found.append(
                {
                    "status": str(status),
                    "status_word": status_word(str(status), view.lang),
                    "n": n,
                    "query": view.query({"status": str(status)}, dated=False),
                    "in_period": _pair(period.get(str(status), []))[0].reported,
                    "period_query": view.query({"status": str(status)}),
                }
            )
    return found


def _broken_down(
    view: View, table: Table, names: Names, overdue: Mapping[str, figures.Late] | None = None
) -> list[dict[str, Any]]:
    """Rows of one dimension, most reported first. `overdue`: how many are late now, for grids."""
    found: list[dict[str, Any]] = []
    known = names(set(table) | set(overdue or ()), view.lang)
    for key, (name, narrowed) in known.items():
        current, earlier = _pair(table.get(key, []))
        late = None if overdue is None else overdue.get(key, figures.Late()).overdue
        if not (late or any(current[3:]) or any(earlier[3:])):
            continue
        found.append(
            {
                "key": key,
                "name": name,
                "reported": current.reported,
                "closed": current.closed,
                "closed_in_time": current.closed_in_time,
                "rate": share(current.closed_in_time, current.closed),
                "open": current.open,
                "overdue": late,
                "before": earlier.reported,
                "rate_before": share(earlier.closed_in_time, earlier.closed),
                "query": view.query({"measure": "reported", **narrowed}),
                "queries": view.queries(narrowed, overdue=late is not None),
            }
        )
    return sorted(found, key=lambda row: (-row["reported"], -row["closed"], row["name"]))[:MOST_ROWS]


def _child_names(view: View) -> Names:
    """Children by path; a grid's own cases, in none below it, under its own name."""

    def names(keys: set[str], _: Lang) -> dict[str, tuple[str, dict[str, object]]]:
        chains = grids.chains(keys)
        found: dict[str, tuple[str, dict[str, object]]] = {}
        for path in keys:
            if chains.get(path):
                grid = chains[path][-1]
                itself: dict[str, object] = {"direct": "true"} if path == (view.node or ROOT) else {}
                found[path] = (grid.name, {"grid": grid.id, **itself})
        return found

    return names


def _matter_names(keys: set[str], lang: Lang) -> dict[str, tuple[str, dict[str, object]]]:
    known = matters.catalogue().by_id
    return {
        key: ("", {"matter": "none"}) if not key else (known[int(key)].name(lang), {"matter": known[int(key)].code})
        for key in keys
        if not key or int(key) in known
    }


def _department_names(keys: set[str], lang: Lang) -> dict[str, tuple[str, dict[str, object]]]:
    names = organisations.names([int(key) for key in keys if key], lang)
    return {key: (names.get(int(key), key) if key else "", {"department": key or "0"}) for key in keys}


def _channel_names(keys: set[str], lang: Lang) -> dict[str, tuple[str, dict[str, object]]]:
    return {key: (word("channel", key, lang), {"channel": key}) for key in keys}
