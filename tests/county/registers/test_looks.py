"""Every look at a person is on record, whole values have a budget of a day, and somebody is told before it is spent."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from support.people import counted_queries
from support.world import World

from onegrid.county.registers.errors import LooksSpent, PurposeUnknown
from onegrid.county.registers.models import LookCount
from onegrid.county.registers.rules.section import RegistersPart
from onegrid.county.registers.selectors import choices
from onegrid.county.registers.services import looks
from onegrid.foundation.accounts.models import User
from onegrid.foundation.database.context import Standing, acting, in_locality
from onegrid.foundation.journal import leaves
from onegrid.foundation.journal.models import AuditRow
from onegrid.foundation.messages import services as messages

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@pytest.fixture
def part(world: World, locality: str, monkeypatch: pytest.MonkeyPatch) -> RegistersPart:
    """Three whole values a day, told at the second; ten hits."""
    with in_locality(locality):
        found = replace(choices.part(), daily=3, warn_at=2, hits=10)
    monkeypatch.setattr(choices, "part", lambda: found)
    return found


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was sent to whom."""
    found: list[str] = []
    monkeypatch.setattr(messages, "send", lambda to, text, *, now: found.append(text))
    return found


def subjects(world: World, count: int) -> list[tuple[int, str]]:
    return [(700 + at, world.leaf.scope_path) for at in range(count)]


def test_one_row_for_each_person_with_a_true_leaf(world: World, locality: str, part: Any) -> None:
    actor = world.staff("worker")
    with acting(Standing(locality, actor.scope_path)), counted_queries() as asked:
        looks.look(actor, subjects(world, 5), how="search", now=NOW)
    assert len(asked) <= 12
    with in_locality(locality):
        rows = list(AuditRow.objects.filter(action="resident.search").order_by("id"))
        assert [row.subject_id for row in rows] == ["700", "701", "702", "703", "704"]
        for row in rows:
            values = {name: getattr(row, name) for name in leaves.COLUMNS} | {"at": leaves.moment(row.at)}
            assert bytes(row.leaf) == leaves.leaf(values)
            assert (row.user, row.scope_path) == (actor.user_id, world.leaf.scope_path)
        assert LookCount.objects.get(user=actor.user_id).met == 5


def test_a_whole_value_needs_a_reason(world: World, locality: str, part: Any) -> None:
    actor = world.staff("worker")
    with acting(Standing(locality, actor.scope_path)):
        for empty in ("", " ", "x", "很" * 201):
            with pytest.raises(PurposeUnknown):
                looks.look(actor, subjects(world, 1), how="reveal", purpose=empty, now=NOW)
        looks.look(actor, subjects(world, 1), how="reveal", purpose="door", now=NOW, fields=["phone"])
        looks.look(actor, subjects(world, 1), how="reveal", purpose="走访 19000001234", now=NOW)
    with in_locality(locality):
        assert [row.purpose for row in AuditRow.objects.filter(action="resident.reveal").order_by("id")] == [
            "door",
            "走访 190****1234",  # the log is for ever: no number in it
        ]


def test_the_budget_of_a_day_and_who_is_told(world: World, locality: str, part: Any, sent: list[str]) -> None:
    actor = world.staff("worker")
    with in_locality(locality):
        for user in User.objects.all():
            user.phone = "19000000001"
            user.save()
    with acting(Standing(locality, actor.scope_path)):
        assert looks.left_today(actor, now=NOW) == (3, 3)
        looks.look(actor, subjects(world, 1), how="reveal", purpose="door", now=NOW)
        assert sent == []
        assert looks.left_today(actor, now=NOW) == (2, 3)
        looks.look(actor, subjects(world, 1), how="reveal", purpose="door", now=NOW)
        warned = len(sent)
        assert warned >= 1
        looks.look(actor, subjects(world, 1), how="reveal", purpose="door", now=NOW)
        assert len(sent) == 2 * warned
    with pytest.raises(LooksSpent) as refused, acting(Standing(locality, actor.scope_path)):
        looks.look(actor, subjects(world, 1), how="reveal", purpose="door", now=NOW)
    assert refused.value.retry_after == 15 * 3600 + 1  # nine in the morning here
    with in_locality(locality):
        assert looks.left_today(actor, now=NOW) == (0, 3)
        assert looks.left_today(actor, now=NOW + timedelta(days=1)) == (3, 3)
        assert LookCount.objects.get(user=actor.user_id).revealed == 3
        assert AuditRow.objects.filter(action="looks.alarm").count() == 2
        assert AuditRow.objects.filter(action="resident.reveal").count() == 3
    with acting(Standing(locality, actor.scope_path)):
        looks.look(actor, subjects(world, 1), how="reveal", purpose="door", now=NOW + timedelta(days=1))
        looks.look(actor, subjects(world, 9), how="search", now=NOW)
        before = len(sent)
        looks.look(actor, subjects(world, 9), how="search", now=NOW)  # hits alarm and never stop
        assert len(sent) == before + warned
    assert all("70" not in words for words in sent)
