"""Whatever people do in whatever order: replay equals the state, offers hold, and nobody is stuck."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from onegrid.cases.rules.assigning import Terms
from onegrid.cases.rules.fields import StepRules
from onegrid.cases.rules.folding import fold
from onegrid.cases.rules.offers import Viewer, available
from onegrid.cases.rules.states import FINAL, RETURNS, Action, Receiver, Relation, Status
from tests.cases.rules.walking import CENTRES, PEOPLE, RULES, Walk, fill, value_of

SIDE_TALK = {Action.ADD_WORDS, Action.URGE, Action.SUPERVISE, Action.LIFT_SUPERVISION}
MOVES_NOTHING = SIDE_TALK | {Action.RELOCATE, Action.CLASSIFY}

rules = st.builds(
    lambda **wishes: replace(RULES, **wishes),
    verify_before_accept=st.booleans(),
    verify_before_close=st.booleans(),
    on_the_spot=st.booleans(),
    verify_on_the_spot=st.booleans(),
    return_needs_approval=st.booleans(),
    rating=st.booleans(),
    return_visit_below=st.integers(0, 6),
    closing_rule=st.sampled_from(["verified", "verified_photo", "agreement_signed", "reporter_confirmed", "replied"]),
    reporter_reachable=st.booleans(),
)
terms = st.sampled_from([Terms("4工作日"), Terms(None), Terms(None, ("制止:4工作时", "处罚:7工作日", "拆除:9工作日"))])


def steps_of(walk: Walk) -> list[tuple[str, Any]]:
    return [(who, offer) for who in PEOPLE for offer in walk.offers(who)]


def step(walk: Walk, who: str, offer: Any, draw: Any) -> None:
    def choose(options: Any) -> Any:
        return draw(st.sampled_from(options))

    data = fill(offer.fields, offer.action, choose)
    for one in offer.fields:
        if one.name not in data and one.kind not in ("department", "grid", "limit") and draw(st.booleans()):
            data[one.name] = value_of(one, choose)
    if offer.action is Action.ASK_EXTENSION:
        data.pop("limit")  # the walk knows the unit of the running limit
    if data.get("department") in (data.get("joint") or ()):
        data.pop("joint")
    walk.do(who, offer.action, offer.assignment, **data)
    walk.after(hours=draw(st.sampled_from([1, 5, 30])))


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data(), rules, terms, st.sampled_from(CENTRES), st.booleans())
def test_any_walk_replays_and_never_sticks(data: Any, chosen: StepRules, work: Terms, centre: str, staff: bool) -> None:
    walk = Walk(rules=chosen, terms=work).report("worker" if staff else "resident", centre=centre, seen_by_staff=staff)
    for _ in range(data.draw(st.integers(1, 45))):
        assert fold(walk.actions) == walk.state
        consistent(walk)
        offers = steps_of(walk)
        moving = [one for one in offers if one[1].action not in MOVES_NOTHING]
        if walk.state.status not in FINAL | {Status.CLOSED, Status.RATED}:
            assert moving, f"nobody can move a case that is {walk.state.status}, returned to {walk.state.returned_to}"
        if not offers:
            break
        talk = not moving or data.draw(st.integers(0, 9)) == 0
        who, offer = data.draw(st.sampled_from(offers if talk else moving))
        step(walk, who, offer, data.draw)
    assert fold(walk.actions) == walk.state


def consistent(walk: Walk) -> None:
    """What must hold of every state."""
    state = walk.state
    assert sum(one.leads for one in state.current if one.state != "returned") <= 1
    if state.status in (Status.DISPATCHED, Status.HANDLING):
        assert state.live
    if state.status in (Status.HANDLED, Status.VERIFIED):
        assert not state.live
        assert state.on_the_spot or all(one.state == "handled" for one in state.current)
    if state.status is Status.RETURNED:
        assert state.returned_to in {path.receiver for path in RETURNS}
    if state.status is Status.SUSPENDED:
        assert state.suspended_from is not None
    for one in state.assignments:
        if not one.live:
            assert one.asked_extension is None
            assert one.asked_return is None
    if state.pending_suspension:
        asking = state.assignment(state.pending_suspension)
        assert asking is not None
        assert asking.live


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data(), rules, terms)
def test_a_stranger_is_offered_nothing(data: Any, chosen: StepRules, work: Terms) -> None:
    walk = Walk(rules=chosen, terms=work).report()
    stranger = Viewer(
        frozenset({"report", "handle", "triage", "verify", "whistle", "attend", "approve"}),
        frozenset(),
        frozenset(),
        "x",
    )
    for _ in range(data.draw(st.integers(0, 20))):
        assert available(walk.state, stranger, walk.rules_now(), now=walk.now) == ()
        offers = steps_of(walk)
        if not offers:
            break
        who, offer = data.draw(st.sampled_from(offers))
        step(walk, who, offer, data.draw)


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data(), rules, terms)
def test_the_receiver_of_a_return_never_pushes_forward(data: Any, chosen: StepRules, work: Terms) -> None:
    pushing = {Action.ACCEPT, Action.VERIFY_PASS, Action.CLOSE, Action.HANDLE_ON_THE_SPOT}
    walk = Walk(rules=chosen, terms=work).report()
    for _ in range(data.draw(st.integers(1, 40))):
        offers = steps_of(walk)
        if not offers:
            break
        if walk.state.status is Status.RETURNED:
            assert not pushing & {offer.action for _, offer in offers}
            if walk.state.returned_to is Receiver.DISPATCHER and not walk.state.live:
                assert Action.HANDLE not in {offer.action for _, offer in offers}
        who, offer = data.draw(st.sampled_from([one for one in offers if one[1].action not in SIDE_TALK] or offers))
        step(walk, who, offer, data.draw)


def test_every_status_is_reached() -> None:
    seen: set[Status] = set()

    def walked(walk: Walk) -> None:
        seen.update(fold(walk.actions[:length]).status for length in range(1, len(walk.actions) + 1))

    base = Walk().report().do("township", "accept").do("township", "dispatch", department="d1")
    walked(
        base.do("officer", "take")
        .do("officer", "handle")
        .do("inspector", "verify_pass")
        .do("township", "close")
        .do("resident", "rate", stars=5)
    )
    walked(Walk().report().do("township", "reject"))
    walked(Walk().report().do("township", "merge"))
    walked(Walk().report().do("resident", "cancel"))
    again = Walk().report().do("township", "accept").do("township", "suspend").do("township", "resume")
    walked(again.do("township", "return_back", to="lower_centre"))
    walked(Walk().report().do("township", "accept").do("township", "dispatch", department="d1").do("officer", "handle")
           .do("inspector", "verify_pass").do("township", "close").do("resident", "reopen"))  # fmt: skip
    assert seen == set(Status)


def test_the_system_only_records_breaches() -> None:
    walk = Walk().report()
    system = Viewer(frozenset(), frozenset({Relation.SYSTEM}), frozenset(), "system")
    assert available(walk.state, system, walk.rules_now(), now=walk.now) == ()
