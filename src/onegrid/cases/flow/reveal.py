"""See one masked contact, for a purpose. The look is on record before the value leaves."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from onegrid.cases.errors import CaseNotFound, NotYours
from onegrid.cases.flow import announce
from onegrid.cases.models import CaseReporter
from onegrid.cases.permissions import Actor, access_case
from onegrid.cases.selectors import detail
from onegrid.foundation.database.context import widened

MAY_REVEAL = frozenset({"triage", "revisit", "verify"})
"""Duties that need to reach a reporter: to route, to call back, to check on the spot."""


def reveal(*, actor: Actor, case_id: UUID, reporter: int, purpose: str, now: datetime) -> dict[str, Any]:
    """Name and phone of one reporter. Only centre hats with a duty to call; never a department, never an anonymous
    one.
    """
    case = access_case(actor, case_id)
    with widened("reveal"):
        parts = detail.load(actor, case)
        found = CaseReporter.objects.filter(pk=reporter, case=case).first()
        if found is None:
            raise CaseNotFound()
        if actor.department_path or not actor.duties & MAY_REVEAL or not parts.inside or found.anonymous:
            raise NotYours(action="reveal")
        announce.revealed(actor=actor, case=case, reporter=found, purpose=purpose, now=now)
        return {"name": found.name or "", "phone": found.phone or ""}
