"""How many cases a place shows: its own figures, scaled, percentages kept."""

import pytest

from onegrid.shell.demo.targets import LEAST_CLOSED, targets

ONE = {"closed_in_time": 10386.0, "closed_in_time_rate": 0.9425}
TWO = {
    "rated": 8915.0,
    "rated_five": 8806.0,
    "worker_cases": 791.0,
    "mediated_by_workers": 845.0,
    "mediated_by_communities": 572.0,
}


def test_full_scale_carries_the_published_figures() -> None:
    found = targets(ONE, 338_000, 1.0)
    assert found.in_time == 10386
    assert round(found.in_time / found.closed, 4) == 0.9425
    rated = targets(TWO, 90_000, 1.0)
    assert (rated.rated, rated.five, rated.closed) == (8915, 8806, 8915 + 791 + 845 + 572)


@pytest.mark.parametrize("scale", [0.01, 0.05, 0.1, 0.5])
def test_percentages_survive_the_scale(scale: float) -> None:
    found = targets(ONE, 338_000, scale)
    assert abs(found.in_time / found.closed - 0.9425) < 0.002
    assert found.closed >= LEAST_CLOSED
    if scale >= 0.05:
        assert found.in_time == round(10386 * scale)


def test_no_case_is_both_rated_and_settled_on_the_spot() -> None:
    for figures in (ONE, TWO, {"cases_per_day": 100.0, "on_the_spot_rate": 0.9}, {"solved_in_grid": 1100.0}, {}):
        found = targets(figures, 30_000, 0.01)
        assert found.on_the_spot + found.rated <= found.closed
        assert found.on_the_spot <= found.in_time <= found.closed
        assert found.five <= found.rated
