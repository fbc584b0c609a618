"""What a told life is made of: where, and how often it takes a side road."""

from __future__ import annotations

from dataclasses import dataclass


class CannotTell(Exception):
    """This life cannot be lived here: nobody holds a duty it needs, or it would reach past its end. Try another."""


@dataclass(frozen=True)
class Spot:
    """Where something happens: a point, its grid and its address."""

    lon: float
    lat: float
    grid_id: int
    scope_path: str
    address: str


@dataclass(frozen=True)
class Turns:
    """How often the side roads are taken, as shares of cases that could take them."""

    returned: float = 0.03
    failed: float = 0.03
    extended: float = 0.03
    suspended: float = 0.02
    whistled: float = 0.02
    residents: float = 0.5
