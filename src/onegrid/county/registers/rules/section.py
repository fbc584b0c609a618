"""The registers' part of a pack: what may be chosen, why somebody may look, how long everything is kept.

registers.yaml:
  choices: {building.kind: [{key: house, title: {zh: 自建房, en: Own house}, also: [民房]}], ...}
  purposes: [{key: door, title: {...}, kinds: [residents]}]
  retention: [{key: residents, days: 1095, title: {...}, why: {...}, until: {...}}]
  fields: {worker: {residents: {id_number: hidden}}}
  looks: {daily: 200, warn_at: 100, hits: 3000}
  rights: {answer_days: 30}
  waiting: {days: 60}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from onegrid.county.workforce.rules.duties import KINDS as ROLES
from onegrid.foundation.packs.problems import one_of
from onegrid.foundation.packs.reading import KEY, KEY_WORDS, Reader, Title
from onegrid.foundation.packs.sections import Section, Source, YamlFile

FILE: Final = "registers.yaml"
KINDS: Final = ("residents", "households", "dwellings", "buildings", "premises", "organisations")
ACCESS: Final = ("hidden", "masked", "reveal", "write")
NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "building.kind": (),
    "dwelling.use": (),
    "resident.relation": ("head",),
    "resident.id_kind": ("id_card",),
    "resident.registered": ("local", "elsewhere", "abroad"),
    "premises.kind": (),
    "organisation.kind": (),
    "care.need": (),
}
"""What can be chosen, and the keys code asks for by name, which no pack may drop."""
KEPT: Final = (
    "residents",
    "stays",
    "tenures",
    "employments",
    "changes",
    "imports",
    "exports",
    "cares",
    "returnees",
    "accounts",
)
"""What has a retention rule. Buildings, dwellings, premises and organisations are no persons and stay."""
LONGEST: Final = 3650


@dataclass(frozen=True)
class Choice:
    """One thing that can be chosen; ``also`` are the words sheets use for it."""

    key: str
    title: Title
    also: tuple[str, ...] = ()

    def words(self) -> tuple[str, ...]:
        """Every word it is known by, its key first."""
        return (self.key, self.title.zh, self.title.en, *self.also)


@dataclass(frozen=True)
class Purpose:
    """A reason to look at whole values, and of which kinds of rows."""

    key: str
    title: Title
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class Keeping:
    """How long one part of the registers is kept: ``days`` after the event its purge knows; 0 means at once."""

    key: str
    days: int
    title: Title
    why: Title
    until: Title


@dataclass(frozen=True)
class RegistersPart:
    """What a locality decided about its registers."""

    choices: Mapping[str, tuple[Choice, ...]] = field(default_factory=dict)
    purposes: tuple[Purpose, ...] = ()
    retention: tuple[Keeping, ...] = ()
    fields: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)
    """Role, kind, field to access: where the locality allows less or more than the table in code."""
    daily: int = 200
    """Whole values one person may look at in a day."""
    warn_at: int = 100
    """At so many the persons in charge are told."""
    hits: int = 3000
    """People met in searches and on pages in a day before the persons in charge are told; nobody is stopped."""
    answer_days: int = 30
    """A request about one's own data is answered within so many calendar days (GB/T 35273-2020, 8.7)."""
    waiting_days: int = 60
    """What nobody confirmed in so many days lapses. Never before a request of a resident has to be answered."""


def read(source: Source) -> RegistersPart:
    """Read registers.yaml."""
    reader = source.document(FILE)
    if reader is None:
        return RegistersPart()
    looks, rights = reader.inside("looks", required=False), reader.inside("rights", required=False)
    waiting = reader.inside("waiting", required=False)
    part = RegistersPart(
        choices=_choices(reader),
        purposes=tuple(_purpose(item) for item in reader.each("purposes")),
        retention=_retention(reader),
        fields=_fields(reader),
        daily=looks.integer("daily", 1, 10_000) if looks else 200,
        warn_at=looks.integer("warn_at", 1, 10_000) if looks else 100,
        hits=looks.integer("hits", 1, 100_000, required=False, default=3000) if looks else 3000,
        answer_days=rights.integer("answer_days", 1, 60) if rights else 30,
        waiting_days=waiting.integer("days", 1, LONGEST) if waiting else 60,
    )
    if looks is not None:
        if part.warn_at > part.daily:
            looks.wrong("warn_at", f"found {part.warn_at}", f"at most daily, {part.daily}")
        looks.done()
    if rights is not None:
        rights.done()
    if waiting is not None:
        if part.waiting_days < part.answer_days:
            waiting.wrong("days", f"found {part.waiting_days}", f"at least answer_days, {part.answer_days}")
        waiting.done()
    return part


def _choices(reader: Reader) -> dict[str, tuple[Choice, ...]]:
    """Every list of choices; a word may stand for one choice of a list only, and needed keys must be there."""
    inside = reader.inside("choices")
    if inside is None:
        return {}
    found: dict[str, tuple[Choice, ...]] = {}
    for name, needed in NAMES.items():
        found[name] = tuple(_choice(item) for item in inside.each(name))
        keys = [one.key for one in found[name]]
        for key in needed:
            if key not in keys:
                inside.wrong(name, f"no choice with the key {key!r}", "it must stay, code asks for it by name")
        met: dict[str, str] = {}
        for one in found[name]:
            for word in {word.casefold() for word in one.words()}:
                if met.setdefault(word, one.key) != one.key:
                    inside.wrong(name, f"{word!r} stands for {met[word]} and for {one.key}", "each word for one choice")
    inside.done()
    return found


def _choice(item: Reader) -> Choice:
    made = Choice(item.key(), item.title("title"), item.texts("also", required=False))
    item.done()
    return made


def _purpose(item: Reader) -> Purpose:
    made = Purpose(item.key(), item.title("title"), item.texts("kinds", words=KINDS))
    item.done()
    return made


def _retention(reader: Reader) -> tuple[Keeping, ...]:
    """One rule for everything that is kept about persons: none missing, none unknown."""
    found: list[Keeping] = []
    for item in reader.each("retention"):
        found.append(
            Keeping(
                key=item.choice("key", KEPT),
                days=item.integer("days", 0, LONGEST),
                title=item.title("title"),
                why=item.title("why"),
                until=item.title("until"),
            )
        )
        item.done()
    keys = {one.key for one in found}
    for key in KEPT:
        if key not in keys:
            reader.wrong("retention", f"no rule for {key!r}", "a rule for each of " + ", ".join(KEPT))
    return tuple(found)


def _fields(reader: Reader) -> dict[str, dict[str, dict[str, str]]]:
    """Role, kind and field to access. Whether a field exists is for the field table to say."""
    inside = reader.inside("fields", required=False)
    found: dict[str, dict[str, dict[str, str]]] = {}
    for role, kinds in _each(inside):
        if inside is not None and role not in ROLES:
            inside.wrong(role, f"no role {role!r}", one_of(role, ROLES))
        for kind, cells in _each(kinds):
            if kind not in KINDS:
                kinds.wrong(kind, f"no kind {kind!r}", one_of(kind, KINDS))
            named = cells.keys()
            for name in named:
                if not KEY.match(name):
                    cells.wrong(name, f"found {name!r}", KEY_WORDS)
                found.setdefault(role, {}).setdefault(kind, {})[name] = cells.choice(name, ACCESS)
    return found


def _each(reader: Reader | None) -> Iterator[tuple[str, Reader]]:
    """The mappings below a mapping."""
    for key in reader.keys() if reader is not None else ():
        inside = reader.inside(key) if reader is not None else None
        if inside is not None:
            yield key, inside


def stored(part: RegistersPart) -> Mapping[str, Any]:
    """What a locality's database keeps of it."""
    return asdict(part)


def restored(content: Mapping[str, Any]) -> RegistersPart:
    """The part as it was stored; a pack stored before registers had one gives the defaults."""
    if not content:
        return RegistersPart()
    return RegistersPart(
        choices={
            name: tuple(Choice(one["key"], Title(**one["title"]), tuple(one["also"])) for one in rows)
            for name, rows in content["choices"].items()
        },
        purposes=tuple(Purpose(one["key"], Title(**one["title"]), tuple(one["kinds"])) for one in content["purposes"]),
        retention=tuple(
            Keeping(one["key"], one["days"], Title(**one["title"]), Title(**one["why"]), Title(**one["until"]))
            for one in content["retention"]
        ),
        fields=content["fields"],
        daily=content["daily"],
        warn_at=content["warn_at"],
        hits=content["hits"],
        answer_days=content["answer_days"],
        waiting_days=content.get("waiting_days", 60),
    )


SECTION: Final = Section[RegistersPart](
    name="registers",
    files=(YamlFile(FILE, ("choices", "purposes", "retention", "fields", "looks", "rights", "waiting")),),
    read=read,
    stored=stored,
)
