"""Many at once, and things that break half-way: one effect per intent, whatever happens."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, connections
from journeys.runner import check_replay, standing_of
from support.world import TEST_PACKS, World, plant

from onegrid.cases import tasks
from onegrid.cases.errors import CaseError, StaleVersion
from onegrid.cases.flow import engine, intake, settle
from onegrid.cases.flow.intake import Report
from onegrid.cases.models import Case, CaseAction, Clock, Receipt
from onegrid.cases.permissions import Actor
from onegrid.cases.selectors import figures
from onegrid.foundation.database.context import acting, in_locality
from onegrid.foundation.journal.services import tallies

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
LAMP = "TL-C0203"
NAME = "testland"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    """Testland, committed: threads must see it."""
    with in_locality(NAME):
        made = plant(TEST_PACKS, "testland")
        made.officer("UM")
        return made


def together(jobs: list[Callable[[], Any]]) -> list[Any]:
    """Run jobs at the same moment in threads of their own; what each gave or raised."""
    gate = threading.Barrier(len(jobs))

    def run(job: Callable[[], Any]) -> Any:
        try:
            gate.wait(10)
            return job()
        except CaseError as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def as_actor(actor: Actor, job: Callable[[], Any]) -> Any:
    with in_locality(NAME):
        place = standing_of(actor)
    with acting(place):
        return job()


def report(world: World, **said: Any) -> Report:
    lon, lat = world.point
    return Report(
        **({"key": uuid4(), "words": "路灯不亮", "lon": lon, "lat": lat, "matter": LAMP, "channel": "desk"} | said)
    )


def filed(world: World, *, steps: tuple[str, ...] = ()) -> UUID:
    """A case, taken as far as told."""
    case = report(world)
    dispatcher = world.staff("dispatcher", scope="r.")
    officer = world.officers["UM"]
    as_actor(dispatcher, lambda: intake.report(actor=dispatcher, report=case, now=NOW))
    if "accept" in steps:
        do(dispatcher, case.key, "accept")
    if "dispatch" in steps:
        do(dispatcher, case.key, "dispatch", department=str(officer.department_id))
    return case.key


def do(actor: Actor, case: UUID, action: str, *, now: datetime = NOW, key: str = "", **said: Any) -> Any:
    options = {name: said.pop(name) for name in ("version", "assignment") if name in said}
    return as_actor(
        actor,
        lambda: engine.act(
            actor=actor, case_id=case, action=action, key=key or str(uuid4()), now=now, data=said, **options
        ),
    )


def read(job: Callable[[], Any]) -> Any:
    with in_locality(NAME):
        return job()


def consistent(case: UUID) -> None:
    """Replay equals the stored case, and the tallies equal a count over rows."""
    with in_locality(NAME):
        check_replay(case)
        asked = ("total", "status", "now", "hour", "matter", "department", "child", "day")
        windows = [tallies.ALWAYS]
        assert sorted(tallies.read("r.", asked, windows)) == sorted(figures.read("r.", asked, windows))


def test_two_dispatchers_one_wins(world: World) -> None:
    case = filed(world, steps=("accept",))
    version = read(lambda: Case.objects.get(pk=case).version)
    dispatcher = world.staff("dispatcher", scope="r.")
    department = str(world.officers["UM"].department_id)
    answers = together([lambda: do(dispatcher, case, "dispatch", department=department, version=version)] * 4)
    assert Counter(type(one) for one in answers) == {dict: 1, StaleVersion: 3}
    assert read(lambda: Case.objects.get(pk=case).assignments.count()) == 1
    consistent(case)


def test_a_hundred_deliveries_of_one_report_make_one_case(world: World) -> None:
    once = report(world)
    dispatcher = world.staff("dispatcher", scope="r.")

    def send() -> Any:
        return as_actor(dispatcher, lambda: intake.report(actor=dispatcher, report=once, now=NOW))

    jobs = [send] * 5
    answers = [answer for _ in range(4) for answer in together(jobs)]
    assert Counter(answer.status for answer in answers) == {201: 1, 200: 19}
    assert len({answer.body["number"] for answer in answers}) == 1
    assert read(Case.objects.count) == 1
    consistent(once.key)


def test_duplicate_actions_in_parallel_have_one_effect(world: World) -> None:
    case = filed(world, steps=("accept",))
    dispatcher, department = world.staff("dispatcher", scope="r."), str(world.officers["UM"].department_id)
    jobs = [lambda: do(dispatcher, case, "dispatch", department=department, key="one-and-the-same")] * 6
    answers = together(jobs)
    assert {answer["version"] for answer in answers} == {answers[0]["version"]}
    assert read(lambda: CaseAction.objects.filter(case=case, action="dispatch").count()) == 1
    consistent(case)


@pytest.mark.parametrize("broken_at", ["_write_assignments", "_write_clocks", "_write_case"])
def test_what_breaks_half_way_leaves_nothing(world: World, monkeypatch: pytest.MonkeyPatch, broken_at: str) -> None:
    case = filed(world, steps=("accept",))
    dispatcher, department = world.staff("dispatcher", scope="r."), str(world.officers["UM"].department_id)
    before = read(
        lambda: (
            Case.objects.get(pk=case).version,
            CaseAction.objects.count(),
            Receipt.objects.count(),
            Clock.objects.count(),
        )
    )

    def broken(*_: Any) -> None:
        raise RuntimeError("the power went")

    with monkeypatch.context() as patch:
        patch.setattr(settle, broken_at, broken)
        with pytest.raises(RuntimeError):
            do(dispatcher, case, "dispatch", department=department, key="again-please")
    after = read(
        lambda: (
            Case.objects.get(pk=case).version,
            CaseAction.objects.count(),
            Receipt.objects.count(),
            Clock.objects.count(),
        )
    )
    assert after == before
    assert do(dispatcher, case, "dispatch", department=department, key="again-please")["status"] == "dispatched"
    consistent(case)


def test_a_killed_connection_before_commit_is_no_report(world: World) -> None:
    once = report(world)
    dispatcher = world.staff("dispatcher", scope="r.")

    def cut_off() -> None:
        intake.report(actor=dispatcher, report=once, now=NOW)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    with pytest.raises(DatabaseError):
        as_actor(dispatcher, cut_off)
    connections.close_all()
    assert read(lambda: Case.objects.filter(pk=once.key).exists()) is False
    answer = as_actor(dispatcher, lambda: intake.report(actor=dispatcher, report=once, now=NOW))
    assert answer.status == 201


def test_a_limit_is_missed_once_however_many_sweep(world: World) -> None:
    case = filed(world, steps=("accept", "dispatch"))
    late = NOW + timedelta(days=30)
    together([lambda: tasks.sweep(NAME, late)] * 4)
    tasks.sweep(NAME, late)
    assert read(lambda: CaseAction.objects.filter(case=case, action="breach").count()) == 1
    consistent(case)


def test_close_reopen_and_breach_at_one_instant_end_in_a_legal_state(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("onegrid.foundation.files.services.attach", lambda *_, **__: True)
    resident, dispatcher, inspector = world.resident(), world.staff("dispatcher", scope="r."), world.staff("inspector")
    officer = world.officers["UM"]
    once = report(world, channel="snap")
    as_actor(resident, lambda: intake.report(actor=resident, report=once, now=NOW))
    do(dispatcher, once.key, "accept")
    sent = do(dispatcher, once.key, "dispatch", department=str(officer.department_id))
    do(
        officer,
        once.key,
        "handle",
        assignment=sent["assignments"][0]["id"],
        words="好了",
        evidence=["site", "effect"],
        photos=[str(uuid4())],
    )
    do(inspector, once.key, "verify_pass")
    late = NOW + timedelta(days=10)
    together(
        [
            lambda: do(dispatcher, once.key, "close", now=late),
            lambda: do(resident, once.key, "reopen", now=late, words="又不亮了"),
            lambda: tasks.sweep(NAME, late),
            lambda: do(resident, once.key, "rate", now=late, stars=1),
        ]
    )
    status = read(lambda: Case.objects.get(pk=once.key).status)
    assert status in {"closed", "reopened", "rated"}
    assert read(lambda: CaseAction.objects.filter(case=once.key, action="breach").count()) <= 1
    consistent(once.key)


SWEEPER = """
import os, sys, signal
import django
django.setup()
from django.conf import settings
from django.db import connections
settings.DATABASES["default"].update(HOST={host!r}, NAME={name!r}, USER="onegrid_app", PORT="", PASSWORD="")
connections["default"].settings_dict.update(settings.DATABASES["default"])
from datetime import datetime
from onegrid.cases import tasks
from onegrid.cases.flow import breach
from onegrid.foundation.journal.services import feeding
if {killed}:
    feeding.announce_many = lambda *a, **k: os.kill(os.getpid(), signal.SIGKILL)
tasks.BATCH = {batch}
print(tasks.sweep("testland", datetime.fromisoformat({at!r}), rounds=99))
"""


def sweeper(at: datetime, *, batch: int = 250, killed: bool = False) -> subprocess.Popen[str]:
    """A sweeper in a process of its own; `killed`: kill -9 when all of its first batch is written and nothing
    committed."""
    entry = connections["default"].settings_dict
    code = SWEEPER.format(host=entry["HOST"], name=entry["NAME"], killed=killed, batch=batch, at=at.isoformat())
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)


def test_a_killed_sweeper_and_two_at_once_record_each_missed_limit_once(world: World) -> None:
    cases = [filed(world, steps=("accept", "dispatch")) for _ in range(8)]
    late = NOW + timedelta(days=30)
    due = read(lambda: Clock.objects.filter(state="running", due_at__lt=late).count())
    assert due >= len(cases)
    assert sweeper(late, killed=True).wait(60) == -signal.SIGKILL
    assert read(lambda: CaseAction.objects.filter(action="breach").count()) == 0, "all or nothing"
    both = [sweeper(late, batch=2) for _ in range(2)]
    told = [int(one.communicate(timeout=60)[0]) for one in both]
    assert sum(told) == due
    assert read(lambda: CaseAction.objects.filter(action="breach").count()) == due
    assert read(lambda: Clock.objects.filter(state="running", breached_at=None, due_at__lt=late).count()) == 0
    assert int(sweeper(late).communicate(timeout=60)[0]) == 0
    for case in cases:
        consistent(case)


def test_the_journal_itself_refuses_a_second_breach_of_one_deadline(world: World) -> None:
    case = filed(world, steps=("accept", "dispatch"))
    late = NOW + timedelta(days=30)
    assert tasks.sweep(NAME, late) == 1
    read(lambda: Clock.objects.filter(case=case).update(breached_at=None))
    assert tasks.sweep(NAME, late) == 0
    assert read(lambda: CaseAction.objects.filter(case=case, action="breach").count()) == 1
