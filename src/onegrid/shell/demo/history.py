"""Two years of closed cases with the locality's own figures, and some dozens of open ones in every state."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from datetime import datetime, timedelta

import numpy as np
from django.db import connection

from onegrid.cases.errors import CaseError
from onegrid.cases.rules.states import Status
from onegrid.cases.selectors.setting import Setting, setting
from onegrid.county.grids import selectors as grids
from onegrid.county.matters import selectors as matters
from onegrid.county.matters.models import Matter
from onegrid.county.matters.selectors import MatterInfo
from onegrid.county.organisations.models import Department
from onegrid.foundation.database.bulk import next_keys
from onegrid.foundation.journal.services.tallies import count
from onegrid.shell.demo import casting, ledger, seasons
from onegrid.shell.demo.album import Album
from onegrid.shell.demo.lattice import Floats
from onegrid.shell.demo.ledger import Book, Story
from onegrid.shell.demo.openings import SHAPES
from onegrid.shell.demo.scripts import CannotTell, Spot, Turns
from onegrid.shell.demo.targets import YEARS, Targets
from onegrid.shell.demo.telling import Teller

_TRIES = 12
_BLOCK = 400


def book() -> Book:
    """The setting of the current locality, with departments at hand."""
    local = setting()
    values = {one.name: getattr(local, one.name) for one in fields(Setting)}
    return Book(**values, departments={row.pk: row for row in Department.objects.all()})


def spots() -> list[Spot]:
    """Where things can happen: a point by every building, as often as people live there."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select b.lon, b.lat, b.name, greatest(1, count(h.id)) from registers_building b "
            "left join registers_household h on h.building_id = b.id group by b.id order by b.id"
        )
        rows = cursor.fetchall()
    # A few metres beside the building, so that the point is on the street and not inside the wall.
    lon, lat = np.array([row[0] for row in rows]) + 4e-5, np.array([row[1] for row in rows]) - 6e-5
    index = grids.index()
    found = index.locate_many(lon, lat)
    scheme = next(iter(found))
    leaf = np.where(found[scheme] >= 0, found[scheme], -1)
    for keys in found.values():
        leaf = np.where(leaf >= 0, leaf, keys)
    made = []
    for at, (_, _, address, people) in enumerate(rows):
        if leaf[at] >= 0:
            grid = index.grids[int(leaf[at])]
            made += [Spot(float(lon[at]), float(lat[at]), grid.id, grid.scope_path, address)] * int(min(people, 40))
    return made


def close_by(places: list[Spot], centre: tuple[float, float]) -> list[Spot]:
    """The places nearest to a point: a twelfth of all, sixty at least."""
    away = np.array([abs(spot.lon - centre[0]) + abs(spot.lat - centre[1]) for spot in places])
    return [places[int(at)] for at in np.argsort(away, kind="stable")[: max(60, len(places) // 12)]]


class History:
    """Draws matters, places and times, and tells until the numbers are met."""

    def __init__(self, *, seed: int, now: datetime, album: Album, near: tuple[float, float] | None = None) -> None:
        self.rng = np.random.default_rng([seed, 8])
        self.now = now
        self.book = book()
        self.spots = spots()
        self.album = album
        catalogue = matters.catalogue()
        self.teller = Teller(
            rng=self.rng,
            book=self.book,
            cast=casting.gather(),
            rows={row.code: row for row in Matter.objects.filter(active=True)},
            catalogue=catalogue.by_id,
            clock_keys=_keys("cases_clock"),
            photo=album.take,
        )
        self.matters = list(catalogue.matters)
        self.weights = volumes(np.random.default_rng([seed, 9]), self.matters)
        self._near = near
        self._staffed = self._with_workers() or self.spots

    def closed(self, wanted: Targets, report: Callable[[int, int], None]) -> int:
        """Tell and store exactly the wanted numbers of closed cases; returns how many."""
        self.teller.turns = Turns(residents=0.35)
        orders = _orders(self.rng, wanted)
        first, last = self.now - timedelta(days=365 * YEARS), self.now - timedelta(hours=5)
        when = seasons.days(self.rng, "", len(orders), first, last, self.book.zone)
        told = 0
        stories = (self._closed(order, at) for order, at in zip(orders, when, strict=True))
        for block in ledger.chunks(stories, _BLOCK):
            self._store(block)
            told += len(block)
            report(told, len(orders))
        return told

    def _closed(self, order: _Order, at: datetime) -> Story:
        """One closed case as ordered; lives that cannot be lived are tried again elsewhere or earlier."""
        why: Exception | None = None
        for turn in range(_TRIES):
            matter = self._matter(order)
            start = (
                seasons.days(self.rng, matter.field, 1, at - timedelta(days=12), at, self.book.zone)[0] if turn else at
            )
            mark = self.album.mark()
            try:
                return self._live(order, matter, start)
            except (CannotTell, CaseError) as refusal:
                why = refusal
                self.album.forget(mark)
                at -= timedelta(days=9 * turn)
        raise CannotTell(f"no life fits {order}") from why

    def _live(self, order: _Order, matter: MatterInfo, at: datetime) -> Story:
        story = self.teller.begin(
            matter,
            self.spot(self._staffed if order.on_the_spot else None),
            at,
            on_the_spot=order.on_the_spot,
            resident=True if order.stars else None,
        )
        if order.on_the_spot:
            end = at if story.work.state.status is Status.CLOSED else self.teller.finish(story, at)
        else:
            end = self.teller.live_on(story, matter, late=order.late)
        if order.stars:
            end = self.teller.judge(story, end, order.stars)
        case = story.work.case
        if end >= self.now - timedelta(minutes=30) or case.closed_on is None or case.in_time is order.late:
            raise CannotTell("ended otherwise than ordered")
        return story

    def open(self, count: int) -> int:
        """Tell and store open cases in every state, most of them near the centre; returns how many."""
        self.teller.turns = Turns(returned=0, failed=0, extended=0, suspended=0, whistled=0, residents=0.55)
        focus = close_by(self.spots, self._near) if self._near else self.spots
        stories = []
        shapes = itertools.cycle(SHAPES)
        for number in range(count):
            shape = next(shapes)
            for _ in range(_TRIES):
                mark = self.album.mark()
                try:
                    stories.append(shape(self, focus if number % 4 else self.spots))
                    break
                except (CannotTell, CaseError):
                    self.album.forget(mark)
        self._store(stories)
        return len(stories)

    def _store(self, stories: Sequence[Story]) -> None:
        total = ledger.store(stories)
        count(total)
        self.album.store()

    def common_matter(self) -> MatterInfo:
        """A matter as often as it comes up."""
        return self._matter(_Order(late=False, on_the_spot=False, stars=0))

    def _matter(self, order: _Order) -> MatterInfo:
        for _ in range(40):
            matter = self.matters[int(self.rng.choice(len(self.matters), p=self.weights))]
            limited = any(condition.limit or condition.stages for condition in matter.conditions)
            if order.on_the_spot and not matter.on_the_spot:
                continue
            if order.late and not limited:
                continue
            return matter
        raise CannotTell("no matter fits")

    def _with_workers(self) -> list[Spot]:
        """Places somebody patrols: part of a county may lie outside every scheme."""
        patrolled: dict[str, bool] = {}
        for spot in self.spots:
            if spot.scope_path not in patrolled:
                workers = self.teller.cast.upward(spot.scope_path, "report", without="triage")
                patrolled[spot.scope_path] = any(not one.department_path for one in workers)
        return [spot for spot in self.spots if patrolled[spot.scope_path]]

    def spot(self, among: Sequence[Spot] | None = None) -> Spot:
        places = among or self.spots
        return places[int(self.rng.integers(len(places)))]

    # -- open cases

    def start(
        self, among: Sequence[Spot], hours: float, *, known: bool = True, limited: bool = False
    ) -> tuple[Story, MatterInfo]:
        """A report some hours ago; ``limited``: of a matter with a limit."""
        matter = self._matter(_Order(late=limited, on_the_spot=False, stars=0))
        at = self.now - timedelta(hours=hours * float(self.rng.uniform(0.6, 1.4)))
        return self.teller.begin(matter, self.spot(among), at, known=known), matter

    def past(self, at: datetime) -> datetime:
        """An instant that has been; CannotTell for one to come."""
        if at >= self.now:
            raise CannotTell("that is still to come")
        return at


class _Order:
    """What one closed case has to be like."""

    def __init__(self, *, late: bool, on_the_spot: bool, stars: int) -> None:
        self.late, self.on_the_spot, self.stars = late, on_the_spot, stars

    def __repr__(self) -> str:
        return f"late={self.late} on_the_spot={self.on_the_spot} stars={self.stars}"


def _orders(rng: np.random.Generator, wanted: Targets) -> list[_Order]:
    """Exactly the wanted numbers, shuffled. Self-handled cases are in time; nobody rates them."""
    spot = [_Order(late=False, on_the_spot=True, stars=0) for _ in range(wanted.on_the_spot)]
    rest = wanted.closed - wanted.on_the_spot
    late = np.zeros(rest, dtype=bool)
    late[rng.permutation(rest)[: wanted.closed - wanted.in_time]] = True
    stars = np.zeros(rest, dtype=int)
    rated = rng.permutation(rest)[: wanted.rated]
    stars[rated] = rng.choice([4, 4, 4, 3, 3, 2, 1], len(rated))
    stars[rated[: wanted.five]] = 5
    formal = [_Order(late=bool(one), on_the_spot=False, stars=int(two)) for one, two in zip(late, stars, strict=True)]
    orders = [*spot, *formal]
    return [orders[int(at)] for at in rng.permutation(len(orders))]


def volumes(rng: np.random.Generator, known: Sequence[MatterInfo]) -> Floats:
    """How often each matter comes up: a few very often, most seldom, events more than components."""
    kind = {"event": 1.0, "component": 0.35, "dispute": 0.7, "petition": 0.35, "service": 0.5}
    weight = np.array([kind.get(matter.kind, 1.0) for matter in known]) * rng.lognormal(0, 1.1, len(known))
    shares: Floats = weight / weight.sum()
    return shares


def _keys(table: str) -> Iterator[int]:
    """Keys of a table's sequence without end, taken a thousand at a time."""
    while True:
        yield from next_keys(table, "id", 1000)
