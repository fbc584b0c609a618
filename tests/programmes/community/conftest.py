"""The fictional county with people who may write notices, and the API as each of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from support.people import ActingAs, Api
from support.planted import planted
from support.world import TEST_PACKS, World

from onegrid.county.matters import selectors as matters
from onegrid.foundation.accounts.services import keys
from onegrid.foundation.database.context import in_locality


@pytest.fixture
def world(locality: str) -> World:
    """Testland with one person per position; rolled back after the test."""
    matters.forget()
    with in_locality(locality):
        return planted(TEST_PACKS, "testland")


@dataclass
class People:
    """The API as somebody of the staff."""

    world: World
    locality: str
    acting_as: ActingAs

    def __call__(self, kind: str, *, scope: str | None = None) -> Api:
        """As the person of a kind of position."""
        return self.token(self.world.staff(kind, scope=scope).user_id)

    def officer(self, department: str) -> Api:
        """As somebody of a department."""
        with self.acting_as():
            number = self.world.officer(department).user_id
        return self.token(number)

    def token(self, user_id: int | None) -> Api:
        """As this user."""
        api = Api(self.locality)
        with self.acting_as():
            api.token = keys.make(user_id=user_id, kind="token", label="notices", now=datetime.now(UTC))[1]
        return api


@pytest.fixture
def people(world: World, locality: str, acting_as: ActingAs) -> People:
    """Everybody of the planted chain."""
    return People(world, locality, acting_as)


@pytest.fixture
def village(world: World) -> Any:
    """The first leaf's village."""
    return world.planted["990101001001"]


Notice = Callable[..., dict[str, Any]]


@pytest.fixture
def draft(village: Any) -> Notice:
    """A notice to the village, with other fields when told."""

    def make(**other: Any) -> dict[str, Any]:
        said = {"key": str(uuid4()), "grid": str(village.id), "title": "明早停水", "body": "六点到八点，请提前接水。"}
        return {**said, **other}

    return make
