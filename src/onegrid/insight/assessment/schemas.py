"""The published figures as the API shows them."""

from __future__ import annotations

from datetime import date

from ninja import Field, Schema


class FigureNarrowed(Schema):
    """Which cases a measure is about; any where a field is empty."""

    kinds: list[str]
    channel: str
    bearer: str
    on_the_spot: bool | None


class FigureHow(Schema):
    """How a figure is computed: a measure of the closed list and what it is of."""

    measure: str
    of: str
    cases: FigureNarrowed


class PublishedFigure(Schema):
    """A published number beside the same number computed here."""

    key: str
    unit: str
    value: float
    source: str = Field(description="The sentence it was published in, as published.")
    later: str = Field(description="The capability that will carry it; empty for a computed one.")
    full_scale: bool = Field(description="The demonstration reproduces it at full scale.")
    how: FigureHow | None
    computed: float | None = Field(description="Null where nothing carries it, or there is nothing to divide by.")
    equal: bool | None = Field(description="Whether both are the same to the places it was published with.")
    query: str | None = Field(description="Query string of /cases that lists the counted cases, where there is one.")


class PublishedFiguresOut(Schema):
    """All figures of the locality's pack, as they stand on a day."""

    day: date
    figures: list[PublishedFigure]
