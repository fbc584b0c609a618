"""A web process knows the places before anybody asks."""

from __future__ import annotations

import pytest
from django.db import DatabaseError
from support.world import TEST_PACKS, plant

from onegrid.county.grids.selectors import places
from onegrid.foundation.database.context import in_locality
from onegrid.foundation.kernel import pinyin
from onegrid.shell import warm


def test_the_index_is_there_before_the_first_question(locality: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with in_locality(locality):
        plant(TEST_PACKS, "testland")
    places.forget()
    monkeypatch.setattr("onegrid.shell.warm.connection.close", lambda: None)
    pinyin.initials.cache_clear()
    warm.warm()
    assert pinyin.initials.cache_info().currsize, "the dictionary was left to the first who opens a list of departments"
    monkeypatch.setattr(places, "_load", lambda: pytest.fail("read again"))
    with in_locality(locality):
        assert places.locate(119.0, 26.0)


def test_a_database_that_is_away_is_no_reason_to_end(
    locality: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away() -> None:
        raise DatabaseError("away")

    monkeypatch.setattr("onegrid.shell.warm.connection.close", lambda: None)
    monkeypatch.setattr("onegrid.foundation.database.localities.all_localities", away)
    warm.warm()
    assert "read when first asked for" in caplog.text
