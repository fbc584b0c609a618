"""What is recorded of a case, and the state its actions fold to. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from onegrid.cases.rules.states import OPEN, Action, Receiver, Relation, Status


@dataclass(frozen=True)
class Recorded:
    """One action as the journal has it. `data` carries what `offers.decide` made of the sender's fields."""

    seq: int
    action: Action
    at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)
    assignment: str | None = None
    actor: str = ""
    """Who acted, as one word that compares equal for the same person (`user:12`, `resident:…`)."""


LIVE = frozenset({"offered", "arrived", "handling"})
"""States of an assignment that still has work to do. The others: handled, returned, withdrawn."""


@dataclass(frozen=True)
class AssignmentState:
    """One department's or grid's duty. `leads` is true for at most one current assignment of a round."""

    id: str
    kind: str
    """lead, joint, whistle or grid."""
    leads: bool
    round: int
    department: str | None = None
    grid: str | None = None
    state: str = "offered"
    limit: str | None = None
    """As written in the catalogue, e.g. `3工作日`; None when the matter sets none."""
    stages: tuple[str, ...] = ()
    stages_done: int = 0
    confirmed: bool | None = None
    """A whistle's arrival, as the community saw it."""
    failed: bool = False
    """Verification sent it back and nobody took it up again."""
    reworks: int = 0
    extensions: int = 0
    extended: int = 0
    """Sum of granted extensions of the running limit, in its own unit."""
    asked_extension: str | None = None
    asked_return: str | None = None
    replaced_by: str | None = None

    @property
    def live(self) -> bool:
        """Still has work to do."""
        return self.state in LIVE

    @property
    def stage(self) -> str | None:
        """The staged limit that runs now, None when there are no stages or all are done."""
        return self.stages[self.stages_done] if self.stages_done < len(self.stages) else None

    @property
    def running_limit(self) -> str | None:
        """The limit that runs now: that of the running stage (`制止:4工作时`), else the assignment's own."""
        return self.stage.rpartition(":")[2] if self.stage else self.limit


@dataclass(frozen=True)
class CaseState:
    """All that the fold of a case's actions tells."""

    status: Status = Status.REPORTED
    seq: int = 0
    round: int = 1
    centre: str = ""
    """Scope path of the centre that holds the case."""
    matter: str | None = None
    reporter: str = ""
    seen_by_staff: bool = False
    """A worker reported what he saw himself: no check of the report, no rating of his own."""
    confidential: bool = False
    complained: str | None = None
    """Department the complaint is about."""
    accepted: bool = False
    report_checked: bool | None = None
    assignments: tuple[AssignmentState, ...] = ()
    returned_to: Receiver | None = None
    suspended_from: Status | None = None
    pending_suspension: str | None = None
    """Assignment that asks for a suspension; empty string when a centre without the duty asked."""
    suspension_until: str | None = None
    """Day (ISO) on which the suspension, asked for or in force, ends by itself; None when somebody must end it."""
    on_the_spot: bool = False
    verified: bool = False
    handlers: frozenset[str] = frozenset()
    """Who handled in this round."""
    closed_at: datetime | None = None
    rating: int | None = None
    revisit_due: bool = False
    visits: int = 0
    reopened_count: int = 0
    supervised: bool = False
    urged_at: datetime | None = None
    merged_into: str | None = None
    breaches: tuple[str, ...] = ()

    @property
    def current(self) -> tuple[AssignmentState, ...]:
        """Assignments of this round that were not withdrawn or replaced."""
        return tuple(
            one
            for one in self.assignments
            if one.round == self.round and one.state != "withdrawn" and one.replaced_by is None
        )

    @property
    def live(self) -> tuple[AssignmentState, ...]:
        """Assignments that still have work to do."""
        return tuple(one for one in self.current if one.live)

    @property
    def lead(self) -> AssignmentState | None:
        """The lead, unless it was returned or withdrawn."""
        return next((one for one in self.current if one.leads and one.state != "returned"), None)

    @property
    def pending_extension(self) -> str | None:
        """The assignment that waits for an answer to its extension."""
        return next((one.id for one in self.live if one.asked_extension), None)

    @property
    def pending_return(self) -> str | None:
        """The assignment that waits for an answer to its return."""
        return next((one.id for one in self.live if one.asked_return is not None), None)

    @property
    def stage(self) -> str | None:
        """The lead's running staged limit."""
        return self.lead.stage if self.lead else None

    @property
    def waits_on(self) -> str:
        """Whose move it is: centre, verifier, assignee, reporter, or empty when the case is over."""
        if self.status is Status.RETURNED and self.returned_to in (Receiver.ASSIGNEE, Receiver.REPORTER):
            return self.returned_to.value
        if self.status in (Status.DISPATCHED, Status.HANDLING):
            return "assignee"
        if self.status is Status.HANDLED:
            return "verifier"
        if self.status is Status.RATED and self.revisit_due:
            return "centre"
        return "centre" if self.status in OPEN else ""

    def assignment(self, id: str | None) -> AssignmentState | None:
        """The assignment of that id, if the case has it."""
        return next((one for one in self.assignments if one.id == id), None)


@dataclass(frozen=True)
class Viewer:
    """Who asks, as far as one case is concerned."""

    duties: frozenset[str] = frozenset()
    relations: frozenset[Relation] = frozenset()
    assignments: frozenset[str] = frozenset()
    """Ids of this case's assignments that the viewer's department or grid bears."""
    actor: str = ""
    """The same word the journal has as `Recorded.actor`."""
