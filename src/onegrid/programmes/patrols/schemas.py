"""Duty and patrols as the API takes and shows them. Times are UTC; positions WGS84 degrees, accuracy in metres."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from ninja import Field, Schema
from pydantic import AwareDatetime

from onegrid.foundation.accounts.schemas import Ref

Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
Accuracy = Annotated[float, Field(ge=0, le=100_000, allow_inf_nan=False)]
InPlace = Literal["inside", "outside", "unknown"]


class StepIn(Schema):
    """Any step on duty: its key, and when it happened by the phone's clock."""

    key: UUID
    device_at: AwareDatetime | None = None


class PlacedStepIn(StepIn):
    """A step at a place; without a position it counts all the same."""

    lon: Longitude | None = None
    lat: Latitude | None = None
    accuracy: Accuracy | None = None


class PatrolIn(StepIn):
    """The beginning of a patrol."""

    spell: UUID


class PointIn(Schema):
    """One position of a track."""

    at: AwareDatetime
    lon: Longitude
    lat: Latitude
    accuracy: Accuracy


class TrackIn(StepIn):
    """A piece of a track."""

    points: Annotated[list[PointIn], Field(min_length=1, max_length=600)]


class SpellOut(Schema):
    """One spell of duty."""

    id: str
    grid: Ref
    began_at: datetime
    ended_at: datetime | None
    ended_by: Literal["", "person", "clock"]
    in_place: InPlace = Field(description="Whether the sign-in was in the grid of duty.")
    out_place: InPlace | Literal[""]
    doubtful: bool = Field(description="The phone's clock was ahead; the time is ours.")


class PatrolOut(Schema):
    """One patrol, counted."""

    id: str
    spell: str
    began_at: datetime
    ended_at: datetime | None
    ended_by: Literal["", "person", "next", "sign_out", "clock"]
    fixes: int
    refused: int = Field(description="Positions told that lay outside the patrol; they were not stored.")
    metres: int
    covered_s: int = Field(description="Seconds with positions.")
    gap_s: int = Field(description="Seconds without.")
    gaps: int
    jumps: int
    kept: bool = Field(description="Whether the points are still there.")


class GapOut(Schema):
    """A stretch without a position."""

    start: datetime
    end: datetime
    seconds: int


class PatrolTrack(PatrolOut):
    """A patrol with its track: lines broken at every gap, each point [longitude, latitude]."""

    lines: list[list[tuple[float, float]]]
    gap_list: list[GapOut]


class PatrolPage(Schema):
    """Patrols, newest first; `next` is the cursor of the following page."""

    items: list[PatrolOut]
    next: str | None


class DayOut(Schema):
    """The caller's day so far."""

    on_duty_s: int
    patrols: int
    metres: int
    covered_s: int
    gap_s: int


class DutyOut(Schema):
    """Whether the caller is on duty, and what this locality holds of it."""

    spell: SpellOut | None
    patrol: PatrolOut | None
    today: DayOut
    keep_days: int = Field(description="Days until the points of a track are deleted.")
    gap_seconds: int
    longest_hours: int


class RoundStopIn(Schema):
    """A place somebody has to go to. `key` is the sender's word for it."""

    key: Annotated[str, Field(min_length=1, max_length=64)]
    lon: Longitude
    lat: Latitude
    minutes: Annotated[float, Field(ge=0, le=480)] = 10.0


class RoundWalkerIn(Schema):
    """Somebody of the team: where he begins and ends, and how long he has."""

    key: Annotated[str, Field(min_length=1, max_length=64)]
    lon: Longitude
    lat: Latitude
    minutes: Annotated[float, Field(gt=0, le=720)] = 480.0


class RoundsIn(Schema):
    """A team and the places it has to go to."""

    stops: Annotated[list[RoundStopIn], Field(min_length=1, max_length=200)]
    walkers: Annotated[list[RoundWalkerIn], Field(min_length=1, max_length=20)]


class RoundOut(Schema):
    """One walker's stops in the order to walk."""

    walker: str
    stops: list[str]
    metres: int
    minutes: int = Field(description="On the way and at the stops.")


class RoundsOut(Schema):
    """A round for each walker, in the order they were sent. Distances are straight lines."""

    rounds: list[RoundOut]
    left: list[str] = Field(description="Stops nobody has time for.")
    metres: int
