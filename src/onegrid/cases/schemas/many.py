"""What the operations on many cases take and give: batches, exports, and the words of a list."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from ninja import Field, Schema
from pydantic import StringConstraints

from onegrid.cases.flow.batch import Row
from onegrid.cases.schemas.answered import FieldOut, MatterRef, OptionOut
from onegrid.cases.schemas.asked import CaseFilter, Key
from onegrid.foundation.accounts.schemas import Ref

MOST = 200
"""Rows of one batch: a few seconds of work."""

ActionName = Annotated[str, StringConstraints(max_length=40, pattern=r"^[a-z_]+$")]


class BatchPreviewIn(Schema):
    """Which action on which cases."""

    action: ActionName
    cases: list[UUID] = Field(min_length=1, max_length=MOST)


class BatchPreviewRow(Schema):
    """What the action would do to one case."""

    case: str
    number: str
    title: str
    status: str
    status_word: str
    version: int
    possible: bool
    message: str = Field(description="Why it is not possible.")
    assignment: str | None
    matter: MatterRef | None = Field(description="The case's own, or the likeliest one.")
    department: Ref | None = Field(description="Who is proposed.")
    joint: list[Ref]
    limit_text: str
    declined: bool = Field(description="The proposed department has already sent it back.")


class BatchPreviewOut(Schema):
    """Row by row in the order asked for, and the form they share. `missing` were not in the reader's sight."""

    rows: list[BatchPreviewRow]
    missing: int
    fields: list[FieldOut]


class BatchRow(Schema):
    """One case: the sender's own key, the version he saw, and what is filled in for this case only."""

    case: UUID
    key: Key
    version: int | None = Field(None, ge=0)
    assignment: str | None = Field(None, max_length=64)
    fields: dict[str, Any] = Field(default_factory=dict, max_length=20)


class BatchIn(Schema):
    """One action on many cases. `fields` go to every row; a row's own come before them."""

    action: ActionName
    rows: list[BatchRow] = Field(min_length=1, max_length=MOST)
    fields: dict[str, Any] = Field(default_factory=dict, max_length=20)

    def as_rows(self) -> list[Row]:
        """The rows as the flow takes them."""
        return [
            Row(
                case=row.case, key=row.key, version=row.version, assignment=row.assignment,
                data={**self.fields, **row.fields},
            )
            for row in self.rows
        ]  # fmt: skip


class Fault(Schema):
    """What is wrong with one field."""

    field: str
    message: str


class BackStep(Schema):
    """A step that takes this one back, while nobody has gone on from it."""

    action: str
    assignment: str | None


class BatchResult(Schema):
    """What became of one row: done and how the case stands, or why not."""

    case: str
    done: bool
    code: str
    message: str
    fields: list[Fault]
    version: int | None
    status: str | None
    status_word: str | None
    back: list[BackStep]


class BatchOut(Schema):
    """Row by row in the order sent."""

    results: list[BatchResult]


class ListWords(Schema):
    """The words and bounds a list of cases needs, in the reader's language."""

    statuses: list[OptionOut]
    channels: list[OptionOut]
    batch: list[OptionOut] = Field(description="What this reader may do to many cases at once.")
    batch_most: int = MOST
    export_most: int = Field(description="Rows of one workbook; what fits beyond that is left out, and said.")


class ExportIn(Schema):
    """Which list is wanted as a workbook, and what for."""

    filter: CaseFilter
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=200)]
