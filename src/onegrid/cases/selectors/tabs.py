"""What lies in each tab of a reader's queue: as conditions to walk by, and counted as far as anybody reads."""

from __future__ import annotations

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
LIVE_ASSIGNMENT: Final = ("offered", "arrived", "handling")
WAITING: Final = Part("cases_case.waits_on > ''")
"""Everything open, and the rated cases somebody has to visit; the partial indexes of open cases say the same."""
MOST: Final = 1000
"""Counting stops here: nobody reads the difference between 1,000 and 100,000 on a tab."""
DONE_LOOK: Final = 1500
"""So many open cases are looked at for the reader's own steps when they are only counted."""


def of_tab(actor: Actor, tab: Tab) -> Walk:
    """The walk of a tab, newest first, before anything narrows it."""
    if actor.department_id is not None:
        return _of_department(actor, tab)
    if tab == "todo":
        return Walk(NEWEST, base=WAITING, rest=todo(actor), bounded=True)
    if tab == "done":
        return Walk(NEWEST, base=WAITING, rest=_done(actor), bounded=True)
    if tab == "closed":
        return Walk(NEWEST, base=where(Q(status__in=OVER)))
    if tab == "mine":
        return Walk(NEWEST, rest=_reported_by(actor), drivers=((_reported_by(actor), Part()),))
    if tab == "copied":
        return Walk(NEWEST, base=where(Q(supervised=True)))
    return Walk(NEWEST)


def _of_department(actor: Actor, tab: Tab) -> Walk:
    """A department sees what it was granted; its tabs follow the grants, but for what waits for it."""
    granted = Walk(NEWEST, grants=Grants(paths_of(actor)))
    if tab == "todo":
        return Walk(NEWEST, base=todo(actor))
    if tab == "done":
        return Walk(NEWEST, grants=granted.grants, rest=WAITING & _done(actor))
    if tab == "closed":
        return Walk(NEWEST, grants=granted.grants, rest=where(Q(status__in=OVER)))
    if tab == "mine":
        return Walk(NEWEST, base=_reported_by(actor))
    if tab == "copied":
        return Walk(NEWEST, grants=Grants(paths_of(actor), "copy"))
    return granted


def todo(actor: Actor) -> Part:
    """Cases that wait for the reader: by his duties, and by the assignments of his department or grid."""
    if actor.department_id is not None:
        return _assigned("department_id = ANY(%s)", [one.id for one in _below(actor.department_path)])
    arms: list[Part] = []
    if "triage" in actor.duties:
        # Only the centre that holds a case may move it on; what lies with another centre waits for that one.
        arms.append(where(Q(desk_path=actor.scope_path, waits_on="centre")))
        arms.append(where(Q(desk_path=actor.scope_path, pending="return")))
    if "verify" in actor.duties:
        arms.append(where(Q(waits_on="verifier")))
    if "revisit" in actor.duties:
        arms.append(where(Q(waits_on="centre", status="rated")))
    if "approve" in actor.duties and actor.scope_path:
        arms.append(where(Q(pending__in=["extension", "suspension"])) & under("cases_case.desk_path", actor.scope_path))
    if "handle" in actor.duties and actor.scope_path:
        below = under("grid_path", actor.scope_path)
        arms.append(_assigned(f"grid_id IS NOT NULL AND {below.sql}", *below.values))
    if not arms:
        return Part("false")
    return Part(
        f"({' OR '.join(f'({arm.sql})' for arm in arms)})", tuple(value for arm in arms for value in arm.values)
    )


def _assigned(bearer: str, *values: Any) -> Part:
    return Part(
        "cases_case.id = ANY(ARRAY(SELECT case_id FROM cases_assignment"  # noqa: S608 - our own words
        f" WHERE {bearer} AND state IN ('offered', 'arrived', 'handling')))",
        values,
    )


def _done(actor: Actor) -> Part:
    """Open, not waiting for the reader, and he took a step in it."""
    waits = todo(actor)
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

    No number passes `MOST` - 1. `more` names those that are at least what they say: the tab holds more, or (`done`, and
    a department's) only the newest were looked at.
    """
    with remembering():
        counted = {tab: _counted(of_tab(actor, tab), tab) for tab in get_args(Tab)}
        burning = todo(actor) if actor.department_id is not None else Part()
    for name, due in (("overdue", "over"), ("due_soon", "soon")):
        counted[name] = _count(Walk(NEWEST, base=burning & where(due_filter(due, now)), bounded=True))
    sql = ", ".join(f"({part.sql})" for part in counted.values())
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {sql}", [value for part in counted.values() for value in part.values])
        found = dict(zip(counted, cursor.fetchone(), strict=True))
    numbers = {name: min(n, MOST - 1) for name, (n, _) in found.items()}
    return {
        "tabs": {tab: numbers[tab] for tab in get_args(Tab)},
        "due": {name: numbers[name] for name in ("overdue", "due_soon")},
        "more": [name for name, (n, whole) in found.items() if n >= MOST or not whole],
    }


def _counted(walk: Walk, tab: Tab) -> Part:
    if tab == "mine":
        walk = Walk(NEWEST, base=walk.base & walk.rest)
    if walk.rest.sql and (tab == "done" or walk.grants is not None):
        return walking.counted_among(walk, DONE_LOOK)
    return _count(walk)


def _count(walk: Walk) -> Part:
    return walking.counted(walk, MOST)
