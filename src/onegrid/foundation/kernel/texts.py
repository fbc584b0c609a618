"""Everything the server says to people, in Chinese and English, from the locale files.

`src/onegrid/locale/{zh-CN,en}/<area>.yaml` hold nested keys; `text("errors.not_found",
"zh-CN")` reads `errors.yaml`… or any file: the first part of a key is its file name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final, Literal

import yaml

Lang = Literal["zh-CN", "en"]
LANGS: Final[tuple[Lang, ...]] = ("zh-CN", "en")
_SPOKEN: Final[Mapping[str, Lang]] = {"zh": "zh-CN", "en": "en"}
LOCALE = Path(__file__).resolve().parents[2] / "locale"


class TextMissing(KeyError):
    """A key that no locale file has, or a blank that was not filled."""


@cache
def catalogue(lang: Lang, root: Path = LOCALE) -> Mapping[str, str]:
    """All texts of one language as flat dotted keys."""
    found: dict[str, str] = {}
    for file in sorted((root / lang).glob("*.yaml")):
        content = yaml.safe_load(file.read_text("utf-8")) or {}
        found.update(_flatten(content, file.stem))
    return found


def text(key: str, lang: Lang, **values: object) -> str:
    """The sentence for `key` in `lang` with its `{blanks}` filled. Raises `TextMissing`."""
    try:
        return catalogue(lang)[key].format_map(values)
    except KeyError as why:
        raise TextMissing(f"{key} ({lang}): {why}") from why


def has_text(key: str) -> bool:
    """Whether the locale files know `key`."""
    return key in catalogue(LANGS[0])


def choose_lang(accept: str | None) -> Lang:
    """The language for an Accept-Language header: English only when it is asked for before Chinese."""
    wishes: list[tuple[float, int, Lang]] = []
    for place, part in enumerate((accept or "").split(",")):
        name, _, weight = part.strip().partition(";q=")
        lang = _SPOKEN.get(name.lower()[:2])
        if lang is not None:
            wishes.append((-_weight(weight), place, lang))
    return min(wishes)[2] if wishes else "zh-CN"


def _weight(raw: str) -> float:
    try:
        return float(raw) if raw else 1.0
    except ValueError:
        return 0.0


def _flatten(node: object, prefix: str) -> Iterator[tuple[str, str]]:
    if isinstance(node, Mapping):
        for key, inner in node.items():
            yield from _flatten(inner, f"{prefix}.{key}")
    elif node is not None:
        yield prefix, str(node)
