"""What can happen next to a case of the demonstration, by where it stands, and who does it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from onegrid.cases.models import Assignment, Case, CaseAction, CaseReporter
from onegrid.cases.permissions import Actor
from onegrid.cases.rules.states import Action
from onegrid.cases.selectors.setting import setting
from onegrid.county.matters import selectors as matters
from onegrid.county.matters.selectors import MatterInfo
from onegrid.shell.demo import marks
from onegrid.shell.demo.casting import resident_actor
from onegrid.shell.demo.scene import Scene, Step

A = Action
HANDS_OFF = timedelta(minutes=30)
"""How long life stays away from a case a person has just worked on."""


def next_step(scene: Scene) -> Step | None:
    """A case that may move on now, and how; a few are looked at before giving up."""
    waiting = list(_movable().values_list("pk", flat=True))
    for key in scene.rng.permutation(len(waiting))[:12].tolist():
        case = Case.objects.select_related("matter").get(pk=waiting[key])
        if not marks.made_here(case.pk) or _touched(case, scene.now):
            continue
        step = MOVES[case.status](scene, case)
        if step is not None:
            return step
    return None


def _movable() -> QuerySet[Case]:
    """Open cases and those just closed, oldest report first."""
    return (
        Case.objects.filter(status__in=MOVES)
        .exclude(status="closed", rating__isnull=False)
        .order_by("-reported_at")[:400]
    )


def _touched(case: Case, now: datetime) -> bool:
    """Whether a person at a screen worked on the case a short while ago."""
    last = CaseAction.objects.filter(case=case).exclude(actor_kind="system").order_by("-seq").first()
    return last is not None and not marks.our_key(last.key) and last.at > now - HANDS_OFF


def _rested(case: Case, scene: Scene, minutes: float) -> bool:
    """Whether the last step is long enough ago for the next to be believable."""
    last = CaseAction.objects.filter(case=case).order_by("-seq").first()
    return last is not None and last.at <= scene.now - timedelta(minutes=minutes * float(scene.rng.uniform(0.5, 1.5)))


def _centre(scene: Scene, case: Case) -> Actor | None:
    return scene.somebody(scene.stage.cast.at(case.desk_path, "triage"))


def _info(case: Case) -> MatterInfo | None:
    return matters.catalogue().by_id.get(case.matter_id) if case.matter_id else None


def _reported(scene: Scene, case: Case) -> Step | None:
    rules = setting().step_rules(case, case.matter, scene.stage.cast.centres_above(case.scope_path))
    first = CaseAction.objects.filter(case=case).order_by("seq").first()
    checked = CaseAction.objects.filter(case=case, action="check_report").exists()
    seen = bool(first and first.data.get("seen_by_staff"))
    if rules.verify_before_accept and not seen and not checked:
        verifiers = scene.stage.cast.upward(case.scope_path, "verify")
        checker = scene.somebody(verifiers, than={f"user:{case.reported_by}"})
        said = {"real": True, "words": "现场核实，情况属实。"}
        return Step(case, A.CHECK_REPORT, checker, said) if checker else None
    centre = _centre(scene, case)
    if centre is None:
        return None
    data = {}
    if case.matter_id is None:
        guess = case.guesses[0][0] if case.guesses else scene.one(scene.stage.catalogue).code
        data = {"matter": guess}
    return Step(case, A.ACCEPT, centre, data)


def _to_route(scene: Scene, case: Case) -> Step | None:
    centre, matter = _centre(scene, case), _info(case)
    if centre is None or matter is None or not _rested(case, scene, 0.5):
        return None
    lead = scene.stage.cast.lead_for(matter, case.scope_path)
    return Step(case, A.DISPATCH, centre, {"department": str(lead)} if lead else {"grid": str(case.grid_id)})


def _at_work(scene: Scene, case: Case) -> Step | None:
    """Answer what is asked, report in, set to work, or finish."""
    cast = scene.stage.cast
    if case.pending in _ANSWERS:
        duty, action = _ANSWERS[case.pending]
        above = [one for one in cast.upward(case.scope_path, duty) if case.desk_path.startswith(one.scope_path)]
        who = _centre(scene, case) if duty == "triage" else scene.somebody(above)
        asked = _asking(case)
        if who is None or (asked is None and case.pending != "suspension"):
            return None
        return Step(case, action, who, {"words": "同意。"}, None if case.pending == "suspension" else asked)
    live = list(
        Assignment.objects.filter(case=case, state__in=["offered", "arrived", "handling"]).select_related("department")
    )
    assignment: Assignment | None = scene.one(live)
    if assignment is None:
        return None
    if assignment.department_id is not None:
        bearer = scene.somebody(cast.officers(assignment.department_id))
    else:
        bearer = scene.somebody([one for one in cast.upward(assignment.grid_path, "handle") if not one.department_path])
    matter = _info(case)
    if bearer is None or matter is None:
        return None
    key = str(assignment.pk)
    if assignment.kind == "whistle" and assignment.state == "offered":
        return Step(case, A.REPORT_IN, bearer, {"words": "已到现场报到。"}, key)
    if assignment.state in ("offered", "arrived"):
        return Step(case, A.TAKE, bearer, {}, key) if _rested(case, scene, 1) else None
    if not _rested(case, scene, 4):
        return None
    rules = setting().step_rules(case, case.matter, cast.centres_above(case.scope_path))
    data: dict[str, Any] = {"words": scene.speech.handled(matter)}
    if rules.evidence and _last_stage(case, assignment):
        data["evidence"] = list(rules.evidence)
    return Step(case, A.HANDLE, bearer, data, key, "after")


def _last_stage(case: Case, assignment: Assignment) -> bool:
    """Whether the next answer is the last: evidence is ticked only then."""
    stages = len(setting().terms(case).stages)
    done = CaseAction.objects.filter(case=case, action="handle", assignment=assignment.pk).count()
    return done + 1 >= stages


_ANSWERS: Mapping[str, tuple[str, Action]] = {
    "return": ("triage", A.APPROVE_RETURN),
    "extension": ("approve", A.GRANT_EXTENSION),
    "suspension": ("approve", A.APPROVE_SUSPEND),
}


def _asking(case: Case) -> str | None:
    """The assignment whose bearer asked last."""
    asks = CaseAction.objects.filter(case=case, action__in=["return_back", "ask_extension", "suspend"]).order_by("-seq")
    last = asks.first()
    return str(last.assignment) if last is not None and last.assignment else None


def _handled(scene: Scene, case: Case) -> Step | None:
    rules = setting().step_rules(case, case.matter, scene.stage.cast.centres_above(case.scope_path))
    if case.on_the_spot or not rules.verify_before_close:
        return _verified(scene, case)
    if not _rested(case, scene, 2):
        return None
    handlers = {
        f"user:{key}"
        for key in CaseAction.objects.filter(case=case, action__startswith="handle").values_list("user", flat=True)
    }
    verifier = scene.somebody(scene.stage.cast.upward(case.scope_path, "verify"), than=handlers)
    if verifier is None:
        return None
    passed = not scene.chance(0.05)
    photo = "evidence" if passed and rules.closing_rule == "verified_photo" else ""
    action = A.VERIFY_PASS if passed else A.VERIFY_FAIL
    return Step(case, action, verifier, {"words": scene.speech.verified(passed=passed)}, None, photo)


def _verified(scene: Scene, case: Case) -> Step | None:
    centre = _centre(scene, case)
    if centre is None:
        return None
    rule = case.matter.closing_rule if case.matter else "verified"
    data: dict[str, Any] = {"words": "已将办理结果答复反映人。"} if rule == "replied" else {}
    if rule == "reporter_confirmed":
        data["confirmed"] = True
    return Step(case, A.CLOSE, centre, data, None, "evidence" if rule == "agreement_signed" else "")


def _closed(scene: Scene, case: Case) -> Step | None:
    """The reporter's stars, within a few days of the close."""
    if (
        case.closed_at is None
        or case.closed_at < scene.now - timedelta(days=4)
        or not setting().part["steps"].get("rating")
    ):
        return None
    reporter = CaseReporter.objects.filter(case=case, resident__isnull=False).first()
    if reporter is None or reporter.resident is None or scene.chance(0.4):
        return None
    stars = 5 if scene.chance(0.86) else int(scene.rng.choice([4, 4, 3, 2]))
    return Step(case, A.RATE, resident_actor(reporter.resident), {"stars": stars, "words": scene.speech.verdict(stars)})


def _suspended(scene: Scene, case: Case) -> Step | None:
    above = [
        one for one in scene.stage.cast.upward(case.scope_path, "approve") if case.desk_path.startswith(one.scope_path)
    ]
    chief = scene.somebody(above)
    if chief is None or not scene.chance(0.05):
        return None
    return Step(case, A.RESUME, chief, {"words": "条件已具备，恢复办理。"})


MOVES: Mapping[str, Callable[[Scene, Case], Step | None]] = {
    "reported": _reported,
    "accepted": _to_route,
    "reopened": _to_route,
    "returned": _at_work,
    "dispatched": _at_work,
    "handling": _at_work,
    "handled": _handled,
    "verified": _verified,
    "closed": _closed,
    "suspended": _suspended,
}
"""What can happen next to a case, by where it stands."""
