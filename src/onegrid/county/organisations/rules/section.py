"""The departments' part of a pack: who handles and who collects, with the names they had and have.

Vertically managed units (tax, fire, power supply …) obey the city or province: they can be urged but are not scored
together with the county's own, so a row says which they are. Township and village units name their division.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as hidden
from datetime import date

from onegrid.county.grids.rules.codes import division_code
from onegrid.county.grids.rules.section import GridsPart
from onegrid.foundation.packs.problems import Place, Problems, nearest, one_of
from onegrid.foundation.packs.reading import RowReader, Title
from onegrid.foundation.packs.sections import CsvFile, Section, Source, YamlFile

PHONE = re.compile(r"[0-9][0-9 -]{2,19}\Z")
PHONE_WORDS = "a number in quotes: digits, blanks and -"
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*\Z")
KINDS = ("party", "government", "group", "service_unit", "enterprise", "township", "collector")
LEVELS = ("county", "township", "village")
MANAGED = ("local", "vertical")


@dataclass(frozen=True)
class FieldSpec:
    """A field of work, by which matters and departments are sorted."""

    key: str
    title: Title


@dataclass(frozen=True)
class Hotline:
    """The number a resident calls where no centre of his has one of its own. Every locality names one."""

    phone: str
    title: Title


@dataclass(frozen=True)
class DepartmentSpec:
    """One department. ``division``: the code of the township or village it belongs to, for units of that level."""

    code: str
    name_zh: str
    name_en: str
    kind: str
    handles: bool
    collects: bool
    field: str
    parent: str
    level: str
    division: str
    aliases: tuple[str, ...]
    former_names: tuple[str, ...]
    valid_from: date | None
    valid_to: date | None
    managed: str
    note: str
    phone: str
    place: Place = hidden(compare=False)


@dataclass(frozen=True)
class OrganisationsPart:
    """Every department of a locality, parents before children."""

    departments: tuple[DepartmentSpec, ...]
    fields: tuple[FieldSpec, ...] = ()
    hotline: Hotline | None = None

    def field_key(self, word: str) -> str:
        """The key of a field named by key or by its Chinese name; '' when there is none."""
        return next((item.key for item in self.fields if word in {item.key, item.title.zh}), "")

    def field_words(self) -> tuple[str, ...]:
        """Everything a field may be called."""
        return tuple(word for item in self.fields for word in (item.key, item.title.zh))

    def codes(self) -> frozenset[str]:
        """All codes."""
        return frozenset(department.code for department in self.departments)

    def handling(self) -> frozenset[str]:
        """Codes of departments that handle matters."""
        return frozenset(department.code for department in self.departments if department.handles)


def read(source: Source) -> OrganisationsPart:
    """Read the fields of pack.yaml and departments.csv."""
    part = OrganisationsPart((), _fields(source), _hotline(source))
    found: dict[str, DepartmentSpec] = {}
    names: dict[str, str] = {}
    for row in source.rows("departments.csv"):
        department = _department(row, part)
        if not department.code:
            continue
        if department.code in found:
            row.wrong(
                "code",
                f"the code {department.code} stands twice, first at line {found[department.code].place.line}",
                "each code once",
            )
            continue
        if department.name_zh in names:
            row.wrong(
                "name_zh", f"{department.name_zh!r} is also the name of {names[department.name_zh]}", "each name once"
            )
        names[department.name_zh] = department.code
        found[department.code] = department
    for department in found.values():
        if department.parent and department.parent not in found:
            source.problems.add(
                department.place, "parent", f"no department {department.parent!r}", one_of(department.parent, found)
            )
        elif _circle(department.code, found):
            source.problems.add(
                department.place, "parent", f"{department.code} is above itself", "no circle of parents"
            )
    return OrganisationsPart(tuple(_parents_first(found)), part.fields, part.hotline)


def _fields(source: Source) -> tuple[FieldSpec, ...]:
    reader = source.document("pack.yaml")
    if reader is None:
        return ()
    found: list[FieldSpec] = []
    for item in reader.each("fields", required=not source.head.abstract):
        found.append(FieldSpec(item.key(), Title(item.text("zh"), item.text("en"))))
        item.done()
    return tuple(found)


def _hotline(source: Source) -> Hotline | None:
    reader = source.document("pack.yaml")
    found = reader.inside("hotline", required=not source.head.abstract) if reader is not None else None
    if found is None:
        return None
    hotline = Hotline(found.text("phone", pattern=PHONE, form=PHONE_WORDS), found.title("title"))
    found.done()
    return hotline


def _department(row: RowReader, part: OrganisationsPart) -> DepartmentSpec:
    level = row.choice("level", LEVELS)
    start, end = row.day("valid_from"), row.day("valid_to")
    if start and end and end < start:
        row.wrong("valid_to", f"{end} is before valid_from {start}", "a later date")
    code = row.text("code", required=True, pattern=CODE, form="letters, digits, - and _")
    division = row.text("division") if level in {"township", "village"} else ""
    if level in {"township", "village"} and not division:
        ending = re.search(r"([0-9]{12}|[0-9]{9})\Z", code)
        division = ending[1] if ending else ""
    handles, collects = row.flag("handles"), row.flag("collects")
    if code and not handles and not collects:
        row.wrong("handles", "neither handles nor collects", "yes in at least one of handles, collects")
    return DepartmentSpec(
        code=code,
        name_zh=row.text("name_zh", required=True),
        name_en=row.text("name_en", required=True),
        kind=row.choice("kind", KINDS),
        handles=handles,
        collects=collects,
        field=part.field_key(row.choice("field", part.field_words())),
        parent=row.text("parent"),
        level=level,
        division=division,
        aliases=row.listing("aliases"),
        former_names=row.listing("former_names"),
        valid_from=start,
        valid_to=end,
        managed=row.choice("managed", MANAGED, required=False, default="local"),
        note=row.text("note"),
        phone=row.text("phone", pattern=PHONE, form=PHONE_WORDS),
        place=row.place,
    )


def _circle(code: str, found: Mapping[str, DepartmentSpec]) -> bool:
    met: set[str] = set()
    while code in found and code not in met:
        met.add(code)
        code = found[code].parent
    return code in met


def _parents_first(found: Mapping[str, DepartmentSpec]) -> list[DepartmentSpec]:
    def depth(department: DepartmentSpec) -> int:
        steps, code = 0, department.parent
        while code in found and steps <= len(found):
            steps, code = steps + 1, found[code].parent
        return steps

    return sorted(found.values(), key=depth)


def link(part: OrganisationsPart, values: Mapping[str, object], problems: Problems) -> OrganisationsPart:
    """Units of a township or village must name a division there is, of their level."""
    grids = values["grids"]
    if not isinstance(grids, GridsPart):
        return part
    divisions = {division.code: division for division in grids.divisions}
    for department in part.departments:
        if department.level not in {"township", "village"}:
            continue
        division = divisions.get(department.division)
        if division is None:
            by_name = {item.plain: item.code for item in grids.divisions if item.level == department.level}
            close = nearest(department.name_zh, by_name)
            hint = f" (perhaps {by_name[close]} {close}?)" if close else ""
            found = repr(department.division) if department.division else "no division"
            problems.add(
                department.place,
                "division",
                f"found {found}",
                f"the code of a {department.level} in divisions.csv{hint}",
            )
        elif division.level != department.level:
            problems.add(
                department.place,
                "division",
                f"{division.code} {division.name} is a {division.level}",
                f"a {department.level}",
            )
    return part


def summary(part: OrganisationsPart) -> Mapping[str, object]:
    """How many departments there are, how many handle, how many collect."""
    return {
        "departments": len(part.departments),
        "handling_departments": sum(department.handles for department in part.departments),
        "collecting_departments": sum(department.collects for department in part.departments),
    }


def stored(part: OrganisationsPart) -> Mapping[str, object]:
    """The fields of work, and whom residents call: units of townships and villages by division, else the hotline."""
    hotline = part.hotline or Hotline("", Title("", ""))
    return {
        "fields": [{"key": item.key, "title": item.title.as_json()} for item in part.fields],
        "hotline": {"phone": hotline.phone, "title": hotline.title.as_json()},
        "phones": {division_code(one.division): one.phone for one in part.departments if one.phone and one.division},
    }


SECTION: Section[OrganisationsPart] = Section(
    name="organisations",
    files=(
        YamlFile("pack.yaml", ("fields", "hotline")),
        CsvFile(
            "departments.csv",
            (
                "code",
                "name_zh",
                "name_en",
                "kind",
                "handles",
                "collects",
                "field",
                "parent",
                "level",
                "aliases",
                "former_names",
                "valid_from",
                "valid_to",
                "managed",
                "note",
            ),
            optional=("division", "phone"),
        ),
    ),
    read=read,
    link=link,
    summary=summary,
    stored=stored,
)
