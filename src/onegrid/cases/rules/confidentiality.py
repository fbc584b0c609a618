"""Who may see who reported. The department complained about does not, unless the reporter agrees."""

from __future__ import annotations

from enum import StrEnum

from onegrid.cases.rules.offers import Viewer
from onegrid.cases.rules.record import CaseState
from onegrid.cases.rules.states import Relation


class Sight(StrEnum):
    """How much of a reporter a viewer sees before any reveal."""

    OWN = "own"
    """Himself."""
    MASKED = "masked"
    """张*, 138****1234; may be revealed for a purpose, which is logged."""
    HIDDEN = "hidden"
    """Not even that there is a name; never revealed."""


def sight_of_reporter(
    state: CaseState,
    viewer: Viewer,
    *,
    anonymous: bool,
    agreed: bool = False,
    departments: frozenset[str] = frozenset(),
) -> Sight:
    """How `viewer` sees the reporter. `departments` are the viewer's own department and those above it.

    A department sees nobody in a confidential case and nobody who complained about it, whether it works on the case or
    not; the centres and the verifier must be able to call back, so they see a masked contact. `agreed`: the reporter
    said the department may know.
    """
    if Relation.REPORTER in viewer.relations:
        return Sight.OWN
    if anonymous:
        return Sight.HIDDEN
    official = viewer.relations & {Relation.CENTRE, Relation.ABOVE, Relation.BELOW, Relation.WORKER}
    complained_about = state.complained is not None and state.complained in departments
    if complained_about:
        return Sight.MASKED if agreed else Sight.HIDDEN
    if viewer.assignments and not official:
        return Sight.HIDDEN if state.confidential and not agreed else Sight.MASKED
    if not official:
        return Sight.HIDDEN
    return Sight.MASKED
