"""Staff to sign in."""

from __future__ import annotations

import pytest
from support.people import ActingAs
from support.staff import PASSWORD, PlainHat

from onegrid.foundation.accounts import hats
from onegrid.foundation.accounts.models import User
from onegrid.foundation.accounts.services import people


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> list[PlainHat]:
    """The hats everybody holds in this test."""
    worn = [
        PlainHat(1),
        PlainHat(
            2,
            position="officer",
            scope_path="",
            grid_id=None,
            department_id=7,
            department_name="城管局",
            department_name_en="City Management",
            department_path="d.7.",
        ),
    ]
    monkeypatch.setattr(hats._source, "of", lambda user, now: worn)
    return worn


@pytest.fixture
def user(acting_as: ActingAs, held: list[PlainHat]) -> User:
    """Somebody who can sign in."""
    with acting_as(""):
        return people.create_user(
            username="wang", display_name="王秀英", password=PASSWORD, phone="13800001111", must_change=False
        )
