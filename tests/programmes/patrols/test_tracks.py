"""What a track is worth: the same table the phone is held to, and what must hold for any track."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onegrid.county.grids.rules.metres import metres_per_degree
from onegrid.programmes.patrols.rules import tracks
from onegrid.programmes.patrols.rules.tracks import Fix, Gap

TABLE = json.loads((Path(__file__).parent / "tracks.json").read_text("utf-8"))
BEGAN = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
GAP_S = int(TABLE["gap_seconds"])


def fix(seconds: float, east: float, north: float, accuracy: float) -> Fix:
    lon, lat = TABLE["origin"]
    per_lon, per_lat = metres_per_degree(lat)
    return Fix(BEGAN + timedelta(seconds=seconds), lon + east / per_lon, lat + north / per_lat, accuracy)


@pytest.mark.parametrize("row", TABLE["tracks"], ids=lambda row: str(row["name"]))
def test_the_table(row: dict[str, Any]) -> None:
    fixes = [fix(*one) for one in row["fixes"]]
    found = tracks.measure(fixes, BEGAN, BEGAN + timedelta(seconds=row["lasts"]), GAP_S)
    assert found.metres == pytest.approx(row["metres"], rel=0.01, abs=0.5)
    gaps = [Gap(BEGAN + timedelta(seconds=start), BEGAN + timedelta(seconds=end)) for start, end in row["gaps"]]
    assert (found.covered_s, list(found.gaps), found.jumps) == (row["covered"], gaps, row["jumps"])
    assert found.covered_s + found.gap_s == row["lasts"]


FIXES = st.lists(
    st.tuples(st.floats(0, 3600), st.floats(-3000, 3000), st.floats(-3000, 3000), st.floats(1, 500)), max_size=60
)


@given(FIXES, st.integers(0, 3600))
def test_no_second_is_counted_twice_and_no_line_crosses_a_gap(raw: list[Any], lasts: int) -> None:
    end = BEGAN + timedelta(seconds=lasts)
    fixes = tracks.between([fix(*one) for one in raw], BEGAN, end)
    found = tracks.measure(fixes, BEGAN, end, GAP_S)
    assert abs(found.covered_s + found.gap_s - lasts) <= len(found.gaps)
    assert all(one.end <= two.start for one, two in zip(found.gaps, found.gaps[1:], strict=False))
    assert all(gap.seconds >= GAP_S for gap in found.gaps)
    for line in tracks.thinned(fixes, GAP_S, 20):
        assert not any(line[0].at < gap.start and gap.end < line[-1].at for gap in found.gaps)


@given(FIXES)
def test_order_and_repeats_of_what_was_told_change_nothing(raw: list[Any]) -> None:
    once = tracks.between([fix(*one) for one in raw], BEGAN, None)
    again = tracks.between([fix(*one) for one in reversed(raw)] + once, BEGAN, None)
    assert [one.at for one in again] == [one.at for one in once]


def test_a_long_track_is_drawn_with_few_points_and_keeps_its_ends() -> None:
    fixes = [fix(at * 10, at * 12, 0, 8) for at in range(2000)]
    (line,) = tracks.thinned(fixes, GAP_S, 100)
    assert (line[0], line[-1]) == (fixes[0], fixes[-1])
    assert 100 <= len(line) <= 101
