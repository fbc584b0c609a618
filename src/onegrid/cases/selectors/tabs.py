"""What lies in each tab of a reader's queue: as conditions to walk by, and counted as far as anybody reads."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, Literal, get_args

from django.db import connection
from django.db.models import Q

from onegrid.cases.permissions import Actor
from onegrid.cases.selectors import walking
from onegrid.cases.selectors.walking import NEWEST, Grants, Part, Walk, under, where
from onegrid.county.organisations import selectors as organisations
from onegrid.foundation.database.remember import remembered, remembering

Tab = Literal["todo", "done", "closed", "mine", "all", "copied"]
OVER: Final = ("closed", "rated", "rejected", "merged", "cancelled")
WAITING: Final = Part("cases_case.waits_on > ''")
"""Everything open, and the rated cases somebody has to visit."""
VISIT: Final = Part("(cases_case.status = 'rated' AND cases_case.waits_on = 'centre')")
"""Rated poorly: somebody has to go and see."""
MOST: Final = 1000
"""Counting stops here: nobody reads the difference between 1,000 and 100,000 on a tab."""
DONE_LOOK: Final = 1000
"""So many open cases are looked at for the reader's own steps when they are only counted."""
GRANTS_LOOK: Final = 400
"""So many of a department's newest cases are looked at when they are only counted."""
FINAL: Final = ("rejected", "merged", "cancelled")


def of_tab(actor: Actor, tab: Tab) -> Walk:
    """The walk of a tab, newest first, before anything narrows it."""
    if actor.department_id is not None:
        return _of_department(actor, tab)
    if tab == "todo":
        return Walk(NEWEST, arms=todo(actor) or (Part("false"),), untimed=(VISIT,), bounded=True)
    if tab == "done":
        return Walk(NEWEST, rest=_done(actor), bounded=True)
    if tab == "closed":
        return Walk(NEWEST, base=where(Q(status__in=OVER)))
    if tab == "mine":
        return Walk(NEWEST, rest=_reported_by(actor), drivers=((_reported_by(actor), Part()),))
    if tab == "copied":
        supervised = where(Q(supervised=True))
        return Walk(NEWEST, rest=supervised, drivers=((supervised, Part()),))
    return Walk(NEWEST)


def _of_department(actor: Actor, tab: Tab) -> Walk:
    """A department sees what it was granted; its tabs follow the grants, but for what waits for it."""
    granted = Walk(NEWEST, grants=Grants(paths_of(actor)))
    if tab == "todo":
        return Walk(NEWEST, base=walking.either(todo(actor)), bounded=True)
    if tab == "done":
        return Walk(NEWEST, grants=granted.grants, rest=WAITING & _done(actor))
    if tab == "closed":
        return Walk(NEWEST, grants=granted.grants, rest=where(Q(status__in=OVER)))
    if tab == "mine":
        return Walk(NEWEST, base=_reported_by(actor))
    if tab == "copied":
        return Walk(NEWEST, grants=Grants(paths_of(actor), "copy"))
    return granted


def todo(actor: Actor) -> tuple[Part, ...]:
    """Cases that wait for the reader: by his duties, and by the assignments of his department or grid. Any of these."""
    if actor.department_id is not None:
        return (_assigned("department_id = ANY(%s)", [one.id for one in _below(actor.department_path)]),)
    arms: list[Part] = []
    if "triage" in actor.duties:
        # Only the centre that holds a case may move it on; what lies with another centre waits for that one.
        arms.append(where(Q(desk_path=actor.scope_path, waits_on="centre")))
        arms.append(where(Q(desk_path=actor.scope_path, pending="return")))
    if "verify" in actor.duties:
        arms.append(where(Q(waits_on="verifier")))
    if "revisit" in actor.duties:
        arms.append(VISIT)
    if "approve" in actor.duties and actor.scope_path:
        arms.append(where(Q(pending__in=["extension", "suspension"])) & under("cases_case.desk_path", actor.scope_path))
    if "handle" in actor.duties and actor.scope_path:
        below = under("grid_path", actor.scope_path)
        arms.append(_assigned(f"grid_id IS NOT NULL AND {below.sql}", *below.values))
    return tuple(arms)


def _assigned(bearer: str, *values: Any) -> Part:
    return Part(
        "cases_case.id = ANY(ARRAY(SELECT case_id FROM cases_assignment"  # noqa: S608 - our own words
        f" WHERE {bearer} AND state IN ('offered', 'arrived', 'handling')))",
        values,
    )


def _done(actor: Actor) -> Part:
    """Open, not waiting for the reader, and he took a step in it."""
    # As a set to look into, not to look up by: this is asked of every row that is looked at.
    waits = walking.either([Part(arm.sql.replace("= ANY(ARRAY(", "IN ((", 1), arm.values) for arm in todo(actor)])
    acted = Part(
        'EXISTS (SELECT 1 FROM cases_caseaction acted WHERE acted.case_id = cases_case.id AND acted."user" = %s)',
        (actor.user_id,),
    )
    return where(~Q(status__in=OVER)) & Part(f"NOT {waits.sql}", waits.values) & acted


def _reported_by(actor: Actor) -> Part:
    return Part(
        'cases_case.id = ANY(ARRAY(SELECT case_id FROM cases_casereporter WHERE "user" = %s))', (actor.user_id,)
    )


@remembered
def _below(path: str) -> list[organisations.DepartmentInfo]:
    """A department and those under it, past ones too: what they were granted stays with their path."""
    return [one for one in organisations.everything() if one.path.startswith(path)]


def paths_of(actor: Actor) -> tuple[str, ...]:
    """Their paths."""
    return tuple(one.path for one in _below(actor.department_path))


def due_filter(due: str, now: datetime) -> Q:
    """Past its deadline (`over`) or near it (`soon`); a paused clock is neither."""
    if due == "over":
        return Q(due_at__lt=now, paused=False)
    return Q(due_at__gte=now, warn_at__lte=now, paused=False)


def counts(actor: Actor, *, now: datetime) -> dict[str, Any]:
    """How many cases lie in each of the reader's tabs, and how many open ones burn, in one statement.

    No number passes `MOST` - 1. `more` names those that are at least what they say: the tab holds more, or only some
    were looked at (`done`, and what a department was granted).
    """
    with remembering():
        if actor.department_id is None:
            first, counted = Part(), _counted(actor, now)
        else:
            first = Part(ASSIGNED, ([one.id for one in _below(actor.department_path)], MOST))
            counted = _of_department_counted(actor, now)
    numbers = ", ".join(f"({part.sql})" for part in counted.values())
    with connection.cursor() as cursor:
        values = [value for part in counted.values() for value in part.values]
        cursor.execute(f"{first.sql}SELECT {numbers}", [*first.values, *values])
        found = dict(zip(counted, cursor.fetchone(), strict=True))
    shown = {name: min(n, MOST - 1) for name, (n, _) in found.items()}
    return {
        "tabs": {tab: shown[tab] for tab in get_args(Tab)},
        "due": {name: shown[name] for name in ("overdue", "due_soon")},
        "more": [name for name, (n, whole) in found.items() if n >= MOST or not whole],
    }


def _counted(actor: Actor, now: datetime) -> dict[str, Part]:
    """Each number as SQL for `[n, whole]`. Where any case will do the oldest are counted: their index has all there is
    to know, while what changed today must be looked up row by row."""
    sight = walking.in_sight()
    return {
        "todo": _todo_counted(sight, todo(actor)),
        "done": walking.counted_among(of_tab(actor, "done"), DONE_LOOK),
        "mine": _some(sight & _reported_by(actor)),
        "copied": _some(sight & where(Q(supervised=True)), " ORDER BY reported_on, scope_path"),
        "closed": _closed(sight),
        "all": _some(sight, " ORDER BY reported_on, scope_path"),
        "overdue": _some(sight & where(due_filter("over", now))),
        # The latest warnings first: behind the earlier ones lies all that is late already.
        "due_soon": _some(sight & where(due_filter("soon", now)), " ORDER BY warn_at DESC"),
    }


def _todo_counted(sight: Part, arms: Sequence[Part]) -> Part:
    """`[n, 1]` of what waits for the reader by any of his duties. The first is a centre's main work: where it alone
    fills the tab nothing else is read, and no row is looked at twice."""
    exact = _some(sight & walking.either(arms))
    if len(arms) < 2:
        return exact
    first = _rows(sight & arms[0], "")
    return Part(
        f"SELECT CASE WHEN (SELECT count(*) FROM {first.sql} found) >= %s"  # noqa: S608
        f" THEN ARRAY[%s::bigint, 1] ELSE ({exact.sql}) END",
        (*first.values, MOST, MOST, *exact.values),
    )


def _some(fits: Part, order: str = "") -> Part:
    """`[n, 1]` of the rows that fit, `MOST` at most."""
    rows = _rows(fits, order)
    return Part(f"SELECT ARRAY[count(*), 1] FROM {rows.sql} found", rows.values)  # noqa: S608


def _closed(sight: Part) -> Part:
    """The same of what is over: what has a day of closing, and then what ended without."""
    closed = _rows(sight & where(Q(closed_on__isnull=False)), " ORDER BY closed_on, scope_path")
    final = _rows(sight & where(Q(status__in=FINAL)), "")
    return Part(
        f"SELECT ARRAY[count(*), 1] FROM (SELECT 1 FROM ({closed.sql} UNION ALL {final.sql}) one LIMIT %s) found",  # noqa: S608
        (*closed.values, *final.values, MOST),
    )


def _rows(fits: Part, order: str) -> Part:
    condition = f" WHERE {fits.sql}" if fits.sql else ""
    return Part(f"(SELECT 1 FROM cases_case{condition}{order} LIMIT %s)", (*fits.values, MOST))  # noqa: S608


def _of_department_counted(actor: Actor, now: datetime) -> dict[str, Part]:
    """As `_counted`, along the department's assignments and grants: every row of its own asks its policy."""
    counted: dict[str, Part] = {tab: walking.counted_among(of_tab(actor, tab), GRANTS_LOOK) for tab in LOOKED_AT}
    counted |= {tab: walking.counted(of_tab(actor, tab), MOST) for tab in GRANTED}
    return {
        **counted,
        "mine": _some(_reported_by(actor)),
        "todo": Part("SELECT ARRAY[count(*), 1] FROM assigned"),
        "overdue": _of_assigned(where(due_filter("over", now))),
        "due_soon": _of_assigned(where(due_filter("soon", now))),
    }


def _of_assigned(fits: Part) -> Part:
    return Part(f"SELECT ARRAY[count(*), 1] FROM assigned WHERE {fits.sql}", fits.values)  # noqa: S608


LOOKED_AT: Final[tuple[Tab, ...]] = ("done", "closed")
GRANTED: Final[tuple[Tab, ...]] = ("copied", "all")
ASSIGNED: Final = (
    "WITH assigned AS MATERIALIZED (SELECT due_at, warn_at, paused FROM cases_case WHERE id = ANY(ARRAY("
    "SELECT case_id FROM cases_assignment WHERE department_id = ANY(%s) AND state IN ('offered', 'arrived', 'handling')"
    " LIMIT %s))) "
)
"""What waits for a department, once for all that is counted of it."""
