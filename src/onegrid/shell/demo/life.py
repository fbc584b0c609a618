"""Life: while you watch, residents and workers report new cases and the right people move the open ones on.

Each tick is one event, done through the engine's own doors under the standing of the person who does it. Life
moves only cases that the demonstration made, and leaves alone what a person at a screen has touched.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from django.db.models import QuerySet

from onegrid.cases.errors import CaseError
from onegrid.cases.flow import engine, intake
from onegrid.cases.flow.intake import Report
from onegrid.cases.models import Assignment, Case, CaseAction, CaseReporter
from onegrid.cases.permissions import Actor
from onegrid.cases.rules.states import Action
from onegrid.cases.selectors.setting import setting
from onegrid.county.grids import selectors as grids
from onegrid.county.matters import selectors as matters
from onegrid.county.matters.selectors import MatterInfo
from onegrid.foundation.accounts.models import User
from onegrid.foundation.database.context import Standing, acting, in_locality
from onegrid.foundation.files import services as files
from onegrid.foundation.files.services.photos import Upload
from onegrid.shell.demo import casting, marks, pictures
from onegrid.shell.demo.casting import Cast, resident_actor
from onegrid.shell.demo.history import close_by, spots, volumes
from onegrid.shell.demo.telling import Spot
from onegrid.shell.demo.words import Speech

log = logging.getLogger("onegrid.life")
A = Action
BUSY = 120
"""With so many open cases nothing new is reported until some are closed."""
QUIET = 45
"""With so few, most ticks bring a new one."""
HANDS_OFF = timedelta(minutes=30)
"""How long life stays away from a case a person has just worked on."""
EVERY_S = 7.0


@dataclass(frozen=True)
class Stage:
    """What is needed of one locality, read once and kept while its map and pack stay the same."""

    cast: Cast
    spots: list[Spot]
    near: list[Spot]
    catalogue: list[MatterInfo]
    weights: np.ndarray[Any, np.dtype[np.float64]]
    players: frozenset[int]


@dataclass
class Scene:
    """One tick: the stage, the time and the dice."""

    stage: Stage
    locality: str
    now: datetime
    rng: np.random.Generator

    def __post_init__(self) -> None:
        self.speech = Speech(self.rng)

    def one(self, options: Sequence[Any]) -> Any:
        """One of the options; None when there is none."""
        return options[int(self.rng.integers(len(options)))] if len(options) else None

    def somebody(self, actors: Sequence[Actor], *, than: frozenset[str] | set[str] = frozenset()) -> Actor | None:
        """One of the actors, rather not one whom a person at a screen plays."""
        free = [actor for actor in actors if actor.word not in than]
        extras = [actor for actor in free if actor.user_id not in self.stage.players]
        found: Actor | None = self.one((extras or free)[:6])
        return found

    def chance(self, share: float) -> bool:
        """True in this share of ticks."""
        return bool(self.rng.random() < share)


_stages: dict[tuple[str, int, int], Stage] = {}


def tick(locality: str, now: datetime, rng: np.random.Generator) -> str | None:
    """One event in one locality; what happened in a few words, None when nothing did."""
    with in_locality(locality, "demo"):
        if not grids.map_version() or not User.objects.exists():
            return None
        scene = Scene(_stage(locality), locality, now, rng)
        open_cases = Case.objects.filter(closed_on=None, status__in=_MOVES).count()
        bring = 0.75 if open_cases < QUIET else 0.0 if open_cases > BUSY else 0.4
        step = None if scene.chance(bring) else _next_step(scene)
    try:
        return _report(scene) if step is None else _do(scene, step)
    except CaseError as refusal:
        # Somebody was faster, or the case asks for something nobody in the cast may do: the next tick tries another.
        log.info("life in %s: %s", locality, type(refusal).__name__)
        return None


def _stage(locality: str) -> Stage:
    key = (locality, grids.map_version(), matters.current_pack().id)
    if key not in _stages:
        for old in [old for old in _stages if old[0] == locality]:
            del _stages[old]
        places, root = spots(), grids.root()
        focus = close_by(places, _heart(root.lon, root.lat))
        known = list(matters.catalogue().matters)
        players = frozenset(User.objects.exclude(password="").values_list("pk", flat=True))
        weights = volumes(np.random.default_rng(len(known)), known)
        _stages[key] = Stage(casting.gather(), places, focus, known, weights, players)
    return _stages[key]


def _heart(lon: float, lat: float) -> tuple[float, float]:
    """The middle of the demonstration, as the pack in force has it; the locality's own middle without one."""
    centre = matters.current_pack().content.get("grids", {}).get("centre") or {}
    return float(centre.get("lon", lon)), float(centre.get("lat", lat))


def _as(locality: str, actor: Actor) -> Any:
    """A transaction in the standing of an actor, as the web gives it to him."""
    if actor.kind == "resident":
        return acting(Standing(locality, "", "resident", person=str(actor.resident_id)))
    if actor.department_path:
        return acting(Standing(locality, "", "department", department=actor.department_path))
    return acting(Standing(locality, actor.scope_path))


# -- something new


def _report(scene: Scene) -> str | None:
    stage = scene.stage
    spot: Spot = scene.one(stage.near if scene.chance(0.7) else stage.spots)
    workers = [one for one in stage.cast.upward(spot.scope_path, "report", without="triage") if not one.department_path]
    by_worker = scene.chance(0.45)
    actor = scene.somebody(workers) if by_worker else None
    if actor is None:
        resident = scene.one(stage.cast.residents)
        if resident is None:
            return None
        actor = resident_actor(resident)
    matter = _matter(scene, actor)
    channel = "patrol" if actor.kind == "staff" else "snap"
    with _as(scene.locality, actor):
        on_the_spot = None
        if (
            actor.kind == "staff"
            and matter.on_the_spot
            and scene.chance(0.3)
            and setting().part["steps"].get("on_the_spot")
        ):
            on_the_spot = {"words": scene.speech.on_the_spot(), "photos": [_photo(scene, actor, "after")]}
        photos = (UUID(_photo(scene, actor, "near")),) if scene.chance(0.8) else ()
        named = actor.kind == "staff" or scene.chance(0.3)
        report = Report(
            key=marks.case_key(scene.rng),
            words=scene.speech.report(matter, spot.address, channel),
            lon=spot.lon,
            lat=spot.lat,
            matter=matter.code if named else None,
            photos=photos,
            channel=channel,
            on_the_spot=on_the_spot,
        )
        answer = intake.report(actor=actor, report=report, now=scene.now)
    return f"{channel} {answer.body.get('number', '')}"


def _matter(scene: Scene, actor: Actor) -> MatterInfo:
    """What it is about; residents report things of everyday life, not secrets or paperwork."""
    for _ in range(30):
        matter = scene.stage.catalogue[int(scene.rng.choice(len(scene.stage.catalogue), p=scene.stage.weights))]
        if not matter.confidential and (actor.kind == "staff" or matter.kind in {"event", "component", "dispute"}):
            break
    return matter


def _photo(scene: Scene, actor: Actor, kind: str) -> str:
    """Send a drawn picture in, as a phone would."""
    drawn = pictures.picture(int(scene.rng.integers(pictures.KINDS)), after=kind == "after")
    upload = Upload(drawn, kind, str(UUID(bytes=scene.rng.bytes(16), version=4)), taken_at=scene.now)
    photo, _ = files.take_in(upload, sender=actor.word, now=scene.now)
    return str(photo.pk)


# -- something moves on


@dataclass(frozen=True)
class Step:
    """What to do next with a case, and who does it."""

    case: Case
    action: Action
    actor: Actor
    data: Mapping[str, Any]
    assignment: str | None = None
    photo: str = ""
    """Which kind of photo goes with it; empty for none."""


def _do(scene: Scene, step: Step) -> str:
    with _as(scene.locality, step.actor):
        data = dict(step.data)
        if step.photo:
            data["photos"] = [_photo(scene, step.actor, step.photo)]
        engine.act(
            actor=step.actor,
            case_id=step.case.pk,
            action=str(step.action),
            key=marks.step_key(scene.rng),
            now=scene.now,
            data=data,
            version=step.case.version,
            assignment=step.assignment,
        )
    return f"{step.action} {step.case.number}"


def _next_step(scene: Scene) -> Step | None:
    """A case that may move on now, and how; a few are looked at before giving up."""
    waiting = list(_movable().values_list("pk", flat=True))
    for key in scene.rng.permutation(len(waiting))[:12].tolist():
        case = Case.objects.select_related("matter").get(pk=waiting[key])
        if not marks.made_here(case.pk) or _touched(case, scene.now):
            continue
        step = _MOVES[case.status](scene, case)
        if step is not None:
            return step
    return None


def _movable() -> QuerySet[Case]:
    """Open cases and those just closed, oldest report first."""
    return (
        Case.objects.filter(status__in=_MOVES)
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


_MOVES: Mapping[str, Callable[[Scene, Case], Step | None]] = {
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


def run(locality: str, now: datetime) -> str | None:
    """The job: one tick with dice of the moment; the dice need not be the same twice, only the seeded county is."""
    return tick(locality, now, np.random.default_rng([now.microsecond, int(now.timestamp())]))
