"""The reporter's verdict, and the call after a poor one."""

from __future__ import annotations

from typing import Any

from onegrid.cases.flow.reopen import begin_round
from onegrid.cases.flow.work import Work
from onegrid.cases.models import Rating
from onegrid.cases.rules.states import Action


def rate(work: Work, data: dict[str, Any]) -> None:
    """One verdict per round of the case."""
    work.record(Action.RATE, data)
    work.new_rows.append(_rating(work, data["stars"], data.get("words", "")))


def return_visit(work: Work, data: dict[str, Any]) -> None:
    """Somebody called the reporter; `redo` opens the case again."""
    closed_round = work.state.round
    rated_before = work.state.rating is not None
    work.record(Action.RETURN_VISIT, data)
    if data["result"] == "unreachable":
        return
    if data.get("stars") and not rated_before:
        rating = _rating(work, data["stars"], "")
        rating.round, rating.visited_at, rating.visit_words = closed_round, work.now, data.get("words", "")
        work.new_rows.append(rating)
    else:
        Rating.objects.filter(case=work.case, round=closed_round).update(
            visited_at=work.now, visit_words=data.get("words", "")
        )
    if data["result"] == "redo":
        begin_round(work)


def _rating(work: Work, stars: int, words: str) -> Rating:
    return Rating(
        case=work.case, scope_path=work.case.scope_path, stars=stars, words=words, at=work.now, round=work.state.round
    )
