"""What others read of the catalogue and of the pack in force.

The pack and its catalogue are read once per locality and kept in the process until the pack is stamped again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from onegrid.county.matters.models import Matter, MatterCondition, Pack
from onegrid.county.matters.rules.limits import Limit, Stage, Unit
from onegrid.county.matters.rules.search import Entry, find
from onegrid.foundation.database.context import standing
from onegrid.foundation.database.stamps import Remembered


@dataclass(frozen=True)
class PackInfo:
    """The pack in force; ``content`` is what each section stored."""

    id: int
    version: str
    digest: str
    content: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True)
class ConditionInfo:
    """A condition with its limits."""

    ordinal: int
    text_zh: str
    text_en: str
    limit: Limit | None
    accept_by: Limit | None
    arrive_by: Limit | None
    stages: tuple[Stage, ...]

    def text(self, lang: str) -> str:
        """The condition in the reader's language."""
        return self.text_en if lang == "en" else self.text_zh


@dataclass(frozen=True)
class MatterInfo:
    """A catalogue entry as others see it. ``lead`` is as the catalogue writes it, ``lead_id`` set for a department."""

    id: int
    code: str
    field: str
    kind: str
    class_code: str
    class_zh: str
    class_en: str
    name_zh: str
    name_en: str
    words: tuple[str, ...]
    initials: tuple[str, ...]
    lead: str
    lead_id: int | None
    joint: tuple[str, ...]
    handed_to: str
    power_holder: str
    collected_by: tuple[str, ...]
    on_the_spot: bool
    verify_before_accept: bool
    verify_before_close: bool
    evidence: tuple[str, ...]
    closing_rule: str
    confidential: bool
    urgent: bool
    basis: str
    conditions: tuple[ConditionInfo, ...]

    def name(self, lang: str) -> str:
        """The name in the reader's language."""
        return self.name_en if lang == "en" else self.name_zh


class PackNotLoaded(LookupError):
    """The locality has no pack yet: `onegrid locality` or `onegrid demo` loads one."""


@dataclass(frozen=True)
class Catalogue:
    """Every matter in force, in the catalogue's order."""

    matters: tuple[MatterInfo, ...]
    by_code: Mapping[str, MatterInfo] = field(repr=False)
    by_id: Mapping[int, MatterInfo] = field(repr=False)
    entries: tuple[Entry, ...] = field(repr=False)
    rows: Mapping[str, Matter] = field(repr=False)
    rows_by_id: Mapping[int, Matter] = field(repr=False)


PACK: Final = "pack"
"""The stamp of the pack in force and all that is loaded from it."""


def current_pack() -> PackInfo:
    """The pack in force. Raises PackNotLoaded."""
    return _pack.get()


def catalogue() -> Catalogue:
    """Every matter in force, kept per locality and pack."""
    return _catalogue.get()


def forget() -> None:
    """Read again at the next question: after rows were changed without a stamp (tests)."""
    _pack.forget()
    _catalogue.forget()


def matter(code: str) -> MatterInfo | None:
    """The matter in force with this code."""
    return catalogue().by_code.get(code)


def find_matter(code: str) -> Matter | None:
    """The row of a matter in force, for the foreign key of a case. Shared: not to be changed."""
    return catalogue().rows.get(code)


def known_matters() -> Mapping[int, Matter]:
    """The rows of all matters in force by id, for cases loaded without theirs. Shared: not to be changed."""
    return catalogue().rows_by_id


def find_condition(matter_id: int, ordinal: int) -> ConditionInfo | None:
    """A condition of a matter, in force or not; the first one when there is none of that ordinal."""
    known = catalogue().by_id.get(matter_id)
    conditions = known.conditions if known else _conditions([matter_id]).get(matter_id, ())
    return next((item for item in conditions if item.ordinal == ordinal), conditions[0] if conditions else None)


def names(codes: Collection[str], lang: str = "zh-CN") -> Mapping[str, str]:
    """The name of each code in the reader's language, ended matters too."""
    known = catalogue().by_code
    ended = [code for code in codes if code not in known]
    column = "name_en" if lang == "en" else "name_zh"
    found = dict(Matter.objects.filter(code__in=ended).values_list("code", column)) if ended else {}
    return found | {code: known[code].name(lang) for code in codes if code in known}


def search(words: str, *, of_field: str = "", limit: int = 30) -> list[MatterInfo]:
    """Matters in force that fit the words (name, everyday words, code, pinyin initials), best first; all when empty."""
    known = catalogue()
    found = [known.by_code[code] for code in find(words, known.entries)] if words.strip() else list(known.matters)
    return [item for item in found if not of_field or item.field == of_field][:limit]


def field_titles(lang: str) -> Mapping[str, str]:
    """The fields of the pack in force, in its order: key to title in the reader's language."""
    side = "en" if lang == "en" else "zh"
    return {item["key"]: item["title"][side] for item in current_pack().content["organisations"]["fields"]}


def texts_for_learning() -> list[tuple[str, str]]:
    """(text, matter code) pairs the catalogue itself teaches: names, everyday words, conditions."""
    return [
        (text, item.code)
        for item in catalogue().matters
        for text in (item.name_zh, *item.words, *(condition.text_zh for condition in item.conditions))
    ]


def _read_pack() -> PackInfo:
    row = Pack.objects.filter(current=True).first()
    if row is None:
        raise PackNotLoaded(standing().locality)
    return PackInfo(row.pk, row.version, row.digest, row.content)


def _read() -> Catalogue:
    rows = list(Matter.objects.filter(active=True).order_by("ordinal"))
    conditions = _conditions([row.pk for row in rows])
    infos = tuple(_info(row, conditions.get(row.pk, ())) for row in rows)
    return Catalogue(
        infos,
        {item.code: item for item in infos},
        {item.id: item for item in infos},
        tuple(Entry(row.code, row.name_zh, row.name_en, tuple(row.words), tuple(row.pinyin.split())) for row in rows),
        {row.code: row for row in rows},
        {row.pk: row for row in rows},
    )


def _info(row: Matter, conditions: tuple[ConditionInfo, ...]) -> MatterInfo:
    return MatterInfo(
        id=row.pk, code=row.code, field=row.field, kind=row.kind, class_code=row.class_code, class_zh=row.class_zh,
        class_en=row.class_en, name_zh=row.name_zh, name_en=row.name_en, words=tuple(row.words),
        initials=tuple(row.pinyin.split()), lead=row.lead_word,
        lead_id=row.lead_id, joint=tuple(row.joint), handed_to=row.handed_to, power_holder=row.power_holder,
        collected_by=tuple(row.collected_by), on_the_spot=row.on_the_spot,
        verify_before_accept=row.verify_before_accept,
        verify_before_close=row.verify_before_close, evidence=tuple(row.evidence), closing_rule=row.closing_rule,
        confidential=row.confidential, urgent=row.urgent, basis=row.basis, conditions=conditions,
    )  # fmt: skip


def _conditions(matter_ids: Collection[int]) -> dict[int, tuple[ConditionInfo, ...]]:
    found: dict[int, list[ConditionInfo]] = {}
    for row in MatterCondition.objects.filter(matter_id__in=matter_ids, active=True).order_by("matter_id", "ordinal"):
        found.setdefault(row.matter_id, []).append(
            ConditionInfo(
                row.ordinal,
                row.text_zh,
                row.text_en,
                _limit(row.limit_value, row.limit_unit),
                _limit(row.accept_value, row.accept_unit),
                _limit(row.arrive_value, row.arrive_unit),
                tuple(Stage(stage["name"], Limit(stage["value"], Unit(stage["unit"]))) for stage in row.stages),
            )
        )
    return {key: tuple(items) for key, items in found.items()}


def _limit(value: int | None, unit: str) -> Limit | None:
    return Limit(value, Unit(unit)) if value is not None else None


_pack = Remembered(PACK, read=_read_pack)
_catalogue = Remembered(PACK, read=_read)
