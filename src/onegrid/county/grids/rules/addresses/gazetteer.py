"""Every name of a locality, ready to be found by words that are spelt wrongly, short or in another order.

Places are divisions and grids. What stands before a number in an address, without the names of the places it lies in,
is a body: a street, an estate, a shop; a village whose houses are numbered without streets has the empty one. An entry
is a body in one place, with the buildings that stand there by their numbers.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from onegrid.county.grids.rules import paths
from onegrid.county.grids.rules.addresses.likeness import Name
from onegrid.county.grids.rules.addresses.reading import Sort, plain, read
from onegrid.county.grids.rules.addresses.sounds import sounds_of

_OFFICES: Final = (
    ("社区居民委员会", "社区"), ("社区居委会", "社区"), ("村民委员会", "村"), ("村委会", "村"), ("居民委员会", "社区"),
    ("居委会", "社区"), ("街道办事处", "街道"), ("镇人民政府", "镇"), ("乡人民政府", "乡"),
)  # fmt: skip
_KIND: Final = re.compile(r"(?<=..)(?:社区|街道|村|镇|乡|县|区|市)\Z")
_GENERIC: Final = re.compile(r"(?<=..)(?:大道|路|街|巷|弄|小区|花园|新村|家园|苑|公寓|大厦|广场|里)\Z")
COMMON: Final = 0.2
"""A sign that more than this share of the names have finds nothing by itself."""


class Named(NamedTuple):
    """A grid or division as the gazetteer takes it."""

    name: str
    scope_path: str
    official: bool


class Labelled(NamedTuple):
    """A building as the gazetteer takes it: its address and the path of its grid."""

    label: str
    scope_path: str


@dataclass(frozen=True)
class Place:
    """A grid or division by all its names: in full, short (昙石村), bare (昙石)."""

    scope_path: str
    forms: tuple[Name, ...]
    bare: Name | None
    above: tuple[int, ...]
    """Places it lies in, as far as they are divisions, the locality left out."""


@dataclass
class Entry:
    """A body in one place. `numbers` holds buildings by sort and numbers, `members` all of them."""

    body: int
    place: int
    numbers: dict[str, list[int]] = field(default_factory=dict)
    members: list[int] = field(default_factory=list)


class Body(NamedTuple):
    """A name without place and number, and the same without its common ending (临溪 of 临溪路)."""

    name: Name | None
    bare: Name | None


class Postings:
    """Which of many names have the sounds of a text, the rare ones counting more."""

    def __init__(self, texts: Sequence[str]) -> None:
        """Take the names in one form; their positions are what `best` answers with."""
        found: dict[str, list[int]] = defaultdict(list)
        for at, text in enumerate(texts):
            for gram in grams(text, sounds_of(text)):
                found[gram].append(at)
        self._size = len(texts)
        most = max(8, COMMON * len(texts))
        self._where: dict[str, tuple[NDArray[np.int64], float]] = {
            gram: (np.array(some, dtype=np.int64), float(np.log1p(len(texts) / len(some))))
            for gram, some in found.items()
            if len(some) <= most or len(gram) > 1
        }

    def best(self, text: str, sounds: str, count: int) -> list[int]:
        """Positions of at most so many names that share most with the text, best first."""
        scores = np.zeros(self._size)
        for gram in grams(text, sounds):
            known = self._where.get(gram)
            if known is not None:
                scores[known[0]] += known[1]
        top = np.argpartition(-scores, count)[:count] if self._size > count else np.arange(self._size)
        top = top[scores[top] > 0]
        return [int(at) for at in top[np.lexsort((top, -scores[top]))]]


def grams(text: str, sounds: str) -> set[str]:
    """What a name is found by: each sound, two sounds in a row, two characters in a row."""
    return {
        *sounds,
        *(sounds[at : at + 2] for at in range(len(sounds) - 1)),
        *(text[at : at + 2] for at in range(len(text) - 1)),
    }


class Gazetteer:
    """All of it. Nobody may ask while something is added."""

    def __init__(self, places: Iterable[Named], labels: Sequence[Labelled], streets: Iterable[Labelled] = ()) -> None:
        """Take grids and divisions, buildings, and named streets, waters and parks, in any order."""
        named = sorted(places, key=lambda one: (paths.depth(one.scope_path), one.scope_path))
        self.places: list[Place] = []
        self.place_at: dict[str, int] = {}
        self.exact: dict[str, list[str]] = defaultdict(list)
        self.whole: tuple[str, ...] = ()
        for one in named:
            if one.scope_path == paths.ROOT:
                # Everything lies in it: its name tells nothing.
                self.whole = tuple(dict.fromkeys((plain(one.name), short_form(plain(one.name)))))
            else:
                self._add_place(one)
        self.entries: list[Entry] = []
        self.bodies: list[Body] = []
        self._body_at: dict[str, int] = {}
        self._entry_at: dict[tuple[int, int], int] = {}
        self.labels = list(labels)
        for at, label in enumerate(self.labels):
            self._add_label(at, label)
        self.streets: dict[int, list[Labelled]] = defaultdict(list)
        for street in streets:
            self._add_street(street)
        self._number_bodies()

    def add(self, labels: Sequence[Labelled]) -> None:
        """Take in more buildings."""
        for at, label in enumerate(labels, len(self.labels)):
            self._add_label(at, label)
        self.labels += labels
        self._number_bodies()

    def _add_place(self, one: Named) -> None:
        short = short_form(plain(one.name))
        for form in {plain(one.name), short}:
            self.exact[form].append(one.scope_path)
        if not one.official:
            return
        above = tuple(
            self.place_at[path] for path in paths.ancestors(one.scope_path, itself=False) if path in self.place_at
        )
        bare = _KIND.sub("", short)
        forms = dict.fromkeys((plain(one.name), short))
        self.place_at[one.scope_path] = len(self.places)
        self.places.append(
            Place(one.scope_path, tuple(_name(form) for form in forms), _name(bare) if bare != short else None, above)
        )

    def place_of(self, scope_path: str) -> int:
        """The lowest division a path lies in; -1 when none is known."""
        at: str | None = scope_path
        while at is not None:
            if at in self.place_at:
                return self.place_at[at]
            at = paths.parent(at)
        return -1

    def without_places(self, name: str, place: int) -> str:
        """A name without those of the places it lies in that stand in front of it."""
        for locality in self.whole:
            name = name.removeprefix(locality)
        if place < 0:
            return name
        for one in (*self.places[place].above, place):
            for form in self.places[one].forms:
                if name.startswith(form.text):
                    name = name[form.length :]
                    break
        return name

    def _add_label(self, at: int, label: Labelled) -> None:
        place = self.place_of(label.scope_path)
        for nth, piece in enumerate(read(label.label)):
            name = self.without_places(piece.name, place) if nth == 0 else piece.name
            if not name and not piece.numbers:
                continue
            entry = self.entries[self._entry(name, place)]
            entry.members.append(at)
            if piece.numbers:
                entry.numbers.setdefault(number_key(piece.sort, piece.numbers), []).append(at)
                if len(piece.numbers) > 1:
                    entry.numbers.setdefault(number_key(piece.sort, piece.numbers[:1]), []).append(at)

    def _add_street(self, street: Labelled) -> None:
        place = self.place_of(street.scope_path)
        name = self.without_places(plain(street.label), place)
        if name:
            self.streets[self._entry(name, place)].append(street)

    def _entry(self, name: str, place: int) -> int:
        body = self._body_at.get(name)
        if body is None:
            body = self._body_at[name] = len(self.bodies)
            bare = _GENERIC.sub("", name)
            self.bodies.append(
                Body(_name(name) if name else None, _name(bare) if bare != name and len(bare) > 1 else None)
            )
        found = self._entry_at.get((body, place))
        if found is None:
            found = self._entry_at[body, place] = len(self.entries)
            self.entries.append(Entry(body, place))
        return found

    def _number_bodies(self) -> None:
        self.by_body: Mapping[int, NDArray[np.int64]] = {}
        some: dict[int, list[int]] = defaultdict(list)
        for at, entry in enumerate(self.entries):
            some[entry.body].append(at)
        self.by_body = {body: np.array(entries, dtype=np.int64) for body, entries in some.items()}
        self.entry_place = np.array([entry.place for entry in self.entries], dtype=np.int64)
        self.nameless = self._body_at.get("")
        self.body_postings = Postings([body.name.text if body.name else "" for body in self.bodies])
        self.place_postings = Postings([place.forms[-1].text for place in self.places])


def number_key(sort: Sort, numbers: Sequence[str]) -> str:
    """What a number is kept under."""
    return f"{sort}:{'/'.join(numbers)}"


def short_form(name: str) -> str:
    """A division's name without the word for its office: 昙石村民委员会 is 昙石村; also inside a grid's name."""
    for ending, short in _OFFICES:
        stem, found, rest = name.partition(ending)
        if found and len(stem) > 1:
            return (stem if stem.endswith(short) else stem + short) + rest
    return name


def _name(text: str) -> Name:
    return Name(text, sounds_of(text))
