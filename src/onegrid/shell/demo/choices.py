"""Who takes a step, when, and with what words and photos: the choices of which the life of a past case is made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import numpy as np

from onegrid.cases.models import Assignment
from onegrid.cases.permissions import Actor
from onegrid.county.matters.selectors import MatterInfo
from onegrid.shell.demo.casting import Cast
from onegrid.shell.demo.ledger import Book, Story
from onegrid.shell.demo.scripts import CannotTell
from onegrid.shell.demo.words import Speech

T = TypeVar("T")


@dataclass(kw_only=True)
class Choices:
    """Chooses. One random generator drives everything, so the same seed makes the same choices."""

    rng: np.random.Generator
    book: Book
    cast: Cast
    photo: Callable[[UUID, str, str, datetime, str], str]

    def __post_init__(self) -> None:
        self.speech = Speech(self.rng)

    def seat(self, rng: np.random.Generator) -> None:
        """Go on with another generator: every block of cases has its own, so that each can be told by itself."""
        self.rng, self.speech = rng, Speech(rng)

    def bearer(self, story: Story, assignment: Assignment) -> Actor:
        """Somebody who may act on an assignment: an officer of the department, or a worker of the grid."""
        if assignment.department_id is not None:
            return self._one(self.cast.officers(assignment.department_id))
        return self._one(
            [one for one in self.cast.upward(assignment.grid_path, "handle") if not one.department_path][:3]
        )

    def answer(
        self, story: Story, assignment: Assignment, matter: MatterInfo, bearer: Actor, now: datetime
    ) -> dict[str, Any]:
        """What handling asks for: words, photos, and the evidence ticked with the last stage."""
        work = story.work
        one = work.state.assignment(str(assignment.pk))
        last = one is None or one.stages_done + 1 >= len(one.stages)
        case = work.case
        data: dict[str, Any] = {
            "words": self.speech.handled(matter),
            "photos": [self.photo(case.pk, "after", bearer.word, now, case.scope_path)],
        }
        if last and work.rules.evidence:
            data["evidence"] = list(work.rules.evidence)
        return data

    def closing(self, story: Story, now: datetime) -> dict[str, Any]:
        """What the matter's closing rule asks for."""
        case, rule = story.work.case, story.work.rules.closing_rule
        if rule == "replied":
            return {"words": self.speech.one_of("已将办理结果答复反映人。", "已书面答复，反映人无异议。")}
        if rule == "agreement_signed":
            return {"photos": [self.photo(case.pk, "evidence", self.centre(story).word, now, case.scope_path)]}
        return {"confirmed": True} if rule == "reporter_confirmed" else {}

    def centre(self, story: Story) -> Actor:
        """Somebody who triages at the centre that holds the case."""
        return self._one(self.cast.at(story.work.case.desk_path, "triage"))

    def _other(self, actors: Sequence[Actor], than: set[str] | frozenset[str]) -> Actor:
        return self._one([one for one in actors if one.word not in than][:4])

    def _due(self, story: Story, assignment: Assignment) -> datetime | None:
        found = [
            clock.due_at
            for clock in story.work.clocks.live("handle", "stage", assignment=assignment.pk)
            if clock.due_at is not None
        ]
        return min(found, default=None)

    def _between(self, start: datetime, end: datetime, low: float, high: float) -> datetime:
        """A time between two, at a share of the way, moved into daylight where that fits; never before the start."""
        if end <= start:
            return start + timedelta(seconds=20)
        at = start + (end - start) * float(self.rng.uniform(low, high))
        hour = at.astimezone(self.book.zone).hour
        if hour < 7:
            later = at + timedelta(hours=8 - hour, minutes=int(self.rng.integers(50)))
            at = later if later < end else at
        elif hour >= 21:
            later = at + timedelta(hours=32 - hour, minutes=int(self.rng.integers(50)))
            at = later if later < end else at
        return max(at, start + timedelta(seconds=20))

    def _one(self, options: Sequence[T]) -> T:
        if not options:
            raise CannotTell("nobody holds the duty here")
        return options[int(self.rng.integers(len(options)))]
