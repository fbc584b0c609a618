"""The dashboard's figures equal counts over the rows, and every figure opens exactly the cases it counted."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl
from uuid import uuid4

import pytest
from django.db import transaction
from journeys.runner import standing_of
from support.world import TEST_PACKS, World, plant

from onegrid.cases.errors import CaseNotFound
from onegrid.cases.flow import engine, intake
from onegrid.cases.flow.intake import Report
from onegrid.cases.models import Case, CaseAction
from onegrid.cases.permissions import Actor
from onegrid.cases.schemas import CaseFilter
from onegrid.cases.selectors import figures, queue, walking
from onegrid.cases.selectors.setting import setting
from onegrid.foundation.database.context import acting, in_locality
from onegrid.foundation.files import services as files
from onegrid.foundation.journal.services import tallies
from onegrid.foundation.kernel.errors import Forbidden
from onegrid.insight.command import selectors

BEGIN = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
NOW = BEGIN + timedelta(days=40)
NAME = "testland"
MATTERS = ("TL-C0203", "TL-C0101")


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Testland with forty lives of cases, at random but always the same; no test changes it."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch, in_locality("testland"):
        patch.setattr(files, "attach", lambda *_, **__: True)
        world = plant(TEST_PACKS, "testland")
        chance = random.Random(7)
        for number in range(40):
            live(world, chance, BEGIN + timedelta(days=chance.randrange(38), hours=number % 7))
            if number == 20:
                tallies.fold()
        yield world
        transaction.set_rollback(True)


def live(world: World, chance: random.Random, at: datetime) -> None:
    """One case, taken as far as chance has it."""
    place = world.leaves[chance.randrange(len(world.leaves))]
    resident, dispatcher = world.resident(f"r{chance.random()}"), world.staff("dispatcher", scope="r.")
    officer, inspector = world.officer(chance.choice(["UM", "UMC"])), world.staff("inspector")
    key = uuid4()
    report = Report(key=key, words="路灯不亮", lon=place.lon, lat=place.lat, matter=chance.choice(MATTERS))
    intake.report(actor=resident, report=report, now=at)

    def do(actor: Actor, action: str, after: timedelta = timedelta(hours=1), **said: Any) -> dict[str, Any]:
        nonlocal at
        at += after
        assignment = said.pop("assignment", None)
        return engine.act(
            actor=actor, case_id=key, action=action, key=str(uuid4()), now=at, data=said, assignment=assignment
        )

    steps = chance.randrange(7)
    if steps > 0:
        do(dispatcher, "accept")
    if steps > 1:
        sent = do(dispatcher, "dispatch", department=str(officer.department_id))
        mine = sent["assignments"][0]["id"]
        if chance.random() < 0.2:
            do(officer, "return_back", assignment=mine, reason="not_my_duty")
            return
    if steps > 2:
        slow = timedelta(days=chance.choice([0, 0, 9]))
        do(officer, "handle", slow, assignment=mine, words="好了", evidence=["site", "effect"], photos=[str(uuid4())])
    if steps > 3:
        photos = {"photos": [str(uuid4())]}
        do(inspector, "verify_pass", **photos)
        do(dispatcher, "close")
    if steps > 4:
        do(resident, "rate", stars=chance.choice([1, 4, 5, 5]))
    if steps > 5:
        do(resident, "reopen", words="又坏了")


def opened(actor: Actor, query: str) -> int:
    """How many cases a figure's filter lists, the way the queue reads it."""
    asked = CaseFilter(**dict(parse_qsl(query))).as_query()
    found = walking.read(queue.narrowed(actor, asked, now=NOW), None, 10_000)
    assert found.looked is None
    return len(found.keys)


def view(actor: Actor, **said: Any) -> dict[str, Any]:
    options: dict[str, Any] = {"grid": None, "day_from": None, "day_to": None} | said
    with acting(standing_of(actor)):
        return selectors.dashboard(actor, now=NOW, **options)


def every_figure(board: dict[str, Any]) -> list[tuple[str, int, str]]:
    found = [(name, figure["n"], figure["query"]) for name, figure in board["totals"].items()]
    found += [(f"status {row['status']}", row["n"], row["query"]) for row in board["by_status"]]
    found += [(f"status {row['status']} now", row["in_period"], row["period_query"]) for row in board["by_status"]]
    found += [(f"{row['weekday']}-{row['hour']}", row["n"], row["query"]) for row in board["by_hour"]]
    for part in ("by_matter", "by_department", "by_channel", "by_child", "trend"):
        for row in board[part]:
            what = f"{part} {row.get('name', row.get('day_from'))}"
            found.append((what, row["reported"], row["query"]))
            found += [(f"{what} {name}", row[name], query) for name, query in row["queries"].items() if query]
    return found


def every_view(world: World) -> list[tuple[Actor, dict[str, Any]]]:
    """Every kind of reader, every level of the tree, every cut of the trend."""
    county = world.staff("dispatcher", scope="r.")
    found: list[tuple[Actor, dict[str, Any]]] = [(world.staff("secretary"), {}), (world.officer("UM"), {})]
    found += [(county, {"grid": str(one.id), "bucket": "week"}) for one in world.planted.values()]
    found += [(county, {"bucket": cut}) for cut in ("day", "week", "month")]
    found.append((county, {"day_from": date(2026, 1, 1), "day_to": date(2026, 12, 31)}))
    return found


def test_every_figure_opens_what_it_counted(world: World) -> None:
    with in_locality(NAME):
        levels = set()
        for actor, said in every_view(world):
            board = view(actor, **said)
            levels.add(board["grid"]["scope_path"].count("."))
            with acting(standing_of(actor)):
                wrong = [
                    (what, n, opened(actor, query))
                    for what, n, query in every_figure(board)
                    if n != opened(actor, query)
                ]
            assert wrong == [], (actor.position, said)
        assert len(levels) >= 4  # county, township, village, grid; and a department's, which has no place
        assert view(county_of(world))["totals"]["reported"]["n"] > 0


def county_of(world: World) -> Actor:
    return world.staff("dispatcher", scope="r.")


def test_tallies_equal_counts_over_rows_folded_or_not(world: World) -> None:
    windows = [(date(2026, 3, 5), date(2026, 4, 1)), (date(2026, 1, 1), date(2026, 3, 11))]
    with in_locality(NAME):
        for _ in range(2):
            for node in {"r.", *(one.scope_path for one in world.planted.values())}:
                asked = [name for name in tallies.DIMENSIONS if tallies.kept(node, name)]
                if asked:
                    assert sorted(tallies.read(node, asked, windows)) == sorted(figures.read(node, asked, windows))
            tallies.fold()
        assert tallies.read("r.", ["total"], windows)[0].reported > 0


def test_the_period_before_is_as_long_and_just_before(world: World) -> None:
    with in_locality(NAME):
        actor = world.staff("dispatcher", scope="r.")
        board = view(actor, day_from=date(2026, 3, 20), day_to=date(2026, 3, 29))
        earlier = view(actor, day_from=date(2026, 3, 10), day_to=date(2026, 3, 19))
        assert board["totals"]["reported"]["before"] == earlier["totals"]["reported"]["n"]
        assert len(board["trend"]) == 10
        assert sum(row["reported"] for row in board["trend"]) == board["totals"]["reported"]["n"]
        assert [row["before"] for row in board["trend"]] == [row["reported"] for row in earlier["trend"]]
        for part in ("by_matter", "by_child", "by_hour"):
            name = "n" if part == "by_hour" else "reported"
            assert sum(row["before"] for row in board[part]) == sum(row[name] for row in earlier[part]) > 0


def test_parts_add_up_to_the_whole(world: World) -> None:
    with in_locality(NAME):
        board = view(world.staff("dispatcher", scope="r."))
        whole = board["totals"]["reported"]["n"]
        for part in ("by_matter", "by_department", "by_channel", "by_child", "trend"):
            assert sum(row["reported"] for row in board[part]) == whole, part
        assert sum(row["n"] for row in board["by_hour"]) == whole
        assert sum(row["in_period"] for row in board["by_status"]) == whole
        assert sum(row["overdue"] for row in board["by_child"]) == board["totals"]["overdue"]["n"] > 0
        assert board["on_time"]["rate"] == pytest.approx(
            board["on_time"]["in_time"] / board["on_time"]["closed"], abs=1e-4
        )


def test_overdue_is_counted_by_the_clock(world: World) -> None:
    with in_locality(NAME):
        actor = world.staff("dispatcher", scope="r.")
        assert view(actor)["totals"]["overdue"]["n"] > 0


def test_a_grid_outside_the_own_area_is_not_found(world: World) -> None:
    with in_locality(NAME):
        secretary = world.staff("secretary")
        with pytest.raises(CaseNotFound):
            view(
                secretary,
                grid=str(world.leaves[1].id)
                if not world.leaves[1].scope_path.startswith(secretary.scope_path)
                else "999999",
            )
        with pytest.raises(Forbidden):
            view(world.resident())


def hung(actor: Actor, now: datetime, grid: str | None = None) -> dict[str, Any]:
    with acting(standing_of(actor)):
        return selectors.wall(actor, grid=grid, now=now)


def test_a_wall_counts_today_beside_yesterday_at_the_same_time(world: World) -> None:
    """Every number against the rows, at many moments; and every one opens what it counted."""
    with in_locality(NAME):
        actor, zone = county_of(world), setting().zone
        seen = 0
        for hours in range(0, 24 * 40, 23):
            now = BEGIN + timedelta(hours=hours)
            wall = hung(actor, now)
            yesterday, until = wall["day"] - timedelta(days=1), now - timedelta(days=1)
            assert wall["day"] == now.astimezone(zone).date()
            closed = Case.objects.filter(closed_on=yesterday)
            reported = Case.objects.filter(reported_on=yesterday)
            told = {one["key"]: (one["yesterday"], one["yesterday_by_now"]) for one in wall["today"]}
            assert told == {
                "reported": (reported.count(), reported.filter(reported_at__lte=until).count()),
                "closed": (closed.count(), closed.filter(closed_at__lte=until).count()),
                "on_the_spot": (0, 0),
            }
            seen += told["reported"][0] - told["reported"][1]
            with acting(standing_of(actor)):
                assert [(one["key"], one["n"]) for one in wall["today"] + wall["now"]] == [
                    (one["key"], opened_at(actor, one["query"], now)) for one in wall["today"] + wall["now"]
                ]
        assert seen > 0, "a whole yesterday never differed from yesterday by now"


def opened_at(actor: Actor, query: str, now: datetime) -> int:
    asked = CaseFilter(**dict(parse_qsl(query))).as_query()
    return len(walking.read(queue.narrowed(actor, asked, now=now), None, 10_000).keys)


def test_a_wall_lists_what_is_late_and_what_just_moved(world: World) -> None:
    """In order, of its own area only, nothing confidential, and not one word that a person wrote."""
    with in_locality(NAME):
        late = Case.objects.filter(due_at__lt=NOW, paused=False).exclude(status__in=queue.OVER)
        first = late.order_by("due_at").first()
        assert first is not None
        moved = CaseAction.objects.exclude(case=first).order_by("-at").first()
        assert moved is not None
        Case.objects.filter(pk=first.pk).update(confidential=True)
        Case.objects.update(title="canary", words="canary", address="canary")
        wall = hung(county_of(world), moved.at)
        shown = hung(county_of(world), NOW)["late"]
        assert [row["id"] for row in shown] == [
            str(pk) for pk in late.exclude(pk=first.pk).order_by("due_at", "id").values_list("pk", flat=True)[:20]
        ]
        steps = CaseAction.objects.filter(
            at__gt=moved.at - timedelta(days=1), at__lte=moved.at, case__confidential=False
        )
        assert [(row["id"], row["seq"]) for row in wall["steps"]] == [
            (str(pk), seq) for pk, seq in steps.order_by("-at", "-id").values_list("case", "seq")[:20]
        ]
        assert wall["steps"][0]["place"]
        said = json.dumps([wall, shown], default=str, ensure_ascii=False)
        for name in ("canary", *filter(None, CaseAction.objects.values_list("actor_name", flat=True))):
            assert name not in said
        Case.objects.filter(pk=first.pk).update(confidential=False)
        for leaf in world.leaves[:3]:
            here = hung(county_of(world), NOW, str(leaf.id))
            assert {row["id"] for row in here["late"]} <= {
                str(pk) for pk in late.filter(scope_path__startswith=leaf.scope_path).values_list("pk", flat=True)
            }
        with pytest.raises(Forbidden):
            hung(world.resident(), NOW)
