"""The loop of a case through the real engine, on the fictional county."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from support.people import ActingAs
from support.world import World

from onegrid.cases.flow import engine, intake
from onegrid.cases.flow.intake import Report
from onegrid.cases.models import Case, CaseAction
from onegrid.cases.permissions import Actor
from onegrid.cases.rules.folding import fold
from onegrid.cases.selectors.folded import recorded_of

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
LAMP = "TL-C0203"


def file(world: World, actor: Actor, *, now: datetime = NOW, **said: Any) -> dict[str, Any]:
    lon, lat = world.point
    words = {"key": uuid4(), "words": "路口路灯不亮了", "lon": lon, "lat": lat, "matter": LAMP} | said
    return intake.report(actor=actor, report=Report(**words), now=now).body


def do(actor: Actor, case: str, action: str, *, now: datetime = NOW, key: str = "", **said: Any) -> dict[str, Any]:
    options = {name: said.pop(name) for name in ("version", "assignment", "device_at") if name in said}
    return engine.act(
        actor=actor, case_id=UUID(case), action=action, key=key or str(uuid4()), now=now, data=said, **options
    )


@pytest.mark.usefixtures("photos_at_hand")
def test_from_report_to_rating(world: World, acting_as: ActingAs) -> None:
    resident, dispatcher, inspector = world.resident(), world.staff("dispatcher", scope="r."), world.staff("inspector")
    with acting_as():
        officer = world.officer("UM")
        case = file(world, resident)
        assert case["status"] == "reported"
        assert case["number"] == "TL20260302-0001"
        id = case["id"]
        assert do(dispatcher, id, "accept")["status"] == "accepted"
        sent = do(dispatcher, id, "dispatch", department=str(officer.department_id))
        assert sent["status"] == "dispatched"
        (assignment,) = sent["assignments"]
        taken = do(officer, id, "take", assignment=assignment["id"])
        assert taken["status"] == "handling"
        done = do(
            officer,
            id,
            "handle",
            assignment=assignment["id"],
            words="换了灯泡",
            evidence=["site", "effect"],
            photos=[str(uuid4())],
            now=NOW + timedelta(hours=3),
        )
        assert done["status"] == "handled"
        assert do(inspector, id, "verify_pass", now=NOW + timedelta(hours=4))["status"] == "verified"
        assert do(dispatcher, id, "close", now=NOW + timedelta(hours=5))["status"] == "closed"
        rated = do(resident, id, "rate", stars=5, now=NOW + timedelta(hours=6))
        assert rated["status"] == "rated"
        stored = Case.objects.get(pk=id)
        assert stored.in_time is True
        assert stored.rating == 5
        state = fold(recorded_of(one) for one in CaseAction.objects.filter(case=stored).order_by("seq"))
        assert str(state.status) == stored.status
