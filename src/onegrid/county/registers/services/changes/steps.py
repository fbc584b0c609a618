"""Whole steps as the API asks for them: once for each key, all or nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from onegrid.county.registers.errors import FieldsWrong
from onegrid.county.registers.rules.kinds import Kind
from onegrid.county.registers.rules.merging import Values
from onegrid.county.registers.services.changes import adding, moving, receipts
from onegrid.county.registers.services.changes.adding import Where
from onegrid.county.registers.services.changes.applying import Told
from onegrid.foundation.accounts.actor import Actor

Answer = dict[str, Any]


def once(actor: Actor, key: UUID, body: Any, told: Told, step: Callable[[], Answer]) -> Answer:
    """The step's answer, or the one it gave before under this key. Raises `KeyReused` for another body."""
    earlier = receipts.claim(actor, key, body)
    if earlier is not None:
        return earlier
    with transaction.atomic():
        return receipts.keep(actor, key, body, step(), told.at)


def add(actor: Actor, kind: Kind, values: Values, where: Where, residents: Sequence[Values], told: Told) -> Answer:
    """A row, and the residents of a new household with it."""
    if residents and kind != "households":
        raise FieldsWrong([("residents", "register_changes.errors.no_field", {})])
    if kind == "households":
        values = {"people": len(residents), **values}
    made = adding.add(actor, kind, values, where, told, place="values.")
    answer = made.told()
    for at, one in enumerate(residents):
        person = adding.add(
            actor, "residents", one, Where(household=made.id), told, place=f"residents.{at}.", count=False
        )
        answer["made"] += person.told()["made"]
    return answer


def move(
    actor: Actor, residents: Sequence[int], household: int | None, dwelling: int | None, on: date, told: Told
) -> Answer:
    """Residents into a household or a new one; one of the two is named."""
    if (household is None) == (dwelling is None):
        raise FieldsWrong([("household", "register_changes.errors.one_place", {})])
    return moving.move(actor, residents, told, on=on, household=household, dwelling=dwelling).told()


def depart(actor: Actor, residents: Sequence[int], why: str, on: date, told: Told) -> Answer:
    """Residents who moved away or died."""
    return {"items": [one.told() for one in moving.depart(actor, residents, told, why=why, on=on)]}
