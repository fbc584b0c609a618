"""What a module hands in to be read by other systems' maps: a collection of features."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

Box = tuple[float, float, float, float]
"""West, south, east, north in WGS84 degrees."""
Kind = Literal["string", "integer", "number", "boolean", "date-time"]


@dataclass(frozen=True)
class Feature:
    """One thing with a place. `shape` is a shapely geometry in WGS84 degrees, longitude first, or None."""

    id: str
    shape: Any
    properties: Mapping[str, Any]


@dataclass(frozen=True)
class Asked:
    """What a client wants of a collection. `since` and `until` are both included; None is open.

    `equal` holds properties of the collection's own `filters`, as text. `after` is the key behind which to go on.
    """

    box: Box | None = None
    since: datetime | None = None
    until: datetime | None = None
    limit: int = 100
    after: str = ""
    equal: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Found:
    """A page: features, the key of the next page, and how many fit in all where that is cheap to know."""

    features: Sequence[Feature]
    following: str = ""
    matched: int | None = None


@dataclass(frozen=True)
class Extent:
    """Where and when a collection's features are."""

    box: Box
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Collection:
    """A collection. Functions run under the caller's own standing: what they cannot see is not there.

    `allowed` raises `NotSignedIn` or `Forbidden`. `items` and `one` get the actor too; `one` gives None for a feature
    that is missing or not in sight. `title` and `description` are message keys.
    """

    id: str
    title: str
    description: str
    properties: Mapping[str, Kind]
    allowed: Callable[[Any], None]
    items: Callable[[Any, Asked], Found]
    one: Callable[[Any, str], Feature | None]
    extent: Callable[[Any], Extent]
    filters: Sequence[str] = ()
    """Properties by which items can be chosen, each with one exact value."""
    geometry: str = "https://geojson.org/schema/Geometry.json"


_known: Final[dict[str, Collection]] = {}


def register(*collections: Collection) -> None:
    """Hand in collections; called once, when the apps are ready."""
    _known.update({one.id: one for one in collections})


def registered() -> tuple[Collection, ...]:
    """All that were handed in, in order."""
    return tuple(_known.values())
