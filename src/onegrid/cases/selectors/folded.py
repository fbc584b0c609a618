"""Stored actions as the fold takes them."""

from __future__ import annotations

from onegrid.cases.models import CaseAction
from onegrid.cases.rules.record import Recorded
from onegrid.cases.rules.states import Action


def recorded_of(action: CaseAction) -> Recorded:
    """A stored action as the fold takes it."""
    return Recorded(
        action.seq,
        Action(action.action),
        action.at,
        action.data,
        str(action.assignment) if action.assignment else None,
        actor_word(action),
    )


def actor_word(action: CaseAction) -> str:
    """Who acted, as one word: the same word `Actor.word` gives."""
    if action.user is not None:
        return f"user:{action.user}"
    if action.resident is not None:
        return f"resident:{action.resident}"
    return action.actor_kind
