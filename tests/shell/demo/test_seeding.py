"""A whole small locality from a seed: numbers met, journals replay, a second run changes nothing, life goes on."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.db.models import F

from onegrid.cases.models import Assignment, Case, CaseAction, Clock, Grant, Rating
from onegrid.cases.rules.folding import fold
from onegrid.cases.selectors import setting as settings_of_the_place
from onegrid.cases.selectors.folded import recorded_of
from onegrid.county.grids import selectors as grids
from onegrid.county.grids.selectors import places
from onegrid.county.matters import selectors as matters
from onegrid.county.registers.models import Household
from onegrid.county.workforce import selectors as workforce
from onegrid.foundation.accounts.models import User
from onegrid.foundation.database.context import in_locality
from onegrid.foundation.journal.models import TallyDelta
from onegrid.foundation.journal.services import tallies
from onegrid.shell.demo import life, seed
from onegrid.shell.demo.seeding import DemoPasswordMissing, DemoResult

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
PACKS = Path(__file__).resolve().parents[2] / "support" / "packs"


@pytest.fixture
def filled(locality: str, settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> DemoResult:
    settings.ONEGRID_LOCALITIES = PACKS
    settings.ONEGRID_FILES = tmp_path
    monkeypatch.setenv("ONEGRID_DEMO_PASSWORD", "a-password-for-tests")
    places.forget()
    matters.forget()
    settings_of_the_place.forget()
    return seed(locality, 0.2, 5, lambda what, share: None, now=NOW)


def fingerprint() -> list[tuple[Any, ...]]:
    """What a seed decides, in order: cases with their words and times, grids, people."""
    cases = list(
        Case.objects.order_by("number").values_list("number", "status", "words", "reported_at", "address", "pk")
    )
    people = list(User.objects.order_by("pk").values_list("username", "display_name"))
    return [*cases, *people, *[(info.code, info.name) for info in grids.subtree("r.")]]


def test_the_county_is_filled_and_its_journals_replay(filled: DemoResult, locality: str) -> None:
    with in_locality(locality, "demo"):
        closed = Case.objects.filter(closed_on__isnull=False)
        # The pack publishes 120 closed in time, 96 %: 125 in all, carried whole by so small a place.
        assert closed.count() == 125
        assert closed.filter(in_time=True).count() == 120
        recorded: dict[Any, list[CaseAction]] = defaultdict(list)
        for action in CaseAction.objects.order_by("case", "seq"):
            recorded[action.case_id].append(action)
        held: dict[Any, dict[str, str]] = defaultdict(dict)
        for row in Assignment.objects.all():
            held[row.case_id][str(row.pk)] = row.state
        for case in Case.objects.all():
            state = fold(recorded_of(action) for action in recorded[case.pk])
            assert (str(state.status), state.seq, state.waits_on) == (case.status, case.last_seq, case.waits_on)
            assert held[case.pk] == {one.id: one.state for one in state.assignments}
            assert [action.at for action in recorded[case.pk]] == sorted(action.at for action in recorded[case.pk])
            assert recorded[case.pk][-1].at <= NOW
        statuses = Counter(Case.objects.values_list("status", flat=True))
        assert {"reported", "accepted", "dispatched", "handling", "handled", "suspended", "closed", "rated"} <= set(
            statuses
        )
        assert Case.objects.filter(due_at__lt=NOW).exists()
        assert Case.objects.filter(supervised=True).exists()
        assert not Clock.objects.filter(state="running", case__closed_on__isnull=False).exists()
        assert not Grant.objects.exclude(case__assignments__department=F("department")).exists()
        assert Rating.objects.count() == Case.objects.filter(rating__isnull=False).count()


def test_tallies_and_registers_equal_the_rows(filled: DemoResult, locality: str) -> None:
    with in_locality(locality, "demo"):
        assert not TallyDelta.objects.exists()
        [told] = tallies.read("r.", ["total"], [tallies.ALWAYS])
        assert told.reported == Case.objects.count()
        assert told.closed == Case.objects.filter(closed_on__isnull=False).count()
        assert told.closed_in_time == Case.objects.filter(closed_on__isnull=False, in_time=True).count()
        now = {cell.key: cell.reported for cell in tallies.read("r.", ["now"], [])}
        assert now == dict(Counter(Case.objects.values_list("status", flat=True)))
        # And every household lies where its building stands.
        assert Household.objects.count() == sum(info.households for info in grids.subtree("r.", level="village"))
        for row in Household.objects.select_related("dwelling__building", "grid")[:200]:
            assert row.scope_path == row.grid.scope_path == row.dwelling.building.scope_path


def test_the_demonstration_accounts_have_the_right_hats(filled: DemoResult, locality: str) -> None:
    duties: dict[str, set[str]] = {}
    with in_locality(locality, "demo"):
        place = grids.locate(119.0, 26.0)
        for account in filled.accounts:
            user = User.objects.get(username=account.username)
            [hat] = workforce.hats_of(user.pk, NOW.date())
            duties[account.role] = set(hat.duties)
            assert not hat.scope_path or place.leaf.scope_path.startswith(hat.scope_path), account
    assert [account.role for account in filled.accounts][:5] == [
        "dispatcher",
        "township",
        "secretary",
        "worker",
        "officer",
    ]
    assert "triage" in duties["dispatcher"]
    assert {"report", "handle"} <= duties["worker"]
    assert "handle" in duties["officer"]
    assert "verify" in duties["inspector"]
    assert "command" in duties["commander"]
    assert "administer" in duties["admin"]
    assert filled.open311_key.startswith("og_")


def test_seeding_again_changes_nothing_but_the_key(filled: DemoResult, locality: str) -> None:
    with in_locality(locality, "demo"):
        before = fingerprint()
    again = seed(locality, 0.2, 5, lambda what, share: None, now=NOW)
    with in_locality(locality, "demo"):
        assert fingerprint() == before
    assert again.accounts == filled.accounts
    assert again.open311_key != filled.open311_key


def test_the_same_seed_gives_the_same_county(
    filled: DemoResult, locality: str, other_locality: str, tmp_path: Path, settings: Any
) -> None:
    """Another schema, the same pack under another name: the same cases, people and grids."""
    packs = tmp_path / "packs"
    (packs / other_locality).mkdir(parents=True)
    for file in (PACKS / locality).iterdir():
        if file.is_file():
            text = file.read_text("utf-8").replace(f"name: {locality}", f"name: {other_locality}")
            (packs / other_locality / file.name).write_text(text, "utf-8")
    settings.ONEGRID_LOCALITIES = packs
    seed(other_locality, 0.2, 5, lambda what, share: None, now=NOW)
    with in_locality(locality, "demo"):
        first = fingerprint()
    with in_locality(other_locality, "demo"):
        assert fingerprint() == first


def test_without_a_password_nothing_is_made(locality: str, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.ONEGRID_LOCALITIES = PACKS
    monkeypatch.delenv("ONEGRID_DEMO_PASSWORD", raising=False)
    with pytest.raises(DemoPasswordMissing):
        seed(locality, 0.2, 5, lambda what, share: None, now=NOW)
    with in_locality(locality, "demo"):
        assert not User.objects.exists()


def test_life_brings_new_cases_and_moves_old_ones(filled: DemoResult, locality: str) -> None:
    rng = np.random.default_rng(3)
    with in_locality(locality, "demo"):
        cases, actions = Case.objects.count(), CaseAction.objects.count()
    happened = Counter()
    for turn in range(60):
        told = life.tick(locality, NOW + timedelta(minutes=4 * turn), rng)
        happened[told.split()[0] if told else "nothing"] += 1
    with in_locality(locality, "demo"):
        assert Case.objects.count() > cases
        assert CaseAction.objects.count() > actions + 40
    assert {"accept", "dispatch", "handle"} & set(happened)
    assert happened["nothing"] < 20


def test_life_is_still_in_an_empty_place(locality: str) -> None:
    assert life.tick(locality, NOW, np.random.default_rng(1)) is None
