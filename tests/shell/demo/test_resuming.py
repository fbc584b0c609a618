"""A run that is cut off goes on where it stopped, at whatever stage, and ends with the county of an undisturbed run."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.db.models import Count, F, Sum

from onegrid.cases.models import Case
from onegrid.cases.selectors import setting as settings_of_the_place
from onegrid.county.grids import selectors as grids
from onegrid.county.grids.selectors import places
from onegrid.county.matters import selectors as matters
from onegrid.county.registers.models import Building, Household, Resident
from onegrid.county.registers.services.loading import running
from onegrid.foundation.accounts.models import User
from onegrid.foundation.database.context import in_locality
from onegrid.foundation.journal.services import tallies
from onegrid.shell.demo import folk, history, planting, seed, sheets

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
PACKS = Path(__file__).resolve().parents[2] / "support" / "packs"


class CutOff(Exception):
    """The power failed."""


@pytest.fixture
def small_blocks(settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings.ONEGRID_LOCALITIES, settings.ONEGRID_FILES = PACKS, tmp_path
    monkeypatch.setenv("ONEGRID_DEMO_PASSWORD", "a-password-for-tests")
    monkeypatch.setattr(history, "BLOCK", 40)
    monkeypatch.setattr(sheets, "BLOCK", 200)
    monkeypatch.setattr(running, "BATCH", 150)
    for kept in (places, matters, settings_of_the_place):
        kept.forget()


def county() -> list[Any]:
    """All that a seed decides, but for keys, which follow the order of sequences."""
    cases = Case.objects.order_by("pk").values_list("pk", "status", "words", "reported_at", "address", "closed_at")
    people = [(one.name, one.sex, one.birth_year) for one in Resident.objects.order_by("pk")]
    homes = Household.objects.order_by("pk").values_list("dwelling__label", "people", "dwelling__building__name")
    staff = User.objects.order_by("pk").values_list("username", "display_name")
    tree = [(one.code, one.name) for one in grids.subtree("r.")]
    [told] = tallies.read("r.", ["total"], [tallies.ALWAYS])
    return [*cases, *people, *homes, *staff, *tree, told]


def test_a_run_cut_off_again_and_again_ends_like_an_undisturbed_one(
    small_blocks: None, locality: str, other_locality: str, tmp_path: Path, settings: Any
) -> None:
    told: list[float] = []

    def disturbed(after: int) -> bool:
        """Run until progress was told so many times more; whether it came to its end."""
        count = 0

        def progress(what: str, share: float) -> None:
            nonlocal count
            count += 1
            told.append(share)
            if count > after and what != "done":
                raise CutOff(what)

        try:
            seed(locality, 0.2, 5, progress, now=NOW)
        except CutOff:
            return False
        return True

    after = 0
    while not disturbed(after):
        after += 1
    assert after > 10
    packs = tmp_path / "packs"
    (packs / other_locality).mkdir(parents=True)
    for file in (PACKS / locality).iterdir():
        if file.is_file():
            text = file.read_text("utf-8").replace(f"name: {locality}", f"name: {other_locality}")
            (packs / other_locality / file.name).write_text(text, "utf-8")
    settings.ONEGRID_LOCALITIES = packs
    shares: list[float] = []
    seed(other_locality, 0.2, 5, lambda what, share: shares.append(share), now=NOW)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    with in_locality(locality, "demo"):
        disturbed_one = county()
        assert Case.objects.exclude(closed_on=None).count() == 125
    with in_locality(other_locality, "demo"):
        assert county() == disturbed_one


def test_residents_are_as_many_as_the_households_say(small_blocks: None, locality: str) -> None:
    seed(locality, 0.2, 5, lambda what, share: None, now=NOW)
    with in_locality(locality, "demo"):
        homes = Household.objects.annotate(named=Count("residents"))
        assert not homes.exclude(named=F("people")).exists()
        assert Resident.objects.count() == Household.objects.aggregate(n=Sum("people"))["n"]
        assert not Resident.objects.exclude(scope_path=F("household__scope_path")).exists()
        assert Building.objects.count() == len(planting.outlines())
        sexes = set(Resident.objects.values_list("sex", flat=True))
        assert sexes == {1, 2}
        assert all(1900 < one.birth_year <= NOW.year for one in Resident.objects.all()[:200])


def test_another_scale_over_an_unfinished_county_is_refused(small_blocks: None, locality: str) -> None:
    def stop(what: str, share: float) -> None:
        if what == "map":
            raise CutOff(what)

    with pytest.raises(CutOff):
        seed(locality, 0.2, 5, stop, now=NOW)
    with pytest.raises(planting.WasDrawnOtherwise):
        seed(locality, 0.4, 5, lambda what, share: None, now=NOW)


@pytest.mark.parametrize(
    ("households", "people"), [(10, 30), (10, 10), (10, 80), (7, 19), (1000, 2700), (3, 99), (4, 1)]
)
def test_household_sizes_sum_exactly(households: int, people: int) -> None:
    sizes = folk.sizes_of(np.random.default_rng(3), households, people)
    assert sizes.min() >= 1
    assert sizes.max() <= folk.MOST_PEOPLE
    assert sizes.sum() == min(max(people, households), households * folk.MOST_PEOPLE)
