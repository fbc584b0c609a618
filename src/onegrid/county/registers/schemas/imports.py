"""Imports as the API takes and tells them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from ninja import Schema
from pydantic import StringConstraints

Kind = Literal["residents", "households", "dwellings", "buildings", "premises", "organisations"]
State = Literal["uploaded", "waiting", "running", "done", "cancelled", "failed"]
Mode = Literal["all_good", "whole_batch"]
Title = Annotated[str, StringConstraints(max_length=60)]


class ImportOut(Schema):
    """A file on its way into a register. `done` of about `total` rows are settled: added, changed, same or bad."""

    id: str
    kind: Kind
    name: str
    encoding: str
    mode: Mode
    state: State
    state_title: str
    failure: str
    done: int
    total: int
    added: int
    changed: int
    same: int
    bad: int
    by: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    left_seconds: int | None
    """About how long it still takes; null when it does not run."""
    report: bool
    """Whether there are rows to take back as a workbook."""


class ImportList(Schema):
    """The newest imports of the caller's grids."""

    items: list[ImportOut]


class ImportFieldOut(Schema):
    """A column of ours: which of the file's columns it is taken from, '' for none."""

    key: str
    title: str
    needed: bool
    found: str


class ImportSheetOut(ImportOut):
    """The file itself: its columns, what they are taken for, and a few rows, masked."""

    header: list[str]
    fields: list[ImportFieldOut]
    unknown: list[str]
    missing: list[str]
    sample: list[dict[str, str]]


class MappingIn(Schema):
    """Column of ours → title in the file, '' for none. Columns not named are guessed."""

    mapping: dict[Annotated[str, StringConstraints(max_length=40)], Title]


class ProblemOut(Schema):
    """One thing wrong with a row. `value` is masked."""

    line: int
    column: str
    title: str
    value: str
    reason: str


class AheadOut(Schema):
    """What the first rows would do; nothing was stored."""

    rows: int
    added: int
    changed: int
    same: int
    bad: int
    problems: list[ProblemOut]


class StartIn(Schema):
    """all_good: every good row goes in. whole_batch: of some thousand rows all or none."""

    mode: Mode = "all_good"
