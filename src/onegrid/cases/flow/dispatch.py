"""Hand the case to those who settle it: one lead and any number of joint departments, or the grid itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID, uuid5

from onegrid.cases.errors import BadFields
from onegrid.cases.flow.locate import grid_of
from onegrid.cases.flow.work import Work
from onegrid.cases.rules.assigning import plan
from onegrid.cases.rules.states import Action
from onegrid.county.matters.rules.limits import parse_limit, parse_stages
from onegrid.county.organisations import selectors as organisations


def dispatch(work: Work, data: dict[str, Any]) -> None:
    """Make the assignments and start their clocks. A department that had it before and gave it back goes on where it
    stood; another one starts afresh."""
    _check_bearers(data, [data.get("department"), *(data.get("joint") or ())])
    planned = plan(work.state, Action.DISPATCH, data, work.terms, make_id=maker(work))
    before = {one.id: one for one in work.state.assignments}
    work.record(Action.DISPATCH, {**data, **planned})
    work.clocks.stop("accept")
    resumed = _settle_replaced(work, planned, before)
    for row in planned["assignments"]:
        if row["id"] not in resumed:
            start_clocks(work, row)


def withdraw(work: Work, data: dict[str, Any]) -> None:
    """Take an assignment back: its clocks count for nobody, what it still asked for is void."""
    work.record(Action.WITHDRAW, data, assignment=work.assignment)
    work.clocks.void(assignment=work.assignment)


def maker(work: Work) -> Any:
    """Assignment ids that follow from the sender's key, so that a replay of the journal makes the same ones."""
    counter = iter(range(1000))
    return lambda: str(uuid5(work.case.pk, f"{work.key} {work.state.seq} {next(counter)}"))


def start_clocks(work: Work, row: Mapping[str, Any]) -> None:
    """The clocks of one new assignment: arrive by, and handle by or its first stage."""
    assignment = UUID(row["id"])
    work.clocks.start("arrive", work.terms_arrive, assignment=assignment)
    if row.get("stages"):
        start_stage(work, row["stages"][0], assignment)
    elif row.get("limit"):
        work.clocks.start("handle", parse_limit(row["limit"]), assignment=assignment)


def start_stage(work: Work, written: str, assignment: UUID) -> None:
    """The clock of one stage, written as in the catalogue: `制止:4工作时`."""
    (stage,) = parse_stages(written)
    work.clocks.start("stage", stage.limit, assignment=assignment, stage=written)


def check_departments(field: str, ids: Iterable[str]) -> None:
    """`BadFields` unless every id is a department in force that handles cases."""
    wanted = {one for one in ids if one}
    if any(not one.isdigit() for one in wanted) or wanted != {str(one) for one in organisations.handling_ids(wanted)}:
        raise BadFields({field: "unknown"})


def _check_bearers(data: Mapping[str, Any], departments: Iterable[str | None]) -> None:
    check_departments("department", [one for one in departments if one])
    if data.get("grid"):
        grid_of(data["grid"])


def _settle_replaced(work: Work, planned: Mapping[str, Any], before: Mapping[str, Any]) -> set[str]:
    """Clocks of returned assignments: handed over to the same department, void when another one takes over."""
    resumed: set[str] = set()
    for old in planned["replaces"]:
        same = next(
            (row["id"] for row in planned["assignments"]
             if row.get("department") and row["department"] == before[old].department and row["id"] not in resumed),
            None,
        )  # fmt: skip
        if same and work.clocks.live(assignment=UUID(old)):
            work.clocks.hand_over(UUID(old), UUID(same))
            resumed.add(same)
        else:
            work.clocks.void(assignment=UUID(old))
    return resumed
