"""Loads a pack's catalogue into the locality's tables, and records the version. Nothing is deleted.

A matter that left the catalogue becomes inactive; so does a condition. Cases keep pointing at both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from onegrid.county.matters.events import PackLoaded
from onegrid.county.matters.models import Matter, MatterCondition, Pack
from onegrid.county.matters.rules.limits import Limit
from onegrid.county.matters.rules.section import OF_THE_PLACE, ClassSpec, ConditionSpec, MattersPart, MatterSpec
from onegrid.county.matters.selectors import PACK
from onegrid.county.organisations import selectors as organisations
from onegrid.foundation.database.stamps import stamp
from onegrid.foundation.kernel.pinyin import initials
from onegrid.foundation.packs import LoadedPack

PLAIN = (
    "field",
    "kind",
    "class_code",
    "name_zh",
    "name_en",
    "power_holder",
    "handed_to",
    "on_the_spot",
    "verify_before_accept",
    "verify_before_close",
    "closing_rule",
    "confidential",
    "reply",
    "personal",
    "urgent",
    "basis",
    "applied_by",
    "approved_by",
    "withdrawn_reason",
    "valid_from",
    "valid_to",
)
LISTS = ("words", "joint", "collected_by", "evidence")
COMPUTED = ("ordinal", "class_zh", "class_en", "pinyin", "lead_id", "lead_word", "active")
MATTER_FIELDS = (*PLAIN, *LISTS, *COMPUTED)
CONDITION_FIELDS = (
    "text_zh",
    "text_en",
    "limit_value",
    "limit_unit",
    "accept_value",
    "accept_unit",
    "arrive_value",
    "arrive_unit",
    "stages",
    "limit_source",
    "active",
)


def apply(pack: LoadedPack, *, now: datetime) -> PackLoaded:
    """Make catalogue and pack record say what the pack says; repeating it changes nothing.

    Departments must have been applied before. Runs in the caller's transaction.
    """
    part = pack.section("matters", MattersPart)
    known = {matter.code: matter for matter in Matter.objects.all()}
    leads = {item.code: item.id for item in organisations.departments()}
    classes = {(item.kind, item.code): item for item in part.classes}
    fresh: list[Matter] = []
    changed: list[Matter] = []
    for ordinal, spec in enumerate(part.matters):
        row = known.get(spec.code) or Matter(code=spec.code)
        before = _values(row, MATTER_FIELDS)
        _fill(row, spec, ordinal, leads, classes)
        if row.pk is None:
            fresh.append(row)
        elif before != _values(row, MATTER_FIELDS):
            changed.append(row)
    codes = {spec.code for spec in part.matters}
    ended = [row for code, row in known.items() if row.active and code not in codes]
    for row in ended:
        row.active = False
    Matter.objects.bulk_create(fresh)
    Matter.objects.bulk_update([*changed, *ended], MATTER_FIELDS)
    _apply_conditions(part.matters)
    _record(pack, now)
    return PackLoaded(pack.version, len(fresh), len(changed), len(ended))


def _fill(
    row: Matter, spec: MatterSpec, ordinal: int, leads: Mapping[str, int], classes: Mapping[tuple[str, str], ClassSpec]
) -> None:
    for name in PLAIN:
        setattr(row, name, getattr(spec, name))
    for name in LISTS:
        setattr(row, name, list(getattr(spec, name)))
    of_class = classes.get((spec.kind, spec.class_code))
    row.class_zh = f"{of_class.major_zh}/{of_class.minor_zh}" if of_class else ""
    row.class_en = f"{of_class.major_en}/{of_class.minor_en}" if of_class else ""
    row.ordinal = ordinal
    row.pinyin = " ".join(initials(text) for text in (spec.name_zh, *spec.words))
    row.lead_word = spec.lead
    row.lead_id = None if spec.lead in OF_THE_PLACE else leads[spec.lead]
    row.active = not spec.withdrawn_reason


def _apply_conditions(specs: Iterable[MatterSpec]) -> None:
    ids = dict(Matter.objects.values_list("code", "pk"))
    known = {(row.matter_id, row.ordinal): row for row in MatterCondition.objects.all()}
    fresh: list[MatterCondition] = []
    changed: list[MatterCondition] = []
    met: set[tuple[int, int]] = set()
    for spec in specs:
        for ordinal, condition in enumerate(spec.conditions):
            key = (ids[spec.code], ordinal)
            met.add(key)
            row = known.get(key) or MatterCondition(matter_id=key[0], ordinal=ordinal)
            before = _values(row, CONDITION_FIELDS)
            _fill_condition(row, condition)
            if row.pk is None:
                fresh.append(row)
            elif before != _values(row, CONDITION_FIELDS):
                changed.append(row)
    gone = [row for key, row in known.items() if row.active and key not in met]
    for row in gone:
        row.active = False
    MatterCondition.objects.bulk_create(fresh)
    MatterCondition.objects.bulk_update([*changed, *gone], CONDITION_FIELDS)


def _fill_condition(row: MatterCondition, spec: ConditionSpec) -> None:
    row.text_zh, row.text_en = spec.text_zh, spec.text_en
    row.limit_value, row.limit_unit = _parts(spec.limit)
    row.accept_value, row.accept_unit = _parts(spec.accept_by)
    row.arrive_value, row.arrive_unit = _parts(spec.arrive_by)
    row.stages = [stage.as_json() for stage in spec.stages]
    row.limit_source = spec.limit_source
    row.active = True


def _parts(limit: Limit | None) -> tuple[int | None, str]:
    return (limit.value, str(limit.unit)) if limit else (None, "")


def _values(row: Matter | MatterCondition, names: Sequence[str]) -> list[object]:
    return [getattr(row, name) for name in names]


def _record(pack: LoadedPack, now: datetime) -> None:
    """Keep what the pack stores under its version; the version in force is marked."""
    known = Pack.objects.filter(version=pack.version).first()
    stamp(PACK)
    if known is not None and known.current:
        return
    Pack.objects.filter(current=True).update(current=False)
    if known is None:
        Pack.objects.create(version=pack.version, digest=pack.digest, loaded_at=now, content=dict(pack.stored))
    else:
        known.current, known.loaded_at = True, now
        known.save(update_fields=["current", "loaded_at"])
