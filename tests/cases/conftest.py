"""The fictional county, planted, for tests of the case engine."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.people import ActingAs, Api, As
from support.planted import planted
from support.world import TEST_PACKS, World

from onegrid.cases.permissions import Actor
from onegrid.cases.selectors import classifying
from onegrid.foundation.accounts.services import keys
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
        return planted(TEST_PACKS, "testland")


@pytest.fixture
def lang() -> str:
    """What answers of the API are read in; a file that reads Chinese says so."""
    return "en"


@pytest.fixture
def staff(world: World, locality: str, acting_as: ActingAs, lang: str) -> As:
    """The API for somebody of the world's staff, by token."""

    def api(actor: Actor) -> Api:
        found = Api(locality, lang=lang)
        with acting_as():
            found.token = keys.make(user_id=actor.user_id, kind="token", label="test", now=datetime.now(UTC))[1]
        return found

    return api


@pytest.fixture
def dispatcher(world: World, staff: As) -> Api:
    """The county's dispatcher."""
    return staff(world.staff("dispatcher", scope="r."))
