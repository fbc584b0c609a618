"""Nothing about a person is kept longer than the pack says: one rule for each part of the registers, one job for all.

`erase` takes one person out at once, when a request for deletion was granted. What stays is the journal: that there was
a row of this number, and who looked at it; no value of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.db.models import Q

from onegrid.county.matters.selectors import current_pack
from onegrid.county.registers.models import (
    Account,
    Change,
    Employment,
    Export,
    Import,
    LookCount,
    Request,
    Resident,
    Stay,
    Tenure,
)
from onegrid.county.registers.selectors import choices
from onegrid.county.registers.selectors.merged import entered_as
from onegrid.county.registers.services import care, fetched, returnees, search
from onegrid.county.registers.services.changes import writing
from onegrid.county.registers.services.loading import uploads
from onegrid.foundation.accounts import permissions
from onegrid.foundation.accounts.actor import SYSTEM, Actor
from onegrid.foundation.database.context import widened
from onegrid.foundation.journal import services as journal
from onegrid.foundation.kernel.errors import FieldError, Invalid, NotFound
from onegrid.foundation.kernel.masking import mask_numbers

BLOCK: Final = 500
"""Rows of one transaction."""
ROWS_KEPT: Final = timedelta(days=400)
"""How long it is kept that an export was asked for and how often somebody looked: a year of work, and a month."""
Purge = Callable[[datetime, datetime], int]
"""Deletes one block of what ended before the first time; the second is now. How much it was."""


def purge(key: str, *, now: datetime) -> int:
    """Delete one block of what a rule of the pack says has been kept long enough; how much it was.

    Runs over the whole locality, in the caller's transaction; call it again while it did something. KeyError for a part
    that has no rule.
    """
    before = now - timedelta(days=choices.keeping()[key].days)
    done = PURGES[key](before, now)
    if done:
        journal.record(SYSTEM, "retention.purge", ("register", key), now=now, scope_path="r.", detail={"count": done})
    return done


def erase(actor: Actor, resident: int, *, reason: str, now: datetime) -> None:
    """Take one person out of the register at once, with everything about him; other systems are told that he is gone.

    Raises `Forbidden` without the duty to administer, `NotFound` outside the hat's grids, `Invalid` without a reason.
    """
    permissions.duty(actor, "administer")
    if len(reason.strip()) < 2:
        raise Invalid(fields=[FieldError("reason", "register_access.errors.request_words")])
    row = Resident.objects.select_for_update().filter(pk=resident).first()
    if row is None:
        raise NotFound()
    writing.record(actor, "residents", row, action="gone", before={}, after={}, source="desk", at=now)
    # The journal is never purged: a number somebody wrote into the reason would outlive the person's entry.
    why = mask_numbers(reason.strip())
    journal.record(actor, "resident.erase", ("resident", row.pk), now=now, scope_path=row.scope_path, purpose=why)
    _erase([row.pk])


def _erase(keys: list[int]) -> None:
    """Residents with all that hangs on them; what their changes said is blanked, of merged entries as well."""
    with widened("retention"):
        Change.objects.filter(kind="residents", row__in=entered_as(keys), last=None).update(before=None, after=None)
        search.forget("residents", keys)
        # Where he lived before and what he owns lie wherever they stand, and go too.
        Resident.objects.filter(pk__in=keys).delete()


def _residents(before: datetime, now: datetime) -> int:
    day = _day(before)
    found = Resident.objects.filter(Q(left_on__lt=day) | Q(died_on__lt=day))
    gone = list(found.order_by("pk").values_list("pk", "scope_path", "version")[:BLOCK])
    if gone:
        writing.record_gone("residents", gone, at=now)
        _erase([key for key, _, _ in gone])
    return len(gone)


def _ended(model: type[Stay] | type[Tenure] | type[Employment]) -> Purge:
    def purge_ended(before: datetime, now: datetime) -> int:
        found = model.objects.filter(until__lt=_day(before)).order_by("pk")
        keys = list(found.values_list("pk", flat=True)[:BLOCK])
        model.objects.filter(pk__in=keys).delete()
        return len(keys)

    return purge_ended


def _changes(before: datetime, now: datetime) -> int:
    """What a change said; that there was one stays. What still waits for confirmation is left."""
    told = Q(before__isnull=False) | Q(after__isnull=False)
    found = Change.objects.filter(told, at__lt=before).exclude(state="waiting")
    keys = list(found.order_by("pk").values_list("pk", flat=True)[:BLOCK])
    Change.objects.filter(pk__in=keys).update(before=None, after=None)
    return len(keys)


def _imports(before: datetime, now: datetime) -> int:
    """Runs that are over, with what was wrong in their rows and the sealed upload; those left alone as well."""
    over = Q(finished_at__lt=before) | Q(finished_at=None, created_at__lt=before)
    found = Import.objects.filter(over).exclude(state__in=("waiting", "running"))
    rows = list(found.order_by("pk")[:BLOCK])
    for row in rows:
        uploads.drop(row.stored)
    Import.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)


def _exports(before: datetime, now: datetime) -> int:
    """Rights to download end by themselves; a year later the rows go too, and so do counts of looks and of fetches."""
    oldest = before - ROWS_KEPT
    keys = list(Export.objects.filter(asked_at__lt=oldest).values_list("pk", flat=True)[:BLOCK])
    Export.objects.filter(pk__in=keys).delete()
    counts = list(LookCount.objects.filter(day__lt=_day(oldest)).values_list("pk", flat=True)[:BLOCK])
    LookCount.objects.filter(pk__in=counts).delete()
    return len(keys) + len(counts) + fetched.forget(now, BLOCK)


def _accounts(before: datetime, now: datetime) -> int:
    """Idle links, and requests that had to be answered long ago; their cases stay."""
    idle = list(Account.objects.filter(seen_at__lt=before).values_list("pk", flat=True)[:BLOCK])
    Account.objects.filter(pk__in=idle).delete()
    old = list(Request.objects.filter(due_on__lt=_day(before)).values_list("pk", flat=True)[:BLOCK])
    Request.objects.filter(pk__in=old).delete()
    return len(idle) + len(old)


def _day(at: datetime) -> date:
    return at.astimezone(ZoneInfo(current_pack().content["cases"]["calendar"]["timezone"])).date()


PURGES: Final[Mapping[str, Purge]] = {
    "residents": _residents,
    "stays": _ended(Stay),
    "tenures": _ended(Tenure),
    "employments": _ended(Employment),
    "changes": _changes,
    "imports": _imports,
    "exports": _exports,
    "cares": lambda before, _: care.purge(before),
    "returnees": lambda before, _: returnees.purge(_day(before)),
    "accounts": _accounts,
}
"""How each part that has a rule is purged."""
