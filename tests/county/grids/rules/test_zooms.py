"""Which level at which zoom: one of each scheme, frames around it, and any level for the asking."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from onegrid.county.grids.rules.zooms import MAX_ZOOM, SHOWN, first_zoom, zooms

ORDER = [("", "county"), ("", "village"), ("rural", "zone"), ("rural", "slice"), ("urban", "cell")]
SIZES = {ORDER[0]: 1.0, ORDER[1]: 0.05, ORDER[2]: 0.008, ORDER[3]: 0.002, ORDER[4]: 0.004}


def test_one_level_of_each_scheme_at_every_zoom() -> None:
    table = zooms(SIZES, ORDER)
    seen = set()
    for z in range(MAX_ZOOM + 1):
        shown = table.shown(z)
        alone = [key for key, frame in shown.items() if not frame]
        assert len({scheme for scheme, _ in alone}) == len(alone)
        assert alone, z
        # Where grids are shown, divisions only stand around them.
        assert not any(scheme for scheme, _ in alone) or all(scheme for scheme, _ in alone)
        seen |= set(alone)
    assert seen == set(ORDER)


def test_a_level_asked_for_is_there_before_its_time_and_after() -> None:
    table = zooms(SIZES, ORDER)
    own = table.find(("rural", "zone"))
    assert own is not None
    assert own.asked < own.first
    for z in (own.asked, own.last + 3):
        shown = table.shown(z, own.key)
        assert [key for key, frame in shown.items() if not frame] == [own.key]
        assert ("", "county") in shown
    assert own.key not in table.shown(own.asked - 1, own.key)
    assert table.shown(12, ("rural", "nothing")) == {}


def test_a_locality_without_schemes_or_without_grids() -> None:
    assert zooms({}, ORDER).shown(5) == {}
    alone = zooms({ORDER[0]: 1.0}, ORDER)
    assert all(alone.shown(z) == {ORDER[0]: False} for z in range(MAX_ZOOM + 1))


@given(st.floats(1e-6, 90), st.floats(1, 500))
def test_the_first_zoom_is_the_first_at_which_it_is_wide_enough(size: float, pixels: float) -> None:
    z = first_zoom(size, pixels)

    def wide(zoom: int) -> float:
        return size * 512 * 2**zoom / 360

    assert z == MAX_ZOOM or wide(z) >= pixels * (1 - 1e-9)
    assert z == 0 or wide(z - 1) < pixels * (1 + 1e-9)
    assert SHOWN > 0
