"""Is this the same thing as that? The same matter, near in place and time, in similar words.

Words are compared by character bigrams, so no word list is needed and two-character names still count. The weights say
what officials do: place decides, matter next, words help; time only fades.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

EARTH_M = 6_371_000.0


@dataclass(frozen=True)
class Sighting:
    """A case as far as it may be the same as another. `lon`, `lat`: WGS84 degrees; `class_code` groups matters."""

    id: str
    matter: str | None
    class_code: str | None
    lon: float | None
    lat: float | None
    at: datetime
    words: str


@dataclass(frozen=True)
class Nearness:
    """How far "near" reaches. Metres, days; `least` is the score from which two count as the same."""

    metres: float = 150.0
    days: float = 30.0
    least: float = 0.55


@dataclass(frozen=True)
class Match:
    """A case that may be the same, and how sure we are (0 to 1)."""

    id: str
    score: float
    distance_m: float


PLACE, MATTER, WORDS, TIME = 0.45, 0.25, 0.2, 0.1


def likely(new: Sighting, others: Iterable[Sighting], nearness: Nearness, *, most: int = 5) -> tuple[Match, ...]:
    """Cases that are probably the same thing, likeliest first, at most `most`."""
    found = []
    for other in others:
        match = compare(new, other, nearness)
        if match is not None and match.score >= nearness.least and other.id != new.id:
            found.append(match)
    return tuple(sorted(found, key=lambda one: (-one.score, one.distance_m, one.id))[:most])


def compare(new: Sighting, other: Sighting, nearness: Nearness) -> Match | None:
    """The score of one pair; None when they cannot be the same: too far, too long ago, or plainly another matter."""
    if new.lon is None or new.lat is None or other.lon is None or other.lat is None:
        return None
    distance = metres_between(new.lon, new.lat, other.lon, other.lat)
    days = abs((new.at - other.at).total_seconds()) / 86400
    if distance > nearness.metres or days > nearness.days:
        return None
    so_far = PLACE * (1 - distance / nearness.metres) ** 0.5 + TIME * (1 - days / nearness.days)
    if so_far + MATTER * (_same_matter(new, other, 1.0) or 0.0) + WORDS < nearness.least:
        # Not even the same words would make it the same; comparing them is what costs.
        return None
    words = similarity(new.words, other.words)
    matter = _same_matter(new, other, words)
    if matter is None:
        return None
    return Match(other.id, round(so_far + MATTER * matter + WORDS * words, 3), round(distance, 1))


def _same_matter(new: Sighting, other: Sighting, words: float) -> float | None:
    """1 the same, 0.5 of the same class or not classified yet; None for another class unless the words agree."""
    if new.matter is not None and new.matter == other.matter:
        return 1.0
    if new.matter is None or other.matter is None or (new.class_code and new.class_code == other.class_code):
        return 0.5
    return 0.25 if words >= 0.6 else None


def similarity(one: str, other: str) -> float:
    """Share of common character bigrams (Dice), 0 to 1. Punctuation, spaces and width do not count."""
    left, right = bigrams(one), bigrams(other)
    if not left or not right:
        return 0.0
    return 2 * len(left & right) / (len(left) + len(right))


@lru_cache(maxsize=2048)
def bigrams(text: str) -> frozenset[str]:
    """Pairs of neighbouring characters; the character itself for a text of one."""
    clean = re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).lower())
    if len(clean) == 1:
        return frozenset(clean)
    return frozenset(clean[at : at + 2] for at in range(len(clean) - 1))


def metres_between(lon: float, lat: float, other_lon: float, other_lat: float) -> float:
    """Great-circle distance in metres between two WGS84 points."""
    north, other_north = math.radians(lat), math.radians(other_lat)
    rise = math.sin((other_north - north) / 2) ** 2
    run = math.sin(math.radians(other_lon - lon) / 2) ** 2
    return 2 * EARTH_M * math.asin(math.sqrt(rise + math.cos(north) * math.cos(other_north) * run))
