"""What the case API gives. Selectors fill these; nothing is decided here.

Every id is a string, every time is UTC with a `Z`, every `*_word` or `text` is in the language the reader asked for.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from ninja import Field, Schema

from onegrid.county.grids.schemas.addresses import AddressOut
from onegrid.foundation.accounts.schemas import Ref

DueState = Literal["in_time", "due_soon", "overdue", "paused", "none"]


class MatterRef(Schema):
    """A catalogue entry by its code."""

    code: str
    name: str


class Due(Schema):
    """The earliest running clock of a case, in words and seconds."""

    at: datetime | None = None
    kind: str = ""
    kind_word: str = ""
    state: DueState = "none"
    remaining_s: int | None = Field(None, description="Wall seconds left; negative when over.")
    text: str = ""


class CaseRow(Schema):
    """One line of a queue."""

    id: str
    number: str
    title: str
    status: str
    status_word: str
    matter: MatterRef | None
    place: str
    grid: Ref
    lon: float | None
    lat: float | None
    department: Ref | None
    reported_at: datetime
    due: Due
    supervised: bool
    urged: bool
    severity: Literal["normal", "urgent"]
    thumb: str | None = Field(None, description="Path of a small picture, or null.")
    channel: str
    channel_word: str
    version: int


class CasePage(Schema):
    """A page of a queue; `next` is the cursor of the following page."""

    items: list[CaseRow]
    next: str | None
    looked_to: date | None = Field(
        None,
        description="When little fits: the search stopped for now at this day, and `next` goes on.",
    )


class ChainGrid(Schema):
    """One grid of the chain a place lies in, top first."""

    id: str
    code: str
    name: str
    level: str
    level_title: str
    scope_path: str


class ReporterOut(Schema):
    """Who reported; masked unless revealed."""

    id: str
    name: str
    phone: str
    anonymous: bool
    via: str
    at: datetime
    mine: bool = False


class CasePhoto(Schema):
    """A picture that belongs to the case."""

    id: str
    url: str
    thumb: str
    kind: str
    taken_at: datetime | None = Field(None, description="By the clock of the device that took it.")


class SegmentOut(Schema):
    """A stretch of a clock, running or paused and why."""

    kind: Literal["running", "paused"]
    why: str
    calendar: str = ""
    start: datetime
    end: datetime | None


class ClockOut(Schema):
    """A running limit."""

    id: str
    kind: str
    kind_word: str
    assignment: str | None
    state: str
    state_word: str
    due_at: datetime | None
    limit_text: str
    breached: bool
    segments: list[SegmentOut]


class AssignmentOut(Schema):
    """One department's or grid's duty in the case."""

    id: str
    kind: str
    kind_word: str
    department: Ref | None
    grid: Ref | None
    state: str
    state_word: str
    due: Due
    mine: bool


class StepOut(Schema):
    """One recorded action: who, of which unit, when, what."""

    seq: int
    at: datetime
    device_at: datetime | None
    action: str
    action_word: str
    actor: str
    position: str
    unit: str
    words: str
    details: list[str]
    photos: list[CasePhoto]
    used_s: int | None = Field(None, description="Wall seconds since the step before.")


class OptionOut(Schema):
    """One choice of a field."""

    key: str
    label: str


class FieldOut(Schema):
    """One field of an action's form."""

    name: str
    kind: str
    required: bool
    label: str
    options: list[OptionOut]
    max: int | None


class OfferOut(Schema):
    """An action this reader may do now, with the form it needs."""

    action: str
    label: str
    assignment: str | None
    primary: bool
    fields: list[FieldOut]


class Guess(Schema):
    """A matter the words may mean."""

    matter: MatterRef
    confidence: float


class Proposal(Schema):
    """Which department should have it, and by when."""

    department: Ref | None
    joint: list[Ref]
    why: str
    limit_text: str


class NearCase(Schema):
    """A case near in place, time and words: perhaps the same."""

    id: str
    number: str
    title: str
    status: str
    status_word: str
    distance_m: int
    reported_at: datetime
    thumb: str | None


class RatingOut(Schema):
    """What the reporter thought of it."""

    stars: int
    words: str
    at: datetime


class CaseDetail(CaseRow):
    """Everything the reader may know of a case."""

    words: str
    address: str
    chain: list[ChainGrid]
    anonymous: bool
    confidential: bool
    on_the_spot: bool
    reopened: int
    track_code: str | None = Field(None, description="Only for the reporter and the centre that holds the case.")
    merged_into: str | None
    reporters: list[ReporterOut]
    photos: list[CasePhoto]
    clocks: list[ClockOut]
    assignments: list[AssignmentOut]
    timeline: list[StepOut]
    actions: list[OfferOut]
    guesses: list[Guess]
    proposal: Proposal | None
    near: list[NearCase]
    rating: RatingOut | None
    pack_version: str
    reported_grid: Ref
    device_at: datetime | None


class PreviewPlace(Schema):
    """Where a point lies."""

    chain: list[ChainGrid]
    address: str


class MeantPlace(AddressOut):
    """A place the words of a report may mean."""


class PreviewOut(Schema):
    """What the platform makes of a report before it is filed."""

    place: PreviewPlace | None
    guesses: list[Guess]
    sure: bool
    proposal: Proposal | None
    near: list[NearCase]
    places: list[MeantPlace] = Field(description="Without a point: where address and words may mean, surest first.")


class Counts(Schema):
    """How many cases lie in each tab, and how many burn: exact up to 999, and at least that for those in `more`."""

    tabs: dict[str, int]
    due: dict[str, int]
    more: list[str] = Field(description="Names among `tabs` and `due` that hold at least as many, perhaps more.")


class MapPoint(Schema):
    """A case on the map."""

    id: str
    lon: float
    lat: float
    state: DueState | Literal["closed"]
    status: str
    count: int = 1


class MapPoints(Schema):
    """Points of one map window; `clustered` when they had to be counted together."""

    points: list[MapPoint]
    clustered: bool
    left_out: Literal["", "closed", "older"] = Field("", description="What of the list is not among the points.")


class TrackStep(Schema):
    """One line of progress in plain words."""

    at: datetime
    text: str


class Promise(Schema):
    """Who has it and by when."""

    department: str
    at: datetime | None
    text: str


class Track(Schema):
    """What a reporter sees of a case: no names of staff, no other reporters."""

    id: str
    number: str
    title: str
    status: str
    status_word: str
    reported_at: datetime
    place: str
    steps: list[TrackStep]
    promise: Promise | None
    can: list[str]
    urge_from: datetime | None = Field(None, description="Reminded lately: from then on again.")
    rating: RatingOut | None
    photos: list[CasePhoto]
    track_code: str
    version: int


class TrackPage(Schema):
    """A resident's own cases."""

    items: list[Track]
    next: str | None


class RevealOut(Schema):
    """The unmasked contact; the look is on record before this leaves."""

    name: str
    phone: str


class QuarantinedOut(Schema):
    """Something a phone sent that could not be applied, and why."""

    id: str
    case: str | None
    number: str | None
    action: str
    reason: str
    message: str
    at: datetime
    device_at: datetime | None
    sender: str
    body: dict[str, Any]
    settled: bool


class QuarantinePage(Schema):
    """Held-back items, newest first."""

    items: list[QuarantinedOut]
    next: str | None


class ReasonOut(Schema):
    """One reason a pack allows, for a kind of step."""

    key: str
    label: str
