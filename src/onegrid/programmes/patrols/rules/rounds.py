"""Who of a team goes where, in which order: every stop once, everybody back where he began, the work shared evenly.

Solved by PyVRP (an iterated local search) in a fixed number of steps, so the same question has the same answer; on a
machine too busy for them the search ends in time with the best it has.
First for the shortest way of all together; then with everybody's even share of that time as the length of a shift, and
time beyond it dear: a little further in all, and nobody idle while another walks till night. Ways are straight lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from onegrid.county.grids.rules.metres import LocalPlane

if TYPE_CHECKING:
    from pyvrp import ProblemData, Solution

WALKING_MPS: Final = 1.2
"""Metres a second on foot, stairs and crossings included."""
OVERTIME: Final = 4
"""What a second beyond the even share costs, in metres."""
STEPS: Final = 200
"""Steps of the search, twice; a hundred stops take about a second."""
SECONDS: Final = 4.0
"""What each of the two searches may take at most, however many stops there are and however busy the machine is."""


@dataclass(frozen=True)
class Stop:
    """A place somebody has to go to, and how long it takes there."""

    lon: float
    lat: float
    minutes: float = 10.0


@dataclass(frozen=True)
class Walker:
    """Somebody of the team: where he begins and ends, and how long he has."""

    lon: float
    lat: float
    minutes: float = 480.0


@dataclass(frozen=True)
class Round:
    """One walker's stops, by their positions in what was asked, in the order to walk."""

    stops: tuple[int, ...]
    metres: int
    minutes: int


@dataclass(frozen=True)
class Rounds:
    """A round for each walker, in their order, and the stops nobody has time for."""

    rounds: tuple[Round, ...]
    left: tuple[int, ...]
    metres: int


def shortest(stops: Sequence[Stop], walkers: Sequence[Walker], *, seed: int = 0, steps: int = STEPS) -> Rounds:
    """Rounds past all stops that are shortest together, whoever has most of them."""
    metres = _metres(stops, walkers)
    return _told(_solved(_problem(stops, walkers, metres, None), seed, steps), stops, walkers, metres)


def plan(stops: Sequence[Stop], walkers: Sequence[Walker], *, seed: int = 0, steps: int = STEPS) -> Rounds:
    """Rounds past all stops. What does not fit into the walkers' time is left and told, never squeezed in."""
    if not stops or not walkers:
        return Rounds(tuple(Round((), 0, 0) for _ in walkers), tuple(range(len(stops))), 0)
    metres = _metres(stops, walkers)
    short = _solved(_problem(stops, walkers, metres, None), seed, steps)
    share = short.duration() / len(walkers)
    even = _solved(_problem(stops, walkers, metres, share), seed, steps)
    return _told(even, stops, walkers, metres)


def _metres(stops: Sequence[Stop], walkers: Sequence[Walker]) -> NDArray[np.int64]:
    """Whole metres between all places, walkers first."""
    places: list[Stop | Walker] = [*walkers, *stops]
    spots = np.array([(one.lon, one.lat) for one in places])
    plane = LocalPlane(*spots.mean(axis=0).tolist())
    flat = plane.to_metres(spots)
    return np.asarray(np.rint(np.hypot(*(flat[:, None] - flat[None]).transpose(2, 0, 1))), dtype=np.int64)


def _problem(
    stops: Sequence[Stop], walkers: Sequence[Walker], metres: NDArray[np.int64], share: float | None
) -> ProblemData:
    """The question as PyVRP takes it. `share`: seconds of an even share, None to look for the shortest way alone."""
    from pyvrp import Client, Depot, Location, ProblemData, VehicleType  # noqa: PLC0415

    # Worth more than any way round: a stop is left only where no time is.
    prize = int(metres.max() + 1) * 4 + OVERTIME * 4 * int(max(one.minutes for one in walkers) * 60)
    teams: list[Any] = []
    for at, walker in enumerate(walkers):
        most = int(walker.minutes * 60)
        shift = most if share is None else min(most, int(share))
        teams.append(
            VehicleType(1, start_depot=at, end_depot=at, shift_duration=shift, max_overtime=most - shift,
                        unit_overtime_cost=0 if share is None else OVERTIME)
        )  # fmt: skip
    clients = [
        Client(len(walkers) + at, service_duration=int(stop.minutes * 60), prize=prize, required=False)
        for at, stop in enumerate(stops)
    ]
    places = [Location(0, 0) for _ in range(len(metres))]
    far: list[Any] = [metres]
    long: list[Any] = [np.rint(metres / WALKING_MPS).astype(np.int64)]
    return ProblemData(places, clients, [Depot(at) for at in range(len(walkers))], teams, far, long)


def _solved(problem: ProblemData, seed: int, steps: int) -> Solution:
    from pyvrp import solve  # noqa: PLC0415
    from pyvrp.stop import MaxIterations, MaxRuntime, MultipleCriteria  # noqa: PLC0415

    enough = MultipleCriteria([MaxIterations(steps), MaxRuntime(SECONDS)])
    return solve(problem, enough, seed=seed, collect_stats=False).best


def _told(found: Solution, stops: Sequence[Stop], walkers: Sequence[Walker], metres: NDArray[np.int64]) -> Rounds:
    own: dict[int, Round] = {}
    for route in found.routes():
        order = tuple(activity.idx for activity in route if activity.is_client())
        at = route.vehicle_type()
        way = [at, *(len(walkers) + stop for stop in order), at]
        far = int(sum(metres[one, two] for one, two in pairwise(way)))
        minutes = far / WALKING_MPS / 60 + sum(stops[stop].minutes for stop in order)
        own[at] = Round(order, far, round(minutes))
    rounds = tuple(own.get(at, Round((), 0, 0)) for at in range(len(walkers)))
    walked = {stop for one in rounds for stop in one.stops}
    left = tuple(at for at in range(len(stops)) if at not in walked)
    return Rounds(rounds, left, sum(one.metres for one in rounds))
