"""Rounds of a team over a day's stops; floor = the nearest walker takes each stop, nearest neighbour, then 2-opt.

The value is metres of all rounds together; `longest` compares the longest rounds' minutes, for that ends the day;
`shortest` is the ratio when nobody asks for even shares.
"""

from __future__ import annotations

import math
import random
import time
from itertools import pairwise

from bench._figures import end, median, options, tell
from onegrid.programmes.patrols.rules.rounds import WALKING_MPS, Stop, Walker, plan, shortest

STOPS, WALKERS, DAYS = 120, 6, 5
SEED = 20260302
EAST, NORTH = 99_950.0, 110_780.0
"""Metres in a degree around 26.15° N."""

Spot = tuple[float, float]


def day(seed: int, stops: int, walkers: int) -> tuple[list[Stop], list[Walker]]:
    """Stops of an invented day: two thirds in estates, close together, the others anywhere in 3 km."""
    draw = random.Random(seed)
    middles = [(draw.uniform(-1500, 1500), draw.uniform(-1500, 1500)) for _ in range(8)]

    def spot() -> Spot:
        if draw.random() < 0.67:
            x, y = draw.choice(middles)
            return draw.gauss(x, 120), draw.gauss(y, 120)
        return draw.uniform(-1500, 1500), draw.uniform(-1500, 1500)

    def degrees(one: Spot) -> Spot:
        return 119.13 + one[0] / EAST, 26.15 + one[1] / NORTH

    return (
        [Stop(*degrees(spot()), draw.choice((5.0, 10.0, 15.0))) for _ in range(stops)],
        [Walker(*degrees(spot())) for _ in range(walkers)],
    )


def metres(one: Stop | Walker, two: Stop | Walker) -> float:
    """Straight line."""
    return math.hypot((one.lon - two.lon) * EAST, (one.lat - two.lat) * NORTH)


def simple(stops: list[Stop], walkers: list[Walker]) -> list[float]:
    """Minutes of each walker's round, every stop with the nearest walker, ordered by nearest neighbour and 2-opt."""
    found = []
    for walker in walkers:
        own = [stop for stop in stops if min(walkers, key=lambda one: metres(one, stop)) is walker]
        way: list[Stop | Walker] = [walker]
        left = list(own)
        while left:
            left.sort(key=lambda stop: metres(way[-1], stop))
            way.append(left.pop(0))
        found.append(length(two_opt([*way, walker])) / WALKING_MPS / 60 + sum(stop.minutes for stop in own))
    return found


def length(way: list[Stop | Walker]) -> float:
    """Metres of a way."""
    return sum(metres(one, two) for one, two in pairwise(way))


def two_opt(way: list[Stop | Walker]) -> list[Stop | Walker]:
    """No stretch can be turned round for the better."""
    better = True
    while better:
        better = False
        for low in range(1, len(way) - 2):
            for high in range(low + 1, len(way) - 1):
                now = metres(way[low - 1], way[low]) + metres(way[high], way[high + 1])
                if metres(way[low - 1], way[high]) + metres(way[low], way[high + 1]) < now - 1e-6:
                    way[low : high + 1] = way[low : high + 1][::-1]
                    better = True
    return way


def walked(minutes: list[float], stops: list[Stop]) -> float:
    """Metres of rounds whose minutes are known."""
    return (sum(minutes) - sum(stop.minutes for stop in stops)) * 60 * WALKING_MPS


def main() -> None:
    """Measure and print."""
    words = options(__doc__ or "").parse_args()
    many, team, days = (20, 2, 2) if words.quick else (STOPS, WALKERS, DAYS)
    ours, theirs, least, long, took = [], [], [], [], []
    left = 0
    plan(*day(SEED, 3, 1), steps=5)
    for at in range(days):
        stops, walkers = day(SEED + at, many, team)
        begin = time.thread_time()
        found = plan(stops, walkers)
        took.append(time.thread_time() - begin)
        least.append(shortest(stops, walkers).metres)
        minutes = simple(stops, walkers)
        left += len(found.left)
        ours.append(found.metres)
        theirs.append(walked(minutes, stops))
        long.append(max(one.minutes for one in found.rounds) / max(minutes))
    tell(words.json, f"{days} days of {many} stops for {team} walkers, {left} stops left")
    end(
        name="rounds",
        value=round(median(ours)),
        unit="m",
        floor=round(median(theirs)),
        ratio=round(sum(ours) / sum(theirs), 3),
        n=many,
        runs=days,
        walkers=team,
        shortest=round(sum(least) / sum(theirs), 3),
        longest=round(median(long), 3),
        cpu_s=round(median(took), 2),
        left=left,
    )


if __name__ == "__main__":
    main()
