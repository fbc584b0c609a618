"""The search index beside the cases: how a case gets into it."""

from __future__ import annotations

from onegrid.cases.models import Case
from onegrid.cases.rules.search import terms_of
from onegrid.foundation.database.write import Statement

REMEMBER = (
    "INSERT INTO cases_searchterms (case_id, reported_at, terms) VALUES (%s, %s, %s)"
    " ON CONFLICT (case_id) DO UPDATE SET terms = excluded.terms"
)


def remember(case: Case) -> Statement:
    """The statement that puts a case into the search index, or brings it up to date after its place changed.

    To be run in the transaction that writes the case, after it. The case needs pk, reported_at, reported_on,
    scope_path, title, words and address; what is said later is not searched.
    """
    return REMEMBER, (case.pk, case.reported_at, terms_of(searched(case), case.scope_path, case.reported_on))


def searched(case: Case) -> tuple[str, str, str]:
    """The texts of a case a search looks into."""
    return case.title, case.words, case.address
