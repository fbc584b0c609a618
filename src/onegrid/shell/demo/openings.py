"""The states an open case can be in, each as the beginning of a life that stops there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from onegrid.cases.rules.states import Action, Status
from onegrid.shell.demo import casting
from onegrid.shell.demo.ledger import Story
from onegrid.shell.demo.scripts import CannotTell, Spot

if TYPE_CHECKING:
    from onegrid.shell.demo.history import History


def _reported(it: History, among: Sequence[Spot]) -> Story:
    return it.start(among, 0.15, known=bool(it.rng.random() < 0.5))[0]


def _accepted(it: History, among: Sequence[Spot]) -> Story:
    story, matter = it.start(among, 1.5)
    it.past(it.teller.accept(story, matter))
    return story


def _dispatched(it: History, among: Sequence[Spot]) -> Story:
    story, matter = it.start(among, 3)
    it.past(it.teller.dispatch(story, matter, it.teller.accept(story, matter)))
    return story


def _handling(it: History, among: Sequence[Spot]) -> Story:
    story, matter = it.start(among, 8)
    now = it.teller.dispatch(story, matter, it.teller.accept(story, matter))
    return _take(it, story, now)


def _take(it: History, story: Story, now: datetime) -> Story:
    for assignment in story.live()[:1]:
        at = it.past(now + timedelta(minutes=int(it.rng.integers(20, 90))))
        story.step(it.teller.bearer(story, assignment), Action.TAKE, at, {}, assignment.pk)
    return story


def _overdue(it: History, among: Sequence[Spot]) -> Story:
    story, matter = it.start(among, 24 * 9, limited=True)
    now = it.teller.dispatch(story, matter, it.teller.accept(story, matter))
    _take(it, story, now)
    due = story.due("handle", "stage")
    if due is None:
        raise CannotTell("no limit")
    story.miss(it.past(max(due, story.actions[-1].at) + timedelta(minutes=1)))
    return story


def _handled(it: History, among: Sequence[Spot]) -> Story:
    story, matter = it.start(among, 30)
    it.past(it.teller.route(story, matter, it.teller.accept(story, matter), late=False))
    return story


def _returned(it: History, among: Sequence[Spot]) -> Story:
    story, matter = it.start(among, 10)
    now = it.teller.dispatch(story, matter, it.teller.accept(story, matter))
    now = it.past(it.teller.give_back(story, matter, now, again=False))
    lead = story.lead()
    if lead is not None and story.work.state.pending_return and it.rng.random() < 0.6:
        story.step(it.teller.centre(story), Action.APPROVE_RETURN, it.past(now + timedelta(minutes=9)), {}, lead.pk)
    return story


def _rejected(it: History, among: Sequence[Spot]) -> Story:
    story, _ = it.start(among, 24 * 6)
    reasons = story.work.rules.reject_reasons
    if not reasons:
        raise CannotTell("no reason to reject anything")
    at = story.work.case.reported_at + timedelta(minutes=int(it.rng.integers(3, 12)))
    data = {"reason": reasons[int(it.rng.integers(len(reasons)))], "words": "已电话向反映人说明情况。"}
    story.step(it.teller.centre(story), Action.REJECT, it.past(at), data)
    return story


def _cancelled(it: History, among: Sequence[Spot]) -> Story:
    matter = it.common_matter()
    story = it.teller.begin(
        matter, it.spot(among), it.now - timedelta(hours=float(it.rng.uniform(20, 90))), resident=True
    )
    reporter = story.work.reporters[0].resident
    if reporter is None:
        raise CannotTell("nobody to take it back")
    at = story.work.case.reported_at + timedelta(minutes=6)
    story.step(casting.resident_actor(reporter), Action.CANCEL, at, {"words": "已经有人处理了，不用来了。"})
    return story


def _reopened(it: History, among: Sequence[Spot]) -> Story:
    matter = it.common_matter()
    story = it.teller.begin(matter, it.spot(among), it.now - timedelta(days=float(it.rng.uniform(3, 9))), resident=True)
    end = it.past(it.teller.live_on(story, matter, late=False))
    reporter = story.work.reporters[0].resident
    if reporter is None:
        raise CannotTell("nobody to open it again")
    at = it.past(end + timedelta(hours=float(it.rng.uniform(1, 12))))
    story.step(casting.resident_actor(reporter), Action.REOPEN, at, {"words": "过了两天又出现了，请再来看看。"})
    return story


def _suspended(it: History, among: Sequence[Spot]) -> Story:
    story, matter = it.start(among, 60, limited=True)
    now = it.teller.dispatch(story, matter, it.teller.accept(story, matter))
    it.past(it.teller.suspend(story, now, resume=False))
    if story.work.state.status is not Status.SUSPENDED:
        raise CannotTell("nobody could suspend it")
    return story


def _whistled(it: History, among: Sequence[Spot]) -> Story:
    story, matter = it.start(among, 7)
    it.past(it.teller.whistle(story, matter, it.teller.accept(story, matter), arrive=bool(it.rng.random() < 0.5)))
    return story


def _supervised(it: History, among: Sequence[Spot]) -> Story:
    story = _handling(it, among)
    last = story.actions[-1].at
    chiefs = [
        one
        for one in it.teller.cast.upward(story.work.case.scope_path, "supervise")
        if story.work.case.desk_path.startswith(one.scope_path)
    ]
    if not chiefs:
        raise CannotTell("nobody supervises")
    story.step(chiefs[0], Action.SUPERVISE, it.past(last + timedelta(minutes=7)), {"words": "请加快办理并及时反馈。"})
    return story


SHAPES: tuple[Callable[[History, Sequence[Spot]], Story], ...] = (
    _reported,
    _dispatched,
    _handling,
    _handled,
    _accepted,
    _overdue,
    _reported,
    _handling,
    _whistled,
    _suspended,
    _handled,
    _returned,
    _supervised,
    _dispatched,
    _overdue,
    _rejected,
    _returned,
    _reopened,
    _cancelled,
)
