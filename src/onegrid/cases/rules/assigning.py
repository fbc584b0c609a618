"""Turns the fields of a dispatch or a whistle into assignments: who leads, who joins, what is replaced."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from onegrid.cases.rules.record import CaseState
from onegrid.cases.rules.states import Action


@dataclass(frozen=True)
class Terms:
    """What the catalogue says of the work: its limit and, for a staged one, the stages in order."""

    limit: str | None = None
    stages: tuple[str, ...] = ()


def plan(
    state: CaseState, action: Action, data: Mapping[str, Any], terms: Terms, *, make_id: Callable[[], str]
) -> dict[str, Any]:
    """`assignments` and `replaces` for the journal. `data` has passed `offers.check`.

    Of whistled departments the first leads when the case has no lead. A new lead replaces the returned lead; new joint
    ones replace as many returned joint ones, oldest first.
    """
    if action is Action.WHISTLE:
        return _planned(state, [("whistle", "department", one) for one in data["departments"]], terms, make_id)
    rows = [("joint", "department", one) for one in data.get("joint") or ()]
    if data.get("department"):
        rows.insert(0, ("lead", "department", data["department"]))
    elif data.get("grid"):
        rows.insert(0, ("grid", "grid", data["grid"]))
    set_limit = Terms(data["limit"], ()) if data.get("limit") else terms
    return _planned(state, rows, set_limit, make_id)


def _planned(
    state: CaseState, rows: list[tuple[str, str, str]], terms: Terms, make_id: Callable[[], str]
) -> dict[str, Any]:
    led = state.lead is not None
    assignments, replaces = [], []
    waiting = [one for one in state.current if one.state == "returned"]
    for kind, bearer, who in rows:
        leads = not led
        led = True
        assignments.append(
            {
                "id": make_id(),
                "kind": kind,
                "leads": leads,
                bearer: who,
                "limit": terms.limit,
                "stages": list(terms.stages),
            }
        )
        old = next((one for one in waiting if one.leads == leads), None)
        if old is not None:
            waiting.remove(old)
            replaces.append(old.id)
    return {"assignments": assignments, "replaces": replaces}
