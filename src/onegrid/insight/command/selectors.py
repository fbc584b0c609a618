"""The county at a glance: figures from the tallies, the clock's own counts live, every figure with the filter that
opens it.

Where the tallies do not reach (below community level) and under a department's hat the same figures are counted over
rows; a test holds the two equal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from onegrid.cases.errors import CaseNotFound
from onegrid.cases.permissions import Actor
from onegrid.cases.rules.states import OPEN, Status
from onegrid.cases.selectors import figures
from onegrid.cases.selectors.rows import utc
from onegrid.cases.selectors.setting import setting
from onegrid.cases.selectors.words import status_word, word
from onegrid.county.grids import selectors as grids
from onegrid.county.matters import selectors as matters
from onegrid.county.organisations import selectors as organisations
from onegrid.foundation.database.context import ROOT
from onegrid.foundation.journal.services import tallies
from onegrid.foundation.kernel.errors import Forbidden, Invalid, NotSignedIn
from onegrid.foundation.kernel.texts import Lang

MEASURES = ("reported", "closed", "closed_in_time", "on_the_spot", "returned", "reopened", "rated", "rated_5")
STATUSES = tuple(f"status:{status}" for status in Status)
DEFAULT_DAYS = 30
LONGEST_DAYS = 1100
MOST_ROWS = 50
"""A breakdown shows so many rows, the largest first."""

Totals = Callable[..., list[tuple[object, ...]]]


@dataclass(frozen=True)
class View:
    """What is looked at: which grid, which days, in which language, and how to count there."""

    grid_id: int | None
    name: str
    scope_path: str
    since: date
    until: date
    lang: Lang
    totals: Totals
    by_child: Totals

    @property
    def before(self) -> tuple[date, date]:
        """The period of equal length just before."""
        days = (self.until - self.since).days + 1
        return self.since - timedelta(days=days), self.since - timedelta(days=1)

    def query(self, *, dated: bool = True, **parts: object) -> str:
        """The `/cases` filter of one figure."""
        found: dict[str, object] = {key: value for key, value in parts.items() if value not in (None, "")}
        if self.grid_id is not None and "grid" not in found:
            found["grid"] = self.grid_id
        if dated:
            found |= {"day_from": self.since.isoformat(), "day_to": self.until.isoformat()}
        return urlencode(found)


def dashboard(
    actor: Actor, *, grid: str | None, day_from: date | None, day_to: date | None, now: datetime
) -> dict[str, Any]:
    """All figures of one grid over one period; `CaseNotFound` for a grid outside the reader's area."""
    view = _view(actor, grid, day_from, day_to, now)
    current = _by_measure(view.totals(since=view.since, until=view.until, measures=MEASURES))
    earlier = _by_measure(view.totals(since=view.before[0], until=view.before[1], measures=MEASURES))
    statuses = _by_measure(view.totals(measures=STATUSES))
    late = figures.late(view.scope_path or None, now=now)
    return {
        "grid": {"id": str(view.grid_id) if view.grid_id else None, "name": view.name, "scope_path": view.scope_path},
        "day_from": view.since,
        "day_to": view.until,
        "totals": _totals(view, current, earlier, statuses, late),
        "on_time": _on_time(current, earlier),
        "rating": _rating(current),
        "by_status": _statuses(view, statuses),
        "by_matter": _broken_down(view, "matter", _matter_names),
        "by_department": _broken_down(view, "department", _department_names),
        "by_channel": _broken_down(view, "channel", _channel_names),
        "by_child": _children(view),
        "by_day": _days(view),
        "updated_at": utc(now),
    }


def _view(actor: Actor, grid: str | None, day_from: date | None, day_to: date | None, now: datetime) -> View:
    if actor.kind == "anonymous":
        raise NotSignedIn()
    if actor.kind != "staff":
        raise Forbidden()
    until = day_to or setting().day(now)
    since = day_from or until - timedelta(days=DEFAULT_DAYS - 1)
    if since > until or (until - since).days > LONGEST_DAYS:
        raise Invalid()
    if actor.department_path:
        path: str | None = None
        if grid is not None:
            path = _grid(grid).scope_path
        return View(
            int(grid) if grid else None, actor.unit, path or "", since, until, actor.lang,
            _rows(path), _rows(path, level=len((path or ROOT).rstrip(".").split(".")) + 1),
        )  # fmt: skip
    here = _grid(grid) if grid is not None else grids.by_path(actor.scope_path or ROOT)
    if not actor.scope_path or not here.scope_path.startswith(actor.scope_path):
        raise CaseNotFound()
    level = here.scope_path.count(".")
    shallow = level - 1 <= tallies.DEPTH
    children_shallow = level <= tallies.DEPTH
    return View(
        here.id, here.name, here.scope_path, since, until, actor.lang,
        _tallied(here.scope_path) if shallow else _rows(here.scope_path),
        _tallied(here.scope_path, children=True) if children_shallow else _rows(here.scope_path, level=level + 1),
    )  # fmt: skip


def _grid(grid: str) -> grids.GridInfo:
    found = grids.find_grid(grid) if len(grid) <= 18 else None
    if found is None:
        raise CaseNotFound()
    return found


def _tallied(node: str, *, children: bool = False) -> Totals:
    def totals(**wanted: Any) -> list[tuple[object, ...]]:
        return tallies.totals(node, children=children, **wanted)

    return totals


def _rows(path: str | None, *, level: int | None = None) -> Totals:
    def totals(**wanted: Any) -> list[tuple[object, ...]]:
        return figures.totals(path, level=level, **wanted)

    return totals


def _by_measure(rows: Sequence[tuple[object, ...]]) -> dict[str, int]:
    return {str(measure): int(str(n)) for measure, n in rows}


def _totals(
    view: View,
    current: Mapping[str, int],
    earlier: Mapping[str, int],
    statuses: Mapping[str, int],
    late: Mapping[str, int],
) -> dict[str, Any]:
    found: dict[str, Any] = {
        measure: {
            "n": current.get(measure, 0), "before": earlier.get(measure, 0), "query": view.query(measure=measure),
        }
        for measure in MEASURES
        if measure != "rated_5"
    }  # fmt: skip
    still_open = sum(statuses.get(f"status:{status}", 0) for status in OPEN)
    found["open"] = {"n": still_open, "before": None, "query": view.query(dated=False, measure="open")}
    for key, due in (("overdue", "over"), ("due_soon", "soon")):
        found[key] = {"n": late[key], "before": None, "query": view.query(dated=False, due=due, measure="open")}
    return found


def _on_time(current: Mapping[str, int], earlier: Mapping[str, int]) -> dict[str, Any]:
    return {
        "closed": current.get("closed", 0),
        "in_time": current.get("closed_in_time", 0),
        "rate": _share(current.get("closed_in_time", 0), current.get("closed", 0)),
        "before": _share(earlier.get("closed_in_time", 0), earlier.get("closed", 0)),
    }


def _rating(current: Mapping[str, int]) -> dict[str, Any]:
    rated, five = current.get("rated", 0), current.get("rated_5", 0)
    return {"rated": rated, "five": five, "share_five": _share(five, rated)}


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _statuses(view: View, statuses: Mapping[str, int]) -> list[dict[str, Any]]:
    return [
        {
            "status": str(status),
            "status_word": status_word(str(status), view.lang),
            "n": statuses[f"status:{status}"],
            "query": view.query(dated=False, status=str(status)),
        }
        for status in Status
        if statuses.get(f"status:{status}")
    ]


BREAKDOWN = ("reported", "closed", "closed_in_time", *(f"status:{status}" for status in OPEN))


def _broken_down(
    view: View, by: str, names: Callable[[set[str], Lang], Mapping[str, tuple[str, str]]]
) -> list[dict[str, Any]]:
    """Rows of one dimension, most reported first. `names` gives (name, filter value) of a key."""
    rows = view.totals(by=(by, "measure"), since=view.since, until=view.until, measures=BREAKDOWN)
    earlier = {
        str(key): int(str(n))
        for key, n in view.totals(by=(by,), since=view.before[0], until=view.before[1], measures=("reported",))
    }
    table = _table(rows)
    known = names(set(table), view.lang)
    found = [
        _row(view, key, known.get(key, (key, key))[0], counts, earlier.get(key, 0), {by: known.get(key, (key, key))[1]})
        for key, counts in table.items()
    ]
    return sorted(found, key=lambda row: (-row["reported"], row["name"]))[:MOST_ROWS]


def _children(view: View) -> list[dict[str, Any]]:
    rows = view.by_child(by=("measure",), since=view.since, until=view.until, measures=BREAKDOWN)
    earlier = {
        str(path): int(str(n))
        for path, _, n in view.by_child(
            by=("measure",), since=view.before[0], until=view.before[1], measures=("reported",)
        )
    }
    table = _table(rows)
    chains = grids.chains(set(table))
    found = []
    for path, counts in table.items():
        here = chains[path][-1] if chains.get(path) else None
        if here is None:
            continue
        found.append(_row(view, path, here.name, counts, earlier.get(path, 0), {"grid": here.id}))
    return sorted(found, key=lambda row: (-row["reported"], row["name"]))[:MOST_ROWS]


def _table(rows: Sequence[tuple[object, ...]]) -> dict[str, dict[str, int]]:
    table: dict[str, dict[str, int]] = {}
    for key, measure, n in rows:
        table.setdefault(str(key), {})[str(measure)] = int(str(n))
    return table


def _row(
    view: View, key: str, name: str, counts: Mapping[str, int], before: int, narrowed: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "key": key,
        "name": name,
        "reported": counts.get("reported", 0),
        "closed": counts.get("closed", 0),
        "closed_in_time": counts.get("closed_in_time", 0),
        "open": sum(n for measure, n in counts.items() if measure.startswith("status:")),
        "before": before,
        "query": view.query(measure="reported", **dict(narrowed)),
    }


def _days(view: View) -> list[dict[str, Any]]:
    rows = view.totals(
        by=("day", "measure"), since=view.since, until=view.until, measures=("reported", "closed", "closed_in_time")
    )
    table = _table(rows)
    found = []
    for ahead in range((view.until - view.since).days + 1):
        day = view.since + timedelta(days=ahead)
        counts = table.get(str(day), {})
        found.append(
            {
                "day": day,
                "reported": counts.get("reported", 0),
                "closed": counts.get("closed", 0),
                "closed_in_time": counts.get("closed_in_time", 0),
                "query": urlencode(
                    {
                        "measure": "reported",
                        "grid": view.grid_id or "",
                        "day_from": day.isoformat(),
                        "day_to": day.isoformat(),
                    }
                ),
            }
        )
    return found


def _matter_names(keys: set[str], lang: Lang) -> dict[str, tuple[str, str]]:
    known = matters.catalogue().by_id
    return {
        key: ("", "none") if not key else (known[int(key)].name(lang), known[int(key)].code)
        for key in keys
        if not key or int(key) in known
    }


def _department_names(keys: set[str], lang: Lang) -> dict[str, tuple[str, str]]:
    names = organisations.names([int(key) for key in keys if key], lang)
    return {key: ("", "0") if not key else (names.get(int(key), key), key) for key in keys}


def _channel_names(keys: set[str], lang: Lang) -> dict[str, tuple[str, str]]:
    return {key: (word("channel", key, lang), key) for key in keys}
