"""The fictional county, planted, for tests of the case engine."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.world import TEST_PACKS, World, plant

from onegrid.cases.selectors import classifying
from onegrid.foundation.database.context import in_locality
from onegrid.foundation.files import services as files


@pytest.fixture(autouse=True)
def models_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Models are files, which no rollback takes back and all test processes would share."""
    monkeypatch.setattr(classifying, "models_folder", lambda: tmp_path / "models")


@pytest.fixture
def photos_at_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any photo a step names counts as uploaded."""
    monkeypatch.setattr(files, "attach", lambda *_, **__: True)


@pytest.fixture
def world(locality: str) -> World:
    """Testland with one person per position; rolled back after the test."""
    with in_locality(locality):
        return plant(TEST_PACKS, "testland")
