"""What a phone tells of one visit at a door: everything of it or nothing, and the same answer however often it is told.

It may come days later. What somebody else changed meanwhile comes back as conflicts, all at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from onegrid.county.registers.errors import FieldsWrong, RegisterConflict
from onegrid.county.registers.models import Household
from onegrid.county.registers.rules.kinds import Kind
from onegrid.county.registers.rules.merging import Values
from onegrid.county.registers.services.changes import adding, moving, receipts, rows
from onegrid.county.registers.services.changes.adding import Where
from onegrid.county.registers.services.changes.applying import Edit, Outcome, Told, apply
from onegrid.foundation.accounts.actor import Actor
from onegrid.foundation.kernel.errors import NotFound


@dataclass(frozen=True)
class Leaving:
    """Somebody who moved away or died."""

    id: int
    on: date
    how: str
    """moved or died"""


@dataclass(frozen=True)
class Visit:
    """One visit as the phone tells it. Without a household it founds one at `where`."""

    household: int | None
    where: Where
    changes: Sequence[Edit] = ()
    joined: Sequence[Values] = ()
    left: Sequence[Leaving] = ()


def visit(actor: Actor, key: UUID, body: Any, found: Visit, told: Told) -> dict[str, Any]:
    """Apply a visit once and for all; the answer as the API tells it. `body` is what was sent, for the receipt.

    Raises what `apply`, `add` and `depart` raise, with every conflict and every wrong value of the visit at once.
    """
    earlier = receipts.claim(actor, key, body)
    if earlier is not None:
        return earlier
    with transaction.atomic():
        home, done = _household(actor, found, told)
        done += _edits(actor, found.changes, home, told)
        # Who says how many people there are has counted those who come and go.
        count = not any(edit.kind == "households" and "people" in edit.wanted for edit in found.changes)
        for at, values in enumerate(found.joined):
            where = Where(household=home)
            done.append(adding.add(actor, "residents", values, where, told, place=f"joined.{at}.", count=count))
        for one in found.left:
            _belongs("residents", one.id, home)
            why = "died" if one.how == "died" else "left"
            done += moving.depart(actor, [one.id], told, why=why, on=one.on, count=count)
        answer = _answer(home, done)
        return receipts.keep(actor, key, body, answer, told.at)


def _household(actor: Actor, found: Visit, told: Told) -> tuple[int, list[Outcome]]:
    if found.household is not None:
        return int(rows.locked("households", found.household).pk), []
    made = adding.add(actor, "households", {"people": 0}, found.where, told, place="at.")
    return made.id, [made]


def _edits(actor: Actor, edits: Sequence[Edit], home: int, told: Told) -> list[Outcome]:
    """Every edit; what clashes or is wrong is gathered, and then nothing is written."""
    done: list[Outcome] = []
    clashes: list[Any] = []
    versions: dict[str, int] = {}
    wrong: list[Any] = []
    for edit in edits:
        _belongs(edit.kind, edit.id, home)
        try:
            done.append(apply(actor, edit, told))
        except RegisterConflict as clash:
            clashes += clash.conflicts
            versions |= clash.versions
        except FieldsWrong as fault:
            wrong += [(one.field, one.key, one.values or {}) for one in fault.fields]
    if wrong:
        raise FieldsWrong(wrong)
    if clashes:
        raise RegisterConflict(clashes, versions)
    return done


def _belongs(kind: Kind, key: int, home: int) -> None:
    """A visit tells of one door: rows of another household are not there."""
    row = rows.locked(kind, key)
    owner = {"residents": "household_id", "households": "pk"}.get(kind)
    if owner is not None and getattr(row, owner) != home:
        raise NotFound()
    if owner is None and (kind != "dwellings" or not Household.objects.filter(pk=home, dwelling=key).exists()):
        raise NotFound()


def _answer(home: int, done: Sequence[Outcome]) -> dict[str, Any]:
    state = "same"
    if any(one.state == "applied" for one in done):
        state = "applied"
    elif any(one.waiting for one in done):
        state = "waiting"
    version = Household.objects.values_list("version", flat=True).get(pk=home)
    return {
        "id": str(home),
        "state": state,
        "version": version,
        "made": [{"kind": kind, "id": str(key)} for one in done for kind, key in one.made],
        "waiting": [f"{one.kind}.{one.id}.{field}" for one in done for field in one.waiting],
    }
