"""Walks the demonstration's workers made before the county opens: past doors, with the gaps of a phone.

The worker somebody signs in as walked on the days before, his colleagues also today: his own day is his to begin.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from itertools import pairwise
from math import ceil, hypot
from typing import Final
from uuid import UUID, uuid5

import numpy as np

from onegrid.county.grids.rules import paths
from onegrid.county.grids.rules.metres import LocalPlane
from onegrid.county.registers.models import Building
from onegrid.county.workforce import selectors as workforce
from onegrid.foundation.accounts.actor import Actor
from onegrid.programmes.patrols import services
from onegrid.programmes.patrols.models import Spell
from onegrid.programmes.patrols.rules.tracks import Fix
from onegrid.programmes.patrols.services import Step, Where
from onegrid.shell.demo.crew import crew

_WALKS: Final = UUID("6d1f4a53-2b0c-4d17-9d0e-51a8a0c3f7e2")
DOORS: Final = 24
"""Doors one walk passes at most."""
PACE_MPS: Final = 1.1
BEAT: Final = timedelta(seconds=20)
"""From one position to the next."""
AT_DOOR: Final = timedelta(seconds=60)
ACCURACY_M: Final = 8.0
LOST: Final = 9
"""Positions that are missing where the screen was off: three minutes."""
MORNING: Final = time(8, 40)
BEFORE: Final = (3, 1)
"""How many days ago everybody walked."""
TODAY: Final = timedelta(minutes=15)
"""Today's walks are over since so long."""


def walk_for(seed: int, now: datetime) -> int:
    """Walks of the worker and his colleagues; how many. Nothing when somebody has walked already. Under root scope."""
    if Spell.objects.exists():
        return 0
    midnight = datetime.combine(workforce.day_of(now), time(), tzinfo=workforce.zone())
    walks = 0
    for number, actor in enumerate(crew(now)):
        doors = _doors(actor, np.random.default_rng([seed, 31, number]))
        if len(doors) < 2:
            continue
        begins = [datetime.combine(midnight - timedelta(days=ago), MORNING, midnight.tzinfo) for ago in BEFORE]
        fixes = _walk(doors, seed + number)
        today = now - TODAY - (fixes[-1][0] + timedelta(minutes=number * 25))
        if number and today > midnight:
            begins.append(today)
        for begin in begins:
            _tell(actor, uuid5(_WALKS, f"{seed} {number} {begin.isoformat()}"), begin, fixes)
            walks += 1
    return walks


def _doors(actor: Actor, rng: np.random.Generator) -> list[tuple[float, float]]:
    """Some buildings of the grid, each the nearest to the one before."""
    within = {"scope_path__gte": actor.scope_path, "scope_path__lt": paths.upper_bound(actor.scope_path)}
    spots = list(Building.objects.filter(**within).order_by("pk").values_list("lon", "lat")[:400])
    if not spots:
        return []
    here = spots.pop(int(rng.integers(len(spots))))
    walk = [here]
    while spots and len(walk) < DOORS:
        here = min(spots, key=lambda spot: hypot(spot[0] - walk[-1][0], spot[1] - walk[-1][1]))
        spots.remove(here)
        walk.append(here)
    return walk


def _walk(doors: Sequence[tuple[float, float]], seed: int) -> list[tuple[timedelta, float, float]]:
    """Positions along straight ways, seconds from the first; after two thirds the screen was off for a while."""
    rng = np.random.default_rng([seed, 32])
    plane = LocalPlane(*doors[0])
    flat = plane.to_metres(np.array(doors))
    told: list[tuple[timedelta, float, float]] = []
    at = timedelta()
    for one, other in pairwise(flat):
        steps = max(1, ceil(float(np.hypot(*(other - one))) / PACE_MPS / BEAT.total_seconds()))
        for step in range(steps):
            spot = plane.to_degrees((one + (other - one) * step / steps + rng.normal(0, 2, 2))[None])[0]
            told.append((at, float(spot[0]), float(spot[1])))
            at += BEAT
        at += AT_DOOR
    lost = range(len(told) * 2 // 3, len(told) * 2 // 3 + LOST)
    return [one for number, one in enumerate(told) if number not in lost]


def _tell(actor: Actor, key: UUID, begin: datetime, fixes: Sequence[tuple[timedelta, float, float]]) -> None:
    """The walk as the phone would have told it: signed in, walked, in pieces, signed out."""
    over = begin + fixes[-1][0]
    where = Where(fixes[0][1], fixes[0][2], ACCURACY_M)
    spell, _ = services.sign_in(actor, Step(uuid5(key, "in"), None, begin), where)
    patrol, _ = services.begin(actor, spell.pk, Step(uuid5(key, "walk"), None, begin))
    points = [Fix(begin + after, lon, lat, ACCURACY_M) for after, lon, lat in fixes]
    for piece in range(0, len(points), 600):
        step = Step(uuid5(key, f"piece {piece}"), None, over)
        services.add_track(actor, patrol.pk, step, points[piece : piece + 600])
    services.end(actor, patrol.pk, Step(uuid5(key, "over"), None, over))
    services.sign_out(actor, spell.pk, Step(uuid5(key, "out"), None, over), where)
