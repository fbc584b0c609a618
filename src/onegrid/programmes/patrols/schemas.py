"""Duty and patrols as the API takes and shows them. Times are UTC; positions WGS84 degrees, accuracy in metres."""

from __future__ import annotations

from datetime import date, datetime
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


class GroundCare(Schema):
    """Somebody to visit. No name; the building alone."""

    id: str
    lon: float
    lat: float
    words: str
    due: date
    state: Literal["late", "due", "fine"]


class GroundDoor(Schema):
    """A building somebody lives in."""

    id: str
    lon: float
    lat: float
    words: str
    households: int


class GroundWalker(Schema):
    """A worker of the grid; `key` is his appointment, the place the middle of his grid."""

    key: str
    name: str
    title: str
    place: str
    lon: float
    lat: float


class RoundsGround(Schema):
    """What rounds through a grid can be made of."""

    grid: Ref
    today: date = Field(description="The locality's day: a device elsewhere may have another.")
    walkers: list[GroundWalker]
    care: list[GroundCare] | None = Field(description="Visits due until the day; null: the reader may not see care.")
    doors: list[GroundDoor]
    doors_offered: bool = Field(description="False: the grid is too large to walk all its doors.")


class HandedStopOut(Schema):
    """A place of a handed round."""

    kind: Literal["care", "case", "building"]
    id: Annotated[str, Field(min_length=1, max_length=64)]
    lon: Longitude
    lat: Latitude
    words: Annotated[str, Field(max_length=200)]
    minutes: Annotated[float, Field(ge=0, le=480)]


class OrderIn(Schema):
    """One walker's round for a day, as planned. Resending the same key with the same content changes nothing."""

    key: UUID
    walker: Annotated[str, Field(pattern=r"^[0-9]{1,18}$")]
    stops: Annotated[list[HandedStopOut], Field(min_length=1, max_length=200)]
    metres: Annotated[int, Field(ge=0, le=1_000_000)]
    minutes: Annotated[int, Field(ge=0, le=100_000)]


class HandIn(Schema):
    """Rounds of a team for one day."""

    day: date
    rounds: Annotated[list[OrderIn], Field(min_length=1, max_length=20)]


class HandedOut(Schema):
    """A round handed to a walker."""

    id: str
    day: date
    who: str
    by: str
    made_at: datetime
    stops: list[HandedStopOut]
    metres: int
    minutes: int


class HandedList(Schema):
    """Rounds of a day."""

    items: list[HandedOut]


class MyRound(Schema):
    """What the caller is sent on today; null: nothing."""

    round: HandedOut | None


class RoundsOut(Schema):
    """A round for each walker, in the order they were sent. Distances are straight lines."""

    rounds: list[RoundOut]
    left: list[str] = Field(description="Stops nobody has time for.")
    metres: int
