"""The grids' part of a pack: divisions with their official codes, schemes and their levels.

Codes follow GB/T 2260 and GB/T 10114 (6 digits a county, 9 a township, 12 a village). A level that *is* an official
division says so with ``division``; the smallest levels may ``hold`` households, which are register rows and not grids.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from onegrid.foundation.packs.problems import Place, Problems, one_of
from onegrid.foundation.packs.reading import Reader, Title
from onegrid.foundation.packs.sections import CsvFile, Section, Source, YamlFile

CODE = re.compile(r"([0-9]{6}|[0-9]{9}|[0-9]{12})\Z")
PREFIX = re.compile(r"[A-Z]{2,4}\Z")
KINDS = ("county", "district", "subdistrict")
DIVISION_LEVELS = ("county", "township", "village")
CELLS = ("lots", "building", "unit")


@dataclass(frozen=True)
class DivisionLevel:
    """One official level of this locality, with what people call it here."""

    key: str
    title: Title
    place: Place = field(compare=False)


@dataclass(frozen=True)
class Division:
    """An official division. ``name`` is as published, ``plain`` as people say it."""

    code: str
    name: str
    level: str
    parent: str
    place: Place = field(compare=False)

    @property
    def plain(self) -> str:
        """The place without the name of its committee: 白马村村民委员会 is 白马村."""
        return plain_name(self.name)


@dataclass(frozen=True)
class LevelSpec:
    """One level of a scheme. How many there are is told by the first that is set: ``count``, for the whole locality, as
    published; ``households``, how many one of them holds; ``children``, how many lie in one grid of the level above.
    ``cells``: what it is cut out of.
    """

    key: str
    title: Title
    division: str
    holds: str
    count: int
    children: int
    households: int
    cells: str
    organisation: Title | None
    place: Place = field(compare=False)


@dataclass(frozen=True)
class SchemeSpec:
    """One tree of grids. ``covers`` are the codes of the smallest divisions it lies over."""

    key: str
    title: Title
    levels: tuple[LevelSpec, ...]
    covers: tuple[str, ...]
    place: Place = field(compare=False)


@dataclass(frozen=True)
class Size:
    """How big the whole locality is, for the synthetic county: 0 where nobody published it."""

    residents: int = 0
    households: int = 0
    buildings: int = 0
    dwellings: int = 0
    premises: int = 0
    organisations: int = 0
    records: int = 0
    """Rows of all registers together; empty dwellings make up for what the others leave."""
    urban: float = 0.35


@dataclass(frozen=True)
class GridsPart:
    """What a pack says about its territory."""

    kind: str
    number_prefix: str
    root: str
    source: str
    division_levels: tuple[DivisionLevel, ...]
    divisions: tuple[Division, ...]
    schemes: tuple[SchemeSpec, ...]
    code_digits: tuple[int, ...]
    lon: float
    lat: float
    size: Size

    def level_names(self) -> frozenset[str]:
        """Every way to name a level: division keys, scheme level keys, and scheme.level."""
        names = {level.key for level in self.division_levels}
        for scheme in self.schemes:
            names.update(level.key for level in scheme.levels)
            names.update(f"{scheme.key}.{level.key}" for level in scheme.levels)
        return frozenset(names)

    def codes(self) -> frozenset[str]:
        """The codes of all divisions."""
        return frozenset(division.code for division in self.divisions)


def plain_name(name: str) -> str:
    """A division's name without its committee."""
    for ending, kind in (
        ("社区居民委员会", "社区"),
        ("社区居委会", "社区"),
        ("居民委员会", "社区"),
        ("居委会", "社区"),
        ("村民委员会", "村"),
        ("村委会", "村"),
    ):
        if name.endswith(ending) and len(name) > len(ending):
            base = name.removesuffix(ending)
            return base if base.endswith(kind) else base + kind
    return name


def read(source: Source) -> GridsPart:
    """Read the section from pack.yaml and divisions.csv."""
    reader = source.document("pack.yaml")
    if reader is None:
        return GridsPart("", "", "", "", (), (), (), (), 0.0, 0.0, Size())
    if source.head.abstract:
        digits = _digits(reader)
        return GridsPart("", "", "", "", (), (), (), digits, 0.0, 0.0, Size())
    kind = reader.choice("kind", KINDS)
    prefix = reader.text("number_prefix", pattern=PREFIX, form="two to four capital letters")
    root, origin, levels = _head_of_divisions(reader)
    divisions = _divisions(source, reader, root, levels)
    lon, lat = _centre(reader)
    schemes = _schemes(reader, levels, divisions)
    return GridsPart(kind, prefix, root, origin, levels, divisions, schemes, _digits(reader), lon, lat, _size(reader))


def _head_of_divisions(reader: Reader) -> tuple[str, str, tuple[DivisionLevel, ...]]:
    part = reader.inside("divisions")
    if part is None:
        return "", "", ()
    part.choice("file", ("divisions.csv",))
    root = part.text("root", pattern=CODE, form="a code of 6, 9 or 12 digits in quotes")
    origin = part.text("source")
    levels: list[DivisionLevel] = []
    for item in part.each("levels"):
        level = DivisionLevel(item.choice("key", DIVISION_LEVELS), item.title("title"), item.place)
        item.done()
        levels.append(level)
    order = [level.key for level in levels if level.key]
    if order != [key for key in DIVISION_LEVELS if key in order]:
        part.wrong("levels", f"found the order {', '.join(order)}", "from the largest to the smallest")
    part.done()
    return root, origin, tuple(levels)


def _divisions(source: Source, reader: Reader, root: str, levels: Sequence[DivisionLevel]) -> tuple[Division, ...]:
    keys = [level.key for level in levels]
    found: dict[str, Division] = {}
    for row in source.rows("divisions.csv"):
        code = row.text("code", required=True, pattern=CODE, form="a code of 6, 9 or 12 digits")
        division = Division(
            code, row.text("name", required=True), row.choice("level", DIVISION_LEVELS), row.text("parent"), row.place
        )
        if not code or not division.level:
            continue
        if code in found:
            row.wrong("code", f"the code {code} stands twice, first at line {found[code].place.line}", "each code once")
            continue
        found[code] = division
        if code != root and not root.startswith(code) and division.parent not in found:
            row.wrong("parent", f"found {division.parent!r}", "the code of a division in a row above")
        elif division.parent and not code.startswith(division.parent):
            row.wrong("code", f"found {code!r}", f"a code that begins with its parent's, {division.parent}")
    if root not in found:
        if root and (part := reader.inside("divisions")) is not None:
            part.wrong("root", f"no division {root} in divisions.csv", one_of(root, list(found)[:6]))
        return ()
    inside = tuple(division for code, division in found.items() if code.startswith(root))
    for division in found.values():
        if not division.code.startswith(root) and not root.startswith(division.code):
            source.problems.add(
                division.place, "code", f"{division.code} lies outside the locality", f"a code that begins with {root}"
            )
    for division in inside:
        if division.level not in keys:
            source.problems.add(division.place, "level", f"found {division.level!r}", one_of(division.level, keys))
    return inside


def _centre(reader: Reader) -> tuple[float, float]:
    part = reader.inside("centre")
    if part is None:
        return 0.0, 0.0
    lon, lat = part.number("lon", 73.0, 136.0), part.number("lat", 3.0, 54.0)
    part.done()
    return lon, lat


def _digits(reader: Reader) -> tuple[int, ...]:
    part = reader.inside("code_pattern")
    if part is None:
        return ()
    part.integer("division", 12, 12)
    digits: list[int] = []
    for node in part.items("digits"):
        if isinstance(node.value, bool) or not isinstance(node.value, int) or not 1 <= node.value <= 6:
            part.problems.add(node.place, part.name("digits"), f"found {node.kind()}", "whole numbers from 1 to 6")
        else:
            digits.append(node.value)
    part.done()
    return tuple(digits)


def _size(reader: Reader) -> Size:
    part = reader.inside("size", required=False)
    if part is None:
        return Size()
    size = Size(
        residents=part.integer("residents", 0, 20_000_000, required=False),
        households=part.integer("households", 0, 8_000_000, required=False),
        buildings=part.integer("buildings", 0, 2_000_000, required=False),
        dwellings=part.integer("dwellings", 0, 8_000_000, required=False),
        premises=part.integer("premises", 0, 2_000_000, required=False),
        organisations=part.integer("organisations", 0, 2_000_000, required=False),
        records=part.integer("records", 0, 50_000_000, required=False),
        urban=part.number("urban", 0.0, 1.0, required=False, default=0.35),
    )
    part.done()
    return size


def _schemes(reader: Reader, levels: Sequence[DivisionLevel], divisions: Sequence[Division]) -> tuple[SchemeSpec, ...]:
    parents = {division.parent for division in divisions}
    leaves = tuple(division.code for division in divisions if division.code not in parents)
    known = {division.code for division in divisions}
    found: list[SchemeSpec] = []
    rest: list[int] = []
    for item in reader.each("schemes"):
        key = item.key()
        if key in {scheme.key for scheme in found}:
            item.wrong("key", f"a second scheme {key!r}", "each key once")
        covers = _covers(item, leaves, known)
        if covers is None:
            rest.append(len(found))
        found.append(
            SchemeSpec(
                key, item.title("title"), _levels(item, [level.key for level in levels]), covers or (), item.place
            )
        )
        item.done()
    if len(rest) > 1:
        reader.wrong(
            "schemes", f"{len(rest)} schemes cover the rest", "at most one scheme with covers: {divisions: rest}"
        )
    for index in rest:
        taken = {code for scheme in found for code in scheme.covers}
        scheme = found[index]
        found[index] = SchemeSpec(
            scheme.key, scheme.title, scheme.levels, tuple(code for code in leaves if code not in taken), scheme.place
        )
    return tuple(found)


def _covers(item: Reader, leaves: tuple[str, ...], known: set[str]) -> tuple[str, ...] | None:
    """Codes of the smallest divisions; None stands for the rest."""
    part = item.inside("covers")
    if part is None:
        return ()
    form = "all, rest, or a list of division codes in quotes"
    if part.has("divisions") and not part.is_list("divisions"):
        word = part.choice("divisions", ("all", "rest"))
        part.done()
        return None if word == "rest" else leaves
    codes: list[str] = []
    for node in part.items("divisions"):
        if not isinstance(node.value, str):
            part.problems.add(node.place, part.name("divisions"), f"found {node.kind()} in the list", form)
        elif node.value not in known:
            part.problems.add(
                node.place,
                part.name("divisions"),
                f"no division {node.value!r} in this locality",
                one_of(node.value, sorted(known)),
            )
        else:
            codes.extend(code for code in leaves if code.startswith(node.value))
    part.done()
    return tuple(dict.fromkeys(codes))


def _levels(item: Reader, divisions: Sequence[str]) -> tuple[LevelSpec, ...]:
    levels: list[LevelSpec] = []
    for level in item.each("levels"):
        spec = LevelSpec(
            key=level.key(),
            title=level.title("title"),
            division=level.choice("division", divisions, required=False),
            holds=level.choice("holds", ("household",), required=False),
            count=level.integer("count", 0, 10_000_000, required=False),
            children=level.integer("children", 1, 1000, required=False),
            households=level.integer("households", 1, 10_000, required=False),
            cells=level.choice("cells", CELLS, required=False),
            organisation=level.title("organisation") if level.has("organisation") else None,
            place=level.place,
        )
        level.done()
        if spec.key and spec.key in {other.key for other in levels}:
            level.wrong("key", f"a second level {spec.key!r} in this scheme", "each key once")
        if spec.division and any(not other.division for other in levels):
            level.wrong("division", "an official division below a level that is none", "official divisions at the top")
        if levels and levels[-1].holds:
            level.wrong(
                "key", f"a level below one that holds {levels[-1].holds}s", "the level that holds households last"
            )
        levels.append(spec)
    return tuple(levels)


def link(part: GridsPart, values: Mapping[str, object], problems: Problems) -> GridsPart:
    """Nothing above the grids is referred to; only the completeness of the tree is checked."""
    for scheme in part.schemes:
        if not scheme.covers:
            problems.add(
                scheme.place, "covers", f"the scheme {scheme.key!r} covers no division", "at least one division"
            )
    return part


def summary(part: GridsPart) -> Mapping[str, object]:
    """Levels (of the deepest scheme), levels per scheme, and how many divisions there are."""
    counts = Counter(division.level for division in part.divisions)
    return {
        "levels": max((len(scheme.levels) for scheme in part.schemes), default=0),
        "schemes": {scheme.key: len(scheme.levels) for scheme in part.schemes},
        "divisions": len(part.divisions),
        "townships": counts["township"],
        "villages": counts["village"],
    }


def stored(part: GridsPart) -> Mapping[str, object]:
    """What the locality keeps beside its tables of schemes and levels."""
    return {
        "kind": part.kind,
        "number_prefix": part.number_prefix,
        "root": part.root,
        "source": part.source,
        "centre": {"lon": part.lon, "lat": part.lat},
        "code_digits": list(part.code_digits),
    }


SECTION: Section[GridsPart] = Section(
    name="grids",
    files=(
        YamlFile("pack.yaml", ("kind", "number_prefix", "divisions", "centre", "code_pattern", "schemes", "size")),
        CsvFile("divisions.csv", ("code", "name", "level", "parent")),
    ),
    read=read,
    link=link,
    summary=summary,
    stored=stored,
)
__all__ = ["SECTION", "Division", "DivisionLevel", "GridsPart", "LevelSpec", "SchemeSpec", "Size", "plain_name", "read"]
