"""Who stands how to a case. `access_case` is the only way to a case: having it is being allowed to see it.

What a relation and a duty allow stands in one table, `rules.states.EDGES`; this file only finds the relations.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from onegrid.cases.errors import CaseNotFound
from onegrid.cases.models import Assignment, Case, CaseReporter
from onegrid.cases.rules.offers import Viewer
from onegrid.cases.rules.states import Relation
from onegrid.foundation.accounts.actor import Actor
from onegrid.foundation.database.context import widened

__all__ = ["Actor", "access_case", "actor_of", "bears", "departments_of", "may_see", "reports", "viewer_of"]

PATH_DIGITS = 36
"""Segments of a department's path are ids in this base, as in a scope path."""


def actor_of(request: Any, track_code: str = "") -> Actor:
    """Who asks; a tracking code given with the request goes along."""
    actor: Actor = request.actor
    return replace(actor, track_code=track_code.upper()) if track_code else actor


def departments_of(actor: Actor) -> frozenset[str]:
    """Ids of the actor's department and of those above it."""
    segments = actor.department_path.split(".")[1:-1]
    return frozenset(str(int(segment, PATH_DIGITS)) for segment in segments)


def access_case(actor: Actor, case_id: UUID) -> Case:
    """The case, if it exists in the actor's sight; `CaseNotFound` for missing and forbidden alike.

    Looks through the actor's own standing, so layer A and row-level security both apply. A tracking code opens exactly
    its own case.
    """
    if actor.track_code:
        with widened("track"):
            case = _cases().filter(pk=case_id, track_code=actor.track_code).first()
    elif actor.kind == "anonymous":
        case = None
    else:
        case = _cases().filter(pk=case_id).first()
    if case is None:
        raise CaseNotFound()
    return case


def _cases() -> QuerySet[Case]:
    return Case.objects.select_related("matter", "department", "grid", "grid__level", "reported_grid")


def may_see(actor: Actor, case_id: str) -> bool:
    """Whether the case is in the actor's sight; asked for its photos."""
    try:
        access_case(actor, UUID(case_id))
    except (CaseNotFound, ValueError):
        return False
    return True


def viewer_of(
    actor: Actor, case: Case, *, assignments: Iterable[Assignment], reporters: Iterable[CaseReporter]
) -> Viewer:
    """How the actor stands to the case: every relation he has to it, and the assignments he bears."""
    if actor.kind == "system":
        return Viewer(relations=frozenset({Relation.SYSTEM}), actor=actor.word)
    relations = set(_of_hat(actor, case))
    if reports(actor, case, reporters):
        relations.add(Relation.REPORTER)
    mine = frozenset(str(one.pk) for one in assignments if bears(actor, one))
    if mine:
        relations.add(Relation.ASSIGNEE)
    return Viewer(duties=actor.duties, relations=frozenset(relations), assignments=mine, actor=actor.word)


def reports(actor: Actor, case: Case, reporters: Iterable[CaseReporter]) -> bool:
    """Whether the actor is one of those who reported it, by sign-in or by tracking code."""
    if actor.track_code and actor.track_code == case.track_code:
        return True
    return any(
        (actor.user_id is not None and one.user == actor.user_id)
        or (actor.resident_id is not None and one.resident == actor.resident_id)
        for one in reporters
    )


def bears(actor: Actor, assignment: Assignment) -> bool:
    """Whether the actor's department (or one above it) or his grid bears the assignment."""
    if assignment.department is not None:
        return bool(actor.department_path) and assignment.department.path.startswith(actor.department_path)
    return bool(actor.scope_path) and not actor.department_path and assignment.grid_path.startswith(actor.scope_path)


def _of_hat(actor: Actor, case: Case) -> Iterable[Relation]:
    """A hat in the grids stands above, at or below the holding centre; a hat of a department only bears assignments."""
    if not actor.scope_path or actor.department_path or not case.scope_path.startswith(actor.scope_path):
        return
    if "triage" not in actor.duties:
        yield Relation.WORKER
    if actor.scope_path == case.desk_path:
        yield Relation.CENTRE
    elif case.desk_path.startswith(actor.scope_path):
        yield Relation.ABOVE
    else:
        yield Relation.BELOW
