"""Every snapshot is exact: while people report, decide, correct, move and reopen, while grids are split and the folder
runs, the tallies of one instant equal a count over the rows of that instant."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
import shapely
from django.db import OperationalError, connection, connections
from journeys.runner import standing_of
from support.world import TEST_PACKS, World, plant

from onegrid.cases.errors import CaseError
from onegrid.cases.flow import engine, intake
from onegrid.cases.flow.intake import Report
from onegrid.cases.models import Assignment, Case
from onegrid.cases.permissions import Actor
from onegrid.cases.selectors import figures
from onegrid.cases.selectors.queue import MEASURES
from onegrid.cases.selectors.setting import setting
from onegrid.county.grids.models import GridOutline
from onegrid.county.grids.rules.codes import CodePattern
from onegrid.county.grids.services import redraw
from onegrid.county.grids.services.redraw import Part
from onegrid.foundation.database.context import acting, in_locality
from onegrid.foundation.files import services as files
from onegrid.foundation.journal import tasks
from onegrid.foundation.journal.services import outbox, tallies
from onegrid.shell.wiring import HANDLERS

pytestmark = pytest.mark.django_db(transaction=True)
NAME = "testland"
BEGIN = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
MATTERS = ("TL-C0203", "TL-C0101")
SNAPSHOTS, WRITERS = 200, 4
BY = ("total", "matter", "department", "channel", "child", "status", "hour", "now", "day", "week")


class Life:
    """One writer's cases: each turn does something to one of them, or reports another."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.chance = world, random.Random(seed)
        self.cases: list[UUID] = []
        self.dispatcher = world.staff("dispatcher", scope="r.")
        self.did: Counter[str] = Counter()
        self.now = BEGIN

    def turn(self) -> None:
        """Something, some hours after the last; refusals of the engine are part of life."""
        self.now += timedelta(minutes=self.chance.randrange(600))
        act = self.chance.choice(
            (self.report, self.report, self.walk, self.walk, self.walk, self.correct, self.relocate)
        )
        with suppress(CaseError):
            act()

    def as_(self, actor: Actor, job: Callable[[], Any]) -> Any:
        with in_locality(NAME):
            place = standing_of(actor)
        with acting(place):
            return job()

    def do(self, actor: Actor, case: UUID, action: str, assignment: str | None = None, **said: Any) -> Any:
        found = self.as_(
            actor,
            lambda: engine.act(
                actor=actor, case_id=case, action=action, key=str(uuid4()), now=self.now, data=said,
                assignment=assignment,
            ),
        )  # fmt: skip
        self.did[action] += 1
        return found

    def report(self) -> None:
        """From a phone that was offline for days, or now."""
        key = uuid4()
        late = self.now - timedelta(days=4) if self.chance.random() < 0.3 else None
        report = Report(
            key=key, words="路灯不亮", matter=self.chance.choice((*MATTERS, None)), device_at=late,
            channel=self.chance.choice(("desk", "hotline", "snap")), **self.spot(),
        )  # fmt: skip
        self.as_(self.dispatcher, lambda: intake.report(actor=self.dispatcher, report=report, now=self.now))
        self.cases.append(key)
        self.did["report, late" if late else "report"] += 1

    def spot(self) -> dict[str, float]:
        leaf = self.chance.choice(self.world.leaves)
        return {"lon": leaf.lon, "lat": leaf.lat}

    def walk(self) -> None:
        """The next step of a case, whichever that is."""
        if not self.cases:
            return
        case = self.chance.choice(self.cases)
        officer, inspector = self.world.officers["UM"], self.world.staff("inspector")
        with in_locality(NAME):
            row = Case.objects.get(pk=case)
            mine = Assignment.objects.filter(case=case, state__in=("offered", "arrived", "handling")).first()
        photos = {"photos": [str(uuid4())]}
        steps: dict[str, Callable[[], Any]] = {
            "reported": lambda: self.do(self.dispatcher, case, "accept"),
            "accepted": lambda: self.do(self.dispatcher, case, "dispatch", department=str(officer.department_id)),
            "handled": lambda: self.do(inspector, case, "verify_pass", **photos),
            "verified": lambda: self.do(self.dispatcher, case, "close"),
            "closed": lambda: self.do(self.dispatcher, case, "reopen", words="又坏了"),
        }
        if mine is not None and self.chance.random() < 0.2:
            self.do(officer, case, "return_back", assignment=str(mine.pk), reason="not_my_duty")
        elif mine is not None:
            self.do(officer, case, "handle", assignment=str(mine.pk), words="好", evidence=["site", "effect"], **photos)
        elif row.status in steps:
            steps[row.status]()

    def correct(self) -> None:
        """The matter was another."""
        if self.cases:
            self.do(self.dispatcher, self.chance.choice(self.cases), "classify", matter=self.chance.choice(MATTERS))

    def relocate(self) -> None:
        """The place was another."""
        if self.cases:
            self.do(self.dispatcher, self.chance.choice(self.cases), "relocate", point=self.spot(), words="地点有误")


class Ground:
    """Splits leaves again and again, and lets what lies in them follow."""

    def __init__(self, world: World) -> None:
        self.grid, self.at, self.changed = world.leaf.id, BEGIN, 0

    def turn(self) -> None:
        self.at += timedelta(hours=1)
        with in_locality(NAME):
            if self.changed < 8:
                self.split()
        outbox.dispatch(NAME, {"grids.replaced": HANDLERS["grids.replaced"]}, lambda: self.at)

    def split(self) -> None:
        outline = shapely.from_wkb(bytes(GridOutline.objects.get(grid_id=self.grid, valid_to=None).wkb))
        west, south, east, north = outline.bounds
        middle = (west + east) / 2
        parts = [
            Part("西", shapely.box(west, south, middle, north)),
            Part("东", shapely.box(middle, south, east, north)),
        ]
        made = redraw.split(self.grid, parts, reason="试", pattern=CodePattern((3, 2)), now=self.at)
        self.grid = int(redraw.today(self.grid)[0][0])
        self.changed += len(made.retired)


def truth(node: str, window: tallies.Window) -> dict[str, Counter[str]]:
    """Counted over the rows one by one, by the dashboard's own words for each measure and nothing of the tallies."""
    found: dict[str, Counter[str]] = {measure: Counter() for measure in MEASURES}
    for measure, (condition, day) in MEASURES.items():
        rows = Case.objects.filter(condition, scope_path__startswith=node, **{f"{day}__range": window})
        for matter, path in rows.values_list("matter_id", "scope_path"):
            found[measure][f"matter {matter or ''}"] += 1
            found[measure][f"child {'.'.join(path.split('.')[: node.count('.') + 1]).rstrip('.')}."] += 1
            found[measure]["total "] += 1
    return found


def snapshot(chance: random.Random, nodes: list[str]) -> int:
    """In one snapshot: every node by everything against the rows, one of them also row by row; how many numbers."""
    connection.ensure_connection()
    raw: Any = connection.connection
    raw.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    try:
        with in_locality(NAME, "dashboard"):
            since = BEGIN.date() + timedelta(days=chance.randrange(50))
            window: tallies.Window = (since, since + timedelta(days=chance.randrange(40)))
            windows = [window, tallies.ALWAYS]
            compared = 0
            for node in nodes:
                by = [name for name in BY if tallies.kept(node, name)]
                tallied = sorted(tallies.read(node, by, windows))
                assert tallied == sorted(figures.read(node, by, windows)), node
                compared += len(tallied)
            node = chance.choice([one for one in nodes if tallies.kept(one, "child")])
            for measure, counted in truth(node, window).items():
                cells = tallies.read(node, ["matter", "child", "total"], [window])
                found = {f"{cell.dimension} {cell.key}": getattr(cell, measure) for cell in cells}
                assert {key: n for key, n in found.items() if n} == counted, (node, measure)
            return compared
    finally:
        raw.isolation_level = None


def test_two_hundred_snapshots_under_load_are_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "attach", lambda *_, **__: True)
    with in_locality(NAME):
        world = plant(TEST_PACKS, NAME)
        world.officer("UM")
        setting()
    lives, ground = [Life(world, seed) for seed in range(WRITERS)], Ground(world)
    stop, faults, folded = threading.Event(), list[BaseException](), [0]

    def fold() -> None:
        folded[0] += tasks.fold(NAME)

    def keep(turn: Callable[[], object]) -> None:
        try:
            while not stop.is_set():
                with suppress(OperationalError):
                    turn()
        except BaseException as why:
            faults.append(why)
            stop.set()
        finally:
            connections.close_all()

    threads = [
        threading.Thread(target=keep, args=(one,)) for one in (*(life.turn for life in lives), ground.turn, fold)
    ]
    chance, nodes, compared, taken = random.Random(5), sorted({"r.", *chain(world)}), 0, 0
    for thread in threads:
        thread.start()
    try:
        while taken < SNAPSHOTS and not stop.is_set():
            compared += snapshot(chance, nodes)
            taken += 1
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert not faults
    did = sum((life.did for life in lives), Counter[str]())
    assert taken == SNAPSHOTS
    assert compared > 100 * SNAPSHOTS
    assert folded[0] > 100
    assert ground.changed == 8
    for what in ("report", "report, late", "classify", "relocate", "close", "reopen", "return_back"):
        assert did[what] > 0, did
    with in_locality(NAME, "fold"):
        assert tallies.check(figures.footprints()) == []
        stored = tallies.read("r.", ["total"], [(date(2026, 1, 1), date(2026, 12, 31))])
        rebuilt = tallies.rebuild(figures.footprints(), nodes)
        assert rebuilt == Case.objects.count() == stored[0].reported
        assert tallies.check(figures.footprints()) == []


def chain(world: World) -> list[str]:
    """The nodes above the first leaf that are rolled up."""
    return [
        path for path in (one.scope_path for one in world.planted.values()) if world.leaf.scope_path.startswith(path)
    ]
