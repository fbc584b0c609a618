"""Plays a journey: one life of a case, told as data, against the real flow with a clock of its own.

`localities/README.md` says how a journey is written. Every step is done by somebody's own hat and in his own sight;
what the form asks for and the step leaves out is supplied complete.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from support.world import World

from onegrid.cases import tasks
from onegrid.cases.errors import CaseError
from onegrid.cases.flow import engine, intake
from onegrid.cases.flow.intake import Report
from onegrid.cases.models import Assignment, Case, CaseAction, CaseReporter, Clock
from onegrid.cases.permissions import Actor
from onegrid.cases.rules.clocks import deadline, started
from onegrid.cases.rules.folding import fold
from onegrid.cases.selectors import detail, proposals, setting
from onegrid.cases.selectors.folded import recorded_of
from onegrid.county.grids import selectors as grids
from onegrid.county.matters import selectors as matters
from onegrid.county.matters.rules.limits import parse_limit
from onegrid.county.organisations import selectors as organisations
from onegrid.foundation.database.context import Standing, acting, standing
from onegrid.foundation.kernel.texts import text

CONTROL = frozenset(
    {"as", "do", "expect", "refused", "after", "at", "case", "of", "centre", "due", "met", "missed", "sees_reporter"}
)
PER_ASSIGNMENT = frozenset(
    {"report_in", "confirm_arrival", "take", "handle", "approve_return", "refuse_return", "withdraw", "ask_extension",
     "grant_extension", "refuse_extension"}
)  # fmt: skip
BEARERS_TOO = frozenset({"return_back", "suspend"})
FIRST = "a"
WORKER_KINDS = ("worker", "leader", "police", "household_head", "volunteer")


class Failed(AssertionError):
    """A step did not go as the journey says; the message names the step."""


@dataclass
class Player:
    """Plays the steps of one journey in a planted world."""

    world: World
    now: datetime
    cases: dict[str, UUID] = field(default_factory=dict)
    residents: dict[str, Actor] = field(default_factory=dict)
    """Residents staff spoke for: they find their case by their phone."""

    def play(self, journey: Mapping[str, Any]) -> None:
        """All steps, then how it ends."""
        for number, step in enumerate(journey["steps"], start=1):
            try:
                self.step(step)
            except (AssertionError, CaseError, LookupError) as why:
                raise Failed(
                    f"step {number} {dict(step)}: {type(why).__name__} {why} {getattr(why, 'faults', '')}"
                ) from why
        if "ends" in journey:
            assert self.case().status == journey["ends"], f"ended {self.case().status}"
        for id in self.cases.values():
            check_replay(id)

    def step(self, step: Mapping[str, Any]) -> None:
        """One step: move the clock, act, compare."""
        self._move(step)
        if step["as"] == "system":
            self._swept(step)
        else:
            self._acted(step)
        self._compare(step)

    def case(self, label: str = FIRST) -> Case:
        """The case of that label as stored."""
        return Case.objects.select_related("matter").get(pk=self.cases[label])

    def _move(self, step: Mapping[str, Any]) -> None:
        if "at" in step:
            self.now = moment(step["at"])
        if "after" in step:
            limit, calendar = parse_limit(str(step["after"])), setting.setting().calendar
            due = deadline(limit, started(self.now), calendar)
            assert due is not None
            self.now = due
        if "at" in step or "after" in step:
            tasks.sweep(standing().locality, self.now)

    def _swept(self, step: Mapping[str, Any]) -> None:
        tasks.sweep(standing().locality, self.now)
        found = CaseAction.objects.filter(case=self.case(step.get("case", FIRST)), action="breach")
        kinds = [str(action.data["clock"]).partition(":")[0] for action in found]
        assert step.get("clock", kinds and kinds[0]) in kinds, f"breached: {kinds}"
        assert len(kinds) == len({action.data["clock"] for action in found}), "a limit was recorded twice"

    def _acted(self, step: Mapping[str, Any]) -> None:
        actor = self._who(step)
        try:
            if step["do"] == "report":
                self._report(actor, step)
            else:
                self._do(actor, step)
        except CaseError as refusal:
            if "refused" not in step:
                raise
            if refusal.code != step["refused"]:
                raise Failed(f"refused with {refusal.code} {refusal.faults}") from refusal
            return
        assert "refused" not in step, "was not refused"

    # -- who

    def _who(self, step: Mapping[str, Any]) -> Actor:
        persona = step["as"]
        if persona in ("resident", "other_resident"):
            return self.residents.get(persona) or self.world.resident(persona)
        if persona == "centre":
            path = self.case(step.get("case", FIRST)).desk_path
            return next(
                one.actor for one in self.world.people if one.actor.scope_path == path and "triage" in one.actor.duties
            )
        if persona in ("officer", "joint_officer"):
            return self._officer(step)
        return self._staff(persona, step["do"])

    def _staff(self, persona: str, action: str) -> Actor:
        people, root = self.world.people, "r."
        wanted = {
            "worker": lambda one: one.kind in WORKER_KINDS and "report" in one.actor.duties,
            "secretary": lambda one: one.kind == "secretary",
            "township": lambda one: "triage" in one.actor.duties and _level(one.actor) == "township",
            "dispatcher": lambda one: "triage" in one.actor.duties and one.actor.scope_path == root,
            "inspector": lambda one: (
                "verify" in one.actor.duties
                and "triage" not in one.actor.duties
                and one.kind not in ("secretary", *WORKER_KINDS)
            ),
            "supervisor": lambda one: "supervise" in one.actor.duties and "triage" not in one.actor.duties,
        }[persona]
        found = [one.actor for one in people if wanted(one)]
        if persona == "supervisor" and not found:
            found = [one.actor for one in people if "supervise" in one.actor.duties]
        if persona == "inspector" and not found:
            found = [one.actor for one in people if "verify" in one.actor.duties]
        if not found:
            raise LookupError(f"nobody plays {persona} in this pack")
        able = [one for one in found if "handle" in one.duties] if action == "handle" else found
        nearest = persona in ("worker", "secretary", "township")
        return sorted(able or found, key=lambda one: len(one.scope_path), reverse=nearest)[0]

    def _officer(self, step: Mapping[str, Any]) -> Actor:
        code = step.get("of")
        if code is None:
            kinds = ("lead", "whistle", "grid") if step["as"] == "officer" else ("joint", "whistle")
            case = self.case(step.get("case", FIRST))
            rows = list(
                Assignment.objects.filter(case=case, round=case.round)
                .exclude(state="withdrawn")
                .select_related("department")
            )
            rows.sort(
                key=lambda row: (
                    row.state == "returned",
                    kinds.index(row.kind) if row.kind in kinds else 9,
                    row.offered_at,
                )
            )
            found = next((row for row in rows if row.kind in kinds and row.department), None)
            if found is None or found.department is None:
                raise LookupError("no assignment of that kind")
            code = found.department.code
        return self.world.officer(code)

    # -- what

    def _report(self, actor: Actor, step: Mapping[str, Any]) -> None:
        lon, lat = self.world.point
        key = uuid4()
        self.cases[step.get("case", FIRST)] = key
        staff = actor.kind == "staff"
        spot = None
        if step.get("on_the_spot"):
            spot = {"words": step.get("answer", "当场办好"), "photos": [str(uuid4())]}
        contact = step.get("contact") or {}
        report = Report(
            key=key,
            words=step["words"],
            lon=lon,
            lat=lat,
            matter=step.get("matter"),
            condition=step["condition"] - 1 if "condition" in step else None,
            channel=step.get(
                "channel", "desk" if staff and "triage" in actor.duties else "patrol" if staff else "snap"
            ),
            photos=tuple(uuid4() for _ in range(step.get("photos", 1))),
            anonymous=step.get("anonymous", False),
            confidential=step.get("confidential", False),
            contact_name=contact.get("name", ""),
            contact_phone=contact.get("phone", ""),
            complained=self._department(step["complained"]) if "complained" in step else None,
            on_the_spot=spot,
        )
        with self._as(actor):
            intake.report(actor=actor, report=report, now=self.now)
        spoken_for = CaseReporter.objects.filter(case=key, resident__isnull=False).first()
        if contact and spoken_for is not None:
            self.residents["resident"] = Actor(kind="resident", resident_id=spoken_for.resident)

    def _do(self, actor: Actor, step: Mapping[str, Any]) -> None:
        case = self.case(step.get("case", FIRST))
        said = {name: value for name, value in step.items() if name not in CONTROL}
        action = said.pop("do", step["do"])
        with self._as(actor):
            seen = detail.detail(actor, case.pk, now=self.now)
            if "sees_reporter" in step:
                hidden = text("cases.person.hidden", actor.lang)
                names = {one["name"] for one in seen["reporters"]}
                assert (names != {hidden}) == step["sees_reporter"], f"sees {names}"
        assignment = self._assignment(actor, case, action, step)
        offer = next(
            (one for one in seen["actions"] if one["action"] == action and one["assignment"] == assignment), None
        )
        data = self._data(case, said, action, offer)
        with self._as(actor):
            engine.act(
                actor=actor, case_id=case.pk, action=action, key=str(uuid4()), now=self.now, data=data,
                version=case.version, assignment=assignment,
            )  # fmt: skip

    def _assignment(self, actor: Actor, case: Case, action: str, step: Mapping[str, Any]) -> str | None:
        if action not in PER_ASSIGNMENT and not (action in BEARERS_TOO and actor.department_path):
            return None
        rows = list(
            Assignment.objects.filter(case=case, round=case.round)
            .exclude(state="withdrawn")
            .select_related("department")
        )
        code = step.get("of")
        own = [
            row for row in rows
            if row.department and (row.department.code == code if code else row.department_id == actor.department_id)
        ]  # fmt: skip
        if not own and not actor.department_path and code is None:
            state = fold(recorded_of(one) for one in CaseAction.objects.filter(case=case).order_by("seq"))
            asked = {
                "grant_extension": state.pending_extension, "refuse_extension": state.pending_extension,
                "approve_return": state.pending_return, "refuse_return": state.pending_return,
            }.get(action)  # fmt: skip
            if asked:
                return asked
            own = rows
        own.sort(key=lambda row: (row.state in ("returned", "handled"), row.offered_at))
        return str(own[0].pk) if own else None

    def _data(self, case: Case, said: dict[str, Any], action: str, offer: Mapping[str, Any] | None) -> dict[str, Any]:
        if action == "dispatch":
            if said.get("to"):
                said["department"] = self._department(said.pop("to"), case)
            if said.get("joint"):
                said["joint"] = [self._department(one, case) for one in said["joint"]]
        if action == "whistle":
            said["departments"] = [self._department(one, case) for one in said["departments"]]
        if action == "merge":
            said["into"] = str(self.cases[said["into"]])
        if action == "relocate":
            place = said.get("point")
            if place == "other_village":
                other = self.world.leaves[1]
                said["point"] = {"lon": other.lon, "lat": other.lat}
        if isinstance(said.get("photos"), int):
            said["photos"] = [str(uuid4()) for _ in range(said["photos"])]
        for wanted in (offer or {"fields": []})["fields"]:
            if wanted["name"] not in said and wanted["required"]:
                said[wanted["name"]] = _supplied(wanted)
        return {name: value for name, value in said.items() if value != []}

    def _department(self, code: str, case: Case | None = None) -> str:
        if code == "lead" and case is not None:
            proposal = proposals.proposal_for(case, setting.setting(), "zh-CN")
            assert proposal is not None, "the case has no matter"
            assert proposal["department"] is not None, "the catalogue proposes nobody here"
            return str(proposal["department"]["id"])
        found = organisations.by_code(code)
        if found is None:
            raise LookupError(f"no department {code}")
        return str(found.id)

    def _as(self, actor: Actor) -> AbstractContextManager[Standing]:
        return acting(standing_of(actor))

    # -- then

    def _compare(self, step: Mapping[str, Any]) -> None:
        label = step.get("case", FIRST)
        if label not in self.cases:
            return
        if "refused" in step and step["do"] == "report":
            return
        case = self.case(label)
        if "expect" in step:
            assert case.status == step["expect"], f"is {case.status}"
        if "centre" in step:
            level = grids.by_path(case.desk_path).level
            assert level in CENTRE_LEVELS[step["centre"]], f"{level} holds it"
        ended = {(clock.kind, clock.state) for clock in Clock.objects.filter(case=case)}
        for state in ("met", "missed"):
            for kind in step.get(state, ()):
                assert (kind, state) in ended, f"clocks: {sorted(ended)}"
        if "due" in step:
            running = {clock.due_at for clock in Clock.objects.filter(case=case, state="running")}
            assert moment(step["due"]) in running, f"due {sorted(str(at) for at in running)}"


CENTRE_LEVELS = {
    "village": ("village",),
    "township": ("township", "subdistrict"),
    "county": ("county", "district"),
}


def _level(actor: Actor) -> str:
    return grids.by_path(actor.scope_path).level


def _supplied(wanted: Mapping[str, Any]) -> Any:
    kind = wanted["kind"]
    if kind == "choices":
        return [option["key"] for option in wanted["options"]]
    if kind == "photos":
        return [str(uuid4())]
    if kind == "choice":
        return wanted["options"][0]["key"]
    if kind == "bool":
        return True
    return "按要求办理"


def moment(written: str | datetime) -> datetime:
    """A time as a journey writes it, with its offset."""
    return written if isinstance(written, datetime) else datetime.fromisoformat(written)


def standing_of(actor: Actor) -> Standing:
    """The database standing of a hat."""
    name = standing().locality
    if actor.department_path:
        return Standing(name, "", "department", actor.department_path)
    if actor.resident_id is not None:
        return Standing(name, "", "resident", person=str(actor.resident_id))
    return Standing(name, actor.scope_path)


def check_replay(case_id: UUID) -> None:
    """Folding the journal gives the stored case."""
    case = Case.objects.get(pk=case_id)
    state = fold(recorded_of(one) for one in CaseAction.objects.filter(case=case).order_by("seq"))
    stored = {one.pk: one.state for one in Assignment.objects.filter(case=case)}
    assert str(state.status) == case.status
    assert state.waits_on == case.waits_on
    assert state.seq == case.last_seq
    assert state.centre == case.desk_path
    assert {UUID(one.id): one.state for one in state.assignments} == stored
    assert matters.current_pack().version == case.pack_version
