"""Drafts of the map as the API shows and takes them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from ninja import Field, Schema

from onegrid.county.grids.schemas.reading import GridOut

GeoJson = dict[str, Any]


class DraftLevel(Schema):
    """A level of a draft."""

    level: str
    title: str
    size: float
    tolerance: float
    before: int = Field(description="Grids when the draft was begun.")
    after: int = Field(description="Grids in the draft.")


class WorkOut(Schema):
    """How far a drawing is."""

    stage: str
    done: int
    total: int
    area: str


class DraftOut(Schema):
    """One draft."""

    id: str
    title: str
    state: str = Field(description="waiting, running, stopped, failed, open, sent, approved, applied, refused, dropped")
    state_title: str
    kind: str = Field(description="edited, drawn, imported")
    grid: GridOut
    scheme: str
    scheme_title: str
    author: str
    mine: bool
    created_at: datetime
    changed_at: datetime
    step: int
    steps: int
    last: str = Field(description="What undoing would take back.")
    levels: list[DraftLevel]
    work: WorkOut | None
    failure: str
    stale: bool = Field(description="Today's grids were changed since; told of one draft, not in lists.")
    faults: int = Field(description="Faults that keep it from being sent.")
    note: str
    sent_at: datetime | None
    sent_by: str
    decided_at: datetime | None
    decided_by: str
    decision: str
    effective_on: date | None
    applied_at: datetime | None
    may: list[str] = Field(description="edit, undo, redo, send, recall, decide, drop, stop, resume")


class DraftList(Schema):
    """Drafts, newest first."""

    items: list[DraftOut]
    next: str | None


class EditedOut(DraftOut):
    """A draft after an edit."""

    changed: list[str] = Field(description="Keys of cells that are new or different.")
    removed: list[str]


class NewIn(Schema):
    """A draft that begins as today's grids are."""

    grid: int
    scheme: str = Field(max_length=60)
    title: str = Field("", max_length=120)


class DraftStepIn(Schema):
    """The step the page shows; 409 `draft_moved_on` when the draft is at another."""

    step: int | None = Field(None, ge=0)


class SplitIn(DraftStepIn):
    """Cut a cell along a line."""

    cell: str = Field(max_length=20)
    line: GeoJson
    names: list[str] = Field(default_factory=list, max_length=20)
    snap_m: float = Field(8.0, ge=0, le=200)


class MergeCellsIn(DraftStepIn):
    """Make one of several siblings."""

    cells: list[str] = Field(min_length=2, max_length=200)
    name: str = Field("", max_length=80)


class BorderIn(DraftStepIn):
    """Move a border: a cell's whole outline, land it takes, or its border with another. Exactly one of the three."""

    cell: str = Field(max_length=20)
    outline: GeoJson | None = None
    take: GeoJson | None = None
    line: GeoJson | None = Field(None, description="The whole border with `other`, as `read_draft_border` gives it.")
    other: str = Field("", max_length=20)
    snap_m: float = Field(8.0, ge=0, le=200)


class SharedBorderOut(Schema):
    """The border two grids share, as lines of corners (longitude, latitude), the longest first."""

    lines: list[list[list[float]]]


class RenameIn(DraftStepIn):
    """Another name."""

    cell: str = Field(max_length=20)
    name: str = Field(min_length=1, max_length=80)


class SendIn(DraftStepIn):
    """Ask for approval."""

    note: str = Field("", max_length=500)
    effective_on: date | None = None


class DecideIn(DraftStepIn):
    """The county's word."""

    approve: bool
    reason: str = Field("", max_length=500)
    effective_on: date | None = None


class FaultOut(Schema):
    """Something wrong, and where."""

    kind: str
    grave: bool
    lon: float
    lat: float
    area_m2: float
    cells: list[str]
    names: list[str] = Field(description="Of the cells.")
    level: str = Field(description="Of the cells; empty where the land is nobody's.")
    text: str


class FaultList(Schema):
    """Everything that is wrong, grave faults first."""

    items: list[FaultOut]


class FileColumn(Schema):
    """A column of a file."""

    name: str
    examples: list[str]
    filled: int = Field(description="Rows in which something stands.")
    distinct: int


class FileColumnsOut(Schema):
    """The columns of a file, and which of them mean names, codes and levels; empty where none does."""

    rows: int
    columns: list[FileColumn]
    name: str
    code: str
    level: str


class FeatureCollection(Schema):
    """GeoJSON, WGS84."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[GeoJson]
    truncated: bool
