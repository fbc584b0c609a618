"""The building or grid that words mean, with the candidates there are and how sure each is.

Bodies (streets, estates) and places (villages, townships) that resemble the words are found by sound and compared with
them sign by sign; what they are in together is an entry, the number tells the building in it. A candidate's `fit` is 1
less what speaks against it: signs that differ, parts that are missing or not explained, another village's name, a
number the street does not have. Its `confidence` is the fit, shared among the candidates that fit about as well.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, NamedTuple

import numpy as np

from onegrid.county.grids.rules import paths
from onegrid.county.grids.rules.addresses.gazetteer import Body, Entry, Gazetteer, number_key, short_form
from onegrid.county.grids.rules.addresses.reading import SORTS, Piece, plain, read
from onegrid.county.grids.rules.addresses.sounds import sounds_of

BODIES: Final = 28
"""Names of streets and estates that are compared sign by sign."""
PLACES: Final = 18
NAMED: Final = 0.04
"""What a village that is named, however badly, has before one that is not."""
ROUGHLY: Final = 0.3
"""Before signs are accounted for, a place that is misspelt stands before one that is not named."""
ENTRIES: Final = 24
"""Entries whose every sign is accounted for."""
SHARPNESS: Final = 22.0
"""How soon a better fit leaves others no share of the confidence."""
LONGEST, MOST_PIECES = 200, 8
"""Signs of a text that are read, and names with numbers in them."""
LEAST: Final = 0.35
"""A fit below is no candidate."""

# What speaks against a candidate, in parts of a fit.
BODY, VILLAGE, UNSAID, BARE = 0.9, 0.4, 0.05, 0.06
BEFORE, BETWEEN, MOST_BEFORE = 0.012, 0.05, 0.12
UNMET: Final = 0.15
OTHER_VILLAGE, OTHER_SORT, PART_OF_NUMBER, NO_SUCH_NUMBER, NO_NUMBER = 0.25, 0.03, 0.05, 0.3, 0.12
MOST_UNLIKE, MOST_COST = 0.4, 0.5
"""Part of a place's signs that may differ, and the price of a body beyond which it is another one."""
HEARD: Final = 0.5
"""A place without its kind (昙石 for 昙石村) may have one sign that only sounds right."""
STREET: Final = re.compile(r"大道|路|街|巷|弄|小区|花园|新村|家园|苑|公寓|大厦|广场")
FIRST_NAMES: Final = re.compile(r"\A(?:.{2,3}省(?:.{2,3}市)?|.{2,3}市(?=.{2,3}[县区]))")
FILLING: Final = re.compile(
    r"附近|旁边|对面|门口|路口|路边|隔壁|楼下|里面|后面|前面|这里|那边|我家住在|住在|位于|地址|[在的旁]"
)

Kind = Literal["building", "street", "grid"]


@dataclass(frozen=True)
class Candidate:
    """One answer. `at` is the building's position among the gazetteer's labels, the entry's, or -1 for a grid."""

    kind: Kind
    at: int
    scope_path: str
    fit: float
    confidence: float = 0.0
    met: int = 0
    """Numbers of the words that lead to it."""


class _Nearby(NamedTuple):
    """A place that resembles part of the words: how unlike, and the signs it explains."""

    cost: float
    signs: int


@dataclass(frozen=True)
class _Text:
    """The names of a question in one, by sign and sound. `filling` are signs that need no explanation."""

    signs: str
    sounds: str
    filling: int


def resolve(book: Gazetteer, words: str, *, limit: int = 10) -> list[Candidate]:
    """At most so many candidates, the surest first; none for words that resemble nothing."""
    text = FIRST_NAMES.sub("", plain(words[:LONGEST]))
    for name in book.whole:
        text = text.replace(name, "", 1)
    pieces = read(text)[:MOST_PIECES]
    whole = _text("".join(piece.name for piece in pieces))
    near = _places(book, whole)
    found: dict[tuple[Kind, int, str], Candidate] = {}
    begin = numbered = 0
    for piece in pieces:
        for one in _of_piece(book, piece, begin, whole, near):
            key = (one.kind, one.at, one.scope_path)
            known = found.get(key)
            found[key] = one if known is None else _both(known, one)
        numbered += bool(piece.numbers)
        begin += len(piece.name)
    if numbered:
        # 人民路8号翠景花园2栋: another block of 人民路8号 bears only one of the numbers.
        found = {key: replace(one, fit=one.fit - UNMET * (numbered - one.met)) for key, one in found.items()}
    for one in _grids(book, text, pieces, whole, near):
        found.setdefault((one.kind, one.at, one.scope_path), one)
    return shared(_without_repeats(found.values()))[:limit]


def _both(one: Candidate, other: Candidate) -> Candidate:
    """A candidate that two names of the words lead to."""
    low, high = sorted((one.fit, other.fit))
    return replace(one, fit=high + (1 - high) * 0.5 * low, met=one.met + other.met)


def shared(found: Sequence[Candidate]) -> list[Candidate]:
    """The same with confidences, surest first; a street stands before its buildings, which say no more than it."""
    ranked = sorted(found, key=lambda one: (-round(one.fit, 6), one.kind != "street", one.at, one.scope_path))
    if not ranked:
        return []
    best = ranked[0].fit
    weights = [math.exp(SHARPNESS * (one.fit - best)) for one in ranked]
    total = sum(weights)
    return [
        replace(one, confidence=round(min(1.0, one.fit) * weight / total, 3))
        for one, weight in zip(ranked, weights, strict=True)
    ]


def surer(one: Candidate, confidence: float) -> Candidate:
    """The same candidate, more or less sure for what else is known."""
    return replace(one, confidence=round(confidence, 3))


def _without_repeats(found: Iterable[Candidate]) -> list[Candidate]:
    """Candidates that fit well enough; a grid that only holds a better candidate says nothing of its own."""
    some = [one for one in found if one.fit >= LEAST]
    precise = [one for one in some if one.kind != "grid"]
    return [
        one
        for one in some
        if one.kind != "grid"
        or not any(other.fit >= one.fit and other.scope_path.startswith(one.scope_path) for other in precise)
    ]


def _text(signs: str) -> _Text:
    filling = 0
    for found in FILLING.finditer(signs):
        filling |= _span(found.start(), found.end())
    return _Text(signs, sounds_of(signs), filling)


def _span(begin: int, end: int) -> int:
    return (1 << end) - (1 << begin)


def _places(book: Gazetteer, text: _Text) -> dict[int, _Nearby]:
    """Divisions that resemble part of the words, with those above them that do."""
    found: dict[int, _Nearby] = {}
    if not text.signs:
        return found
    asked = set(book.place_postings.best(text.signs, text.sounds, PLACES))
    for at in {above for one in asked for above in book.places[one].above} | asked:
        near = _place(book, at, text)
        if near is not None:
            found[at] = near
    return found


def _place(book: Gazetteer, at: int, text: _Text) -> _Nearby | None:
    """How unlike a place's best form and the words are; None when they do not name it."""
    place = book.places[at]
    bare_at = -1 if place.bare is None else text.signs.find(place.bare.text)
    street = bare_at >= 0 and place.bare is not None and STREET.match(text.signs, bare_at + place.bare.length)
    for form in place.forms:
        begin = text.signs.find(form.text)
        if begin >= 0:
            return _Nearby(0.0, _span(begin, begin + form.length))
    if street:
        # 石桥路 is no slip for 石桥村.
        return None
    if bare_at >= 0 and place.bare is not None:
        return _Nearby(BARE, _span(bare_at, bare_at + place.bare.length))
    short = place.forms[-1]
    hit = short.within(text.signs, text.sounds)
    if hit.unlike / short.length <= MOST_UNLIKE:
        return _Nearby(VILLAGE * hit.unlike / short.length, _span(hit.begin, hit.end))
    if place.bare is not None:
        hit = place.bare.within(text.signs, text.sounds)
        if hit.unlike <= HEARD and not STREET.match(text.signs, hit.end):
            return _Nearby(BARE + VILLAGE * hit.unlike / place.bare.length, _span(hit.begin, hit.end))
    return None


class _Match(NamedTuple):
    """A body that resembles the name of a piece."""

    body: int
    cost: float
    signs: int


def _bodies(book: Gazetteer, piece: Piece, begin: int, text: _Text) -> list[_Match]:
    """Bodies that resemble a piece's name, spans counted in the whole text."""
    name = piece.name
    sounds = text.sounds[begin : begin + len(name)]
    found: list[_Match] = []
    for at in book.body_postings.best(name, sounds, BODIES) if name else ():
        match = _body(book.bodies[at], name, sounds)
        if match is not None:
            cost, first, last = match
            found.append(_Match(at, cost, _span(begin + first, begin + last)))
    if book.nameless is not None and piece.numbers:
        found.append(_Match(book.nameless, 0.0, 0))
    return found


def _body(body: Body, name: str, sounds: str) -> tuple[float, int, int] | None:
    if body.name is None:
        return None
    hit = body.name.within(name, sounds)
    cost = BODY * hit.unlike / max(body.name.length, 2)
    begin, end = hit.begin, hit.end
    if hit.unlike and body.bare is not None:
        short = body.bare.within(name, sounds)
        bare = BARE + BODY * short.unlike / max(body.bare.length, 2)
        if bare < cost:
            cost, begin, end = bare, short.begin, short.end
    return (cost, begin, end) if cost <= MOST_COST else None


def _of_piece(book: Gazetteer, piece: Piece, begin: int, text: _Text, near: dict[int, _Nearby]) -> Iterator[Candidate]:
    """Buildings and streets a name and the numbers behind it may mean."""
    known = np.full(len(book.places) + 1, UNSAID)
    named = np.zeros(len(book.places) + 1, dtype=bool)
    for at, one in near.items():
        known[at], named[at] = ROUGHLY * one.cost, True
    rough: list[tuple[float, int, _Match]] = []
    for match in _bodies(book, piece, begin, text):
        entries = book.by_body[match.body]
        costs = match.cost + known[book.entry_place[entries]]
        if match.body == book.nameless:
            kept = np.flatnonzero(named[book.entry_place[entries]])
            entries, costs = entries[kept], costs[kept]
        order = np.argsort(costs, kind="stable")[: ENTRIES * 8]
        for at, cost in zip(entries[order].tolist(), costs[order].tolist(), strict=True):
            unnumbered = bool(piece.numbers) and _numbered(book.entries[at], piece) is None
            rough.append((cost + NO_SUCH_NUMBER * unnumbered, at, match))
    rough.sort(key=lambda one: one[:2])
    for _, at, match in rough[:ENTRIES]:
        yield from _of_entry(book, at, piece, match.cost + _against(book, at, match, text, near, begin, piece))


def _against(
    book: Gazetteer, at: int, match: _Match, text: _Text, near: dict[int, _Nearby], begin: int, piece: Piece
) -> float:
    """What speaks against an entry beside its body: its place unsaid or another's said, signs that nothing explains."""
    place = book.entries[at].place
    own = (place, *book.places[place].above) if place >= 0 else ()
    span = _span(0, begin + len(piece.name))
    signs = match.signs | text.filling
    for one in own[1:]:
        found = near.get(one)
        signs |= found.signs if found is not None else 0
    cost = UNSAID + _unexplained(signs, span)
    said = near.get(place)
    if said is not None and not (said.signs & match.signs and said.cost >= BARE):
        cost = max(0.0, min(cost, said.cost + _unexplained(signs | said.signs, span)) - NAMED)
        signs |= said.signs
    others = any(not one.cost and key not in own and not one.signs & signs for key, one in near.items())
    return cost + OTHER_VILLAGE * others


def _unexplained(signs: int, span: int) -> float:
    """The price of signs that nothing explains: little before the first that something does, more behind it."""
    left = span & ~signs
    if not left:
        return 0.0
    first = (signs & -signs).bit_length() - 1 if signs else span.bit_length()
    before = (left & _span(0, first)).bit_count()
    return min(MOST_BEFORE, BEFORE * before) + BETWEEN * (left.bit_count() - before)


def _numbered(entry: Entry, piece: Piece) -> tuple[list[int], float] | None:
    """Buildings of an entry that bear the piece's number, and what speaks against them."""
    for numbers, less in ((piece.numbers, 0.0), (piece.numbers[:1], PART_OF_NUMBER)):
        if less and len(piece.numbers) == 1:
            break
        for sort in (piece.sort, *SORTS):
            found = entry.numbers.get(number_key(sort, numbers))
            if found:
                return found, less + (OTHER_SORT if piece.sort and sort != piece.sort else 0.0)
    return None


def _of_entry(book: Gazetteer, at: int, piece: Piece, cost: float) -> Iterator[Candidate]:
    entry = book.entries[at]
    found = _numbered(entry, piece) if piece.numbers else None
    if found is not None:
        for building in found[0]:
            yield Candidate("building", building, book.labels[building].scope_path, 1 - cost - found[1], met=1)
        return
    less = NO_SUCH_NUMBER if piece.numbers else 0.0
    streets = book.streets.get(at, ())
    if len(entry.members) > 1 or streets:
        yield Candidate("street", at, street_path(book, at), 1 - cost - less, met=int(bool(piece.numbers)))
    if not piece.numbers:
        for building in entry.members:
            alone = len(entry.members) == 1
            yield Candidate(
                "building", building, book.labels[building].scope_path, 1 - cost - (0.0 if alone else NO_NUMBER)
            )


def street_path(book: Gazetteer, at: int) -> str:
    """The lowest grid that holds all of an entry."""
    entry = book.entries[at]
    held = [book.labels[one].scope_path for one in entry.members] or [one.scope_path for one in book.streets[at]]
    return common(held)


def common(scope_paths: Sequence[str]) -> str:
    """The lowest path that holds all of these."""
    low, high = min(scope_paths), max(scope_paths)
    return next((path for path in reversed(list(paths.ancestors(low))) if high.startswith(path)), paths.ROOT)


def _grids(
    book: Gazetteer, text: str, pieces: Sequence[Piece], whole: _Text, near: dict[int, _Nearby]
) -> Iterator[Candidate]:
    """Grids and divisions by their own names."""
    exact = {path for form in (text, short_form(text)) for path in book.exact.get(form, ())}
    for place in near:
        rest = text
        for one in (*book.places[place].above, place):
            for form in book.places[one].forms:
                rest = rest.replace(form.text, "", 1)
        if rest and rest != text:
            for form in book.places[place].forms:
                exact.update(book.exact.get(form.text + rest, ()))
    for path in sorted(exact):
        yield Candidate("grid", -1, path, 1.0)
    unused = sum(len(piece.numbers) for piece in pieces)
    whole_span = _span(0, len(whole.signs))
    for place, said in near.items():
        signs = said.signs
        for above in book.places[place].above:
            if above in near:
                signs |= near[above].signs
        cost = said.cost + _unexplained(signs | whole.filling, whole_span) + NO_SUCH_NUMBER * unused
        yield Candidate("grid", -1, book.places[place].scope_path, 1 - cost)


def agreed(found: Sequence[Candidate], share: float) -> tuple[str, float] | None:
    """The lowest path that holds candidates of so much confidence together, surest first; None when they have less."""
    held: list[str] = []
    total = 0.0
    for one in found:
        held.append(one.scope_path)
        total += one.confidence
        if total >= share:
            return common(held), total
    return None
