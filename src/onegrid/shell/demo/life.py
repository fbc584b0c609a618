"""Life: while you watch, residents and workers report new cases and the right people move the open ones on.

Each tick is one event, done through the engine's own doors under the standing of the person who does it. Life
moves only cases that the demonstration made, and leaves alone what a person at a screen has touched.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np

from onegrid.cases.errors import CaseError
from onegrid.cases.flow import engine, intake
from onegrid.cases.flow.intake import Report
from onegrid.cases.models import Case
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
from onegrid.shell.demo.casting import resident_actor
from onegrid.shell.demo.history import volumes
from onegrid.shell.demo.moves import MOVES, next_step
from onegrid.shell.demo.places import close_by, spots
from onegrid.shell.demo.scene import Scene, Stage, Step
from onegrid.shell.demo.scripts import Spot

log = logging.getLogger("onegrid.life")
A = Action
BUSY = 120
"""With so many open cases nothing new is reported until some are closed."""
QUIET = 45
"""With so few, most ticks bring a new one."""
EVERY_S = 7.0


_stages: dict[tuple[str, int, int], Stage] = {}


def tick(locality: str, now: datetime, rng: np.random.Generator) -> str | None:
    """One event in one locality; what happened in a few words, None when nothing did."""
    with in_locality(locality, "demo"):
        if not grids.map_version() or not User.objects.exists():
            return None
        scene = Scene(_stage(locality), locality, now, rng)
        open_cases = Case.objects.filter(closed_on=None, status__in=MOVES).count()
        bring = 0.75 if open_cases < QUIET else 0.0 if open_cases > BUSY else 0.4
        step = None if scene.chance(bring) else next_step(scene)
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
        root = grids.root()
        heart = _heart(root.lon, root.lat)
        places = spots(heart)
        focus = close_by(places, heart)
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


def run(locality: str, now: datetime) -> str | None:
    """The job: one tick with dice of the moment; the dice need not be the same twice, only the seeded county is."""
    return tick(locality, now, np.random.default_rng([now.microsecond, int(now.timestamp())]))
