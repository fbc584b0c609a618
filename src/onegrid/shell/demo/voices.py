"""Who reports, and by which way in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from onegrid.cases.permissions import Actor
from onegrid.county.matters.selectors import MatterInfo
from onegrid.shell.demo.casting import Cast, resident_actor
from onegrid.shell.demo.scripts import CannotTell, Spot

Pick = Callable[[Sequence[Any]], Any]


@dataclass(frozen=True)
class Voice:
    """A reporter and the channel he uses."""

    actor: Actor
    channel: str


def resident(cast: Cast, pick: Pick) -> Voice:
    """Somebody at home with a phone."""
    if not cast.residents:
        raise CannotTell("nobody reports")
    return Voice(resident_actor(pick(cast.residents)), "snap")


def anybody(
    cast: Cast, rng: np.random.Generator, pick: Pick, matter: MatterInfo, spot: Spot, *, on_the_spot: bool,
    avoid: frozenset[str],
) -> Voice:  # fmt: skip
    """A worker on his beat, the petition's desk, the hotline or a resident; never through a channel to avoid."""
    draw = rng.random()
    workers = [one for one in cast.upward(spot.scope_path, "report", without="triage") if not one.department_path][:6]
    if workers and (on_the_spot or (draw < 0.7 and matter.kind in {"event", "component"})):
        return Voice(pick(workers), "visit" if draw > 0.6 else "patrol")
    if matter.kind == "petition" or (matter.kind == "dispute" and draw < 0.4):
        desk = cast.nearest(spot.scope_path, "triage")
        channel = "petition" if matter.kind == "petition" else "visit"
        if desk and channel not in avoid:
            return Voice(pick(desk), channel)
    if draw > 0.5 and "hotline" not in avoid:
        top = at_the_top(cast, spot)
        if top:
            return Voice(pick(top), "hotline")
    return resident(cast, pick)


def through(cast: Cast, pick: Pick, spot: Spot, channel: str) -> Voice:
    """Whoever takes reports in through a channel: the top centre the hotline, the nearest desk everything else."""
    if channel == "snap":
        return resident(cast, pick)
    if channel in ("patrol", "visit"):
        workers = [one for one in cast.upward(spot.scope_path, "report", without="triage") if not one.department_path]
        return Voice(pick(workers[:6]), channel)
    desk = at_the_top(cast, spot) if channel == "hotline" else cast.nearest(spot.scope_path, "triage")
    return Voice(pick(desk), channel)


def at_the_top(cast: Cast, spot: Spot) -> Sequence[Actor]:
    """The desk of the highest centre above a place."""
    centres = cast.centres_above(spot.scope_path)
    return cast.at(centres[0], "triage") if centres else ()
