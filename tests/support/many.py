"""Many plain cases at once, for lists: rows as the engine would leave them, without their journals."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from support.world import World

from onegrid.cases.models import Assignment, Case, CaseAction, CaseReporter, Grant
from onegrid.cases.permissions import Actor
from onegrid.cases.rules.states import OPEN, Status
from onegrid.cases.selectors import searching
from onegrid.county.matters.models import Matter
from onegrid.county.organisations import selectors as organisations
from onegrid.foundation.database.bulk import copy_rows
from onegrid.shell.demo.ledger import insert_models

WAITS = {Status.HANDLED: "verifier", Status.DISPATCHED: "assignee", Status.HANDLING: "assignee"}
NOUNS = ("路灯", "井盖", "垃圾", "噪音", "违建", "积水")
VERBS = ("不亮", "破损", "堆放", "扰民", "堵路", "满溢")
PLACES = ("门口", "东侧", "路口", "楼下")


def many(world: World, count: int, *, now: datetime, officer: Actor, seed: int = 1) -> list[Case]:
    """Store `count` cases of the last 200 days, a sixth of them open; under root scope. Some are the officer's."""
    rng = random.Random(seed)
    matters = list(Matter.objects.filter(active=True).order_by("pk")[:6])
    paths = organisations.paths([officer.department_id or 0])
    cases, others = [], []
    for number in range(count):
        case = _case(rng, world, matters, number, now - timedelta(minutes=rng.randrange(200 * 24 * 60)))
        cases.append(case)
        others += _beside(rng, world, case, officer, paths[officer.department_id or 0])
    insert_models(Case, cases)
    copy_rows("cases_searchterms", ("case_id", "reported_at", "terms"), (searching.remember(one)[1] for one in cases))
    for kind in (Assignment, Grant, CaseReporter, CaseAction):
        insert_models(kind, [row for row in others if isinstance(row, kind)])
    return cases


def _case(rng: random.Random, world: World, matters: Sequence[Matter], number: int, at: datetime) -> Case:
    leaf, day = rng.choice(world.leaves), (at + timedelta(hours=8)).date()
    status = rng.choice(sorted(OPEN)) if rng.random() < 0.17 else rng.choice(sorted(set(Status) - OPEN))
    is_open = status in OPEN
    words = f"{rng.choice(PLACES)}{rng.choice(NOUNS)}{rng.choice(VERBS)}，请处理{number % 7}"
    due = at + timedelta(days=rng.randrange(1, 220)) if is_open and rng.random() < 0.8 else None
    closed = at + timedelta(hours=rng.randrange(90)) if status in (Status.CLOSED, Status.RATED) else None
    revisit = status is Status.RATED and rng.random() < 0.3
    return Case(
        pk=UUID(int=rng.getrandbits(128), version=4), number=f"TL{day:%Y%m%d}-{number:05d}",
        track_code=f"T{number:011d}",
        scope_path=leaf.scope_path, desk_path=rng.choice(["r.", ".".join(leaf.scope_path.split(".")[:2]) + "."]),
        grid_id=leaf.id, reported_grid_id=leaf.id, matter=rng.choice([*matters, None]), status=str(status),
        waits_on=WAITS.get(status, "centre") if is_open else "centre" if revisit else "",
        pending=rng.choice(["", "", "", "return", "extension"]) if is_open else "",
        channel=rng.choice(["snap", "snap", "patrol", "open311"]), title=words[:30], words=words,
        address=f"{rng.choice('甲乙丙')}村{number % 90}号", lon=leaf.lon, lat=leaf.lat, reported_at=at,
        reported_on=day, closed_at=closed, closed_on=closed and closed.date(),
        in_time=closed and True, reopened_on=at.date() if rng.random() < 0.05 else None, due_at=due,
        warn_at=due and due - timedelta(days=9), paused=False, supervised=rng.random() < 0.1, pack_version="1",
    )  # fmt: skip


def _beside(rng: random.Random, world: World, case: Case, officer: Actor, path: str) -> list[object]:
    """What stands beside some cases: an assignment and a grant of the officer's, a report and a step of his."""
    rows: list[object] = []
    if rng.random() < 0.3:
        case.department_id = officer.department_id
        state = rng.choice(["offered", "handling", "handled", "returned"]) if case.status in OPEN else "handled"
        rows.append(
            Assignment(
                pk=uuid4(),
                case=case,
                scope_path=case.scope_path,
                kind="lead",
                department_id=officer.department_id,
                state=state,
                offered_at=case.reported_at,
            )
        )
        for kind in ("assignment", "copy")[: 1 + (rng.random() < 0.2)]:
            revoked = case.reported_at if state == "returned" and kind == "assignment" else None
            rows.append(
                Grant(
                    case=case,
                    scope_path=case.scope_path,
                    department_id=officer.department_id,
                    department_path=path,
                    kind=kind,
                    granted_at=case.reported_at,
                    reported_at=case.reported_at,
                    revoked_at=revoked,
                )
            )
    dispatcher = world.staff("dispatcher", scope="r.").user_id
    if rng.random() < 0.1:
        rows.append(
            CaseReporter(case=case, scope_path=case.scope_path, user=dispatcher, via="desk", at=case.reported_at)
        )
    for user in (dispatcher, officer.user_id):
        if rng.random() < 0.2:
            rows.append(
                CaseAction(
                    case=case,
                    scope_path=case.scope_path,
                    seq=2 + (user == dispatcher),
                    action="accept",
                    at=case.reported_at,
                    actor_kind="staff",
                    user=user,
                    key=f"{case.pk}-{user}",
                )
            )
    return rows
