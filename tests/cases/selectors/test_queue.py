"""Queues against a plain account of the rows: whatever is asked, all pages together are exactly what fits, in order."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from journeys.runner import standing_of
from support.many import many
from support.people import ActingAs, counted_queries
from support.world import World

from onegrid.cases.errors import BadCursor, BadFilter, DueInTodo, WordsByTime
from onegrid.cases.flow import intake
from onegrid.cases.flow.intake import Report
from onegrid.cases.models import Assignment, Case, CaseAction, CaseReporter, Grant, SearchTerms
from onegrid.cases.permissions import Actor
from onegrid.cases.rules.states import OPEN
from onegrid.cases.selectors import queue, searching, tabs, walking
from onegrid.cases.selectors.map import map_points
from onegrid.cases.selectors.queue import OVER, CaseQuery
from onegrid.county.grids.rules.paths import within
from onegrid.foundation.database.context import acting
from onegrid.foundation.database.write import write

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
CASES = 700
ASKED = ("extension", "suspension")
TABS = ("todo", "done", "mine", "copied", "closed", "all")
STATUSES = ("closed", "rejected", "handling", "suspended,returned", "closed,handling", "merged")
FAR = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass
class Rows:
    """Every row there is, and who looks."""

    cases: list[Case]
    actors: dict[str, Actor]

    def seen(self, actor: Actor) -> list[Case]:
        """What lies in the actor's sight."""
        if actor.department_id is None:
            return [case for case in self.cases if within(case.scope_path, actor.scope_path)]
        granted = set(
            Grant.objects.filter(department=actor.department_id, revoked_at=None).values_list("case", flat=True)
        )
        return [case for case in self.cases if case.pk in granted]


@pytest.fixture
def rows(world: World, acting_as: ActingAs) -> Iterator[Rows]:
    """Stored for the time of the test, which begins as one who sees everything."""
    with acting_as():
        officer = world.officer("UM")
        cases = many(world, CASES, now=NOW, officer=officer)
        dispatcher = world.staff("dispatcher", scope="r.")
        leaf = cases[0].scope_path
        township = ".".join(leaf.split(".")[:2]) + "."
        actors = {
            "dispatcher": dispatcher,
            "township": replace(
                dispatcher, scope_path=township, duties=frozenset({"triage", "verify", "approve", "revisit"})
            ),
            "worker": replace(dispatcher, scope_path=leaf, duties=frozenset({"report", "handle", "verify"})),
            "officer": officer,
        }
        yield Rows(cases, actors)


@pytest.fixture(params=[(3000, 10_000, 5000), (20, 35, 7)], ids=["as served", "every step small"])
def budgets(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """How far a page may look; small enough, every page stops early and goes on."""
    look, dig, candidates = request.param
    monkeypatch.setattr(walking, "LOOK", look)
    monkeypatch.setattr(walking, "DIG", dig)
    monkeypatch.setattr(searching, "CANDIDATES", candidates)


def waits(actor: Actor, case: Case, live: set[Any]) -> bool:
    """Whether a case waits for the actor, told row by row."""
    if actor.department_id is not None:
        return case.pk in live
    duties, mine = actor.duties, case.desk_path == actor.scope_path
    return (
        ("triage" in duties and mine and (case.waits_on == "centre" or case.pending == "return"))
        or ("verify" in duties and case.waits_on == "verifier")
        or ("revisit" in duties and case.waits_on == "centre" and case.status == "rated")
        or (
            "approve" in duties
            and case.pending in ("extension", "suspension")
            and within(case.desk_path, actor.scope_path)
        )
    )


def fitting(rows: Rows, actor: Actor, asked: CaseQuery) -> list[Case]:
    """What fits, by the plainest reading of every filter."""
    live = set(
        Assignment.objects.filter(
            department=actor.department_id, department__isnull=False, state__in=["offered", "arrived", "handling"]
        ).values_list("case", flat=True)
    )
    acted = set(CaseAction.objects.filter(user=actor.user_id).values_list("case", flat=True))
    reported = set(CaseReporter.objects.filter(user=actor.user_id).values_list("case", flat=True))
    copied = set(Grant.objects.filter(department=actor.department_id, kind="copy").values_list("case", flat=True))
    of_tab: dict[str, Callable[[Case], bool]] = {
        "all": lambda case: True,
        "closed": lambda case: case.status in OVER,
        "todo": lambda case: waits(actor, case, live),
        "done": lambda case: case.pk in acted and case.status in OPEN and not waits(actor, case, live),
        "mine": lambda case: case.pk in reported and actor.department_id is None,
        "copied": lambda case: case.pk in copied if actor.department_id else case.supervised,
    }
    tests: list[Callable[[Case], bool]] = [of_tab[asked.tab]]
    if asked.status:
        tests.append(lambda case: case.status in asked.status.split(","))  # type: ignore[union-attr]
    if asked.matter:
        tests.append(lambda case: (case.matter.code if case.matter else "none") == asked.matter)
    if asked.department:
        tests.append(lambda case: str(case.department_id or 0) == asked.department)
    if asked.channel:
        tests.append(lambda case: case.channel == asked.channel)
    if asked.supervised is not None:
        tests.append(lambda case: case.supervised is asked.supervised)
    if asked.due == "over":
        tests.append(lambda case: case.due_at is not None and case.due_at < NOW)
    if asked.measure == "reopened":
        tests.append(lambda case: case.reopened_on is not None)
    if asked.measure == "closed":
        tests.append(lambda case: case.closed_on is not None)
    day = {"reopened": "reopened_on", "closed": "closed_on"}.get(asked.measure or "", "reported_on")
    if asked.day_from:
        tests.append(lambda case: getattr(case, day) is not None and getattr(case, day) >= asked.day_from)
    if asked.day_to:
        tests.append(lambda case: getattr(case, day) is not None and getattr(case, day) <= asked.day_to)
    for word in (asked.q or "").lower().split():
        tests.append(lambda case, word=word: any(word in text for text in searching.searched(case)))  # type: ignore[misc]
    found = [case for case in rows.seen(actor) if all(test(case) for test in tests)]
    newest = sorted(found, key=lambda case: (case.reported_at, str(case.pk)), reverse=asked.sort != "reported")
    if asked.sort != "due":
        return newest
    timed = sorted((case for case in found if case.due_at), key=lambda case: (case.due_at or FAR, str(case.pk)))
    return [*timed, *(case for case in newest if case.due_at is None)]


def listed(actor: Actor, asked: CaseQuery, limit: int) -> list[str]:
    """All pages, one after the other."""
    found: list[str] = []
    cursor = None
    with acting(standing_of(actor)):
        for _ in range(CASES):
            answer = queue.page(actor, asked, cursor=cursor, limit=limit, now=NOW)
            assert len(answer["items"]) <= limit
            assert answer["next"] or answer["looked_to"] is None
            found += [one["id"] for one in answer["items"]]
            cursor = answer["next"]
            if cursor is None:
                return found
    raise AssertionError("the pages never end")


def some(rng: random.Random, actor: Actor, matters: list[str]) -> CaseQuery:
    """A query with up to three filters."""
    week = NOW.date() - timedelta(days=rng.randrange(200))
    choices: dict[str, Callable[[], Any]] = {
        "status": lambda: rng.choice(
            ["closed", "rejected", "handling", "suspended,returned", "closed,handling", "merged"]
        ),
        "matter": lambda: rng.choice([*matters, "none"]),
        "department": lambda: rng.choice(["0", "999999"]),
        "channel": lambda: rng.choice(["snap", "open311", "sensor"]),
        "supervised": lambda: rng.random() < 0.7,
        "due": lambda: "over",
        "measure": lambda: rng.choice(["reopened", "closed"]),
        "day_from": lambda: week,
        "day_to": lambda: week + timedelta(days=30),
        "q": lambda: rng.choice(["路灯", "井盖 破损", "灯", "路口垃圾", "火星", "乙村1", "请处理3 积水"]),
    }
    said = {name: choices[name]() for name in rng.sample(sorted(choices), rng.randrange(4))}
    tab = rng.choice(TABS)
    sorts = ["-reported", "reported"]
    if "q" not in said and (actor.department_id is None or tab == "todo"):
        sorts.append("due")
    return CaseQuery(tab=tab, sort=rng.choice(sorts), **said)  # type: ignore[arg-type]


@pytest.mark.usefixtures("budgets")
@pytest.mark.parametrize("who", ["dispatcher", "township", "worker", "officer"])
def test_all_pages_together_are_exactly_what_fits(rows: Rows, acting_as: ActingAs, who: str) -> None:
    rng = random.Random(who)
    actor = rows.actors[who]
    matters = sorted({case.matter.code for case in rows.cases if case.matter})
    for _ in range(60):
        asked = some(rng, actor, matters)
        with acting_as():
            wanted = [str(case.pk) for case in fitting(rows, actor, asked)]
        found = listed(actor, asked, rng.choice([7, 50]))
        if asked.q:
            # Where a search goes on it may show again what was reported within the same second.
            found = list(dict.fromkeys(found))
        assert found == wanted, asked


def test_counts_are_exact_until_they_are_capped(
    rows: Rows, acting_as: ActingAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    for actor in rows.actors.values():
        with acting_as():
            wanted = {tab: len(fitting(rows, actor, CaseQuery(tab=tab))) for tab in TABS}
        with acting(standing_of(actor)):
            found = queue.counts(actor, now=NOW)
            assert found["tabs"] == wanted
            assert found["more"] == []
            with monkeypatch.context() as small:
                small.setattr(tabs, "MOST", 11)
                capped = queue.counts(actor, now=NOW)
        assert all(capped["tabs"][tab] == min(wanted[tab], 10) for tab in ("todo", "all", "copied", "mine"))
        assert {tab for tab in ("todo", "all", "copied", "mine") if wanted[tab] > 10} <= set(capped["more"])
        assert not {tab for tab in ("todo", "all") if wanted[tab] <= 10} & set(capped["more"])


def test_as_many_queries_for_one_row_as_for_two_hundred(rows: Rows) -> None:
    for actor in rows.actors.values():
        for asked in (CaseQuery(), CaseQuery(tab="todo"), CaseQuery(channel="snap"), CaseQuery(q="路灯")):
            with acting(standing_of(actor)):
                queue.page(actor, asked, cursor=None, limit=1, now=NOW)
                with counted_queries() as few:
                    queue.page(actor, asked, cursor=None, limit=1, now=NOW)
                with counted_queries() as lots:
                    queue.page(actor, asked, cursor=None, limit=200, now=NOW)
                with counted_queries() as counting:
                    queue.counts(actor, now=NOW)
            assert len(few) <= 7, [one["sql"] for one in few]
            assert len(lots) <= len(few) + 2, "a page that is not full asks where it stopped"
            assert len(counting) <= 2


def test_no_query_reads_all_cases_or_a_case_whole(rows: Rows) -> None:
    """Every plan over cases uses an index, and no list loads words, guesses or pictures."""
    asked = [
        CaseQuery(tab=tab, sort=sort)  # type: ignore[arg-type]
        for tab in TABS
        for sort in ("-reported", "reported")
    ]
    asked += [
        CaseQuery(matter="TL-C0203"),
        CaseQuery(status="rejected"),
        CaseQuery(due="over"),
        CaseQuery(q="路灯 破损"),
    ]
    asked += [CaseQuery(measure="reopened", day_from=NOW.date()), CaseQuery(channel="snap", supervised=True)]
    for actor in rows.actors.values():
        with acting(standing_of(actor)), connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            with counted_queries() as seen:
                for one in asked:
                    queue.page(actor, one, cursor=None, limit=50, now=NOW)
                queue.counts(actor, now=NOW)
            for statement in [one["sql"] for one in seen if one["sql"].startswith("SELECT")]:
                cursor.execute(f"EXPLAIN {statement}")
                plan = "\n".join(row[0] for row in cursor.fetchall())
                assert "Seq Scan on cases_case" not in plan, f"{statement}\n{plan}"
                shown = statement.split(" FROM ")[0]
                heavy = {'"cases_case"."words"', '"cases_case"."guesses"', "words", "guesses", "photo"}
                assert not heavy & {column.strip() for column in shown.removeprefix("SELECT").split(",")}


def test_a_search_never_shows_what_lies_outside_ones_scope(rows: Rows, acting_as: ActingAs) -> None:
    actor = rows.actors["worker"]
    outside = next(case for case in rows.cases if not within(case.scope_path, actor.scope_path))
    for words in (outside.number, outside.track_code, outside.words[:6], outside.number.split("-")[0]):
        assert str(outside.pk) not in listed(actor, CaseQuery(q=words), 50)
    with acting_as():
        # Even when the index lies about where a case is.
        write([("UPDATE cases_searchterms SET terms = (SELECT terms FROM cases_searchterms WHERE case_id = %s)"
                " WHERE case_id = %s", (rows.seen(actor)[0].pk, outside.pk))])  # fmt: skip
    assert str(outside.pk) not in listed(actor, CaseQuery(q=rows.seen(actor)[0].words[:4]), 50)


def test_numbers_codes_and_days_are_looked_up(rows: Rows) -> None:
    actor, case = rows.actors["dispatcher"], rows.cases[5]
    day = case.number.removeprefix("TL").split("-")[0]
    for words in (case.number, case.number.lower(), case.number.removeprefix("TL"), case.track_code):
        assert listed(actor, CaseQuery(q=words), 50) == [str(case.pk)], words
    on_that_day = {str(one.pk) for one in rows.cases if f"{one.reported_on:%Y%m%d}" == day}
    assert set(listed(actor, CaseQuery(q=f"TL{day}"), 50)) == on_that_day
    assert listed(actor, CaseQuery(q="TL20269999"), 50) == []


def test_intake_and_a_new_place_keep_the_index_right(world: World, acting_as: ActingAs) -> None:
    lon, lat = world.point
    key = uuid4()
    with acting_as():
        intake.report(actor=world.resident("me"), report=Report(key=key, words="榕树下积水", lon=lon, lat=lat), now=NOW)
        case = Case.objects.get(pk=key)
        assert SearchTerms.objects.get(pk=key).terms == searching.remember(case)[1][2]
        case.scope_path = "r.1.zz."
        write([searching.remember(case)])
        assert SearchTerms.objects.get(pk=key).terms == searching.remember(case)[1][2]


def test_what_cannot_be_listed_is_refused_with_its_reason(rows: Rows) -> None:
    dispatcher, officer = rows.actors["dispatcher"], rows.actors["officer"]
    refused: list[tuple[Actor, CaseQuery, type[BadFilter], str]] = [
        (dispatcher, CaseQuery(q="路灯", sort="due"), WordsByTime, "sort"),
        (officer, CaseQuery(tab="all", sort="due"), DueInTodo, "sort"),
        (dispatcher, CaseQuery(status="gone"), BadFilter, "status"),
        (dispatcher, CaseQuery(measure="gone"), BadFilter, "measure"),
        (dispatcher, CaseQuery(grid="x"), BadFilter, "grid"),
        (dispatcher, CaseQuery(bbox="1,2,3"), BadFilter, "bbox"),
    ]
    for actor, asked, error, field in refused:
        with acting(standing_of(actor)), pytest.raises(error) as caught:
            queue.page(actor, asked, cursor=None, limit=50, now=NOW)
        assert [one.field for one in caught.value.fields] == [field]
        assert caught.value.status == 400
    for cursor in ("x", "WyJkdWUiXQ", "bm90IGpzb24"):
        with acting(standing_of(dispatcher)), pytest.raises(BadCursor):
            queue.page(dispatcher, CaseQuery(), cursor=cursor, limit=50, now=NOW)


def test_the_map_shows_open_cases_and_the_newest_of_others(rows: Rows) -> None:
    actor = rows.actors["dispatcher"]
    with acting(standing_of(actor)):
        plain = map_points(actor, CaseQuery(), zoom=14, now=NOW)
        closed = map_points(actor, CaseQuery(tab="closed"), zoom=14, now=NOW)
        todo = map_points(actor, CaseQuery(tab="todo", sort="due"), zoom=14, now=NOW)
        found = map_points(actor, CaseQuery(q="路灯"), zoom=14, now=NOW)
    assert {one["id"] for one in plain["points"]} == {str(case.pk) for case in rows.cases if case.status in OPEN}
    assert len(closed["points"]) == len([case for case in rows.cases if case.status in OVER])
    assert todo["points"]
    assert {one["id"] for one in found["points"]} == {
        str(case.pk) for case in rows.cases if case.status in OPEN and "路灯" in case.words
    }


def test_a_crowded_map_is_counted_together(rows: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("onegrid.cases.selectors.map.POINTS", 20)
    actor = rows.actors["dispatcher"]
    with acting(standing_of(actor)):
        squares = map_points(actor, CaseQuery(), zoom=14, now=NOW)
    assert squares["clustered"]
    assert sum(one["count"] for one in squares["points"]) == len([case for case in rows.cases if case.status in OPEN])
