"""Colleagues as the API shows them."""

from __future__ import annotations

from typing import Annotated

from ninja import Field, Schema
from pydantic import StringConstraints


class ColleagueOut(Schema):
    """Somebody who works in or above the caller's grid. The number is masked; calling is asked for."""

    id: str = Field(description="Of the appointment.")
    name: str
    title: str
    place: str
    phone: str = Field(description="Masked; empty when none is on record.")
    own: bool = Field(description="Works in the caller's own grid.")


class ColleagueList(Schema):
    """Colleagues, the nearest first."""

    items: list[ColleagueOut]


class CallIn(Schema):
    """Why somebody is called."""

    purpose: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=200)]


class CallOut(Schema):
    """The number to dial; the look is on record."""

    phone: str
