"""What each action asks of its sender, so that any page can draw its form and the server checks the same list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from onegrid.cases.rules.record import AssignmentState, CaseState
from onegrid.cases.rules.states import Action, Receiver, Status
from onegrid.county.matters.rules.limits import LimitError, parse_limit

A = Action
WORDS_MAX, PHOTOS_MAX, JOINT_MAX = 2000, 9, 12
KINDS = (
    "text",
    "choice",
    "choices",
    "department",
    "departments",
    "matter",
    "case",
    "point",
    "photos",
    "limit",
    "date",
    "grid",
    "stars",
    "bool",
)


@dataclass(frozen=True)
class Field:
    """One field of an action's form. `options` are keys; their words come from the pack or the locale files."""

    name: str
    kind: str
    required: bool = False
    options: tuple[str, ...] = ()
    max: int | None = None


@dataclass(frozen=True, kw_only=True)
class StepRules:
    """What a locality's pack and the case's matter say about this case's steps; made anew for each question."""

    verify_before_accept: bool = False
    verify_before_close: bool = True
    on_the_spot: bool = False
    verify_on_the_spot: bool = False
    """Must somebody else look at what a worker settled on the spot?"""
    return_needs_approval: bool = False
    rating: bool = True
    return_visit_below: int = 0
    """Fewer stars than this make a return visit due; 0 for never."""
    reopen_within_days: int = 0
    urge_every_hours: int = 0
    extension_max_times: int = 0
    extension_max_share: float = 0.0
    """Sum of extensions of an assignment, as a share of its limit."""
    evidence: tuple[str, ...] = ()
    closing_rule: str = "verified"
    reject_reasons: tuple[str, ...] = ()
    return_reasons: tuple[str, ...] = ()
    suspend_reasons: tuple[str, ...] = ()
    escalate_reasons: tuple[str, ...] = ()
    centre_above: bool = False
    """There is a centre above the one that holds the case."""
    centre_below: bool = False
    """There is a centre on the case's path below the one that holds it."""
    reporter_reachable: bool = True
    """Somebody can be asked for more words."""


def fields_of(
    action: Action, state: CaseState, assignment: AssignmentState | None, rules: StepRules, *, as_assignee: bool
) -> tuple[Field, ...]:
    """The form of `action` on this case, in the order a person fills it in."""
    maker = _FORMS.get(action)
    if maker is None:
        return (_words(),)
    return maker(_Asked(state, assignment, rules, as_assignee))


@dataclass(frozen=True)
class _Asked:
    state: CaseState
    assignment: AssignmentState | None
    rules: StepRules
    as_assignee: bool


def _words(required: bool = False) -> Field:
    return Field("words", "text", required, max=WORDS_MAX)


def _photos(required: bool = False) -> Field:
    return Field("photos", "photos", required, max=PHOTOS_MAX)


def _reason(options: tuple[str, ...]) -> Field:
    """A choice where the pack lists reasons, words of one's own where it lists none."""
    return Field("reason", "choice", True, options) if options else Field("reason", "text", True, max=WORDS_MAX)


def _accept(asked: _Asked) -> tuple[Field, ...]:
    return (
        Field("matter", "matter", asked.state.matter is None),
        Field("severity", "choice", False, ("normal", "urgent")),
        _words(),
    )


def _dispatch(asked: _Asked) -> tuple[Field, ...]:
    joint = Field("joint", "departments", asked.state.lead is not None, max=JOINT_MAX)
    if asked.state.lead is not None:
        return (joint, _words())
    return (Field("department", "department"), Field("grid", "grid"), joint, Field("limit", "limit"), _words())


def _handle(asked: _Asked) -> tuple[Field, ...]:
    """Evidence is due with the last stage only."""
    one = asked.assignment
    last = one is None or one.stages_done + 1 >= len(one.stages)
    due = asked.rules.evidence if last else ()
    photo_due = bool({"before", "after", "agreement", "site", "people", "process", "effect"} & set(due))
    evidence = (Field("evidence", "choices", True, due),) if due else ()
    return (_words(True), _photos(photo_due), *evidence)


def _close(asked: _Asked) -> tuple[Field, ...]:
    rule = asked.rules.closing_rule
    if rule == "replied":
        return (_words(True),)
    if rule == "agreement_signed":
        return (_words(), _photos(True))
    if rule == "reporter_confirmed":
        return (Field("confirmed", "bool", True), _words())
    return (_words(),)


def _return_back(asked: _Asked) -> tuple[Field, ...]:
    reason = _reason(asked.rules.return_reasons)
    if asked.as_assignee:
        return (reason, _words(), _photos())
    return (
        Field("to", "choice", True, tuple(to.value for to in destinations(asked.state, asked.rules))),
        reason,
        _words(),
    )


def destinations(state: CaseState, rules: StepRules) -> tuple[Receiver, ...]:
    """Where the holding centre may return a case to now."""
    found = []
    if rules.centre_below and state.status is not Status.REPORTED:
        found.append(Receiver.LOWER_CENTRE)
    if rules.reporter_reachable and state.round == 1 and state.status in (Status.REPORTED, Status.ACCEPTED):
        found.append(Receiver.REPORTER)
    return tuple(found)


_FORMS: Mapping[Action, Callable[[_Asked], tuple[Field, ...]]] = {
    A.CHECK_REPORT: lambda asked: (Field("real", "bool", True), _words(), _photos()),
    A.ACCEPT: _accept,
    A.REJECT: lambda asked: (_reason(asked.rules.reject_reasons), _words(True)),
    A.CLASSIFY: lambda asked: (Field("matter", "matter", True), _words()),
    A.RELOCATE: lambda asked: (Field("point", "point", True), Field("address", "text", max=200), _words()),
    A.DISPATCH: _dispatch,
    A.WHISTLE: lambda asked: (Field("departments", "departments", True, max=JOINT_MAX), _words(True)),
    A.REPORT_IN: lambda asked: (_words(), _photos()),
    A.CONFIRM_ARRIVAL: lambda asked: (Field("present", "bool", True), _words()),
    A.TAKE: lambda asked: (_words(),),
    A.HANDLE: _handle,
    A.HANDLE_ON_THE_SPOT: lambda asked: (_words(True), _photos(True)),
    A.RETURN_BACK: _return_back,
    A.WITHDRAW: lambda asked: (_words(True),),
    A.ESCALATE: lambda asked: (_reason(asked.rules.escalate_reasons), _words()),
    A.SUSPEND: lambda asked: (_reason(asked.rules.suspend_reasons), Field("until", "date"), _words()),
    A.ASK_EXTENSION: lambda asked: (Field("limit", "limit", True), Field("words", "text", True, max=WORDS_MAX)),
    A.GRANT_EXTENSION: lambda asked: (Field("limit", "limit"), _words()),
    A.REFUSE_EXTENSION: lambda asked: (_words(True),),
    A.REFUSE_SUSPEND: lambda asked: (_words(True),),
    A.REFUSE_RETURN: lambda asked: (_words(True),),
    A.MERGE: lambda asked: (Field("into", "case", True), _words()),
    A.VERIFY_PASS: lambda asked: (_words(), _photos(asked.rules.closing_rule == "verified_photo")),
    A.VERIFY_FAIL: lambda asked: (_words(True), _photos()),
    A.CLOSE: _close,
    A.REOPEN: lambda asked: (_words(True), _photos()),
    A.RATE: lambda asked: (Field("stars", "stars", True, max=5), _words()),
    A.RETURN_VISIT: lambda asked: (
        Field("result", "choice", True, ("settled", "redo", "unreachable")),
        *((Field("stars", "stars", max=5),) if asked.state.rating is None and asked.rules.rating else ()),
        _words(True),
    ),
    A.ADD_WORDS: lambda asked: (_words(True), _photos()),
    A.BREACH: lambda asked: (Field("clock", "text", True, max=80),),
}


@dataclass
class Complaints:
    """What is wrong with the fields of one action: field → code.

    Codes: `required`, `unknown`, `not_offered`, `incomplete`, `malformed`, `too_long`, `repeated`,
    `one_of`, `other_unit`.
    """

    found: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, code: str) -> None:
        """Keep the first complaint about a field."""
        self.found.setdefault(name, code)


def complaints_about(fields: tuple[Field, ...], data: Mapping[str, Any]) -> dict[str, str]:
    """Every fault of `data` against `fields`; empty when there is none."""
    said = Complaints()
    known = {one.name for one in fields}
    for name in data:
        if name not in known:
            said.add(name, "unknown")
    for one in fields:
        value = data.get(one.name)
        if value is None or value == "" or (value == [] and one.kind != "bool"):
            if one.required:
                said.add(one.name, "required")
            continue
        fault = _fault(one, value)
        if fault:
            said.add(one.name, fault)
    return said.found


def _fault(one: Field, value: Any) -> str | None:
    if one.kind in ("text", "case", "matter", "department", "grid"):
        if not isinstance(value, str):
            return "malformed"
        if not value.strip() and one.required:
            return "required"
        return "too_long" if len(value) > (one.max or 64) else None
    return _CHECKS[one.kind](one, value)


def _choice(one: Field, value: Any) -> str | None:
    return None if isinstance(value, str) and value in one.options else "not_offered"


def _choices(one: Field, value: Any) -> str | None:
    """A checklist: every item offered is due."""
    if not isinstance(value, (list, tuple)) or not all(isinstance(item, str) for item in value):
        return "malformed"
    return None if set(one.options) <= set(value) else "incomplete"


def _several(one: Field, value: Any) -> str | None:
    if not isinstance(value, (list, tuple)) or not all(isinstance(item, str) and item for item in value):
        return "malformed"
    if len(set(value)) < len(value):
        return "repeated"
    return "too_long" if one.max and len(value) > one.max else None


def _point(one: Field, value: Any) -> str | None:
    if not isinstance(value, Mapping) or set(value) != {"lon", "lat"}:
        return "malformed"
    lon, lat = value["lon"], value["lat"]
    if any(isinstance(number, bool) or not isinstance(number, (int, float)) for number in (lon, lat)):
        return "malformed"
    return None if -180 <= lon <= 180 and -90 <= lat <= 90 else "malformed"


def _limit(one: Field, value: Any) -> str | None:
    if not isinstance(value, str):
        return "malformed"
    try:
        parse_limit(value)
    except LimitError:
        return "malformed"
    return None


def _date(one: Field, value: Any) -> str | None:
    if isinstance(value, date):
        return None
    try:
        date.fromisoformat(value)
    except (TypeError, ValueError):
        return "malformed"
    return None


def _stars(one: Field, value: Any) -> str | None:
    whole = isinstance(value, int) and not isinstance(value, bool)
    return None if whole and 1 <= value <= (one.max or 5) else "malformed"


def _bool(one: Field, value: Any) -> str | None:
    return None if isinstance(value, bool) else "malformed"


_CHECKS: Mapping[str, Callable[[Field, Any], str | None]] = {
    "choice": _choice,
    "choices": _choices,
    "departments": _several,
    "photos": _several,
    "point": _point,
    "limit": _limit,
    "date": _date,
    "stars": _stars,
    "bool": _bool,
}
