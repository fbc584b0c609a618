"""One case under the hand: locked, folded, changed in memory, and written once at the end of the step.

Steps record actions and turn clocks; everything that can be derived from the fold (status, assignments, grants,
whose move it is, the earliest deadline, the tallies) is derived in `settle`, in one place, for all of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from onegrid.cases.flow.counting import TallyKey
from onegrid.cases.flow.limits import Clocks
from onegrid.cases.flow.numbers import Drawn
from onegrid.cases.models import Assignment, Case, CaseAction, CaseReporter, Grant, Rating
from onegrid.cases.permissions import Actor
from onegrid.cases.rules.assigning import Terms
from onegrid.cases.rules.clocks import Limit
from onegrid.cases.rules.fields import StepRules
from onegrid.cases.rules.folding import advance
from onegrid.cases.rules.record import CaseState, Recorded
from onegrid.cases.rules.states import Action
from onegrid.cases.selectors.setting import Setting


@dataclass
class Work:
    """A locked case and what one step makes of it."""

    case: Case
    actor: Actor
    setting: Setting
    rules: StepRules
    now: datetime
    key: str
    device_at: datetime | None
    state: CaseState
    clocks: Clocks
    assignment: UUID | None
    assignments: dict[UUID, Assignment]
    centres: tuple[str, ...]
    """Paths of the centres above the case, top first."""
    reporters: list[CaseReporter]
    grants: list[Grant]
    before: Counter[TallyKey]
    drawn: Drawn | None = None
    """Keys for the rows of a new case; a later step lets the database number its few."""
    recorded: list[CaseAction] = field(default_factory=list)
    new_rows: list[CaseReporter | Rating] = field(default_factory=list)
    department_paths: set[str] = field(default_factory=set)
    """Paths of the departments that may see the case after the step."""

    def record(self, action: Action, data: Mapping[str, Any], *, assignment: UUID | None = None) -> None:
        """Append an action and advance the state; the first of a step carries the sender's key."""
        seq = self.state.seq + 1
        kept = {name: value for name, value in data.items() if value not in (None, "", [])}
        self.recorded.append(
            CaseAction(
                case=self.case,
                seq=seq,
                action=str(action),
                at=self.now,
                device_at=self.device_at,
                assignment=assignment,
                actor_kind=self.actor.kind,
                user=self.actor.user_id,
                resident=self.actor.resident_id,
                actor_name=self.actor.name,
                position=self.actor.position,
                unit=self.actor.unit,
                data=kept,
                key=self.key if not self.recorded else f"{self.key}#{len(self.recorded)}",
            )
        )
        done = Recorded(seq, action, self.now, kept, str(assignment) if assignment else None, self.actor.word)
        self.state = advance(self.state, done)

    @property
    def terms(self) -> Terms:
        """What the catalogue says of the work on this case."""
        return self.setting.terms(self.case)

    @property
    def terms_arrive(self) -> Limit | None:
        """How long the catalogue gives to come to the place."""
        return self.setting.arrive_limit(self.case)

    @property
    def accept_limit(self) -> Limit | None:
        """How long the catalogue or the pack gives the centre to accept."""
        return self.setting.accept_limit(self.case)

    @property
    def bearer(self) -> Assignment | None:
        """The assignment the step is about."""
        return self.assignments.get(self.assignment) if self.assignment else None
