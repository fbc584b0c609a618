"""The fictional county, planted, for tests of the case engine."""

from __future__ import annotations

import pytest
from support.world import TEST_PACKS, World, plant

from onegrid.foundation.database.context import in_locality
from onegrid.foundation.files import services as files


@pytest.fixture
def photos_at_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any photo a step names counts as uploaded."""
    monkeypatch.setattr(files, "attach", lambda *_, **__: True)


@pytest.fixture
def world(locality: str) -> World:
    """Testland with one person per position; rolled back after the test."""
    with in_locality(locality):
        return plant(TEST_PACKS, "testland")
