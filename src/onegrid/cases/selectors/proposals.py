"""Which department should have a case, and by when: what the catalogue says, resolved for the place."""

from __future__ import annotations

from typing import Any

from onegrid.cases.models import Case
from onegrid.cases.rules.routing import Unit, Wanted
from onegrid.cases.rules.routing import propose as decide
from onegrid.cases.selectors.setting import Setting
from onegrid.cases.selectors.words import limit_text
from onegrid.county.matters import selectors as matters
from onegrid.county.matters.rules.limits import parse_limit, parse_stages
from onegrid.county.organisations import selectors as organisations
from onegrid.foundation.database.remember import remembered
from onegrid.foundation.kernel.texts import Lang, text

OF_THE_PLACE = {"@township": "township", "@village": "village"}


def proposal_for(case: Case, setting: Setting, lang: Lang) -> dict[str, Any] | None:
    """The proposal for a stored case; nothing while its matter is not known."""
    matter = matters.catalogue().by_id.get(case.matter_id) if case.matter_id else None
    if matter is None:
        return None
    return propose(matter, case.scope_path, setting, lang, condition=case.condition or 0)


def propose(
    matter: matters.MatterInfo, scope_path: str, setting: Setting, lang: Lang, *, condition: int = 0
) -> dict[str, Any]:
    """Lead, joint departments, why, and the limit in words."""
    units = routing_units()
    wanted = Wanted(_name(matter.lead), tuple(_name(one) for one in matter.joint), _name(matter.handed_to) or None)
    found = decide(wanted, list(units), scope_path)
    lead = units.get(found.lead) if found.lead else None
    name = "" if lead is None else lead.name(lang)
    why = {"nobody": "none"}.get(found.why, found.why)
    return {
        "department": {"id": str(lead.id), "name": name} if lead else None,
        "joint": [{"id": one.id, "name": units[one].name(lang)} for one in found.joint],
        "why": text(f"cases.proposal.{why}", lang, department=name),
        "limit_text": _limit_text(setting.terms_of(matter.id, condition), lang),
    }


@remembered
def routing_units() -> dict[Unit, organisations.DepartmentInfo]:
    """Every handling department as routing sees it, with what is known of it."""
    return {
        Unit(
            id=str(one.id),
            code=one.code,
            kind=one.kind if one.level == "county" else one.level,
            seat=one.seat,
            handles=one.handles and one.active,
            successor=one.successor or None,
        ): one
        for one in organisations.everything()
    }


def _name(word: str) -> str:
    return OF_THE_PLACE.get(word, word)


def _limit_text(terms: Any, lang: Lang) -> str:
    if terms.stages:
        stages = [stage for written in terms.stages for stage in parse_stages(written)]
        return " → ".join(
            f"{stage.name} {limit_text(stage.limit.value, str(stage.limit.unit), lang)}" for stage in stages
        )
    if terms.limit is None:
        return ""
    limit = parse_limit(terms.limit)
    return limit_text(limit.value, str(limit.unit), lang)
