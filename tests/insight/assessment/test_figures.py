"""Published figures: computed from the rows, equal to the published ones at full scale and to the scaled ones below.

Full Minhou, Haizhou, Suichuan and Fenghuang take minutes: ``ONEGRID_FULL=minhou,fenghuang pytest …`` runs them.
"""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from support.people import Api

from onegrid.cases.models import Case
from onegrid.cases.selectors import setting as settings_of_the_place
from onegrid.county.grids.rules.section import GridsPart
from onegrid.county.grids.selectors import places
from onegrid.county.matters import selectors as matters
from onegrid.county.workforce.rules.section import WorkforcePart
from onegrid.foundation.database.context import in_locality
from onegrid.foundation.packs import LoadedPack
from onegrid.insight.assessment import selectors
from onegrid.insight.assessment.rules.measures import How, Lot, Narrowed, same
from onegrid.insight.assessment.rules.section import AssessmentPart
from onegrid.insight.assessment.selectors import Computing
from onegrid.shell.demo import blueprint, seed, targets
from onegrid.shell.sections import load_pack

LOCALITIES = Path(__file__).resolve().parents[3] / "localities"
NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
TODAY = NOW.date()
PLACES = ["minhou", "haizhou", "tuanjie", "suichuan", "fenghuang"]
ASKED = [name for name in os.environ.get("ONEGRID_FULL", "").split(",") if name]
SMALL = 0.02
NOT_SCALED = {"usual_size", "days_to_close", "five_seen", "closed_per_day"}
"""Measures that mean something at full scale only, or that no lot tells."""


@pytest.fixture
def fill(locality: str, settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Fill the test locality from a pack under its own name."""

    def filled(name: str, scale: float) -> LoadedPack:
        root = tmp_path / "packs"
        shutil.copytree(LOCALITIES / "base", root / "base")
        shutil.copytree(LOCALITIES / name, root / locality)
        pack = root / locality / "pack.yaml"
        pack.write_text(pack.read_text("utf-8").replace(f"name: {name}", f"name: {locality}"), "utf-8")
        settings.ONEGRID_LOCALITIES, settings.ONEGRID_FILES = root, tmp_path / "files"
        monkeypatch.setenv("ONEGRID_DEMO_PASSWORD", "a-password-for-tests")
        places.forget()
        matters.forget()
        settings_of_the_place.forget()
        seed(locality, scale, 1, lambda what, share: None, now=NOW)
        return load_pack(root, locality)

    return filled


@pytest.mark.parametrize("name", ["tuanjie", *[name for name in ASKED if name != "tuanjie"]])
@pytest.mark.slow
def test_every_computed_figure_is_the_published_one_at_full_scale(fill: Any, locality: str, name: str) -> None:
    fill(name, 1.0)
    with in_locality(locality, "demo"):
        found = selectors.figures(TODAY)
    wrong = [(one.key, one.value, one.computed) for one in found if one.how and not one.equal]
    assert not wrong
    assert len([one for one in found if one.how]) >= 8


@pytest.mark.parametrize("name", PLACES)
@pytest.mark.slow
def test_at_a_small_scale_every_computed_figure_is_the_scaled_one(fill: Any, locality: str, name: str) -> None:
    pack = fill(name, SMALL)
    grids, workforce = pack.section("grids", GridsPart), pack.section("workforce", WorkforcePart)
    part = pack.section("assessment", AssessmentPart)
    lots = targets.lots(part.history, blueprint.households(grids), SMALL)
    compared = 0
    with in_locality(locality, "demo"):
        for one in part.figures:
            if one.how is None or one.how.measure in NOT_SCALED:
                continue
            wanted = expected(one.how, one.value, grids, workforce, lots)
            assert Computing(TODAY).value(one.how) == wanted, one.key
            compared += 1
    assert compared >= 6


def expected(how: How, value: float, part: GridsPart, workforce: WorkforcePart, lots: tuple[Lot, ...]) -> float:
    """What a figure should be at the small scale, from the pack alone."""
    plan = blueprint.land_plan(part, SMALL)
    residents = blueprint.residents(part, plan.households)
    if how.measure == "residents":
        return residents
    if how.measure == "register_records":
        return round(part.size.records * plan.households / part.size.households)
    if how.measure == "people_and_homes":
        return residents + round(part.size.dwellings * plan.households / part.size.households)
    if how.measure == "premises":
        return round(part.size.premises * plan.households / blueprint.households(part))
    if how.measure == "buildings":
        return plan.buildings
    if how.measure in ("grids", "all_grids"):
        counts = level_counts(part, plan.buildings, plan.stairwells)
        return sum(counts.values()) if how.measure == "all_grids" else counts[how.of]
    if how.measure == "appointments":
        position = next(one for one in workforce.positions if one.key == how.of)
        return max(1, round(position.count * SMALL))
    if how.measure in ("matters", "matters_handed_down", "departments", "limit_minutes"):
        return value
    return of_lots(how, lots)


def level_counts(part: GridsPart, buildings: int, stairwells: int) -> dict[str, int]:
    """Grids of each counted level: the scaled number, one at least in each grid above."""
    found: dict[str, int] = {}
    for scheme in part.schemes:
        above = 0
        for level in scheme.levels:
            name = f"{scheme.key}.{level.key}"
            if level.division:
                covered = {code for code in part.codes() if any(one.startswith(code) for one in scheme.covers)}
                above = sum(one.level == level.division and one.code in covered for one in part.divisions)
            elif level.cells in ("building", "unit"):
                above = buildings if level.cells == "building" else stairwells
            elif level.count:
                above = max(round(level.count * SMALL), above)
            else:
                continue
            found[name] = above
    return found


def of_lots(how: How, lots: tuple[Lot, ...]) -> float:
    def counted(name: str, bearer: str = "") -> int:
        return sum(getattr(lot, name) for lot in lots if belongs(lot, how.cases, bearer))

    if how.measure == "closed_in_grid":
        return counted("closed", "grid")
    if how.measure == "closed_in_grid_rate":
        return counted("closed", "grid") / counted("closed")
    if how.measure == "on_the_spot_rate":
        return sum(lot.closed for lot in lots if lot.cases.on_the_spot) / counted("closed")
    if how.measure == "closed_in_time_rate":
        return counted("in_time") / counted("closed")
    reported = counted("closed") + counted("open")
    simple = {"closed": counted("closed"), "closed_in_time": counted("in_time"), "rated_five": counted("five")}
    simple |= {"reported": reported, "rated": counted("rated")}
    return counted("closed") / reported if how.measure == "closed_share" else simple[how.measure]


def belongs(lot: Lot, cases: Narrowed, bearer: str) -> bool:
    """Whether a lot's cases count: as exact as a lot is told."""
    if cases.kinds and (not lot.cases.kinds or not set(lot.cases.kinds) <= set(cases.kinds)):
        return False
    if cases.channel and lot.cases.channel != cases.channel:
        return False
    if cases.on_the_spot is not None and bool(lot.cases.on_the_spot) is not cases.on_the_spot:
        return False
    return not bearer or lot.cases.bearer == bearer or bool(lot.cases.on_the_spot)


def test_tallies_and_rows_give_the_same_counts(fill: Any, locality: str) -> None:
    """One narrowing is answered by the tallies, and must be what counting the rows gives."""
    fill("haizhou", SMALL)
    with in_locality(locality, "demo"):
        computing = Computing(TODAY)
        for narrowed in (
            Narrowed(),
            Narrowed(kinds=("dispute",)),
            Narrowed(kinds=("event", "component")),
            Narrowed(channel="hotline"),
            Narrowed(bearer="grid"),
            Narrowed(bearer="department"),
        ):
            told = computing._tallied(narrowed)
            assert told is not None
            assert told["closed"] > 0
            assert told == computing._counted(narrowed), narrowed
        assert computing.cases(Narrowed())["closed"] == Case.objects.exclude(closed_on=None).count()


@pytest.mark.parametrize(
    ("published", "computed", "unit", "equal"),
    [
        (0.9425, 10386 / 11020, "share", True),
        (0.9425, 0.9426, "share", False),
        (0.8, 130 / 162, "share", True),
        (0.8, 0.8051, "share", False),
        (0.98, 280 / 286, "share", True),
        (0.954, 0.9544, "share", True),
        (0.954, 0.9546, "share", False),
        (10386, 10386, "case", True),
        (10386, 10387, "case", False),
        (1, None, "case", False),
    ],
)
def test_a_share_is_compared_to_the_places_it_was_published_with(
    published: float, computed: float | None, unit: str, equal: bool
) -> None:
    assert same(published, computed, unit) is equal


def signed_in(locality: str, role: str) -> Api:
    api = Api(locality)
    answer = api.post("/session", {"username": role, "password": "a-password-for-tests"})
    assert answer.status_code == 200, answer.content
    return api


def test_only_who_has_the_whole_locality_before_him_reads_them(fill: Any, locality: str) -> None:
    fill("tuanjie", 0.01)
    roles = ("dispatcher", "commander", "secretary", "worker", "officer")
    answers = {role: signed_in(locality, role).get("/figures") for role in roles}
    assert {role: answer.status_code for role, answer in answers.items()} == {
        "dispatcher": 200, "commander": 200, "secretary": 403, "worker": 403, "officer": 403,
    }  # fmt: skip
    assert Api(locality).get("/figures").status_code == 401
    told = {one["key"]: one for one in answers["dispatcher"].json()["figures"]}
    assert told["council_cases"]["how"]["cases"]["channel"] == "deliberation"
    assert told["council_cases"]["query"] == "tab=all&measure=closed&channel=deliberation"
    assert told["activities"]["later"] == "V3"
    assert told["activities"]["computed"] is None
    listed = signed_in(locality, "dispatcher").get(f"/cases?{told['council_cases']['query']}")
    assert len(listed.json()["items"]) == told["council_cases"]["computed"]
