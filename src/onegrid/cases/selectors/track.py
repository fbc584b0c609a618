"""What a reporter sees: progress in plain words, who has it and by when, what he may do. No names of staff."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any
from uuid import UUID

from onegrid.cases.models import Assignment, Case, CaseAction, Clock
from onegrid.cases.rules.states import AT_WORK, Status
from onegrid.cases.selectors.rows import named, place_names, utc
from onegrid.cases.selectors.words import status_word, when_text
from onegrid.foundation.kernel.texts import Lang, text

SILENT = frozenset({"classify", "relocate", "check_report", "approve_return", "refuse_return", "ask_extension",
                    "refuse_extension", "refuse_suspend", "suspend", "lift_supervision", "withdraw"})  # fmt: skip
"""Steps that say nothing to a reporter."""
REASONED = {"reject": "reject", "approve_suspend": "suspend"}
OPEN_PHOTOS = frozenset({"report", "near", "far", "before", "after"})
"""Pictures a reporter sees; evidence with people in it stays inside."""
REPORTER_MAY = frozenset({"urge", "rate", "reopen", "add_words", "cancel"})


def track_of(
    case: Case,
    *,
    chain: Sequence[Any],
    actions: Sequence[CaseAction],
    assignments: Iterable[Assignment],
    clocks: Iterable[Clock],
    can: Iterable[str],
    urge_from: datetime | None,
    rating: dict[str, Any] | None,
    photos: list[dict[str, Any]],
    reason: Mapping[tuple[str, str], str],
    zone: tzinfo,
    now: datetime,
    lang: Lang,
) -> dict[str, Any]:
    """The reporter's page of one case, from rows already loaded. `reason` names (list, key) in the reader's
    language.
    """
    units = {assignment.pk: bearer_name(assignment, lang) for assignment in assignments}
    due = {clock.assignment_id: clock.due_at for clock in clocks if clock.kind == "handle" and clock.due_at}
    steps = []
    for action in actions:
        line = step_text(action, case=case, units=units, due=due, reason=reason, zone=zone, now=now, lang=lang)
        if line:
            steps.append({"at": utc(action.at), "text": line})
    return {
        "id": str(case.pk),
        "number": case.number,
        "title": case.title,
        "status": case.status,
        "status_word": status_word(case.status, lang),
        "reported_at": utc(case.reported_at),
        "place": place_names(chain),
        "steps": steps,
        "promise": promise(case, zone=zone, now=now, lang=lang),
        "can": [action for action in can if action in REPORTER_MAY],
        "urge_from": utc(urge_from),
        "rating": rating,
        "photos": photos,
        "track_code": case.track_code,
        "version": case.version,
    }


def promise(case: Case, *, zone: tzinfo, now: datetime, lang: Lang) -> dict[str, Any] | None:
    """Who has the case now and by when it will be done; nothing once nobody works on it.

    A limit in stages promises its next stage, not the end.
    """
    if case.closed_on is not None or (case.department is None and case.status not in AT_WORK):
        return None
    name = named(case.department, lang) if case.department else text("cases.progress.grid", lang)
    at = case.due_at if case.due_kind in ("handle", "stage") else None
    if at is None:
        return {"department": name, "at": None, "text": text("cases.progress.dispatched", lang, department=name)}
    taken = "dispatched" if case.status == Status.DISPATCHED else "take"
    key = f"cases.progress.{taken}_{'stage' if case.due_kind == 'stage' else 'by'}"
    when = when_text(at, now, zone, lang)
    return {"department": name, "at": utc(at), "text": text(key, lang, department=name, when=when)}


def bearer_name(assignment: Assignment, lang: Lang) -> str:
    """Who bears an assignment, in the reader's language."""
    if assignment.department is not None:
        return named(assignment.department, lang)
    return text("cases.progress.grid", lang)


def step_text(
    action: CaseAction,
    *,
    case: Case,
    units: Mapping[UUID, str],
    due: Mapping[UUID | None, datetime],
    reason: Mapping[tuple[str, str], str],
    zone: tzinfo,
    now: datetime,
    lang: Lang,
) -> str:
    """One line of progress, empty when the step says nothing to a reporter."""
    name = action.action
    if name in SILENT:
        return ""
    made = action.data.get("assignments", [])
    mine = action.assignment or (UUID(made[0]["id"]) if made else None)
    by = due.get(mine)
    values: dict[str, Any] = {
        "number": case.number,
        "department": units.get(mine, "") if mine else "",
        "centre": action.unit or text("cases.progress.centre", lang),
        "stars": action.data.get("stars", ""),
        "reason": reason.get(
            (REASONED.get(name, ""), str(action.data.get("reason", ""))), action.data.get("words", "")
        ),
        "when": when_text(by, now, zone, lang) if by else "",
    }
    values["department"] = values["department"] or action.unit or text("cases.progress.somebody", lang)
    key = {"approve_suspend": "suspend", "grant_extension": "extended"}.get(name, name)
    if name == "dispatch":
        key = "dispatched_by" if by else "dispatched"
    elif name == "take" and by:
        key = "take_by"
    elif name == "accept":
        key = "accepted"
    elif name == "report":
        key = "reported"
    elif name == "grant_extension" and not by:
        return ""
    return text(f"cases.progress.{key}", lang, **values)
