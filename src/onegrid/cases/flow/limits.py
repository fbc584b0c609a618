"""Starts, stops, pauses and extends the clocks of a case, and computes their deadlines.

A clock is its limit and its segments; the deadline is never more than a computed column. Clocks belong to a round: a
reopened case begins a new one, so that a limit missed long ago does not spoil the work that follows.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from onegrid.cases.models import Case, Clock
from onegrid.cases.rules.clocks import (
    Calendar,
    Limit,
    Segment,
    Unit,
    deadline,
    ended,
    paused,
    resumed,
    started,
    warning,
)  # fmt: skip

LIVE = frozenset({"running", "paused"})
HANDLING_KINDS = frozenset({"handle", "stage"})
"""The clocks that decide whether a case was closed in time."""


class Clocks:
    """The clocks of one locked case. Changes are collected and written once by `changed`."""

    def __init__(
        self, case: Case, clocks: Iterable[Clock], *, calendar: Calendar, warn_share: float, now: datetime
    ) -> None:
        self.case = case
        self.all = list(clocks)
        self.calendar = calendar
        self.warn_share = warn_share
        self.now = now
        self._changed: dict[int, Clock] = {}

    def start(self, kind: str, limit: Limit | None, *, assignment: UUID | None = None, stage: str = "") -> None:
        """Begin a clock now; nothing happens when there is no limit or the same clock is already live."""
        if limit is None or self._standing(kind, assignment, stage):
            return
        clock = Clock(
            case=self.case,
            scope_path=self.case.scope_path,
            assignment_id=assignment,
            kind=kind,
            stage=stage,
            round=self.case.round,
            limit_value=limit.value,
            limit_unit=str(limit.unit),
            segments=rows_of(started(self.now)),
            state="running",
        )
        self._compute(clock)
        self.all.append(clock)

    def live(self, *kinds: str, assignment: UUID | None = None, stage: str | None = None) -> list[Clock]:
        """Clocks that run or stand paused, narrowed by kind, assignment and stage."""
        return [
            clock
            for clock in self.all
            if clock.state in LIVE
            and (not kinds or clock.kind in kinds)
            and (assignment is None or clock.assignment_id == assignment)
            and (stage is None or clock.stage == stage)
        ]

    def _standing(self, kind: str, assignment: UUID | None, stage: str) -> bool:
        return any(
            clock.state in LIVE and (clock.kind, clock.assignment_id, clock.stage) == (kind, assignment, stage)
            for clock in self.all
        )

    def stop(self, *kinds: str, assignment: UUID | None = None, stage: str | None = None) -> None:
        """End live clocks: met when the deadline has not passed, missed when it has."""
        for clock in self.live(*kinds, assignment=assignment, stage=stage):
            late = clock.state == "running" and clock.due_at is not None and self.now > clock.due_at
            self._end(clock, "missed" if late or clock.breached_at else "met")

    def void(self, *kinds: str, assignment: UUID | None = None) -> None:
        """End live clocks without judgement: the duty they measured is gone."""
        for clock in self.live(*kinds, assignment=assignment):
            self._end(clock, "void")

    def pause(self, why: str, *kinds: str, assignment: UUID | None = None) -> None:
        """Stand running clocks still, for a named reason."""
        for clock in self.live(*kinds, assignment=assignment):
            if clock.state == "running":
                clock.segments = rows_of(paused(segments_of(clock), why, self.now))
                clock.state = "paused"
                self._touch(clock)

    def resume(self, *kinds: str, assignment: UUID | None = None, why: str | None = None) -> None:
        """Let paused clocks run on from where they stood; with `why`, only those paused for that."""
        for clock in self.live(*kinds, assignment=assignment):
            if clock.state == "paused" and (why is None or clock.segments[-1]["why"] == why):
                self._run_on(clock)

    def hand_over(self, old: UUID, new: UUID) -> None:
        """Let the clocks that stood paused after a return run on under the same department's new assignment."""
        for clock in self.live(assignment=old):
            clock.assignment_id = new
            self._run_on(clock)

    def take_back(self, kind: str, *, assignment: UUID) -> None:
        """Undo a stop that was reported too early: the clock runs as if it had never stopped."""
        for clock in reversed(self.all):
            if clock.kind == kind and clock.assignment_id == assignment and clock.state in ("met", "missed"):
                clock.segments = [*clock.segments[:-1], {**clock.segments[-1], "end": None}]
                clock.state, clock.stopped_at = "running", None
                self._touch(clock)
                return

    def extend(self, by: Limit, *kinds: str, assignment: UUID | None = None) -> None:
        """Lengthen live clocks of these kinds by a granted extension."""
        for clock in self.live(*kinds, assignment=assignment):
            clock.extensions = [*clock.extensions, [by.value, str(by.unit)]]
            clock.breached_at = None
            clock.warned_at = None
            self._touch(clock)

    def mark_breached(self, clock: Clock) -> None:
        """Remember that the deadline passed; the clock runs on until the work is done. Nobody is warned of it any
        more."""
        clock.breached_at = self.now
        clock.warned_at = clock.warned_at or self.now
        if clock.pk is not None:
            self._changed[clock.pk] = clock

    def earliest(self) -> Clock | None:
        """The running clock that is due first."""
        running = [clock for clock in self.all if clock.state == "running" and clock.due_at is not None]
        return min(running, key=lambda clock: (clock.due_at, clock.kind), default=None)

    def in_time(self) -> bool:
        """Whether no handling limit of this round was missed."""
        mine = [clock for clock in self.all if clock.round == self.case.round and clock.kind in HANDLING_KINDS]
        return not any(clock.state == "missed" or clock.breached_at for clock in mine)

    def changed(self) -> tuple[list[Clock], list[Clock]]:
        """New clocks, and known clocks that changed."""
        return [clock for clock in self.all if clock.pk is None], list(self._changed.values())

    def _run_on(self, clock: Clock) -> None:
        clock.segments = rows_of(resumed(segments_of(clock), self.now))
        clock.state = "running"
        self._touch(clock)

    def _end(self, clock: Clock, state: str) -> None:
        clock.segments = rows_of(ended(segments_of(clock), self.now))
        clock.state = state
        clock.stopped_at = self.now
        if clock.pk is not None:
            self._changed[clock.pk] = clock

    def _touch(self, clock: Clock) -> None:
        self._compute(clock)
        if clock.pk is not None:
            self._changed[clock.pk] = clock

    def _compute(self, clock: Clock) -> None:
        limit, segments = Limit(clock.limit_value, Unit(clock.limit_unit)), segments_of(clock)
        more = [Limit(value, Unit(unit)) for value, unit in clock.extensions]
        clock.due_at = deadline(limit, segments, self.calendar, more)
        clock.warn_at = warning(limit, segments, self.calendar, self.warn_share, more)


def segments_of(clock: Clock) -> tuple[Segment, ...]:
    """The stored stretches of a clock as the rules take them."""
    return tuple(
        Segment(row["kind"], row["why"], datetime.fromisoformat(row["start"]),
                datetime.fromisoformat(row["end"]) if row["end"] else None)
        for row in clock.segments
    )  # fmt: skip


def rows_of(segments: Iterable[Segment]) -> list[dict[str, Any]]:
    """Stretches as they are stored."""
    return [
        {
            "kind": one.kind,
            "why": one.why,
            "start": one.start.isoformat(),
            "end": one.end.isoformat() if one.end else None,
        }
        for one in segments
    ]
