"""Cutting a grid's pieces into smaller grids of equal work, along streets where one is near."""

from __future__ import annotations

import numpy as np

from onegrid.shell.demo.lattice import Floats, Ints
from onegrid.shell.demo.settlement import PARCELS

_STREET_PULL = 0.3


def halve(places: Floats, weight: Floats, parts: int) -> Ints:
    """Cut places (column, row of lots) into ``parts`` neighbourhoods of about equal weight.

    Cuts again and again across the longer side; a cut moves to the next street when that costs
    less than a third of one part's weight. Every part gets at least one place if there are enough.
    """
    owner = np.zeros(len(places), dtype=np.int64)
    parts = min(parts, len(places))
    work = [(np.arange(len(places)), 0, parts)]
    while work:
        own, first, count = work.pop()
        if count == 1:
            owner[own] = first
            continue
        less = count // 2
        extent = np.ptp(places[own], axis=0)
        axis = 0 if extent[0] >= extent[1] else 1
        line = own[np.lexsort((places[own, 1 - axis], places[own, axis]))]
        at = _cut_at(places[line, axis], weight[line], less, count)
        work.append((line[:at], first, less))
        work.append((line[at:], first + less, count - less))
    return owner


def _cut_at(along: Floats, weight: Floats, less: int, count: int) -> int:
    """How many places go to the first side, which is to hold ``less`` of ``count`` parts."""
    low, high = _room(weight, less, count)
    # Without weight, or to break ties, places themselves weigh a little.
    carried = np.cumsum(weight + 1e-6 + 1e-3 * weight.sum() / len(weight))
    goal = carried[-1] * less / count
    cuts = np.arange(low, high + 1)
    miss = np.abs(carried[cuts - 1] - goal)
    best = int(miss.argmin())
    change = along[np.minimum(cuts, len(along) - 1)] - along[cuts - 1] > 1e-9
    street = np.floor(along[np.minimum(cuts, len(along) - 1)] / PARCELS) != np.floor(along[cuts - 1] / PARCELS)
    allowed = carried[-1] / count * _STREET_PULL
    for wish in (street, change):
        near = np.where(wish & (miss <= miss[best] + allowed), miss, np.inf)
        if np.isfinite(near).any():
            return int(cuts[near.argmin()])
    return int(cuts[best])


def _room(weight: Floats, less: int, count: int) -> tuple[int, int]:
    """The least and the most places of the first side: where people live, both sides get a home for each part."""
    low, high = less, len(weight) - (count - less)
    homes = np.cumsum(weight > 0)
    if homes[-1] >= count:
        low = max(low, int(np.searchsorted(homes, less)) + 1)
        high = min(high, int(np.searchsorted(homes, homes[-1] - (count - less), side="right")))
    return low, high


def nearest(places: Floats, seeds: Floats) -> Ints:
    """For each place the nearest seed; ties go to the first."""
    owner = np.empty(len(places), dtype=np.int64)
    for start in range(0, len(places), 4096):
        part = places[start : start + 4096]
        owner[start : start + 4096] = ((part[:, None] - seeds[None]) ** 2).sum(axis=2).argmin(axis=1)
    return owner


def spread_counts(total: int, weight: Floats) -> Ints:
    """Share a total out in whole numbers by weight, at least one each, largest remainders first."""
    count = len(weight)
    total = max(total, count)
    rest = total - count
    fair = weight / weight.sum() * rest if weight.sum() > 0 else np.full(count, rest / count)
    given = np.floor(fair).astype(np.int64)
    order = np.argsort(given - fair, kind="stable")
    given[order[: rest - int(given.sum())]] += 1
    counts: Ints = given + 1
    return counts


def within(counts: Ints, room: Ints, weight: Floats) -> Ints:
    """The counts with none above its room; what was too much goes, one by one, to the heaviest for their count."""
    given = np.minimum(counts, room)
    for _ in range(int(counts.sum() - given.sum())):
        free = given < room
        if not free.any():
            break
        given[int(np.where(free, weight / given, -1.0).argmax())] += 1
    return np.asarray(given, dtype=np.int64)
