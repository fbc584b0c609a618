"""How every step happens: lock → access → rule → write → journal → publish, in one transaction.

`act` is the one door for what a person does to a case; the steps themselves stand in their own files and are found
through `table.STEPS`. A step is seen with the actor's own eyes and written with wider hands: `access_case` looks
through his standing, then the named scope `act` covers the rows of other grids and departments that the step touches.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from onegrid.cases.errors import BadFields, CaseError, NotYours, StaleVersion
from onegrid.cases.flow import held_back, receipts
from onegrid.cases.flow.limits import Clocks
from onegrid.cases.flow.settle import counted, settle
from onegrid.cases.flow.table import STEPS
from onegrid.cases.flow.work import Work
from onegrid.cases.models import Assignment, Case, CaseAction, CaseReporter, Clock, Grant
from onegrid.cases.permissions import Actor, access_case, viewer_of
from onegrid.cases.rules.folding import fold
from onegrid.cases.rules.offers import decide
from onegrid.cases.rules.states import Action
from onegrid.cases.selectors import detail
from onegrid.cases.selectors.folded import recorded_of
from onegrid.cases.selectors.setting import setting
from onegrid.county.workforce import selectors as workforce
from onegrid.foundation.database.context import widened
from onegrid.foundation.files import services as files

QUIET = frozenset({Action.ADD_WORDS, Action.URGE, Action.SUPERVISE, Action.LIFT_SUPERVISION, Action.BREACH})
"""Actions that do not change what anybody else may do: they neither need nor move the version."""

PHOTO_KIND = {Action.HANDLE: "after", Action.HANDLE_ON_THE_SPOT: "after", Action.VERIFY_PASS: "evidence",
              Action.VERIFY_FAIL: "evidence", Action.CHECK_REPORT: "evidence"}  # fmt: skip


def act(
    *,
    actor: Actor,
    case_id: UUID,
    action: str,
    key: str,
    now: datetime,
    data: Mapping[str, Any],
    version: int | None = None,
    assignment: str | None = None,
    device_at: datetime | None = None,
) -> dict[str, Any]:
    """Do `action`; the case's detail for this actor. A repeat of `key` gives the first answer again.

    Raises the `CaseError` that forbids it. What a device sent later than it happened (`device_at`) and is refused is
    kept in quarantine, outside the rolled-back step.
    """
    request = {
        "case": str(case_id), "version": version, "assignment": assignment, "device_at": device_at, "data": dict(data),
    }  # fmt: skip
    body_hash = receipts.fingerprint(action, request)
    with widened("receipt"):
        known = receipts.claim(sender=actor.word, key=key, operation=action, body_hash=body_hash)
    if known is not None:
        return known.body
    try:
        with transaction.atomic():
            answer = _perform(
                actor=actor, case_id=case_id, action=_action(action), key=key, now=now, data=data,
                version=version, assignment=assignment, device_at=device_at,
            )  # fmt: skip
            with widened("receipt"):
                kept = receipts.Answer(200, answer, case_id)
                receipts.keep(sender=actor.word, key=key, operation=action, body_hash=body_hash, answer=kept, now=now)
    except CaseError as refusal:
        if device_at is not None:
            held_back.keep(
                actor=actor, case_id=case_id, action=action, key=key, body=request, refusal=refusal,
                device_at=device_at, now=now,
            )  # fmt: skip
        raise
    return answer


def _action(word: str) -> Action:
    try:
        action = Action(word)
    except ValueError:
        raise BadFields({"action": "unknown"}) from None
    if action not in STEPS:
        raise NotYours(action=word)
    return action


def _perform(
    *,
    actor: Actor,
    case_id: UUID,
    action: Action,
    key: str,
    now: datetime,
    data: Mapping[str, Any],
    version: int | None,
    assignment: str | None,
    device_at: datetime | None,
) -> dict[str, Any]:
    access_case(actor, case_id)
    with widened("act"):
        work = open_work(actor=actor, case_id=case_id, key=key, now=now, device_at=device_at, assignment=assignment)
        if version is not None and version != work.case.version and action not in QUIET:
            raise StaleVersion(extra={"current": detail.read(actor, work.case, now=now)})
        decided = decide(
            work.state, action, viewer_of(actor, work.case, assignments=work.assignments.values(),
            reporters=work.reporters), work.rules, data, assignment=str(work.assignment) if work.assignment else
            None, now=now,
        )  # fmt: skip
        STEPS[action](work, decided)
        if decided.get("photos"):
            attach(work, decided["photos"], PHOTO_KIND.get(action, "evidence"))
        settle(work, quiet=action in QUIET)
        return detail.read(actor, work.case, now=now)


def attach(work: Work, photos: list[str], kind: str) -> None:
    """Give photos the sender uploaded to the case; `BadFields` for any that is not his or not there."""
    if not files.attach(
        [UUID(photo) for photo in photos],
        owner_kind="case",
        owner_id=str(work.case.pk),
        scope_path=work.case.scope_path,
        kind=kind,
        sender=work.actor.word,
    ):
        raise BadFields({"photos": "unknown"})


def open_work(
    *,
    actor: Actor,
    case_id: UUID,
    key: str,
    now: datetime,
    device_at: datetime | None = None,
    assignment: str | None = None,
) -> Work:
    """Lock the case and load what a step needs. The lock is taken before anything is read, so what is read holds."""
    case = Case.objects.select_for_update(of=("self",)).select_related("matter").get(pk=case_id)
    actions = list(CaseAction.objects.filter(case=case).order_by("seq"))
    assignments = {one.pk: one for one in Assignment.objects.filter(case=case).select_related("department")}
    local = setting()
    centres = workforce.centres_above(case.scope_path)
    return Work(
        case=case,
        actor=actor,
        setting=local,
        rules=local.step_rules(case, case.matter, centres),
        now=now,
        key=key,
        device_at=device_at,
        state=fold(recorded_of(action) for action in actions),
        clocks=Clocks(
            case, Clock.objects.filter(case=case).order_by("pk"),
            calendar=local.calendar, warn_share=local.warn_share, now=now,
        ),
        assignment=_uuid(assignment),
        assignments=assignments,
        centres=centres,
        reporters=list(CaseReporter.objects.filter(case=case)),
        grants=list(Grant.objects.filter(case=case)),
        before=counted(case, local.zone),
    )  # fmt: skip


def _uuid(text: str | None) -> UUID | None:
    if text is None:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise BadFields({"assignment": "unknown"}) from None
