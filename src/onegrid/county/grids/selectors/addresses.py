"""Addresses by words: what the locality's own villages, streets, buildings and door plates make of them.

One gazetteer per locality and map version lives in the process, beside the index of places; it is made when somebody
first asks for words. Buildings that other modules know and the map does not are asked for by key, and those added since
join it; one that was renamed or given up is seen to with the next version of the map. Nothing in it is personal.
"""

from __future__ import annotations

import math
import threading
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final, Protocol
from weakref import WeakKeyDictionary

import numpy as np

from onegrid.county.grids.models import MapFeature
from onegrid.county.grids.rules import paths
from onegrid.county.grids.rules.addresses import resolver
from onegrid.county.grids.rules.addresses.gazetteer import Gazetteer, Labelled, Named
from onegrid.county.grids.rules.addresses.resolver import Candidate, Kind
from onegrid.county.grids.rules.metres import distance_m
from onegrid.county.grids.selectors.places import Address, LocalityIndex, index

SURE: Final = 0.8
"""From this confidence on a case is filed at the place its words mean, without anybody choosing."""
ABOUT_AS_GOOD: Final = 0.08
"""Candidates whose fit differs by less count as equal when a point says which is meant."""
HELD: Final = 0.5
"""How well an address fits at most that only contains the words as they were typed."""
FAR_M: Final = 500.0
"""Metres at which a candidate counts half as much as one at the point."""


@dataclass(frozen=True)
class Hit:
    """A building, street or grid that words may mean. `place` are the names it lies in, the locality's left out."""

    kind: Kind
    label: str
    lon: float
    lat: float
    scope_path: str
    confidence: float
    place: str


@dataclass(frozen=True)
class Meant:
    """Where words surely lie: the lowest grid that holds what they may mean, and the point if it is one building."""

    scope_path: str
    confidence: float
    label: str = ""
    lon: float | None = None
    lat: float | None = None


class Source(Protocol):
    """Buildings a module above knows."""

    def newest(self) -> int:
        """The key of the newest one, 0 for none."""

    def since(self, key: int) -> Sequence[Address]:
        """All of them with a higher key, first made first."""


_sources: list[Source] = []


def use(source: Source) -> None:
    """Take addresses from this module too; said once, when the apps are ready."""
    _sources.append(source)


class Book:
    """The gazetteer of one locality at one version of its map, and its addresses as one text to search."""

    def __init__(self, known: LocalityIndex) -> None:
        self.known = known
        self.addresses = list(known.addresses)
        self._seen: dict[int, int] = {}
        self._drawn = {(one.label, one.scope_path) for one in known.addresses} if _sources else set()
        self.turn = threading.Lock()
        grids = [Named(one.name, one.scope_path, not one.scheme) for one in known.grids.values() if one.active]
        self.addresses += self._fresh()
        labels = [Labelled(one.label, one.scope_path) for one in self.addresses]
        self.streets = _streets()
        named = [Labelled(one.label, one.scope_path) for one in self.streets]
        self.gazetteer = Gazetteer(grids, labels, named)
        self._points = {(one.label, one.scope_path): one for one in self.streets}
        self._by_path = {one.scope_path: one for one in known.grids.values()}
        self._index_text()

    def _index_text(self) -> None:
        self._text = "\n".join(one.label for one in self.addresses)
        self._starts = list(accumulate((len(one.label) + 1 for one in self.addresses), initial=0))

    def _fresh(self) -> list[Address]:
        """Buildings of other modules that are in neither the map nor the book."""
        found: list[Address] = []
        for nth, source in enumerate(_sources):
            newest = source.newest()
            if newest > self._seen.get(nth, 0):
                rows = source.since(self._seen.get(nth, 0))
                found += [one for one in rows if (one.label, one.scope_path) not in self._drawn]
                self._seen[nth] = newest
        return found

    def refresh(self) -> None:
        """Take in what was added since the book was made. Called while it is this thread's turn."""
        fresh = self._fresh()
        if fresh:
            self.addresses += fresh
            self.gazetteer.add([Labelled(one.label, one.scope_path) for one in fresh])
            self._index_text()

    def holding(self, words: str, most: int) -> list[int]:
        """Positions of at most so many addresses that contain the words as they are."""
        found: list[int] = []
        at = self._text.find(words) if words else -1
        while at >= 0 and len(found) < most:
            label = bisect_right(self._starts, at) - 1
            found.append(label)
            at = self._text.find(words, self._starts[label + 1])
        return found

    def hit(self, one: Candidate) -> Hit:
        """A candidate with its name, point and place."""
        if one.kind == "grid":
            grid = self._by_path[one.scope_path]
            return self._hit(one, grid.name, grid.lon, grid.lat, above=1)
        if one.kind == "building":
            address = self.addresses[one.at]
            return self._hit(one, address.label, address.lon, address.lat)
        return self._street(one)

    def _street(self, one: Candidate) -> Hit:
        entry = self.gazetteer.entries[one.at]
        body = self.gazetteer.bodies[entry.body].name
        place = self.gazetteer.places[entry.place].forms[-1].text if entry.place >= 0 else ""
        label = place + (body.text if body else "")
        drawn = self.gazetteer.streets.get(one.at)
        if entry.members:
            spots = [self.addresses[at] for at in entry.members]
            middle = sorted(spots, key=lambda spot: (spot.lon + spot.lat, spot.lon))[len(spots) // 2]
        else:
            middle = self._points[drawn[0].label, drawn[0].scope_path] if drawn else self.addresses[0]
        return self._hit(one, label, middle.lon, middle.lat)

    def _hit(self, one: Candidate, label: str, lon: float, lat: float, above: int = 0) -> Hit:
        chain = list(paths.ancestors(one.scope_path))[1 : None if not above else -above]
        names = [self._by_path[path].name for path in chain if path in self._by_path and not self._by_path[path].scheme]
        return Hit(one.kind, label, lon, lat, one.scope_path, one.confidence, " · ".join(names))

    def metres(self, one: Candidate, point: tuple[float, float]) -> float:
        """From a point to a candidate."""
        hit = self.hit(one)
        return float(distance_m(*point, np.array([hit.lon]), np.array([hit.lat]))[0])


def _streets() -> list[Address]:
    """Streets, waters and parks that have a name."""
    rows = MapFeature.objects.exclude(layer="building").exclude(name="").order_by("pk")
    return [Address(*row) for row in rows.values_list("name", "lon", "lat", "scope_path")]


_books: WeakKeyDictionary[LocalityIndex, Book] = WeakKeyDictionary()
_writing = threading.Lock()


def book() -> Book:
    """The current locality's, at the current version of its map."""
    known = index()
    found = _books.get(known)
    if found is None:
        with _writing:
            found = _books.get(known)
            if found is None:
                found = _books[known] = Book(known)
    return found


def find_addresses(words: str, near: tuple[float, float] | None, limit: int) -> list[Hit]:
    """What the words may mean, surest first; with a point the nearest first among what fits about as well.

    Without words the addresses nearest to the point, whose confidence falls with the distance.
    """
    if not words.strip():
        return _nearest(near, limit) if near else []
    open_book = book()
    with open_book.turn:
        open_book.refresh()
        found = _candidates(open_book, words, limit)
        if near is not None:
            found = _by_distance(open_book, found, near)
        return [open_book.hit(one) for one in found[:limit]]


def meant(words: str) -> Meant | None:
    """The building or grid words surely mean, below the whole locality; None when they leave it open."""
    open_book = book()
    with open_book.turn:
        open_book.refresh()
        found = resolver.resolve(open_book.gazetteer, words, limit=50)
        if not found:
            return None
        first = found[0]
        hit = open_book.hit(first)
    if first.kind == "building" and first.confidence >= SURE:
        return Meant(first.scope_path, first.confidence, hit.label, hit.lon, hit.lat)
    agreed = resolver.agreed(found, SURE)
    if agreed is None or agreed[0] == paths.ROOT:
        return None
    return Meant(*agreed)


def _candidates(open_book: Book, words: str, limit: int) -> list[Candidate]:
    """Resolved ones; where these are few, addresses that contain what was typed, for it may be half a word."""
    found = resolver.resolve(open_book.gazetteer, words, limit=max(50, limit))
    typed = words.replace(" ", "")
    known = {one.at for one in found if one.kind == "building"}
    more = [
        Candidate("building", at, (label := open_book.addresses[at]).scope_path, HELD * len(typed) / len(label.label))
        for at in open_book.holding(typed, limit * 4)
        if at not in known
    ]
    return resolver.shared([*found, *more]) if more else found


def _by_distance(open_book: Book, found: Sequence[Candidate], point: tuple[float, float]) -> list[Candidate]:
    """Among candidates that fit about as well the nearest first; what is far is less sure."""
    away = [open_book.metres(one, point) for one in found]
    best = max((one.fit for one in found), default=0.0)
    weights = [one.confidence / (1 + metres / FAR_M) for one, metres in zip(found, away, strict=True)]
    scale = sum(one.confidence for one in found) / (sum(weights) or 1.0)
    order = sorted(range(len(found)), key=lambda at: (math.floor((best - found[at].fit) / ABOUT_AS_GOOD), away[at], at))
    return [resolver.surer(found[at], min(1.0, weights[at] * scale)) for at in order]


def _nearest(point: tuple[float, float], limit: int) -> list[Hit]:
    known = index()
    return [
        Hit("building", one.label, one.lon, one.lat, one.scope_path, round(1 / (1 + metres / FAR_M), 3), "")
        for one, metres in known.nearest_addresses(point, limit)
    ]
