"""The office that drafts grids."""

from __future__ import annotations

import pytest
from support.drafting import Office
from support.world import World


@pytest.fixture
def office(world: World, locality: str) -> Office:
    """A township of the planted county with two homes in one leaf grid."""
    return Office(world, locality)
