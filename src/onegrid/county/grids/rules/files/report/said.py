"""Words of the page in both languages at once; the page's own switch shows one of them, without a script."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from onegrid.county.grids.rules.checking import Fault
from onegrid.county.grids.rules.drawing.ground import Finding
from onegrid.foundation.kernel.texts import LANGS, Lang, has_text, text

SHORT: dict[Lang, str] = {"zh-CN": "zh", "en": "en"}


def both(key: str, **values: object) -> str:
    """The sentence ``town.<key>`` in every language, as HTML."""
    return "".join(
        f'<span class="{SHORT[lang]}" lang="{SHORT[lang]}">{escape(text(f"town.{key}", lang, **values))}</span>'
        for lang in LANGS
    )


def finding(one: Finding, lang: Lang) -> str:
    """What was found, in words: the readers' kinds first, then the drawing's own."""
    for area in ("town", "drawing"):
        key = f"{area}.findings.{one.kind}"
        if has_text(key):
            return text(key, lang, count=one.count, what=one.what or "–", households=_amount(one.households))
    return f"{one.kind} {one.what} ×{one.count}".strip()


def in_full(one: Finding, lang: Lang, most: int = 6) -> str:
    """What was found, which ones, and the households that were left out with them: a line of a terminal."""
    parts = [finding(one, lang)]
    if one.ids:
        rest = len(one.ids) - most
        names = ", ".join(one.ids[:most]) + (f" … (+{rest:,})" if rest > 0 else "")
        parts.append(text("town.which", lang, names=names))
    if one.households:
        parts.append(text("town.lost", lang, households=_amount(one.households)))
    return "".join(parts)


def why(word: str, lang: Lang) -> str:
    """Why a grid is out of tolerance, in words."""
    key = f"town.why.{word}"
    return text(key, lang) if has_text(key) else word


def fault(one: Fault, grids: Sequence[str], lang: Lang) -> str:
    """A fault of a partition, in words."""
    key = f"town.faults.{one.kind}"
    names = ", ".join(grids)
    return (
        text(key, lang, amount=_amount(round(one.amount, 1)), grids=names) if has_text(key) else f"{one.kind}: {names}"
    )


def in_both(words: dict[Lang, str]) -> str:
    """Words that are there in each language, as HTML."""
    return "".join(f'<span class="{SHORT[lang]}" lang="{SHORT[lang]}">{escape(words[lang])}</span>' for lang in LANGS)


def _amount(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"
