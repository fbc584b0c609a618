"""The fictional county, planted, for tests of what a county is made of."""

from __future__ import annotations

import pytest
from support.planted import planted
from support.world import TEST_PACKS, World

from onegrid.county.matters import selectors as matters
from onegrid.foundation.database.context import in_locality


@pytest.fixture
def world(locality: str) -> World:
    """Testland with one person per position; rolled back after the test."""
    matters.forget()
    with in_locality(locality):
        return planted(TEST_PACKS, "testland")
