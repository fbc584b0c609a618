"""What may hang where everybody can read it: what is late and what just moved, without a word that a person wrote.

A line is a matter, a grid, a unit and a time: nothing here can name a person. Confidential cases are left out.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple

from django.db.models import Count, Q

from onegrid.cases.models import Case, CaseAction
from onegrid.cases.selectors.figures import under
from onegrid.cases.selectors.queue import OVER, due_filter
from onegrid.cases.selectors.rows import PLACE_SEPARATOR, matter_ref, ref, utc
from onegrid.cases.selectors.words import action_word
from onegrid.county.grids import selectors as grids
from onegrid.foundation.database.managers import upper_bound
from onegrid.foundation.kernel.texts import Lang

DAY: Final = timedelta(days=1)
_NAMES: Final = ("matter__code", "matter__name_zh", "matter__name_en")


class SoFar(NamedTuple):
    """Counts of a day up to some time of it."""

    reported: int
    closed: int
    on_the_spot: int


def so_far(scope_path: str | None, day: date, until: datetime) -> SoFar:
    """What had been reported, closed and handled on the spot on `day` when it was `until`. Two queries."""
    reported = under(scope_path).filter(reported_on=day, reported_at__lte=until).order_by().count()
    closed = under(scope_path).filter(closed_on=day, closed_at__lte=until).order_by()
    counted = closed.aggregate(all=Count("id"), spot=Count("id", filter=Q(on_the_spot=True)))
    return SoFar(reported, counted["all"], counted["spot"])


def late(scope_path: str | None, *, now: datetime, lang: Lang, limit: int) -> list[dict[str, Any]]:
    """Open cases past their deadline, the longest overdue first. Two queries."""
    found = under(scope_path).filter(due_filter("over", now), confidential=False).exclude(status__in=OVER)
    cases = list(
        found.select_related("matter", "department")
        .only("number", "scope_path", "due_at", "department__name_zh", "department__name_en", *_NAMES)
        .order_by("due_at", "id")[:limit]
    )
    places = grids.chains({case.scope_path for case in cases})
    return [
        {
            "id": str(case.pk),
            "number": case.number,
            "matter": matter_ref(case.matter, lang),
            "place": _place(places.get(case.scope_path, ())),
            "department": ref(case.department, lang),
            "due_at": utc(case.due_at),
        }
        for case in cases
    ]


def steps(scope_path: str | None, *, now: datetime, lang: Lang, limit: int) -> list[dict[str, Any]]:
    """What was done last, newest first, within a day: which step, in what matter, where, by which unit. Two queries."""
    taken = CaseAction.objects.filter(at__gt=now - DAY, at__lte=now, case__confidential=False)
    if scope_path is not None:
        taken = taken.filter(scope_path__gte=scope_path, scope_path__lt=upper_bound(scope_path))
    names = tuple(f"case__{name}" for name in _NAMES)
    actions = list(
        taken.select_related("case__matter")
        .only("action", "at", "unit", "seq", "case__number", "case__status", "case__scope_path", *names)
        .order_by("-at", "-id")[:limit]
    )
    places = grids.chains({action.case.scope_path for action in actions})
    return [_step(action, action.case, places.get(action.case.scope_path, ()), lang) for action in actions]


def _place(chain: Any) -> str:
    """Township and village: from across the room nobody asks for the stairwell."""
    return PLACE_SEPARATOR.join(grid.name for grid in chain[1:3] or chain)


def _step(action: CaseAction, case: Case, chain: Any, lang: Lang) -> dict[str, Any]:
    return {
        "id": str(case.pk),
        "seq": action.seq,
        "number": case.number,
        "status": case.status,
        "at": utc(action.at),
        "action": action.action,
        "action_word": action_word(action.action, lang),
        "matter": matter_ref(case.matter, lang),
        "place": _place(chain),
        "unit": action.unit,
    }
