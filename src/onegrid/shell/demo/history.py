"""Two years of closed cases with the locality's own figures, and some dozens of open ones in every state."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from uuid import UUID

import numpy as np

from onegrid.cases.errors import CaseError
from onegrid.cases.rules.states import Status
from onegrid.cases.selectors.setting import Setting, setting
from onegrid.county.matters import selectors as matters
from onegrid.county.matters.models import Matter
from onegrid.county.matters.selectors import MatterInfo
from onegrid.county.organisations.models import Department
from onegrid.foundation.database.bulk import next_keys
from onegrid.foundation.journal.services.tallies import count
from onegrid.insight.assessment.rules.measures import Lot, Narrowed
from onegrid.shell.demo import casting, ledger, marks, seasons
from onegrid.shell.demo.album import Album
from onegrid.shell.demo.lattice import Floats
from onegrid.shell.demo.ledger import Book, Story
from onegrid.shell.demo.openings import SHAPES
from onegrid.shell.demo.places import close_by, spots
from onegrid.shell.demo.scripts import CannotTell, Spot, Turns
from onegrid.shell.demo.targets import YEARS
from onegrid.shell.demo.telling import Teller

BLOCK = 500
"""Closed cases told and stored at a time; one transaction each, so that a run that was cut off goes on here."""
_TRIES = 12
_OPEN = 1_000_000


def book() -> Book:
    """The setting of the current locality, with departments at hand."""
    local = setting()
    values = {one.name: getattr(local, one.name) for one in fields(Setting)}
    return Book(**values, departments={row.pk: row for row in Department.objects.all()})


class History:
    """Draws matters, places and times, and tells until the numbers are met."""

    def __init__(self, *, seed: int, now: datetime, album: Album, near: tuple[float, float]) -> None:
        self.seed = seed
        self.rng = np.random.default_rng([seed, 8])
        self.now = now
        self.book = book()
        self.spots = spots(near)
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
        self._pools: dict[tuple[object, ...], tuple[Sequence[MatterInfo], Floats]] = {}
        self._apart: frozenset[str] = frozenset()

    def plan(self, told: Sequence[Lot], apart: frozenset[str]) -> list[list[tuple[_Order, datetime]]]:
        """Every closed case to come, in blocks by the time it was reported; lots keep channels to themselves.

        ``apart``: kinds of matter of which there are no open cases but those of the lots.
        """
        self._apart = apart
        self.teller.avoid = frozenset(lot.cases.channel for lot in told if lot.cases.channel)
        rng = np.random.default_rng([self.seed, 8])
        orders = _orders(rng, told)
        first, last = self.now - timedelta(days=365 * YEARS), self.now - timedelta(hours=5)
        when = sorted(seasons.days(rng, "", len(orders), first, last, self.book.zone))
        told_at = list(zip(orders, when, strict=True))
        return [told_at[start : start + BLOCK] for start in range(0, len(told_at), BLOCK)]

    def block(self, number: int, orders: Sequence[tuple[_Order, datetime]]) -> None:
        """Tell and store one block of closed cases; the same block is told alike whatever was told before it."""
        self._begin_block(number, Turns(residents=0.35))
        first: UUID | None = marks.block_key(self.seed, number)
        stories = []
        for order, at in orders:
            stories.append(self._closed(order, at, first))
            first = None
        self._store(stories)

    def _begin_block(self, number: int, turns: Turns) -> None:
        self.rng = np.random.default_rng([self.seed, 8, number])
        self.teller.seat(self.rng)
        self.teller.turns = turns

    def _closed(self, order: _Order, at: datetime, key: UUID | None) -> Story:
        """One closed case as ordered; lives that cannot be lived are tried again elsewhere or earlier."""
        why: Exception | None = None
        for turn in range(_TRIES):
            matter = self._matter(order)
            start = (
                seasons.days(self.rng, matter.field, 1, at - timedelta(days=12), at, self.book.zone)[0] if turn else at
            )
            mark = self.album.mark()
            try:
                return self._live(order, matter, start, key)
            except (CannotTell, CaseError) as refusal:
                why = refusal
                self.album.forget(mark)
                at -= timedelta(days=min(9, turn * 3))
        raise CannotTell(f"no life fits {order}") from why

    def _live(self, order: _Order, matter: MatterInfo, at: datetime, key: UUID | None) -> Story:
        wanted = order.cases
        story = self.teller.begin(
            matter,
            self.spot(self._staffed if order.on_the_spot or wanted.bearer == "grid" else None),
            at,
            on_the_spot=order.on_the_spot,
            resident=True if order.stars else None,
            channel=wanted.channel,
            key=key,
        )
        if order.on_the_spot:
            end = at if story.work.state.status is Status.CLOSED else self.teller.finish(story, at)
        else:
            end = self.teller.live_on(story, matter, late=order.late, bearer=wanted.bearer)
        if order.stars:
            end = self.teller.judge(story, end, order.stars)
        case = story.work.case
        if end >= self.now - timedelta(minutes=30) or case.closed_on is None or case.in_time is order.late:
            raise CannotTell("ended otherwise than ordered")
        if case.on_the_spot is not order.on_the_spot:
            raise CannotTell("settled elsewhere than ordered")
        if wanted.bearer and (case.department_id is None) is not (wanted.bearer == "grid"):
            raise CannotTell("handled by another than ordered")
        return story

    def open(self, count: int, told: Sequence[Lot] = ()) -> int:
        """Tell and store open cases in every state, most of them near the centre, and those of the lots.

        Returns how many.
        """
        self._begin_block(
            _OPEN, Turns(returned=0, failed=0, extended=0, suspended=0, whistled=0, residents=0.55)
        )  # fmt: skip
        focus = close_by(self.spots, self._near)
        stories = [self._unfinished(lot.cases) for lot in told for _ in range(lot.open)]
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

    def _unfinished(self, wanted: Narrowed) -> Story:
        """One case of a lot that is being worked on."""
        order = _Order(Narrowed(wanted.kinds, bearer=wanted.bearer))
        for _ in range(_TRIES):
            mark = self.album.mark()
            try:
                matter = self._matter(order)
                at = self.now - timedelta(hours=float(self.rng.uniform(4, 9)))
                story = self.teller.begin(matter, self.spot(self._staffed), at)
                now = self.teller.accept(story, matter)
                self.past(self.teller.dispatch(story, matter, now, bearer=wanted.bearer))
                return story
            except (CannotTell, CaseError):
                self.album.forget(mark)
        raise CannotTell(f"no open life fits {wanted}")

    def _store(self, stories: Sequence[Story]) -> None:
        total = ledger.store(stories)
        count(total)
        self.album.store()

    def common_matter(self) -> MatterInfo:
        """A matter as often as it comes up, of no kind that only the lots bring."""
        return self._matter(_Order(_ANY), apart=self._apart)

    def _matter(
        self, order: _Order, *, limited: bool = False, apart: frozenset[str] = frozenset()
    ) -> MatterInfo:  # fmt: skip
        """One of the matters that fit, as often as each comes up."""
        key = (order.cases.kinds, order.on_the_spot, order.late or limited, apart)
        if key not in self._pools:
            fitting = [at for at, matter in enumerate(self.matters) if _fits(matter, order, limited, apart)]
            if not fitting:
                raise CannotTell("no matter fits")
            self._pools[key] = [self.matters[at] for at in fitting], np.cumsum(self.weights[fitting])
        pool, share = self._pools[key]
        return pool[int(np.searchsorted(share, self.rng.random() * share[-1], side="right"))]

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
        matter = self._matter(_Order(_ANY), limited=limited, apart=self._apart)
        at = self.now - timedelta(hours=hours * float(self.rng.uniform(0.6, 1.4)))
        return self.teller.begin(matter, self.spot(among), at, known=known), matter

    def past(self, at: datetime) -> datetime:
        """An instant that has been; CannotTell for one to come."""
        if at >= self.now:
            raise CannotTell("that is still to come")
        return at


@dataclass(frozen=True)
class _Order:
    """What one case has to be like."""

    cases: Narrowed
    late: bool = False
    stars: int = 0

    @property
    def on_the_spot(self) -> bool:
        return bool(self.cases.on_the_spot)


_ANY = Narrowed()


def _fits(matter: MatterInfo, order: _Order, limited: bool, apart: frozenset[str]) -> bool:
    if (order.cases.kinds and matter.kind not in order.cases.kinds) or matter.kind in apart:
        return False
    if order.on_the_spot and not matter.on_the_spot:
        return False
    timed = any(condition.limit or condition.stages for condition in matter.conditions)
    return timed or not (order.late or limited)


def _orders(rng: np.random.Generator, told: Sequence[Lot]) -> list[_Order]:
    """Exactly the numbers of the lots, shuffled."""
    orders: list[_Order] = []
    for lot in told:
        late = np.zeros(lot.closed, dtype=bool)
        late[rng.permutation(lot.closed)[: lot.closed - lot.in_time]] = True
        stars = np.zeros(lot.closed, dtype=int)
        rated = rng.permutation(lot.closed)[: lot.rated]
        stars[rated] = rng.choice([4, 4, 4, 3, 3, 2, 1], len(rated))
        stars[rated[: lot.five]] = 5
        orders += [_Order(lot.cases, one, two) for one, two in zip(late.tolist(), stars.tolist(), strict=True)]
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
