"""The edges one by one: who may, who may not, and what a step leaves behind."""

from __future__ import annotations

from dataclasses import replace

import pytest

from onegrid.cases import errors
from onegrid.cases.rules.assigning import Terms
from onegrid.cases.rules.fields import KINDS, StepRules
from onegrid.cases.rules.folding import fold
from onegrid.cases.rules.offers import Viewer, why_not
from onegrid.cases.rules.states import EDGES, Action, Receiver, Status
from tests.cases.rules.walking import HIGH, LOW, MIDDLE, PEOPLE, RULES, Walk

A = Action


def dispatched(rules: StepRules = RULES, joint: tuple[str, ...] = (), terms: Terms | None = None) -> Walk:
    walk = Walk(rules=rules, terms=terms or Terms("4工作日")).report().do("township", "accept")
    return walk.do("township", "dispatch", department="d1", joint=list(joint))


def closed(rules: StepRules = RULES) -> Walk:
    return dispatched(rules).do("officer", "handle").do("inspector", "verify_pass").do("township", "close")


def test_every_action_but_report_has_an_edge_and_every_edge_somebody() -> None:
    assert set(EDGES) == set(A) - {A.REPORT}
    assert all(edge.by for edge in EDGES.values())


def test_the_plain_loop() -> None:
    walk = closed()
    assert walk.names("resident") == {"rate", "reopen"}
    walk.do("resident", "rate", stars=5)
    assert (walk.state.status, walk.state.rating, walk.state.revisit_due) == (Status.RATED, 5, False)
    assert walk.names("inspector") == set()


def test_one_key_is_primary_for_who_must_act() -> None:
    walk = Walk().report()
    primary = [one.action for one in walk.offers("township") if one.primary]
    assert A.ACCEPT in primary
    assert {field.kind for one in walk.offers("township") for field in one.fields} <= set(KINDS)


def test_a_report_is_checked_before_it_is_accepted_where_the_pack_says_so() -> None:
    rules = replace(RULES, verify_before_accept=True)
    walk = Walk(rules=rules).report()
    with pytest.raises(errors.ReportUnchecked):
        walk.do("township", "accept")
    walk.do("inspector", "check_report", real=True).do("township", "accept")
    assert walk.state.status is Status.ACCEPTED
    untrue = Walk(rules=rules).report().do("inspector", "check_report", real=False)
    with pytest.raises(errors.NotTrue):
        untrue.do("township", "accept")
    assert "reject" in untrue.names("township")
    assert "accept" in Walk(rules=rules).report("worker", seen_by_staff=True).names("township")


def test_settled_on_the_spot_is_three_records_by_one_person() -> None:
    walk = Walk().report("worker", seen_by_staff=True).do("worker", "handle_on_the_spot").do("worker", "close")
    assert [str(one.action) for one in walk.actions] == ["report", "handle_on_the_spot", "close"]
    assert walk.state.on_the_spot
    assert walk.names("worker") == set()
    looked_at = Walk(rules=replace(RULES, verify_on_the_spot=True)).report("worker", seen_by_staff=True)
    looked_at.do("worker", "handle_on_the_spot")
    with pytest.raises(errors.Unverified):
        looked_at.do("township", "close")
    assert "verify_pass" not in looked_at.names("worker")
    assert looked_at.do("neighbour", "verify_pass").do("township", "close").state.status is Status.CLOSED


def test_not_every_matter_may_be_settled_on_the_spot() -> None:
    with pytest.raises(errors.StepOff):
        Walk(rules=replace(RULES, on_the_spot=False)).report().do("worker", "handle_on_the_spot")


def test_whistle_arrival_and_handling() -> None:
    walk = Walk().report(centre=LOW).do("secretary", "whistle", departments=["d1", "d2"])
    assert [(one.department, one.leads, one.kind) for one in walk.state.current] == [
        ("d1", True, "whistle"), ("d2", False, "whistle"),
    ]  # fmt: skip
    with pytest.raises(errors.NotReportedIn):
        walk.do("officer", "handle", "a0")
    walk.do("officer", "report_in").do("joint_officer", "report_in")
    walk.do("secretary", "confirm_arrival", "a0", present=True)
    walk.do("secretary", "confirm_arrival", "a1", present=False)
    assert walk.state.assignment("a1").state == "offered"  # type: ignore[union-attr]
    walk.do("joint_officer", "report_in").do("secretary", "confirm_arrival", "a1", present=True)
    walk.do("officer", "handle")
    assert walk.state.status is Status.HANDLING
    walk.do("joint_officer", "handle")
    assert walk.state.status is Status.HANDLED


def test_a_community_whistles_for_a_case_held_above_it() -> None:
    walk = Walk().report(centre=MIDDLE).do("township", "accept").do("secretary", "whistle", departments=["d2"])
    assert walk.state.lead is not None
    assert walk.state.lead.kind == "whistle"


def test_joint_handling_waits_for_all_that_were_not_withdrawn() -> None:
    walk = dispatched(joint=("d2", "d3")).do("officer", "handle")
    assert walk.state.status is Status.HANDLING
    walk.do("joint_officer", "handle").do("township", "withdraw", "a2")
    assert walk.state.status is Status.HANDLED


def test_department_returns_to_dispatcher_who_may_only_reroute() -> None:
    walk = dispatched().do("officer", "take").do("officer", "return_back", reason="not_ours")
    assert (walk.state.status, walk.state.returned_to) == (Status.RETURNED, Receiver.DISPATCHER)
    assert not {"close", "verify_pass", "accept"} & walk.names("township")
    walk.do("township", "dispatch", department="d2")
    assert walk.state.status is Status.DISPATCHED
    assert walk.state.assignment("a0").replaced_by == "a1"  # type: ignore[union-attr]


def test_return_may_need_approval() -> None:
    walk = dispatched(replace(RULES, return_needs_approval=True)).do("officer", "return_back", reason="not_ours")
    assert walk.state.pending_return == "a0"
    with pytest.raises(errors.AskedAlready):
        walk.do("officer", "handle", "a0", words="x", photos=["p"], evidence=["site", "effect"])
    walk.do("township", "refuse_return")
    assert walk.state.pending_return is None
    walk.do("officer", "return_back", reason="not_ours").do("township", "approve_return")
    assert walk.state.status is Status.RETURNED


def test_returned_joint_blocks_until_replaced_or_dropped() -> None:
    walk = dispatched(joint=("d2",)).do("joint_officer", "return_back", reason="not_ours")
    assert walk.state.status is Status.DISPATCHED
    walk.do("officer", "handle")
    assert (walk.state.status, walk.state.returned_to) == (Status.RETURNED, Receiver.DISPATCHER)
    dropped = walk.do("township", "withdraw", "a1")
    assert dropped.state.status is Status.HANDLED


def test_a_lead_that_comes_back_leaves_joint_departments_at_work() -> None:
    walk = dispatched(joint=("d2",)).do("officer", "return_back", reason="not_ours")
    assert walk.state.status is Status.RETURNED
    assert "handle" in walk.names("joint_officer")
    walk.do("joint_officer", "handle").do("township", "dispatch", department="d3").do("third_officer", "handle")
    assert walk.state.status is Status.HANDLED


def test_centre_returns_down_and_to_the_reporter() -> None:
    walk = Walk().report(centre=HIGH).do("dispatcher", "accept").do("dispatcher", "return_back", to="lower_centre")
    assert (walk.state.status, walk.state.centre, walk.state.returned_to) == (
        Status.RETURNED, MIDDLE, Receiver.LOWER_CENTRE,
    )  # fmt: skip
    assert "dispatch" in walk.names("township")
    assert "dispatch" not in walk.names("dispatcher")
    asked = Walk().report().do("township", "return_back", to="reporter")
    assert asked.state.waits_on == "reporter"
    assert not {"accept", "dispatch"} & asked.names("township")
    asked.do("resident", "add_words", words="在桥头")
    assert asked.state.status is Status.REPORTED
    by_phone = Walk().report().do("township", "return_back", to="reporter").do("township", "add_words")
    assert by_phone.state.status is Status.REPORTED


def test_verification_is_by_somebody_else() -> None:
    walk = dispatched().do("officer", "handle")
    handler = Viewer(frozenset({"verify"}), frozenset({"worker_in_grid"}), frozenset(), "officer")  # type: ignore[arg-type]
    colleague = Viewer(frozenset({"verify"}), frozenset({"worker_in_grid"}), frozenset({"a0"}), "other")  # type: ignore[arg-type]
    for viewer in (handler, colleague):
        refusal = why_not(walk.state, A.VERIFY_PASS, viewer, walk.rules_now(), now=walk.now)
        assert isinstance(refusal, errors.NotIndependent)
    walk.do("inspector", "verify_fail")
    assert (walk.state.status, walk.state.waits_on) == (Status.RETURNED, "assignee")
    assert not {"close", "verify_pass"} & walk.names("township")
    walk.do("officer", "handle").do("inspector", "verify_pass")
    assert walk.state.assignments[0].reworks == 1


def test_without_verification_the_centre_closes_what_was_handled() -> None:
    walk = dispatched(replace(RULES, verify_before_close=False)).do("officer", "handle").do("township", "close")
    assert walk.state.status is Status.CLOSED
    with pytest.raises(errors.Unverified):
        dispatched().do("officer", "handle").do("township", "close")


@pytest.mark.parametrize(
    ("rule", "missing"), [("replied", "words"), ("agreement_signed", "photos"), ("reporter_confirmed", "confirmed")]
)
def test_closing_rules_ask_for_what_they_name(rule: str, missing: str) -> None:
    walk = dispatched(replace(RULES, closing_rule=rule)).do("officer", "handle").do("inspector", "verify_pass")
    with pytest.raises(errors.BadFields) as bad:
        walk.do("township", "close", **{missing: None})
    assert set(bad.value.faults) == {missing}


def test_escalating_moves_to_the_next_centre_until_the_top() -> None:
    walk = Walk().report(centre=LOW).do("secretary", "accept")
    walk.do("secretary", "escalate", reason="too_hard").do("township", "escalate", reason="too_hard")
    assert walk.state.centre == HIGH
    with pytest.raises(errors.NoCentre):
        walk.do("dispatcher", "escalate", reason="too_hard")


def test_escalating_takes_nobody_away_from_work() -> None:
    walk = dispatched(joint=("d2",)).do("officer", "return_back", reason="not_ours")
    with pytest.raises(errors.AssignmentsLive):
        walk.do("township", "escalate", reason="too_hard")


def test_suspension_is_asked_and_granted_by_different_people() -> None:
    walk = dispatched().do("officer", "take").do("officer", "suspend", reason="weather")
    assert walk.state.status is Status.HANDLING
    assert walk.state.pending_suspension == "a0"
    assert "approve_suspend" not in walk.names("officer")
    walk.do("township", "approve_suspend")
    assert walk.state.status is Status.SUSPENDED
    assert "handle" not in walk.names("officer")
    walk.do("officer", "resume")
    assert walk.state.status is Status.HANDLING
    refused = dispatched().do("officer", "suspend").do("township", "refuse_suspend")
    assert refused.state.pending_suspension is None
    direct = dispatched().do("township", "suspend")
    assert direct.state.status is Status.SUSPENDED


def test_extension_within_times_share_and_unit() -> None:
    walk = dispatched()
    with pytest.raises(errors.BadFields):
        walk.do("officer", "ask_extension", limit="2天")
    with pytest.raises(errors.ExtensionSpent):
        walk.do("officer", "ask_extension", limit="3工作日")
    walk.do("officer", "ask_extension", limit="2工作日").do("township", "grant_extension", limit="1工作日")
    one = walk.state.assignments[0]
    assert (one.extensions, one.extended, one.asked_extension) == (1, 1, None)
    assert walk.actions[-1].data["value"] == 1
    with pytest.raises(errors.ExtensionSpent):
        walk.do("officer", "ask_extension", "a0", limit="1工作日")
    refused = dispatched().do("officer", "ask_extension", limit="1工作日").do("township", "refuse_extension")
    assert refused.state.pending_extension is None


def test_withdrawing_voids_what_was_asked() -> None:
    walk = dispatched().do("officer", "ask_extension", limit="1工作日").do("officer", "suspend")
    walk.do("township", "withdraw")
    assert (walk.state.pending_extension, walk.state.pending_suspension) == (None, None)
    assert walk.state.status is Status.ACCEPTED
    assert walk.names("officer") == set()


def test_urging_is_limited_for_reporters_only() -> None:
    walk = dispatched().do("resident", "urge")
    with pytest.raises(errors.TooSoon):
        walk.after(hours=1).do("resident", "urge")
    walk.do("township", "urge").after(hours=25).do("resident", "urge")


def test_supervision_is_put_on_and_lifted() -> None:
    walk = dispatched().do("supervisor", "supervise")
    assert walk.state.supervised
    assert "supervise" not in walk.names("supervisor")
    assert not walk.do("supervisor", "lift_supervision").state.supervised


def test_merge_cancel_and_reject_end_a_case() -> None:
    assert Walk().report().do("township", "merge", into="b").state.merged_into == "b"
    assert "cancel" not in dispatched().names("resident")
    rejected = Walk().report().do("township", "reject", reason="untrue")
    assert all(rejected.names(who) <= {"lift_supervision"} for who in PEOPLE)


def test_reject_needs_a_reason_of_the_pack_and_words() -> None:
    with pytest.raises(errors.BadFields) as bad:
        Walk().report().do("township", "reject", reason="because", words="")
    assert bad.value.faults == {"reason": "not_offered", "words": "required"}


def test_poor_rating_leads_to_a_visit_and_the_visit_back_to_the_dispatcher() -> None:
    walk = closed().do("resident", "rate", stars=2)
    assert walk.state.revisit_due
    walk.do("inspector", "return_visit", result="unreachable")
    assert walk.state.revisit_due
    walk.do("inspector", "return_visit", result="redo")
    assert (walk.state.status, walk.state.returned_to, walk.state.round) == (Status.REOPENED, Receiver.DISPATCHER, 2)
    assert not {"close", "handle"} & walk.names("township")
    walk.do("township", "dispatch", department="d2").do("joint_officer", "handle")
    assert [one.round for one in walk.state.current] == [2]
    assert "reject" not in walk.names("township")


def test_a_call_to_who_gave_no_stars_may_record_them() -> None:
    walk = closed().do("inspector", "return_visit", result="settled", stars=4)
    assert (walk.state.status, walk.state.rating) == (Status.RATED, 4)


def test_reopening_ends_with_its_days() -> None:
    walk = closed()
    walk.after(days=15).do("resident", "reopen")
    assert walk.state.reopened_count == 1
    late = closed()
    with pytest.raises(errors.TooLate):
        late.after(days=15, minutes=1).do("resident", "reopen")


def test_a_worker_neither_rates_nor_reopens_what_he_reported() -> None:
    walk = Walk().report("worker", seen_by_staff=True).do("worker", "handle_on_the_spot").do("worker", "close")
    assert walk.names("resident") == set()


def test_staged_limits_are_answered_one_after_the_other() -> None:
    terms = Terms(None, ("制止:4工作时", "处罚:7工作日", "拆除:20工作日"))
    walk = dispatched(terms=terms)
    assert walk.state.stage == "制止:4工作时"
    walk.do("officer", "handle")
    assert (walk.state.stage, walk.state.status) == ("处罚:7工作日", Status.HANDLING)
    assert "evidence" not in {
        field.name for one in walk.offers("officer") if one.action is A.HANDLE for field in one.fields
    }
    walk.do("officer", "handle").do("officer", "handle", evidence=["site", "effect"])
    assert walk.state.status is Status.HANDLED
    assert [one.data.get("stage") for one in walk.actions[-3:]] == list(terms.stages)


def test_evidence_is_due_before_handling_counts() -> None:
    with pytest.raises(errors.BadFields) as bad:
        dispatched().do("officer", "handle", evidence=["site"])
    assert bad.value.faults == {"evidence": "incomplete"}


def test_fields_nobody_asked_for_are_refused() -> None:
    with pytest.raises(errors.BadFields) as bad:
        dispatched().do("officer", "take", supervised=True)
    assert bad.value.faults == {"supervised": "unknown"}


def test_dispatch_names_one_bearer_and_knows_the_matter() -> None:
    walk = Walk().report(matter=None)
    with pytest.raises(errors.BadFields):
        walk.do("township", "accept", matter=None)
    walk.do("township", "accept", matter="m7")
    with pytest.raises(errors.BadFields) as both:
        walk.do("township", "dispatch", department="d1", joint=["d1"])
    assert both.value.faults == {"joint": "repeated"}
    walk.do("township", "dispatch", grid="g1")
    assert walk.state.lead is not None
    assert walk.state.lead.kind == "grid"
    walk.do("worker", "handle")
    assert "verify_pass" in walk.names("neighbour")


def test_fold_sorts_by_sequence() -> None:
    walk = closed()
    assert fold(reversed(walk.actions)) == walk.state
