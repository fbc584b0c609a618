"""What happened to the grids of a draft since it was begun, as the API shows it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from ninja import Field, Schema


class MovedGrid(Schema):
    """A grid that is not as it was."""

    key: str
    name: str
    level_title: str
    how: Literal["new", "redrawn", "renamed", "retired"]


class DraftSince(Schema):
    """A draft that came into force since."""

    title: str
    author: str
    at: datetime


class SinceOut(Schema):
    """What changed, and whether the draft can be carried over."""

    grids: list[MovedGrid]
    more: int = Field(description="Grids that changed too and are not listed.")
    drafts: list[DraftSince] = Field(description="In the reader's sight, the last first.")
    clashes: list[str] = Field(description="Names of grids that the draft changes too.")
    carries: bool
