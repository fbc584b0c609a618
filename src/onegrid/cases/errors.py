"""What can go wrong with a case. Each error is a type with a code; the words stand in the locale files.

CaseError
├── Refused 403                  the viewer may never do this here
│   ├── NotYours                 no duty or relation for it
│   └── NotIndependent           whoever handled it, or sits in the same unit, cannot verify it
├── OutOfTurn 409                the case does not stand where the action starts
│   ├── NotFromHere              the status does not allow it
│   ├── OnlyRepair               a returned case may only be repaired or re-routed by its receiver
│   ├── AssignmentsLive          somebody is at work: withdraw first
│   ├── AssignmentNotThere       no such assignment, or it does not stand where the action starts
│   ├── ReportUnchecked          the report must be found true first
│   ├── NotTrue                  the report was found untrue: reject it
│   ├── Unverified               must be verified before closing
│   ├── NothingAsked             no extension, suspension or return waits for an answer
│   ├── AskedAlready             one waits already
│   ├── NoCentre                 no centre above or below
│   ├── MatterUnknown            the matter must be named first
│   ├── NotReportedIn            a whistled department reports in first
│   ├── StepOff                  this locality or matter does without the step
│   ├── TooLate                  the days to reopen are over
│   ├── TooSoon                  urged a short while ago
│   └── ExtensionSpent           no more extensions, or too long a one
├── BadFields 422                field by field, see `fields`
├── CaseNotFound 404             missing and forbidden look the same
├── StaleVersion 409             the case moved on since the sender looked
├── KeyUsedForAnother 409        the same key with another body
├── MergeRefused 409             into itself, a closed case, or one merged away
├── BadFilter 400
│   ├── WordsByTime              found words are listed by time, not by deadline
│   └── DueInTodo                a department lists by deadline only what waits for it
├── NotInBatch 422               an action that wants every case looked at
└── BadCursor 400
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from onegrid.foundation.kernel.errors import FieldError, OneGridError


class CaseError(OneGridError):
    """Base. `fields` maps a field to the code of its fault; `values` fill the message `case_errors.<code>`.

    `extra` are further members of the answer (`current` of a `StaleVersion`).
    """

    status: ClassVar[int] = 409
    code: ClassVar[str] = "case_error"

    def __init__(
        self, faults: Mapping[str, str] | None = None, *, extra: Mapping[str, object] | None = None, **values: object
    ) -> None:
        fields = [FieldError(name, f"case_errors.field.{fault}") for name, fault in (faults or {}).items()]
        super().__init__(f"case_errors.{self.code}", fields=fields, retry_after=None, extra=extra, **values)
        self.faults = dict(faults or {})


class Refused(CaseError):
    """The viewer may never do this here."""

    code = "refused"
    status = 403


class NotYours(Refused):
    """No duty or relation for it."""

    code = "not_yours"


class NotIndependent(Refused):
    """Whoever handled it, or sits in the unit that did, cannot verify it."""

    code = "not_independent"


class OutOfTurn(CaseError):
    """The case does not stand where the action starts."""

    code = "out_of_turn"


class NotFromHere(OutOfTurn):
    """The status does not allow the action."""

    code = "not_from_here"


class OnlyRepair(OutOfTurn):
    """A returned case may only be repaired or re-routed by its receiver."""

    code = "only_repair"


class AssignmentsLive(OutOfTurn):
    """Somebody is at work: withdraw first."""

    code = "assignments_live"


class AssignmentNotThere(OutOfTurn):
    """No such assignment, or it does not stand where the action starts."""

    code = "assignment_not_there"


class ReportUnchecked(OutOfTurn):
    """The report must be found true first."""

    code = "report_unchecked"


class NotTrue(OutOfTurn):
    """The report was found untrue: reject it."""

    code = "not_true"


class Unverified(OutOfTurn):
    """Must be verified before closing."""

    code = "unverified"


class NothingAsked(OutOfTurn):
    """No extension, suspension or return waits for an answer."""

    code = "nothing_asked"


class AskedAlready(OutOfTurn):
    """One waits for an answer already."""

    code = "asked_already"


class NoCentre(OutOfTurn):
    """No centre above, or nowhere to return to."""

    code = "no_centre"


class MatterUnknown(OutOfTurn):
    """The matter must be named first."""

    code = "matter_unknown"


class NotReportedIn(OutOfTurn):
    """A whistled department reports in first."""

    code = "not_reported_in"


class StepOff(OutOfTurn):
    """This locality or this matter does without the step."""

    code = "step_off"


class TooLate(OutOfTurn):
    """The days to reopen are over."""

    code = "too_late"


class TooSoon(OutOfTurn):
    """Urged a short while ago."""

    code = "too_soon"


class ExtensionSpent(OutOfTurn):
    """No more extensions, or too long a one."""

    code = "extension_spent"


class BadFields(CaseError):
    """Field by field; the codes are those of `rules.fields.complaints_about`."""

    code = "invalid"
    status = 422


class CaseNotFound(CaseError):
    """Missing and forbidden look the same."""

    code = "not_found"
    status = 404


class StaleVersion(CaseError):
    """The case moved on since the sender looked."""

    code = "stale_version"


class KeyUsedForAnother(CaseError):
    """The same key came with another body."""

    code = "key_used_for_another"


class MergeRefused(CaseError):
    """Into itself, a case that is over, or one merged away."""

    code = "merge_refused"


class BadFilter(CaseError):
    """A filter nobody can apply."""

    code = "bad_filter"
    status = 400


class WordsByTime(BadFilter):
    """Found words are listed by time, not by deadline."""

    code = "words_by_time"


class DueInTodo(BadFilter):
    """A department lists by deadline only what waits for it."""

    code = "due_in_todo"


class BadCursor(CaseError):
    """A cursor we did not make."""

    code = "bad_cursor"
    status = 400


class NotInBatch(CaseError):
    """An action that wants every case looked at, one by one."""

    code = "not_in_batch"
    status = 422
