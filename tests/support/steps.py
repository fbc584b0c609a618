"""Cases taken step by step past HTTP, all at one instant."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from support.people import LAMP
from support.world import World

from onegrid.cases.flow import engine, intake
from onegrid.cases.flow.intake import Report
from onegrid.cases.permissions import Actor

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
"""Nine in the morning of a working day, Beijing time."""


def file(world: World, actor: Actor, **said: Any) -> UUID:
    """A new case in the first leaf."""
    lon, lat = world.point
    words = {"key": uuid4(), "words": "路灯不亮", "lon": lon, "lat": lat, "matter": LAMP} | said
    found = intake.report(actor=actor, report=Report(**words), now=NOW).case_id
    assert found is not None
    return found


def do(actor: Actor, case: UUID, action: str, **said: Any) -> dict[str, Any]:
    """One step of it."""
    return engine.act(actor=actor, case_id=case, action=action, key=str(uuid4()), now=NOW, data=said)
