"""A worker with a grid of his own, over HTTP, with the clock in our hands."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from support.people import ActingAs, Api
from support.planted import planted
from support.world import TEST_PACKS, World

from onegrid.county.grids import selectors as grids
from onegrid.foundation.accounts.services import keys
from onegrid.foundation.database.context import in_locality
from onegrid.shell.config import middleware

NINE = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
"""Nine in the morning, Beijing time."""


@dataclass
class Clock:
    """The server's clock."""

    now: datetime = NINE

    def go(self, **span: float) -> datetime:
        """Some time passes."""
        self.now += timedelta(**span)
        return self.now


@dataclass
class Phone:
    """One person's phone: every step with a key and the time it happened."""

    api: Api
    clock: Clock
    place: dict[str, float] = field(default_factory=dict)

    def post(self, path: str, *, key: str = "", at: datetime | None = None, **body: Any) -> Any:
        """A step; by the server's clock unless told otherwise."""
        said = {"key": key or str(uuid.uuid4()), "device_at": at or self.clock.now, **body}
        return self.api.post(path, said)

    def done(self, path: str, **more: Any) -> dict[str, Any]:
        """A step that must succeed."""
        answer = self.post(path, **more)
        assert answer.status_code in (200, 201), answer.content
        return dict(answer.json())

    def sign_in(self, **more: Any) -> dict[str, Any]:
        """On duty."""
        return self.done("/duty", **{**self.place, **more})


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The server's clock in our hands."""
    held = Clock()

    class Held(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
            return held.now.astimezone(tz)

    monkeypatch.setattr(middleware, "datetime", Held)
    return held


@pytest.fixture
def world(locality: str) -> World:
    """Testland with one person per position."""
    with in_locality(locality):
        return planted(TEST_PACKS, "testland")


@pytest.fixture
def phone_of(locality: str, acting_as: ActingAs, clock: Clock) -> Callable[[int | None], Phone]:
    """Somebody's phone."""

    def make(user_id: int | None) -> Phone:
        api = Api(locality)
        with acting_as():
            api.token = keys.make(user_id=user_id, kind="token", label="phone", now=NINE)[1]
        return Phone(api, clock)

    return make


@pytest.fixture
def worker(world: World, phone_of: Callable[[int | None], Phone], acting_as: ActingAs) -> Phone:
    """The grid worker's phone, in his grid."""
    actor = world.staff("worker")
    phone = phone_of(actor.user_id)
    with acting_as():
        grid = grids.by_path(actor.scope_path)
    phone.place = {"lon": grid.lon, "lat": grid.lat, "accuracy": 12}
    return phone
