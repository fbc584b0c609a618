"""The timeline of a case: who, of which unit, did what and when, in the reader's words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from onegrid.cases.models import Assignment, CaseAction
from onegrid.cases.selectors.rows import named, utc
from onegrid.cases.selectors.setting import Setting
from onegrid.cases.selectors.words import action_word, limit_text, word
from onegrid.county.matters.rules.limits import LimitError, parse_limit
from onegrid.foundation.kernel.texts import Lang, text

REASON_LISTS = {
    "reject": "reject", "return_back": "return", "suspend": "suspend", "escalate": "escalate",
}  # fmt: skip
"""Which of the pack's lists an action's reason comes from."""


def matter_codes(actions: Iterable[CaseAction]) -> set[str]:
    """Codes of matters the actions speak of, so that their names can be fetched at once."""
    return {action.data["matter"] for action in actions if action.data.get("matter")}


def steps(
    actions: Sequence[CaseAction],
    *,
    assignments: Iterable[Assignment],
    photos: Iterable[dict[str, Any]],
    matters: Mapping[str, str],
    setting: Setting,
    inside: bool,
    hide_reporter: bool,
    lang: Lang,
) -> list[dict[str, Any]]:
    """All steps in order. `inside` readers see persons; reporters see units."""
    bearers = {
        str(one.pk): named(one.department, lang) if one.department else named(one.grid, lang) for one in assignments
    }
    pictures = {photo["id"]: photo for photo in photos}
    reasons = setting.reason_words(lang)
    out, before = [], None
    for action in actions:
        unit = action.unit or bearers.get(str(action.assignment), "")
        out.append(
            {
                "seq": action.seq,
                "at": utc(action.at),
                "device_at": utc(action.device_at),
                "action": action.action,
                "action_word": action_word(action.action, lang),
                "actor": _actor(action, inside=inside, hide_reporter=hide_reporter, lang=lang),
                "position": action.position if inside else "",
                "unit": unit,
                "words": str(action.data.get("words", "")),
                "details": _details(action, bearers=bearers, matters=matters, reasons=reasons, lang=lang),
                "photos": [pictures[photo] for photo in action.data.get("photos", ()) if photo in pictures],
                "used_s": None if before is None else int((action.at - before).total_seconds()),
            }
        )
        before = action.at
    return out


def _actor(action: CaseAction, *, inside: bool, hide_reporter: bool, lang: Lang) -> str:
    if action.actor_kind == "system":
        return text("cases.person.system", lang)
    if action.actor_kind == "integration":
        return action.actor_name or text("cases.person.integration", lang)
    if action.actor_kind in ("resident", "anonymous"):
        return text("cases.person.hidden" if hide_reporter else "cases.person.resident", lang)
    if hide_reporter and action.action == "report":
        return text("cases.person.hidden", lang)
    return action.actor_name if inside else ""


def _details(
    action: CaseAction,
    *,
    bearers: Mapping[str, str],
    matters: Mapping[str, str],
    reasons: Mapping[tuple[str, str], str],
    lang: Lang,
) -> list[str]:
    data = action.data
    found: list[tuple[str, str]] = []
    if data.get("reason"):
        found.append(("reason", reasons.get((REASON_LISTS.get(action.action, ""), data["reason"]), data["reason"])))
    if data.get("matter"):
        found.append(("matter", matters.get(data["matter"], data["matter"])))
    made = [bearers.get(row["id"], "") for row in data.get("assignments", ()) if isinstance(row, dict)]
    if made:
        found.append(("departments", "、".join(made) if lang == "zh-CN" else ", ".join(made)))
    elif action.assignment and str(action.assignment) in bearers:
        found.append(("department", bearers[str(action.assignment)]))
    if data.get("evidence"):
        found.append(("evidence", " · ".join(word("evidence", one, lang) for one in data["evidence"])))
    if data.get("limit"):
        found.append(("limit", _limit(data["limit"], lang)))
    if data.get("stars"):
        found.append(("stars", str(data["stars"])))
    if data.get("number"):
        found.append(("into", data["number"]))
    if data.get("clock"):
        found.append(("clock", word("clock", str(data["clock"]).partition(":")[0], lang)))
    return [text(f"cases.detail.{key}", lang, text=value) for key, value in found]


def _limit(written: str, lang: Lang) -> str:
    try:
        limit = parse_limit(written)
    except LimitError:
        return written
    return limit_text(limit.value, str(limit.unit), lang)
