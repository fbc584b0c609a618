"""What a reader may do, as forms any page can draw: labels and options in his language."""

from __future__ import annotations

from typing import Any

from onegrid.cases.rules.fields import Field
from onegrid.cases.rules.offers import Offer
from onegrid.cases.selectors.setting import Setting
from onegrid.cases.selectors.timeline import REASON_LISTS
from onegrid.cases.selectors.words import action_word, word
from onegrid.foundation.kernel.texts import Lang


def offer_out(offer: Offer, setting: Setting, lang: Lang) -> dict[str, Any]:
    """One action with its form."""
    return {
        "action": str(offer.action),
        "label": action_word(str(offer.action), lang),
        "assignment": offer.assignment,
        "primary": offer.primary,
        "fields": [_field(str(offer.action), field, setting, lang) for field in offer.fields],
    }


def _field(action: str, field: Field, setting: Setting, lang: Lang) -> dict[str, Any]:
    return {
        "name": field.name,
        "kind": field.kind,
        "required": field.required,
        "label": word("field", field.name, lang),
        "options": [{"key": key, "label": _option(action, field.name, key, setting, lang)} for key in field.options],
        "max": field.max,
    }


def _option(action: str, field: str, key: str, setting: Setting, lang: Lang) -> str:
    if field == "reason":
        return setting.reason_words(lang).get((REASON_LISTS.get(action, ""), key), key)
    return word("evidence" if field == "evidence" else "choice", key, lang)
