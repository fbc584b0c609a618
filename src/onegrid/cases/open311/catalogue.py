"""Matters as Open311 services. Only what may be public is one: things and events in the street, never a dispute,
a petition or anything confidential or personal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from onegrid.cases.open311.answers import Refusal
from onegrid.cases.selectors import public
from onegrid.county.matters.selectors import MatterInfo
from onegrid.foundation.kernel.texts import Lang, text

CONDITION = "condition"


def services(lang: Lang) -> list[dict[str, Any]]:
    """GET services."""
    return [_service(one, lang) for one in public.matters()]


def _service(one: MatterInfo, lang: Lang) -> dict[str, Any]:
    first = one.conditions[0].text(lang) if one.conditions else ""
    return {
        "service_code": one.code,
        "service_name": one.name(lang),
        "description": first or one.name(lang),
        "metadata": has_definition(one),
        "type": "realtime",
        "keywords": ",".join(word.replace(",", " ") for word in one.words) or one.name(lang),
        "group": one.field,
    }


def has_definition(one: MatterInfo) -> bool:
    """A service asks for attributes where the limit depends on the condition."""
    return len(one.conditions) > 1


def service(code: str) -> MatterInfo:
    """The matter behind a service code, or a 404."""
    found = next((one for one in public.matters() if one.code == code), None)
    if found is None:
        raise Refusal(404, f"service_code {code!r} was not found")
    return found


def definition(code: str, lang: Lang) -> dict[str, Any]:
    """GET services/{service_code}."""
    one = service(code)
    attributes: list[Mapping[str, Any]] = []
    if has_definition(one):
        attributes.append(
            {
                "variable": True,
                "code": CONDITION,
                "datatype": "singlevaluelist",
                "required": False,
                "datatype_description": text("open311.condition_help", lang),
                "order": 1,
                "description": text("open311.condition", lang),
                "values": [{"key": _key(at.ordinal), "name": at.text(lang)} for at in one.conditions],
            }
        )
    return {"service_code": one.code, "attributes": attributes}


def condition_of(one: MatterInfo, attributes: Mapping[str, tuple[str, ...]]) -> int | None:
    """The ordinal of the condition chosen; None when none was; 400 for one that is not offered."""
    chosen = attributes.get(CONDITION, ())
    if not chosen:
        return None
    found = next((at.ordinal for at in one.conditions if _key(at.ordinal) == chosen[0]), None)
    if found is None or len(chosen) > 1:
        raise Refusal(400, f"attribute[{CONDITION}] must be one of the values of the service definition")
    return found


def _key(ordinal: int) -> str:
    """Not purely digits: some clients turn those into numbers."""
    return f"c{ordinal + 1}"
