"""Merging never writes over what its author did not see, and writes everything it may."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from onegrid.county.registers.rules.merging import Value, merge, same

FIELDS = ("name", "phone", "use")
VALUES = st.sampled_from(["", "a", "b", "c"])
ROW = st.fixed_dictionaries(dict.fromkeys(FIELDS, VALUES))


def masked(_: str, value: Value) -> Value:
    """A mask that hides everything but whether there is anything."""
    return "*" if value else value


@given(ROW, ROW, ROW, st.sets(st.sampled_from(FIELDS)), st.booleans())
def test_a_field_is_taken_iff_nobody_changed_it_since(
    base: dict[str, str], now: dict[str, str], wanted: dict[str, str], asked: set[str], masks: bool
) -> None:
    touched = {name for name in FIELDS if base[name] != now[name]}
    seen = {name: masked(name, value) if masks else value for name, value in base.items()}
    wishes = {name: wanted[name] for name in asked}
    found = merge(now, seen, wishes, touched=touched, mask=masked)
    after = {**now, **found.take}
    clashing = {clash.field for clash in found.clashes}
    for name in FIELDS:
        if name in asked and name not in touched:
            assert same(after[name], wanted[name])
        elif name not in asked:
            assert after[name] == now[name] and name not in clashing
        else:
            assert after[name] == now[name]
            assert (name in clashing) == (not same(wanted[name], now[name]))


@given(ROW, ROW, ROW)
def test_without_a_record_only_what_was_seen_whole_counts(
    base: dict[str, str], now: dict[str, str], wanted: dict[str, str]
) -> None:
    whole = merge(now, base, wanted, touched=None, mask=masked)
    assert set(whole.take) == {name for name in FIELDS if base[name] == now[name] and wanted[name] != now[name]}
    blind = merge(now, {}, wanted, touched=None, mask=masked)
    assert blind.take == {}
    assert {clash.field for clash in blind.clashes} == {name for name in FIELDS if wanted[name] != now[name]}


@given(ROW, ROW, ROW)
def test_two_authors_of_one_version_end_alike_whoever_comes_first_unless_they_clash(
    base: dict[str, str], one: dict[str, str], two: dict[str, str]
) -> None:
    def both(first: dict[str, str], second: dict[str, str]) -> dict[str, Value] | None:
        mine = {name: value for name, value in first.items() if value != base[name]}
        theirs = {name: value for name, value in second.items() if value != base[name]}
        middle = {**base, **merge(base, base, mine, touched=set(), mask=masked).take}
        late = merge(middle, base, theirs, touched=set(mine), mask=masked)
        return None if late.clashes else {**middle, **late.take}

    assert both(one, two) == both(two, one)
