"""Walks cases without a database: people, filled-in forms, one step after another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from onegrid.cases.rules.assigning import Terms, plan
from onegrid.cases.rules.fields import Field, StepRules
from onegrid.cases.rules.folding import advance
from onegrid.cases.rules.offers import Offer, Viewer, available, decide
from onegrid.cases.rules.record import CaseState, Recorded
from onegrid.cases.rules.states import Action, Receiver, Relation

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
HIGH, MIDDLE, LOW = "r.", "r.1.", "r.1.2."
CENTRES = (LOW, MIDDLE, HIGH)

RULES = StepRules(
    verify_before_accept=False,
    verify_before_close=True,
    on_the_spot=True,
    return_visit_below=3,
    reopen_within_days=15,
    urge_every_hours=24,
    extension_max_times=1,
    extension_max_share=0.5,
    evidence=("site", "effect"),
    reject_reasons=("untrue", "not_ours"),
    return_reasons=("not_ours",),
    suspend_reasons=("weather",),
    escalate_reasons=("too_hard",),
)


@dataclass(frozen=True)
class Person:
    """Somebody with duties; how he stands to the case follows from where he sits."""

    name: str
    duties: frozenset[str]
    centre: str | None = None
    department: str | None = None
    worker: bool = False
    reporter: bool = False
    grid: str | None = None

    def viewer(self, state: CaseState) -> Viewer:
        """What the rules see of him."""
        relations = set()
        if self.centre is not None:
            if self.centre == state.centre:
                relations.add(Relation.CENTRE)
            elif state.centre.startswith(self.centre):
                relations.add(Relation.ABOVE)
            elif self.centre.startswith(state.centre):
                relations.add(Relation.BELOW)
        if self.worker:
            relations.add(Relation.WORKER)
        if self.reporter:
            relations.add(Relation.REPORTER)
        own = {
            one.id
            for one in state.assignments
            if (self.department and one.department == self.department) or (self.grid and one.grid == self.grid)
        }
        if own:
            relations.add(Relation.ASSIGNEE)
        return Viewer(self.duties, frozenset(relations), frozenset(own), self.name)


def _person(name: str, duties: str, **where: Any) -> Person:
    return Person(name, frozenset(duties.split()), **where)


PEOPLE = {
    one.name: one
    for one in (
        _person("resident", "", reporter=True),
        _person("worker", "report handle", worker=True, grid="g1"),
        _person("neighbour", "report handle verify", worker=True, grid="g1"),
        _person("secretary", "triage whistle attend verify", centre=LOW, worker=True),
        _person("township", "triage approve verify whistle", centre=MIDDLE),
        _person("dispatcher", "triage approve supervise revisit", centre=HIGH),
        _person("officer", "handle", department="d1"),
        _person("joint_officer", "handle", department="d2"),
        _person("third_officer", "handle", department="d3"),
        _person("inspector", "verify revisit", worker=True),
        _person("supervisor", "supervise", centre=HIGH),
    )
}
LIMIT = "4工作日"


@dataclass
class Walk:
    """One case on its way."""

    rules: StepRules = RULES
    terms: Terms = field(default_factory=lambda: Terms(LIMIT))
    state: CaseState = field(default_factory=CaseState)
    now: datetime = START
    actions: list[Recorded] = field(default_factory=list)
    ids: Iterator[int] = field(default_factory=count)

    def report(self, by: str = "resident", *, centre: str = MIDDLE, matter: str | None = "m1", **data: Any) -> Walk:
        """A case begins."""
        self._record(Action.REPORT, {"centre": centre, "matter": matter, **data}, None, by)
        return self

    def rules_now(self) -> StepRules:
        """The rules with what the centre tree says about where the case is held."""
        at = CENTRES.index(self.state.centre)
        values = {**vars(self.rules), "centre_above": at + 1 < len(CENTRES), "centre_below": at > 0}
        return StepRules(**values)

    def offers(self, who: str) -> tuple[Offer, ...]:
        """What `who` may do now."""
        return available(self.state, PEOPLE[who].viewer(self.state), self.rules_now(), now=self.now)

    def names(self, who: str) -> set[str]:
        """The same, as names."""
        return {str(one.action) for one in self.offers(who)}

    def do(self, who: str, action: Action | str, assignment: str | None = None, **data: Any) -> Walk:
        """`who` takes `action`; fields not given are filled in with something valid."""
        action = Action(action)
        viewer = PEOPLE[who].viewer(self.state)
        offer = next(
            (one for one in self.offers(who) if one.action is action and assignment in (None, one.assignment)), None
        )
        chosen = offer.assignment if offer is not None and assignment is None else assignment
        filled = {**(fill(offer.fields, action) if offer else {}), **data}
        if action is Action.ASK_EXTENSION and "limit" not in data and offer is not None:
            one = self.state.assignment(offer.assignment)
            filled["limit"] = "1" + str(one.running_limit if one else "")[1:]
        if filled.get("grid"):
            filled.pop("department", None)
        recorded = decide(self.state, action, viewer, self.rules_now(), filled, assignment=chosen, now=self.now)
        self._record(action, self._completed(action, recorded), chosen, who)
        return self

    def after(self, **span: float) -> Walk:
        """Time passes."""
        self.now += timedelta(**span)
        return self

    def _completed(self, action: Action, data: dict[str, Any]) -> dict[str, Any]:
        at = CENTRES.index(self.state.centre)
        if action in (Action.DISPATCH, Action.WHISTLE):
            data |= plan(self.state, action, data, self.terms, make_id=lambda: f"a{next(self.ids)}")
        elif action is Action.ESCALATE:
            data["centre"] = CENTRES[at + 1]
        elif action is Action.RETURN_BACK and data["to"] == Receiver.LOWER_CENTRE:
            data["centre"] = CENTRES[at - 1]
        return data

    def _record(self, action: Action, data: Mapping[str, Any], assignment: str | None, who: str) -> None:
        done = Recorded(self.state.seq + 1, action, self.now, data, assignment, who)
        self.actions.append(done)
        self.state = advance(self.state, done)


def fill(
    fields: tuple[Field, ...], action: Action, choose: Callable[[Any], Any] = lambda options: options[0]
) -> dict[str, Any]:
    """Something valid for every required field, and a department where one is needed."""
    filled = {one.name: value_of(one, choose) for one in fields if one.required}
    if action is Action.DISPATCH and any(one.name == "department" for one in fields):
        filled["department"] = choose(["d1", "d2"])
    return filled


def value_of(one: Field, choose: Callable[[Any], Any] = lambda options: options[0]) -> Any:
    """A valid value of a field."""
    made: dict[str, Callable[[], Any]] = {
        "text": lambda: "好的",
        "choice": lambda: choose(list(one.options)),
        "choices": lambda: list(one.options),
        "department": lambda: choose(["d1", "d2"]),
        "departments": lambda: choose([["d2"], ["d2", "d3"], ["d3"]]),
        "matter": lambda: "m2",
        "case": lambda: "another",
        "point": lambda: {"lon": 119.1, "lat": 26.1},
        "photos": lambda: ["p1"],
        "limit": lambda: "1工作日",
        "date": lambda: "2026-04-01",
        "grid": lambda: "g1",
        "stars": lambda: choose([5, 4, 3, 2, 1]),
        "bool": lambda: choose([True, False]),
    }
    return made[one.kind]()
