"""Every journey of every locality, played against the real flow."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.db import transaction
from journeys.runner import Player, moment
from support.world import REPOSITORY, TEST_PACKS, World, plant

from onegrid.foundation.database.context import in_locality
from onegrid.foundation.files import services as files

ROOTS = (TEST_PACKS, REPOSITORY / "localities")
JOURNEYS = sorted(file for root in ROOTS for file in root.glob("*/journeys/*.yaml"))
PACKS = {file.parents[1]: file.parents[1] for file in JOURNEYS}
"""One object per pack: a fixture is kept for the same parameter, not for an equal one."""
LEAST_PER_LOCALITY, LEAST = 5, 30


@pytest.fixture(scope="module")
def world(request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """The journey's locality, planted once for all its journeys."""
    pack: Path = request.param
    with django_db_blocker.unblock(), in_locality("testland"):
        yield plant(pack.parent, pack.name)
        transaction.set_rollback(True)


@pytest.fixture
def photos_at_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Journeys are about cases: any photo a step names counts as uploaded."""
    monkeypatch.setattr(files, "attach", lambda *_, **__: True)


@pytest.mark.parametrize(
    ("world", "file"),
    [(PACKS[file.parents[1]], file) for file in JOURNEYS],
    ids=[f"{file.parents[1].name}-{file.stem}" for file in JOURNEYS],
    indirect=["world"],
)
def test_journey(world: World, file: Path, photos_at_hand: None) -> None:
    journey = yaml.safe_load(file.read_text("utf-8"))
    mark = transaction.savepoint()
    try:
        Player(world, moment(journey["clock"])).play(journey)
    finally:
        transaction.savepoint_rollback(mark)


def test_there_are_enough() -> None:
    by_pack: dict[str, int] = {}
    for file in JOURNEYS:
        by_pack[file.parents[1].name] = by_pack.get(file.parents[1].name, 0) + 1
    localities = [name for name in by_pack if name != "testland"]
    assert all(by_pack[name] >= LEAST_PER_LOCALITY for name in localities)
    assert sum(by_pack.values()) >= LEAST
