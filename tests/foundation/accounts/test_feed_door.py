"""The live feed's door: the API's cookie opens it, and stops opening it when the session ends."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from support.people import Api
from support.staff import PASSWORD, PlainHat

from onegrid.foundation.accounts.feed_door import FeedDoor
from onegrid.foundation.accounts.models import User
from onegrid.foundation.accounts.services import people, sessions
from onegrid.foundation.database.context import Standing, in_locality

pytestmark = pytest.mark.django_db(transaction=True)


def ask(cookie: str, *, locality: str = "testland", later: timedelta = timedelta(0)) -> Standing | None:
    """What the feed is told."""
    door = FeedDoor(lambda: datetime.now(UTC) + later)
    headers = {"cookie": f"other=1; onegrid_testland={cookie}", "host": "localhost:8001"}
    return asyncio.run(door(locality, headers))


@pytest.fixture
def cookie(held: list[PlainHat]) -> str:
    with in_locality("testland"):
        people.create_user(username="wang", display_name="王", password=PASSWORD, must_change=False)
    api = Api("testland")
    assert api.post("/session", {"username": "wang", "password": PASSWORD}).status_code == 200
    connection.close()
    return str(api.client.cookies["onegrid_testland"].value)


def test_the_same_cookie_gives_the_same_standing(cookie: str, held: list[PlainHat]) -> None:
    assert ask(cookie) == Standing("testland", "r.1.")
    assert ask("0" * 64) is None
    assert ask("") is None
    assert ask(cookie, locality="otherland") is None
    assert ask(cookie, locality="nowhere") is None
    held.clear()
    assert ask(cookie) is None


def test_an_ended_session_opens_nothing(cookie: str) -> None:
    assert ask(cookie, later=timedelta(hours=13)) is None
    with in_locality("testland"):
        sessions.close_all(User.objects.get().pk)
    connection.close()
    assert ask(cookie) is None
