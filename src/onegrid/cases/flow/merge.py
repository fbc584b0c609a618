"""并案: the same thing reported twice becomes one case; everybody who reported it stays and is told."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from onegrid.cases.errors import BadFields, MergeRefused
from onegrid.cases.flow.work import Work
from onegrid.cases.models import Case, CaseReporter
from onegrid.cases.rules.states import OPEN, Action


def merge(work: Work, data: dict[str, Any]) -> None:
    """End this case in favour of an open one the actor can see too; its reporters follow."""
    target = _target(work, data["into"])
    work.record(Action.MERGE, {**data, "into": str(target.pk), "number": target.number})
    for reporter in CaseReporter.objects.filter(case=work.case):
        work.new_rows.append(
            CaseReporter(
                case=target,
                scope_path=target.scope_path,
                resident=reporter.resident,
                user=reporter.user,
                name=reporter.name,
                phone=reporter.phone,
                anonymous=reporter.anonymous,
                via="merge",
                words=work.case.words,
                from_case=work.case.pk,
                at=reporter.at,
            )
        )


def _target(work: Work, into: str) -> Case:
    try:
        target_id = UUID(into)
    except ValueError:
        raise BadFields({"into": "unknown"}) from None
    target = Case.objects.select_for_update(of=("self",)).filter(pk=target_id).first()
    if target is None or not target.scope_path.startswith(work.actor.scope_path):
        raise BadFields({"into": "unknown"})
    if target.pk == work.case.pk or target.status not in {str(status) for status in OPEN}:
        raise MergeRefused()
    return target
