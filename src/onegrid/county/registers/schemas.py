"""The registers as the API shows them."""

from __future__ import annotations

from ninja import Schema

from onegrid.county.grids.schemas import GridOut


class LeaderOut(Schema):
    """Who looks after a grid."""

    name: str
    title: str


class CentreOut(Schema):
    """The grid centre that answers for a place, and the number to call. ``line`` names whose number it is when it is
    not the centre's own: a centre's above, or the locality's hotline."""

    name: str
    phone: str | None = None


class MyGridOut(Schema):
    line: str = ""
    """Where a resident lives, and whom to turn to."""

    grid: GridOut
    address: str
    leader: LeaderOut | None
    centre: CentreOut | None
