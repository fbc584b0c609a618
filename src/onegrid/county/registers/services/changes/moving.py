"""People move: into a household, out of one, together and apart. Where they lived before is kept as a stay."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from onegrid.county.registers.errors import CannotUndo, FieldsWrong
from onegrid.county.registers.models import (
    Care,
    CareHelper,
    CareVisit,
    Change,
    Dwelling,
    Household,
    Resident,
    Stay,
)
from onegrid.county.registers.rules.merging import Value
from onegrid.county.registers.selectors.sight import Sight, sight
from onegrid.county.registers.services import search
from onegrid.county.registers.services.changes import rows, writing
from onegrid.county.registers.services.changes.applying import Edit, Outcome, Told, apply
from onegrid.foundation.accounts.actor import Actor
from onegrid.foundation.database.context import widened
from onegrid.foundation.kernel.errors import Forbidden, NotFound


def move(
    actor: Actor,
    residents: Sequence[int],
    told: Told,
    *,
    on: date,
    household: int | None = None,
    dwelling: int | None = None,
) -> Outcome:
    """Residents live in `household` from a day on, or in a new household behind the door `dwelling`.

    A household nobody belongs to any more is gone. Raises `NotFound`, `Forbidden`, `FieldsWrong`.
    """
    if sight(actor).access("residents", "since") != "write":
        raise Forbidden()
    people = _people(residents)
    _sensible(people, on, told)
    made: tuple[Any, ...] = ()
    if household is not None:
        target = rows.locked("households", household)
    else:
        target = found_household(rows.locked("dwellings", dwelling or 0))
        made = (("households", target.pk),)
    going = [one for one in people if one.household_id != target.pk or one.left_on is not None]
    origins = {one.household_id: 0 for one in going if one.household_id != target.pk}
    coming = 0
    for one in going:
        if one.household_id in origins and one.left_on is None and one.died_on is None:
            origins[one.household_id] += 1
        coming += one.died_on is None
        _take(actor, one, target, on, told, joins=not made)
    for origin, leaving in origins.items():
        left_household(actor, origin, leaving, told)
    if made:
        target.people = coming
        target.save(update_fields=["people"])
        writing.record(
            actor, "households", target, action="added", before={}, after={"people": coming, "dwelling": dwelling},
            source=told.source, at=told.at, told_at=told.told_at,
        )  # fmt: skip
    elif coming:
        counted(actor, target.pk, coming, told)
    target.refresh_from_db(fields=["version"])
    state = "applied" if going else "same"
    return Outcome(state, "households", target.pk, target.version, ("household",) if going else (), made=made)


def depart(
    actor: Actor, residents: Sequence[int], told: Told, *, why: str, on: date, count: bool = True
) -> list[Outcome]:
    """Residents moved away out of the register (`left`) or died. Their entries stay until retention takes them."""
    people = _people(residents)
    _sensible(people, on, told)
    field = "died_on" if why == "died" else "left_on"
    done = []
    for one in people:
        here = one.left_on is None and one.died_on is None
        edit = Edit("residents", one.pk, one.version, {}, {field: on.isoformat()})
        done.append(apply(actor, edit, told))
        if here and count and done[-1].state == "applied":
            counted(actor, one.household_id, -1, told)
    return done


def found_household(dwelling: Dwelling, *, number: str = "", people: int = 0) -> Household:
    """A new household behind a door."""
    return Household.objects.create(
        dwelling=dwelling, grid_id=dwelling.grid_id, scope_path=dwelling.scope_path, number=number, people=people
    )


def counted(actor: Actor, household: int, change: int, told: Told) -> None:
    """So many people more or fewer in a household, as counted at the door."""
    row = rows.locked("households", household)
    people = max(row.people + change, 0)
    if people == row.people:
        return
    before: dict[str, Value] = {"people": row.people}
    rows.put("households", row, {"people": people})
    rows.save("households", row, {"people": people})
    writing.record(
        actor, "households", row, action="changed", before=before, after={"people": people}, source=told.source,
        at=told.at, told_at=told.told_at,
    )  # fmt: skip


def follow_resident(resident: int, path: str) -> None:
    """What hangs on a resident goes along to another grid."""
    Care.objects.filter(resident=resident).update(scope_path=path)
    CareHelper.objects.filter(care__resident=resident).update(scope_path=path)
    CareVisit.objects.filter(care__resident=resident).update(scope_path=path)
    writing.follow_pairs([resident])


def undo(actor: Actor, who: Sight, change: Change, before: dict[str, Any], after: dict[str, Any], told: Told) -> Change:
    """Bring a resident back to the household he was moved from. Raises `CannotUndo` when he has moved on."""
    if who.access("residents", "since") != "write":
        raise Forbidden()
    row = rows.locked("residents", change.row)
    if row.household_id != after["household"]:
        raise CannotUndo
    door = Dwelling.objects.filter(pk=int(before.get("dwelling") or 0)).first()
    if door is None:
        raise CannotUndo
    old = household_again(actor, before["household"], door, before.get("number", ""), told, change.pk)
    left, path = row.household_id, row.scope_path
    row.household, row.scope_path = old, old.scope_path
    rows.put("residents", row, {key: before.get(key) for key in ("since", "left_on", "relation")})
    _store(row, path)
    Stay.objects.filter(pk=int(before.get("stay") or 0)).delete()
    made = writing.record(
        actor, "residents", row, action="restored", before=after, after=before, source=told.source, at=told.at,
        undoes=change.pk,
    )  # fmt: skip
    left_household(actor, left, 1, told)
    counted(actor, old.pk, 1, told)
    return made


def household_again(actor: Actor, key: int, door: Dwelling, number: str, told: Told, undoes: int) -> Household:
    """The household of this number, founded again under it when it was gone."""
    old = Household.objects.select_for_update().filter(pk=key).first()
    if old is not None:
        return old
    old = Household.objects.create(
        pk=key, dwelling=door, grid_id=door.grid_id, scope_path=door.scope_path, number=number, people=0
    )
    writing.record(
        actor, "households", old, action="restored", before={}, after={"dwelling": door.pk}, source=told.source,
        at=told.at, undoes=undoes,
    )  # fmt: skip
    return old


def _people(residents: Sequence[int]) -> list[Resident]:
    keys = sorted(set(residents))
    found = list(Resident.objects.select_for_update().filter(pk__in=keys).order_by("pk"))
    if not keys or len(found) != len(keys):
        raise NotFound()
    return found


def _sensible(people: Sequence[Resident], on: date, told: Told) -> None:
    """Nobody moves tomorrow, or before he came."""
    if on > told.day:
        raise FieldsWrong([("on", "register_sheets.reason.date_future", {})])
    if any(one.since is not None and on < one.since for one in people):
        raise FieldsWrong([("on", "register_changes.errors.before_since", {})])


def _take(actor: Actor, one: Resident, target: Household, on: date, told: Told, *, joins: bool) -> None:
    """Move one resident; the household left is his stay."""
    home = Household.objects.select_related("dwelling").get(pk=one.household_id)
    was: dict[str, Any] = {key: rows.value("residents", key, one) for key in ("since", "left_on", "relation")}
    was |= {"household": home.pk, "dwelling": home.dwelling_id, "number": home.number}
    path = one.scope_path
    if home.pk != target.pk:
        until = min(one.left_on or on, on)
        stay = Stay.objects.create(
            resident=one, dwelling_id=home.dwelling_id, household=home.pk, scope_path=home.scope_path,
            since=one.since, until=max(until, one.since or until),
        )  # fmt: skip
        was["stay"] = stay.pk
    one.household, one.scope_path = target, target.scope_path
    one.since, one.left_on = on, None
    if joins and home.pk != target.pk:
        # What he is to the head of another household is for somebody to say.
        one.relation = ""
    _store(one, path)
    after = {"household": target.pk, "since": on.isoformat(), "left_on": "", "relation": one.relation}
    writing.record(
        actor, "residents", one, action="moved", before=was, after=after, source=told.source, at=told.at,
        told_at=told.told_at,
    )  # fmt: skip
    if path != one.scope_path:
        writing.record(
            actor, "residents", one, action="gone", before={}, after={}, source=told.source, at=told.at,
            scope_path=path,
        )  # fmt: skip


def _store(one: Resident, path: str) -> None:
    one.version += 1
    one.save(update_fields=["household", "scope_path", "since", "left_on", "relation", "version"])
    if path != one.scope_path:
        search.move("residents", [one.pk], path, one.scope_path)
        with widened("transfer"):
            follow_resident(one.pk, one.scope_path)


def left_household(actor: Actor, origin: int, leaving: int, told: Told) -> None:
    """A household somebody left: fewer people, or gone when nobody belongs to it any more."""
    row = rows.locked("households", origin)
    if Resident.objects.filter(household=origin).exists():
        if leaving:
            counted(actor, origin, -leaving, told)
        return
    before = {"dwelling": row.dwelling_id, "household": row.number, "people": row.people}
    row.version += 1
    writing.record(
        actor, "households", row, action="gone", before=before, after={}, source=told.source, at=told.at,
        told_at=told.told_at,
    )  # fmt: skip
    with widened("transfer"):
        row.delete()
