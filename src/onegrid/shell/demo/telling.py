"""Tells the life of one past case: who reports, who accepts, who handles, when, and how it ends.

Times follow the clocks the engine sets: a case that is to be in time is handled before its limit, one that
is to be late after it. Every step is taken by somebody who may take it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from onegrid.cases.flow.intake import Report
from onegrid.cases.flow.locate import Place
from onegrid.cases.models import Assignment
from onegrid.cases.permissions import Actor
from onegrid.cases.rules.states import Action
from onegrid.county.matters.models import Matter
from onegrid.county.matters.selectors import MatterInfo
from onegrid.shell.demo import marks, voices
from onegrid.shell.demo.casting import resident_actor
from onegrid.shell.demo.choices import Choices
from onegrid.shell.demo.ledger import Story, track_code
from onegrid.shell.demo.scripts import CannotTell, Spot, Turns

A = Action
MINUTE = timedelta(minutes=1)


@dataclass(kw_only=True)
class Teller(Choices):
    """Tells lives."""

    rows: dict[str, Matter]
    catalogue: Mapping[int, MatterInfo]
    clock_keys: Iterator[int]
    turns: Turns = field(default_factory=Turns)
    avoid: frozenset[str] = frozenset()
    """Channels that only those cases come by that must."""

    # -- beginnings

    def begin(
        self, matter: MatterInfo, spot: Spot, at: datetime, *, on_the_spot: bool = False, resident: bool | None = None,
        known: bool = True, channel: str = "", key: UUID | None = None,
    ) -> Story:  # fmt: skip
        """A report at a time; ``known``: the matter is named from the start; ``resident``: who must report it.

        ``channel``: the way in it must come by; ``key``: the id it must have.
        """
        if channel:
            voice = voices.through(self.cast, self._one, spot, channel)
        else:
            if resident is None:
                resident = not on_the_spot and bool(self.rng.random() < self.turns.residents)
            voice = (
                voices.resident(self.cast, self._one)
                if resident
                else voices.anybody(
                    self.cast, self.rng, self._one, matter, spot, on_the_spot=on_the_spot, avoid=self.avoid
                )
            )
        actor, channel = voice.actor, voice.channel
        key = key or marks.case_key(self.rng)
        photos = () if self.rng.random() < 0.25 else (UUID(self.photo(key, "near", actor.word, at, spot.scope_path)),)
        done = None
        if on_the_spot:
            done = {
                "words": self.speech.on_the_spot(),
                "photos": [self.photo(key, "after", actor.word, at, spot.scope_path)],
            }
        caller = actor.resident_id
        if channel == "hotline" and self.cast.residents:
            caller = self._one(self.cast.residents)
        report = Report(
            key=key, words=self.speech.report(matter, spot.address, channel), lon=spot.lon, lat=spot.lat,
            photos=photos, channel=channel, on_the_spot=done, condition=self._condition(matter),
            confidential=matter.confidential,
            contact_phone=self.cast.phones[caller] if caller and caller == actor.resident_id else "",
        )  # fmt: skip
        codes = self.rng.integers(0, 1 << 30, 12).tolist()
        story = Story(self.book, key, track_code(codes), self.clock_keys)
        place = Place(spot.grid_id, spot.scope_path, self.cast.centres_above(spot.scope_path))
        spoken_for = (caller, self.cast.phones[caller]) if caller and caller != actor.resident_id else None
        story.begin(actor, report, place, spot.address, self.rows[matter.code] if known else None, at, spoken_for)
        return story

    def _condition(self, matter: MatterInfo) -> int | None:
        return matter.conditions[int(self.rng.integers(len(matter.conditions)))].ordinal if matter.conditions else None

    # -- the loop

    def live_on(self, story: Story, matter: MatterInfo, *, late: bool, bearer: str = "") -> datetime:
        """From report to close; returns when the last step was. ``bearer``: grid or department, whoever it must be."""
        now = self.accept(story, matter)
        if not late and bearer != "grid" and self.rng.random() < self.turns.whistled:
            now = self.whistle(story, matter, now)
            for assignment in story.live():
                now = self.handle(story, assignment, matter, now, late=False)
        else:
            now = self.route(story, matter, now, late=late, bearer=bearer)
        return self.finish(story, now, fails=not late and bool(self.rng.random() < self.turns.failed))

    def whistle(self, story: Story, matter: MatterInfo, now: datetime, *, arrive: bool = True) -> datetime:
        """The community calls the departments the catalogue names; they come, and the community sees them."""
        case = story.work.case
        callers = [
            one for one in self.cast.upward(case.scope_path, "whistle")
            if case.desk_path.startswith(one.scope_path) or case.scope_path.startswith(one.scope_path)
        ]  # fmt: skip
        lead = self.cast.lead_for(matter, case.scope_path)
        if lead is None or not callers:
            return self.dispatch(story, matter, now)
        called = [lead, *self.cast.others_for(matter, case.scope_path, lead)[:1]]
        now += timedelta(minutes=int(self.rng.integers(4, 30)))
        data = {"departments": [str(one) for one in called], "words": "社区吹哨，请相关部门到现场会商处置。"}
        story.step(callers[0], A.WHISTLE, now, data)
        if not arrive:
            return now
        for assignment in story.live():
            now = self._between(now, story.due("arrive") or now + timedelta(hours=8), 0.05, 0.3)
            story.step(self.bearer(story, assignment), A.REPORT_IN, now, {"words": "已到现场报到。"}, assignment.pk)
            seen = self.cast.upward(case.scope_path, "attend")
            if seen:
                now += timedelta(minutes=int(self.rng.integers(5, 40)))
                story.step(seen[0], A.CONFIRM_ARRIVAL, now, {"present": True}, assignment.pk)
        return now

    def accept(self, story: Story, matter: MatterInfo | None = None) -> datetime:
        """The centre checks what must be checked and accepts; it names the matter when nobody has."""
        case, work = story.work.case, story.work
        now = case.reported_at
        due = story.due("accept")
        limit = min(due, now + timedelta(minutes=50)) if due else now + timedelta(minutes=40)
        if work.rules.verify_before_accept and not work.state.seen_by_staff:
            now = self._between(now, limit, 0.2, 0.5)
            checker = self._other(self.cast.upward(case.scope_path, "verify"), {work.state.reporter})
            story.step(
                checker,
                A.CHECK_REPORT,
                now,
                {"real": True, "words": self.speech.one_of("现场核实，情况属实。", "已核实，反映属实。")},
            )
        now = self._between(now, limit, 0.2, 0.8)
        story.step(
            self.centre(story), A.ACCEPT, now, {} if work.state.matter or matter is None else {"matter": matter.code}
        )
        return now

    def route(
        self, story: Story, matter: MatterInfo, now: datetime, *, late: bool, bearer: str = ""
    ) -> datetime:  # fmt: skip
        """Dispatch and handling; sometimes somebody gives it back, asks for time or waits for something outside."""
        now = self.dispatch(story, matter, now, bearer=bearer)
        if not late and self.rng.random() < self.turns.returned and story.lead() is not None:
            now = self.give_back(story, matter, now)
        if not late and self.rng.random() < self.turns.suspended:
            now = self.suspend(story, now)
        asks = not late and self.rng.random() < self.turns.extended
        for assignment in story.live():
            now = self.handle(story, assignment, matter, now, late=late, extend=asks)
        return now

    def dispatch(self, story: Story, matter: MatterInfo, now: datetime, *, bearer: str = "") -> datetime:
        """To the department the catalogue proposes, else to the grid itself."""
        case = story.work.case
        lead = None if bearer == "grid" else self.cast.lead_for(matter, case.scope_path)
        if lead is None and bearer == "department":
            raise CannotTell("no department leads it here")
        now += timedelta(minutes=int(self.rng.integers(2, 25)))
        data: dict[str, Any] = {"department": str(lead)} if lead else {"grid": str(case.grid_id)}
        others = self.cast.others_for(matter, case.scope_path, lead) if lead else []
        if others and self.rng.random() < 0.12:
            data["joint"] = [str(others[0])]
        story.step(self.centre(story), A.DISPATCH, now, data)
        return now

    def handle(
        self,
        story: Story,
        assignment: Assignment,
        matter: MatterInfo,
        now: datetime,
        *,
        late: bool,
        extend: bool = False,
    ) -> datetime:
        """One bearer takes it up and answers, stage by stage where there are stages."""
        bearer = self.bearer(story, assignment)
        due = self._due(story, assignment)
        if story.work.assignments[assignment.pk].state in ("offered", "arrived"):
            arrive = story.due("arrive")
            first = min(filter(None, (due, arrive)), default=now + timedelta(hours=5))
            now = self._between(now, first, 0.05, 0.4)
            story.step(bearer, A.TAKE, now, {}, assignment.pk)
        if extend and due is not None:
            now = self._extend(story, assignment, bearer, now)
        lead = story.lead()
        last_late = late and lead is not None and assignment.pk == lead.pk
        while story.work.assignments[assignment.pk].state not in ("handled", "returned", "withdrawn"):
            one = story.work.state.assignment(str(assignment.pk))
            if one is None:
                raise CannotTell("the assignment is gone")
            due = self._due(story, assignment)
            final = one.stages_done + 1 >= len(one.stages)
            if last_late and final and due is not None:
                story.miss(max(now, due + MINUTE))
                now = max(now, due) + timedelta(hours=float(self.rng.lognormal(2.2, 0.9)) + 0.2)
            else:
                now = self._between(now, due or now + timedelta(days=3), 0.15, 0.85)
            story.step(bearer, A.HANDLE, now, self.answer(story, assignment, matter, bearer, now), assignment.pk)
        return now

    def finish(self, story: Story, now: datetime, *, fails: bool = False) -> datetime:
        """Verification where it is asked for, and the close."""
        work = story.work
        if work.rules.verify_before_close and not work.state.verified and not work.state.on_the_spot:
            now = self._verify(story, now, passed=not fails)
            if fails:
                for assignment in story.live():
                    matter = self.info_of(story)
                    now = self.handle(story, assignment, matter, now, late=False)
                now = self._verify(story, now, passed=True)
        due = story.due("close", "verify")
        now = self._between(now, due or now + timedelta(hours=4), 0.1, 0.7)
        story.step(self.centre(story), A.CLOSE, now, self.closing(story, now))
        return now

    def _verify(self, story: Story, now: datetime, *, passed: bool) -> datetime:
        work = story.work
        case = work.case
        due = story.due("verify")
        now = self._between(now, due or now + timedelta(hours=6), 0.1, 0.7)
        verifier = self._other(self.cast.upward(case.scope_path, "verify"), work.state.handlers)
        data: dict[str, Any] = {"words": self.speech.verified(passed=passed)}
        if passed and work.rules.closing_rule == "verified_photo":
            data["photos"] = [self.photo(case.pk, "evidence", verifier.word, now, case.scope_path)]
        story.step(verifier, A.VERIFY_PASS if passed else A.VERIFY_FAIL, now, data)
        return now

    def judge(self, story: Story, now: datetime, stars: int) -> datetime:
        """The reporter's stars, and the call after few of them."""
        work = story.work
        who = work.reporters[0].resident if work.reporters else None
        if who is None or not work.rules.rating or work.state.seen_by_staff:
            raise CannotTell("nobody rates it")
        now += timedelta(hours=float(self.rng.uniform(0.5, 60)))
        story.step(resident_actor(who), A.RATE, now, {"stars": stars, "words": self.speech.verdict(stars)})
        callers = self.cast.upward(work.case.scope_path, "revisit")
        if work.state.revisit_due and callers:
            now += timedelta(hours=float(self.rng.uniform(2, 40)))
            words = self.speech.one_of(
                "已电话回访并致歉，补充处理后反映人表示认可。", "回访说明了处理过程，反映人表示理解。"
            )
            story.step(self._one(callers), A.RETURN_VISIT, now, {"result": "settled", "words": words})
        return now

    def info_of(self, story: Story) -> MatterInfo:
        """The catalogue entry of a story's matter."""
        return self.catalogue[story.work.case.matter_id or 0]

    # -- side roads

    def give_back(self, story: Story, matter: MatterInfo, now: datetime, *, again: bool = True) -> datetime:
        """The lead says it is not theirs; with ``again`` the dispatcher agrees and sends it elsewhere."""
        lead = story.lead()
        if lead is None or lead.department_id is None:
            return now
        now = self._between(now, self._due(story, lead) or now + timedelta(hours=8), 0.02, 0.15)
        reasons = story.work.rules.return_reasons
        data = {
            "reason": self._one(reasons) if reasons else "不属于本单位职责",
            "words": "经核不属于本单位职责范围，申请退回。",
        }
        story.step(self.bearer(story, lead), A.RETURN_BACK, now, data, lead.pk)
        if not again:
            return now
        now += timedelta(minutes=int(self.rng.integers(3, 30)))
        if story.work.rules.return_needs_approval:
            story.step(self.centre(story), A.APPROVE_RETURN, now, {}, lead.pk)
            now += MINUTE * 3
        others = list(self.cast.others_for(matter, story.work.case.scope_path, lead.department_id))
        other = others[0] if others else lead.department_id
        story.step(self.centre(story), A.DISPATCH, now, {"department": str(other)})
        return now

    def suspend(self, story: Story, now: datetime, *, resume: bool = True) -> datetime:
        """The lead waits for something outside and a centre agrees; with ``resume`` the work goes on days later."""
        work = story.work
        lead = story.lead()
        approvers = self.cast.upward(work.case.scope_path, "approve")
        desks = [one for one in approvers if work.case.desk_path.startswith(one.scope_path)]
        if lead is None or not desks or not work.rules.suspend_reasons:
            return now
        now = self._between(now, self._due(story, lead) or now + timedelta(hours=8), 0.05, 0.3)
        reason = self._one(work.rules.suspend_reasons)
        story.step(
            self.bearer(story, lead), A.SUSPEND, now, {"reason": reason, "words": "需等待材料到位，申请挂账。"}, lead.pk
        )
        now += timedelta(minutes=int(self.rng.integers(10, 90)))
        story.step(desks[0], A.APPROVE_SUSPEND, now, {"words": "同意。"})
        if not resume:
            return now
        now += timedelta(hours=float(self.rng.uniform(20, 140)))
        story.step(desks[0], A.RESUME, now, {"words": "材料已到，恢复办理。"})
        return now

    def _extend(self, story: Story, assignment: Assignment, bearer: Actor, now: datetime) -> datetime:
        work = story.work
        one = work.state.assignment(str(assignment.pk))
        approvers = [
            actor
            for actor in self.cast.upward(work.case.scope_path, "approve")
            if work.case.desk_path.startswith(actor.scope_path)
        ]
        if one is None or one.running_limit is None or not approvers or not work.rules.extension_max_times:
            return now
        number = int("".join(sign for sign in one.running_limit if sign.isdigit()) or 0)
        more = int(number * work.rules.extension_max_share)
        if more < 1:
            return now
        now = self._between(now, self._due(story, assignment) or now + timedelta(hours=6), 0.3, 0.6)
        asked = one.running_limit.replace(str(number), str(more), 1)
        story.step(bearer, A.ASK_EXTENSION, now, {"limit": asked, "words": "施工受天气影响，申请延期。"}, assignment.pk)
        now += timedelta(minutes=int(self.rng.integers(8, 60)))
        story.step(approvers[0], A.GRANT_EXTENSION, now, {"words": "同意延期。"}, assignment.pk)
        return now
