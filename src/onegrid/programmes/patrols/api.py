"""Duty and patrols over HTTP, always the caller's own. What the desk sees of duty is another module's."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from ninja import Query, Router, Status

from onegrid.foundation.accounts import permissions
from onegrid.foundation.accounts.actor import Actor
from onegrid.programmes.patrols import selectors, services
from onegrid.programmes.patrols.rules import rounds
from onegrid.programmes.patrols.rules.tracks import Fix
from onegrid.programmes.patrols.schemas import (
    DutyOut,
    PatrolIn,
    PatrolOut,
    PatrolPage,
    PatrolTrack,
    PlacedStepIn,
    RoundsIn,
    RoundsOut,
    SpellOut,
    StepIn,
    TrackIn,
)
from onegrid.programmes.patrols.services import Step, Where

router = Router(tags=["duty"])


def _staff(request: Any) -> Actor:
    permissions.staff(request.actor)
    actor: Actor = request.actor
    return actor


def _step(request: Any, body: StepIn) -> Step:
    return Step(body.key, body.device_at, request.now)


def _where(body: PlacedStepIn) -> Where:
    return Where(body.lon, body.lat, body.accuracy)


@router.get("/duty", response=DutyOut, operation_id="read_duty", summary="Am I on duty")
def read_duty(request: Any) -> Any:
    """The open spell and patrol, today's figures, and how long a track is kept."""
    found, part = selectors.duty(_staff(request), now=request.now), selectors.part()
    return {
        "spell": spell_out(found.spell) if found.spell else None,
        "patrol": patrol_out(found.patrol) if found.patrol else None,
        "today": vars(found.today),
        "keep_days": part.keep_days,
        "gap_seconds": part.gap_seconds,
        "longest_hours": part.longest_hours,
    }


@router.post("/duty", response={201: SpellOut, 200: SpellOut}, operation_id="begin_duty", summary="Sign in for duty")
def begin_duty(request: Any, body: PlacedStepIn) -> Status[Any]:
    """201 when it is new, 200 for a repeat of the same key. Applied by the phone's time."""
    spell, new = services.sign_in(_staff(request), _step(request, body), _where(body))
    return Status(201 if new else 200, spell_out(spell))


@router.post("/duty/{id}/end", response=SpellOut, operation_id="end_duty", summary="Sign out of duty")
def end_duty(request: Any, id: UUID, body: PlacedStepIn) -> Any:
    """Ends the spell and a patrol that still runs in it."""
    return spell_out(services.sign_out(_staff(request), id, _step(request, body), _where(body)))


@router.get("/patrols", response=PatrolPage, operation_id="list_patrols", summary="My patrols")
def list_patrols(
    request: Any, cursor: str | None = Query(None, max_length=60), limit: int = Query(20, ge=1, le=100)
) -> Any:
    """The caller's own, newest first."""
    rows, following = selectors.patrols(_staff(request), cursor=cursor, limit=limit)
    return {"items": [patrol_out(one) for one in rows], "next": following}


@router.post("/patrols", response={201: PatrolOut, 200: PatrolOut}, operation_id="begin_patrol",
             summary="Begin a patrol")  # fmt: skip
def begin_patrol(request: Any, body: PatrolIn) -> Status[Any]:
    """Within a spell of duty; a patrol that runs ends where the next begins."""
    patrol, new = services.begin(_staff(request), body.spell, _step(request, body))
    return Status(201 if new else 200, patrol_out(patrol))


@router.post("/patrols/rounds", response=RoundsOut, operation_id="plan_rounds", summary="Share stops among a team")
def plan_rounds(request: Any, body: RoundsIn) -> Any:
    """Who goes where in which order, shared evenly; nothing is stored. For those who send others out."""
    permissions.duty(_staff(request), "triage", "command", "announce")
    found = rounds.plan(
        [rounds.Stop(one.lon, one.lat, one.minutes) for one in body.stops],
        [rounds.Walker(one.lon, one.lat, one.minutes) for one in body.walkers],
    )
    return {
        "rounds": [
            {"walker": walker.key, "stops": [body.stops[at].key for at in one.stops], "metres": one.metres,
             "minutes": one.minutes}
            for walker, one in zip(body.walkers, found.rounds, strict=True)
        ],
        "left": [body.stops[at].key for at in found.left],
        "metres": found.metres,
    }  # fmt: skip


@router.get("/patrols/{id}", response=PatrolTrack, operation_id="read_patrol", summary="One patrol with its track")
def read_patrol(request: Any, id: UUID) -> Any:
    """Only the caller's own: nobody reads another's track here."""
    found = selectors.track(_staff(request), id, now=request.now)
    return {
        **patrol_out(found.patrol),
        "lines": [[(fix.lon, fix.lat) for fix in line] for line in found.lines],
        "gap_list": [{"start": gap.start, "end": gap.end, "seconds": gap.seconds} for gap in found.gaps],
    }


@router.post("/patrols/{id}/track", response={201: PatrolOut, 200: PatrolOut}, operation_id="add_track",
             summary="Add a piece of track")  # fmt: skip
def add_track(request: Any, id: UUID, body: TrackIn) -> Status[Any]:
    """Positions outside the patrol are counted as refused and not stored."""
    fixes = [Fix(point.at, point.lon, point.lat, point.accuracy) for point in body.points]
    patrol, new = services.add_track(_staff(request), id, _step(request, body), fixes)
    return Status(201 if new else 200, patrol_out(patrol))


@router.post("/patrols/{id}/end", response=PatrolOut, operation_id="end_patrol", summary="End a patrol")
def end_patrol(request: Any, id: UUID, body: StepIn) -> Any:
    """Repeating it changes nothing."""
    return patrol_out(services.end(_staff(request), id, _step(request, body)))


def spell_out(spell: Any) -> dict[str, Any]:
    """A spell as the API shows it."""
    return {
        "id": str(spell.pk),
        "grid": {"id": str(spell.grid_id), "name": spell.grid.name},
        "began_at": spell.began_at,
        "ended_at": spell.ended_at,
        "ended_by": spell.ended_by,
        "in_place": spell.in_place,
        "out_place": spell.out_place,
        "doubtful": spell.doubtful,
    }


def patrol_out(patrol: Any) -> dict[str, Any]:
    """A patrol as the API shows it."""
    counted = ("fixes", "refused", "metres", "covered_s", "gap_s", "gaps", "jumps", "kept")
    return {
        "id": str(patrol.pk),
        "spell": str(patrol.spell_id),
        "began_at": patrol.began_at,
        "ended_at": patrol.ended_at,
        "ended_by": patrol.ended_by,
        **{name: getattr(patrol, name) for name in counted},
    }
