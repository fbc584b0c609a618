"""What an action would do to each of many cases, before it is done: where each would go, and which it cannot be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from onegrid.cases.errors import CaseError, NotYours
from onegrid.cases.models import Case
from onegrid.cases.permissions import Actor
from onegrid.cases.rules.offers import Offer, available, why_not
from onegrid.cases.rules.states import EDGES, Action
from onegrid.cases.selectors import detail
from onegrid.cases.selectors.detail import Parts
from onegrid.cases.selectors.forms import offer_out
from onegrid.cases.selectors.proposals import proposal_for
from onegrid.cases.selectors.rows import matter_ref
from onegrid.cases.selectors.words import status_word, word
from onegrid.county.matters import selectors as matters
from onegrid.county.workforce import selectors as workforce
from onegrid.foundation.database.context import widened
from onegrid.foundation.database.remember import remembering
from onegrid.foundation.kernel.texts import Lang, text

SHARED_KINDS: Final = frozenset({"text", "choice", "department", "departments", "matter", "limit", "date", "grid"})
"""Fields that can hold the same answer for many cases; a photo, a point or a checked list of evidence cannot."""


def preview(actor: Actor, action: Action, ids: Sequence[UUID], *, now: datetime) -> dict[str, Any]:
    """For each of the cases in the actor's sight, in the order asked for, what `action` would do, and the form that all
    of them share. The number of queries does not depend on the number of cases.
    """
    wanted = {one: at for at, one in enumerate(ids)}
    cases = Case.objects.select_related("matter", "department", "grid", "grid__level", "reported_grid")
    found = sorted(cases.filter(pk__in=wanted), key=lambda case: wanted[case.pk])
    with widened("act"), remembering():
        rows = [_row(actor, action, parts, now) for parts in detail.load_many(actor, found)]
    return {
        "rows": [{name: value for name, value in row.items() if name != "fields"} for row in rows],
        "missing": len(wanted) - len(found),
        "fields": _shared(row["fields"] for row in rows if row["possible"]),
    }


def _row(actor: Actor, action: Action, parts: Parts, now: datetime) -> dict[str, Any]:
    case, lang = parts.case, actor.lang
    offer = _offer(action, parts, now)
    message = _why_not(action, parts, offer, now, lang)
    return {
        "case": str(case.pk),
        "number": case.number,
        "title": case.title,
        "status": case.status,
        "status_word": status_word(case.status, lang),
        "version": case.version,
        "possible": not message,
        "message": message,
        "assignment": offer.assignment if offer else None,
        "fields": offer_out(offer, parts.setting, lang)["fields"] if offer else [],
        **_proposed(action, parts, lang),
    }


def _offer(action: Action, parts: Parts, now: datetime) -> Offer | None:
    """The offer a batch takes: for the case as a whole, else for the one assignment it can be about."""
    offers = [one for one in available(parts.state, parts.viewer, _rules(parts), now=now) if one.action is action]
    whole = next((one for one in offers if one.assignment is None), None)
    return whole or (offers[0] if len(offers) == 1 else None)


def _rules(parts: Parts) -> Any:
    case = parts.case
    return parts.setting.step_rules(case, case.matter, workforce.centres_above(case.scope_path))


def _why_not(action: Action, parts: Parts, offer: Offer | None, now: datetime, lang: Lang) -> str:
    """Why this case cannot be among them; empty when it can."""
    if offer is None:
        refusal = _refusal(action, parts, now)
        return text(refusal.key, lang, **refusal.values)
    if action is Action.DISPATCH and not any(one.name == "department" for one in offer.fields):
        # Somebody has it already: what is offered then is to add departments, which is another thing.
        return text("case_errors.assignments_live", lang)
    alone = [one for one in offer.fields if one.required and one.kind not in SHARED_KINDS]
    if alone:
        names = "、" if lang == "zh-CN" else ", "
        return text("case_errors.one_by_one", lang, what=names.join(word("field", one.name, lang) for one in alone))
    return ""


def _refusal(action: Action, parts: Parts, now: datetime) -> CaseError:
    """What forbids it: asked about the reader's own assignment where the action is about one."""
    rules = _rules(parts)
    mine = sorted(parts.viewer.assignments) if EDGES[action].per_assignment else []
    asked = [why_not(parts.state, action, parts.viewer, rules, assignment=one, now=now) for one in [*mine, None]]
    return next((one for one in asked if one is not None), NotYours(action=action.value))


def _proposed(action: Action, parts: Parts, lang: Lang) -> dict[str, Any]:
    """What the platform would fill in for this case: its matter when accepted, its department when dispatched."""
    case = parts.case
    matter = matter_ref(case.matter, lang)
    if matter is None and action is Action.ACCEPT and case.guesses:
        code = str(case.guesses[0][0])
        known = matters.matter(code)
        matter = {"code": code, "name": known.name(lang)} if known else None
    proposal = proposal_for(case, parts.setting, lang) if action is Action.DISPATCH else None
    department = proposal["department"] if proposal else None
    return {
        "matter": matter,
        "department": department,
        "joint": proposal["joint"] if proposal else [],
        "limit_text": proposal["limit_text"] if proposal else "",
        "declined": department is not None and _declined(parts, department["id"]),
    }


def _declined(parts: Parts, department: str) -> bool:
    """Whether the department has already sent it back: then somebody must decide anew."""
    return any(one.state == "returned" and str(one.department_id) == department for one in parts.assignments)


def _shared(forms: Iterable[Sequence[Mapping[str, Any]]]) -> list[dict[str, Any]]:
    """One form for all: every field any of them has that can be shared, required when any requires it."""
    found: dict[str, dict[str, Any]] = {}
    for form in forms:
        for one in form:
            if one["kind"] in SHARED_KINDS:
                known = found.setdefault(one["name"], dict(one))
                known["required"] = known["required"] or one["required"]
    return list(found.values())
