"""Which department, which centre."""

from __future__ import annotations

from onegrid.cases.rules.routing import Centre, Unit, Wanted, centre_above, centre_below, find, first_centre, propose

UNITS = (
    Unit("1", "CGJ", "bureau", "r."),
    Unit("2", "HBJ", "bureau", "r."),
    Unit("3", "T1", "township", "r.1."),
    Unit("4", "T2", "township", "r.2."),
    Unit("5", "XCD", "patrol", "r.", handles=False),
    Unit("6", "OLD", "bureau", "r.", successor="MID"),
    Unit("7", "MID", "bureau", "r.", successor="HBJ"),
    Unit("8", "P1", "police", "r.1."),
    Unit("9", "P1V", "police", "r.1.2."),
)
CENTRES = (Centre("r.", "hard"), Centre("r.1.", "large"), Centre("r.1.2.", "small"), Centre("r.2.", "large"))


def test_the_catalogue_names_lead_and_joint() -> None:
    found = propose(Wanted("CGJ", ("HBJ", "CGJ", "nobody")), UNITS, "r.1.2.9.")
    assert (found.lead and found.lead.code, [one.code for one in found.joint], found.why) == (
        "CGJ",
        ["HBJ"],
        "catalogue",
    )


def test_township_units_follow_the_place() -> None:
    for path, code in (("r.1.2.9.", "T1"), ("r.2.7.", "T2")):
        found = find("township", UNITS, path)
        assert found is not None
        assert found.code == code
    assert find("township", UNITS, "r.3.") is None


def test_the_nearest_unit_of_a_kind_wins() -> None:
    near, far = find("police", UNITS, "r.1.2.5."), find("police", UNITS, "r.1.4.")
    assert near is not None and near.code == "P1V"
    assert far is not None and far.code == "P1"


def test_a_power_handed_down_is_used_where_it_was_handed_to() -> None:
    assert propose(Wanted("CGJ", handed_to="township"), UNITS, "r.1.2.").why == "handed_down"
    outside = propose(Wanted("CGJ", handed_to="township"), UNITS, "r.3.")
    assert (outside.lead and outside.lead.code, outside.why) == ("CGJ", "catalogue")


def test_merged_departments_lead_to_their_successor() -> None:
    found = find("OLD", UNITS, "r.1.")
    assert found is not None
    assert found.code == "HBJ"


def test_a_unit_that_only_collects_handles_nothing() -> None:
    assert propose(Wanted("XCD"), UNITS, "r.1.").why == "nobody"


def test_small_stay_low_hard_go_up() -> None:
    for size, path in (("small", "r.1.2."), ("large", "r.1."), ("hard", "r.")):
        found = first_centre(CENTRES, "r.1.2.7.", size)  # type: ignore[arg-type]
        assert found is not None
        assert found.path == path
    assert first_centre((), "r.1.") is None


def test_up_and_down_follow_the_path() -> None:
    assert centre_above(CENTRES, "r.1.2.") == CENTRES[1]
    assert centre_above(CENTRES, "r.") is None
    assert centre_below(CENTRES, "r.", "r.1.2.7.") == CENTRES[1]
    assert centre_below(CENTRES, "r.1.", "r.1.2.7.") == CENTRES[2]
    assert centre_below(CENTRES, "r.1.2.", "r.1.2.7.") is None
