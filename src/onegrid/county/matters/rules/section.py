"""The catalogue's part of a pack: GB/T 30428 classes, and the locality's matters with their conditions.

A row of matters.csv is one *condition*: rows of one code stand next to each other, the first carries the matter, the
others repeat it or leave it blank. Limits hang on the condition, because published catalogues give several per class.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from dataclasses import field as hidden
from datetime import date

from onegrid.county.matters.rules.limits import FORM, STAGES_FORM, Limit, Stage, parse_limit, parse_stages
from onegrid.county.organisations.rules.section import OrganisationsPart
from onegrid.foundation.packs.problems import Place, Problems, one_of
from onegrid.foundation.packs.reading import RowReader
from onegrid.foundation.packs.sections import CsvFile, Section, Source

CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*\Z")
CLASS_CODE = re.compile(r"[0-9]{4}\Z")
MINOR_CODE = re.compile(r"[0-9]{2}\Z")
KINDS = ("component", "event", "dispute", "petition", "service")
CLASSED = ("component", "event")
EVIDENCE = ("people", "site", "process", "effect", "analysis", "before", "after", "agreement")
CLOSING_RULES = ("verified", "verified_photo", "agreement_signed", "reporter_confirmed", "replied")
TOWNSHIP, VILLAGE = "@township", "@village"
OF_THE_PLACE = (TOWNSHIP, VILLAGE)
"""Stand for the unit of the township or village in which the case lies."""

COLUMNS = (
    "code",
    "field",
    "kind",
    "class_code",
    "name_zh",
    "name_en",
    "words",
    "lead",
    "joint",
    "power_holder",
    "handed_to",
    "collected_by",
    "condition_zh",
    "condition_en",
    "limit",
    "accept_by",
    "arrive_by",
    "stages",
    "on_the_spot",
    "verify_before_accept",
    "verify_before_close",
    "evidence",
    "closing_rule",
    "confidential",
    "reply",
    "personal",
    "basis",
    "applied_by",
    "approved_by",
    "valid_from",
    "valid_to",
    "urgent",
    "withdrawn_reason",
    "limit_source",
)
OF_A_CONDITION = frozenset(
    {"condition_zh", "condition_en", "limit", "accept_by", "arrive_by", "stages", "limit_source"}
)


@dataclass(frozen=True)
class ClassSpec:
    """A minor class of components or events; ``local`` ones are a city's own additions to the standard."""

    kind: str
    code: str
    major_zh: str
    major_en: str
    minor_zh: str
    minor_en: str
    local: bool


@dataclass(frozen=True)
class ConditionSpec:
    """When exactly the matter is given, and the limits that then run. Without ``limit`` there are ``stages``."""

    text_zh: str
    text_en: str
    limit: Limit | None
    accept_by: Limit | None
    arrive_by: Limit | None
    stages: tuple[Stage, ...]
    limit_source: str
    place: Place = hidden(compare=False)


@dataclass(frozen=True)
class MatterSpec:
    """A catalogue entry."""

    code: str
    field: str
    kind: str
    class_code: str
    name_zh: str
    name_en: str
    words: tuple[str, ...]
    lead: str
    joint: tuple[str, ...]
    power_holder: str
    handed_to: str
    collected_by: tuple[str, ...]
    on_the_spot: bool
    verify_before_accept: bool
    verify_before_close: bool
    evidence: tuple[str, ...]
    closing_rule: str
    confidential: bool
    reply: bool
    personal: bool
    basis: str
    applied_by: str
    approved_by: str
    valid_from: date | None
    valid_to: date | None
    urgent: bool
    withdrawn_reason: str
    conditions: tuple[ConditionSpec, ...]
    place: Place = hidden(compare=False)


@dataclass(frozen=True)
class MattersPart:
    """The class tree and the catalogue in force."""

    classes: tuple[ClassSpec, ...]
    matters: tuple[MatterSpec, ...]


def read(source: Source) -> MattersPart:
    """Read classes.csv and matters.csv."""
    classes = _classes(source)
    matters: dict[str, MatterSpec] = {}
    last = ""
    first: RowReader | None = None
    for row in source.rows("matters.csv"):
        code = row.text("code", required=True, pattern=CODE, form="a letter, then letters, digits, - and _")
        if not code:
            continue
        if code not in matters:
            matters[code] = _matter(row, code, abstract=source.head.abstract)
            first = row
        elif code != last:
            row.wrong(
                "code",
                f"{code} stood at line {matters[code].place.line} and other codes came between",
                "the rows of one code next to each other",
            )
        elif first is not None:
            _same_matter(first, row)
            matters[code] = replace(
                matters[code], conditions=(*matters[code].conditions, _condition(row, abstract=source.head.abstract))
            )
        last = code
    known = {(item.kind, item.code) for item in classes}
    for matter in matters.values():
        if matter.class_code and matter.kind in CLASSED and (matter.kind, matter.class_code) not in known:
            codes = sorted(code for kind, code in known if kind == matter.kind)
            source.problems.add(
                matter.place,
                "class_code",
                f"no {matter.kind} class {matter.class_code}",
                one_of(matter.class_code, codes),
            )
    return MattersPart(classes, tuple(matters.values()))


def _classes(source: Source) -> tuple[ClassSpec, ...]:
    found: dict[tuple[str, str], ClassSpec] = {}
    for row in source.rows("classes.csv"):
        major = row.text("major_code", required=True, pattern=MINOR_CODE, form="two digits")
        minor = row.text("minor_code", required=True, pattern=MINOR_CODE, form="two digits")
        item = ClassSpec(
            kind=row.choice("kind", CLASSED),
            code=major + minor,
            major_zh=row.text("major_zh", required=True),
            major_en=row.text("major_en", required=True),
            minor_zh=row.text("minor_zh", required=True),
            minor_en=row.text("minor_en", required=True),
            local=row.flag("local"),
        )
        if (item.kind, item.code) in found:
            row.wrong("minor_code", f"the {item.kind} class {item.code} stands twice", "each class once")
        found[(item.kind, item.code)] = item
    return tuple(found.values())


def _matter(row: RowReader, code: str, *, abstract: bool) -> MatterSpec:
    start, end = row.day("valid_from"), row.day("valid_to")
    if start and end and end < start:
        row.wrong("valid_to", f"{end} is before valid_from {start}", "a later date")
    for column in ("on_the_spot", "verify_before_accept", "verify_before_close"):
        if not abstract and not row.text(column):
            row.wrong(column, "the cell is empty", "yes or no")
    if row.text("withdrawn_reason") and end is None:
        row.wrong("valid_to", "a withdrawn matter without an end", "the last day it was in force")
    evidence = row.listing("evidence", EVIDENCE)
    closing = row.choice("closing_rule", CLOSING_RULES)
    if closing == "agreement_signed" and "agreement" not in evidence:
        row.wrong(
            "evidence",
            "the closing rule is agreement_signed and the evidence has no agreement",
            "agreement among the evidence",
        )
    return MatterSpec(
        code=code,
        field=row.text("field", required=True),
        kind=row.choice("kind", KINDS),
        class_code=row.text("class_code", pattern=CLASS_CODE, form="four digits, such as 0101"),
        name_zh=row.text("name_zh", required=True),
        name_en=row.text("name_en", required=True),
        words=row.listing("words"),
        lead=row.text("lead", required=not abstract, form="the code of a handling department"),
        joint=row.listing("joint"),
        power_holder=row.text("power_holder"),
        handed_to=row.text("handed_to"),
        collected_by=row.listing("collected_by"),
        on_the_spot=row.flag("on_the_spot"),
        verify_before_accept=row.flag("verify_before_accept"),
        verify_before_close=row.flag("verify_before_close"),
        evidence=evidence,
        closing_rule=closing,
        confidential=row.flag("confidential"),
        reply=row.flag("reply", default=True),
        personal=row.flag("personal"),
        basis=row.text("basis"),
        applied_by=row.text("applied_by"),
        approved_by=row.text("approved_by"),
        valid_from=start,
        valid_to=end,
        urgent=row.flag("urgent"),
        withdrawn_reason=row.text("withdrawn_reason"),
        conditions=(_condition(row, abstract=abstract),),
        place=row.place,
    )


def _condition(row: RowReader, *, abstract: bool) -> ConditionSpec:
    stages = row.parsed("stages", parse_stages, STAGES_FORM) or ()
    limit = row.parsed("limit", parse_limit, FORM, required=not stages and not abstract)
    return ConditionSpec(
        text_zh=row.text("condition_zh", required=True),
        text_en=row.text("condition_en", required=True),
        limit=limit,
        accept_by=row.parsed("accept_by", parse_limit, FORM),
        arrive_by=row.parsed("arrive_by", parse_limit, FORM),
        stages=stages,
        limit_source=row.text("limit_source"),
        place=row.place,
    )


def _same_matter(first: RowReader, row: RowReader) -> None:
    """A further condition must not contradict the matter's first row."""
    for column in COLUMNS:
        if column in OF_A_CONDITION:
            continue
        here, there = row.text(column), first.text(column)
        if here and here != there:
            row.wrong(column, f"found {here!r}", f"{there!r} as in line {first.place.line}, or a blank cell")


def link(part: MattersPart, values: Mapping[str, object], problems: Problems) -> MattersPart:
    """Departments and fields must exist; who leads must be a department that handles."""
    organisations = values["organisations"]
    if not isinstance(organisations, OrganisationsPart):
        return part
    codes, handling = organisations.codes(), organisations.handling()
    collecting = {item.code for item in organisations.departments if item.collects}
    linked: list[MatterSpec] = []
    for matter in part.matters:
        for column, code in (("lead", matter.lead), *(("joint", joint) for joint in matter.joint)):
            if code and code not in OF_THE_PLACE and code not in handling:
                what = f"{code} does not handle matters" if code in codes else f"no department {code!r}"
                problems.add(matter.place, column, what, one_of(code, sorted(handling)))
        if matter.lead and matter.lead in matter.joint:
            problems.add(matter.place, "joint", f"{matter.lead} leads and is joint", "other departments")
        for code in matter.collected_by:
            if code not in OF_THE_PLACE and code not in collecting:
                what = f"{code} does not collect" if code in codes else f"no department {code!r}"
                problems.add(matter.place, "collected_by", what, one_of(code, sorted(collecting)))
        key = organisations.field_key(matter.field)
        if not key:
            problems.add(
                matter.place, "field", f"found {matter.field!r}", one_of(matter.field, organisations.field_words())
            )
        linked.append(replace(matter, field=key))
    return replace(part, matters=tuple(linked))


def summary(part: MattersPart) -> Mapping[str, object]:
    """How many matters and conditions the catalogue has, and of which kinds."""
    kinds = {kind: sum(matter.kind == kind for matter in part.matters) for kind in KINDS}
    return {
        "matters": len(part.matters),
        "conditions": sum(len(matter.conditions) for matter in part.matters),
        "matters_by_kind": {kind: count for kind, count in kinds.items() if count},
    }


SECTION: Section[MattersPart] = Section(
    name="matters",
    files=(
        CsvFile("matters.csv", COLUMNS, fill_by="code"),
        CsvFile(
            "classes.csv",
            ("kind", "major_code", "major_zh", "major_en", "minor_code", "minor_zh", "minor_en", "local"),
            inherit=True,
        ),
    ),
    read=read,
    link=link,
    summary=summary,
)
