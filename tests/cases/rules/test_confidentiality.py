"""Who sees who reported."""

from __future__ import annotations

import pytest

from onegrid.cases.rules.confidentiality import Sight, sight_of_reporter
from onegrid.cases.rules.offers import Viewer
from onegrid.cases.rules.record import CaseState
from onegrid.cases.rules.states import Relation

CENTRE = Viewer(relations=frozenset({Relation.CENTRE}))
WORKS = Viewer(relations=frozenset({Relation.ASSIGNEE}), assignments=frozenset({"a0"}))


@pytest.mark.parametrize("confidential", [True, False])
@pytest.mark.parametrize("viewer", [CENTRE, WORKS])
def test_the_department_complained_about_never_sees_who_complained(viewer: Viewer, confidential: bool) -> None:
    state = CaseState(complained="d1", confidential=confidential)
    mine = frozenset({"d1"})
    assert sight_of_reporter(state, viewer, anonymous=False, departments=mine) is Sight.HIDDEN
    assert sight_of_reporter(state, viewer, anonymous=False, departments=mine, agreed=True) is Sight.MASKED


def test_a_handling_department_sees_a_masked_contact_unless_the_case_is_confidential() -> None:
    assert sight_of_reporter(CaseState(), WORKS, anonymous=False) is Sight.MASKED
    assert sight_of_reporter(CaseState(confidential=True), WORKS, anonymous=False) is Sight.HIDDEN


def test_centres_can_call_back_and_strangers_see_nothing() -> None:
    assert sight_of_reporter(CaseState(confidential=True), CENTRE, anonymous=False) is Sight.MASKED
    assert sight_of_reporter(CaseState(), Viewer(), anonymous=False) is Sight.HIDDEN
    assert sight_of_reporter(CaseState(), CENTRE, anonymous=True) is Sight.HIDDEN


def test_one_sees_oneself() -> None:
    me = Viewer(relations=frozenset({Relation.REPORTER}))
    assert sight_of_reporter(CaseState(confidential=True), me, anonymous=True) is Sight.OWN
