"""How many cases a place shows: the lots of its own pack, scaled, their sums exact."""

from pathlib import Path

import pytest

from onegrid.insight.assessment.rules.measures import Lot, Narrowed
from onegrid.insight.assessment.rules.section import AssessmentPart
from onegrid.shell.demo.targets import LEAST_CLOSED, lots
from onegrid.shell.sections import load_pack

LOCALITIES = Path(__file__).resolve().parents[3] / "localities"
PLACES = ["minhou", "haizhou", "tuanjie", "suichuan", "fenghuang"]


def told(name: str) -> tuple[Lot, ...]:
    return load_pack(LOCALITIES, name).section("assessment", AssessmentPart).history


@pytest.mark.parametrize("place", PLACES)
def test_full_scale_is_the_pack_to_the_number(place: str) -> None:
    whole = told(place)
    if whole:
        assert lots(whole, 1, 1.0) == whole


def test_published_shares_come_out_of_the_lots() -> None:
    minhou = told("minhou")
    in_time, closed = sum(lot.in_time for lot in minhou), sum(lot.closed for lot in minhou)
    assert (in_time, round(in_time / closed, 4)) == (10386, 0.9425)
    hotline = [lot for lot in told("haizhou") if lot.cases.channel == "hotline"]
    assert [(lot.closed, lot.rated, lot.five) for lot in hotline] == [(8915, 8915, 8806)]
    assert sum(lot.closed for lot in told("fenghuang")) == 73_000


@pytest.mark.parametrize("scale", [0.01, 0.05, 0.1, 0.5])
@pytest.mark.parametrize("place", PLACES)
def test_sums_and_shares_survive_the_scale(place: str, scale: float) -> None:
    whole = lots(told(place), 144_000, 1.0)
    found = lots(told(place), 144_000, scale)
    closed = sum(lot.closed for lot in found)
    full = sum(lot.closed for lot in whole)
    assert closed == max(round(full * scale), min(full, LEAST_CLOSED))
    in_time = sum(lot.in_time for lot in found)
    assert abs(in_time / closed - sum(lot.in_time for lot in whole) / full) < 0.003
    for lot in found:
        assert 0 <= lot.five <= lot.rated <= lot.closed
        assert 0 <= lot.in_time <= lot.closed
        if lot.cases.on_the_spot:
            assert lot.in_time == lot.closed
            assert not lot.rated


def test_without_lots_common_ones_grow_with_the_households() -> None:
    found = lots((), 100_000, 1.0)
    assert sum(lot.closed for lot in found) == 2400
    assert found[0].cases == Narrowed(on_the_spot=True)
