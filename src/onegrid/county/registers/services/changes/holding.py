"""Who owns or rents a dwelling and where a resident works: since when, until when. A slip of today can be taken out.

A tie stands in the history of the row it hangs on. What is kept there are numbers and days: the name of a holder who is
not in the register stands in the tie alone, and goes with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from onegrid.county.registers.errors import FieldsWrong, HoldingKept
from onegrid.county.registers.models import Dwelling, Employment, Resident, Tenure
from onegrid.county.registers.rules import editing
from onegrid.county.registers.rules.editing import Faulty
from onegrid.county.registers.rules.periods import Period, overlap
from onegrid.county.registers.selectors import choices
from onegrid.county.registers.selectors.holdings import KIND_OF, Tie, made_today
from onegrid.county.registers.selectors.sight import Sight, sight
from onegrid.county.registers.services.changes import rows, writing
from onegrid.county.registers.services.changes.applying import Told, faults_of
from onegrid.county.workforce.selectors import day_of
from onegrid.foundation.accounts.actor import Actor
from onegrid.foundation.kernel.errors import Forbidden, NotFound

Answer = dict[str, Any]
_MODELS: Final[Mapping[Tie, type[Tenure] | type[Employment]]] = {"tenures": Tenure, "employments": Employment}
_HANGS_ON: Final[Mapping[Tie, str]] = {"tenures": "dwelling_id", "employments": "resident_id"}
_WORDS: Final = "register_holdings.errors."


@dataclass(frozen=True)
class Holder:
    """Who owns or rents: a resident of the register, or a name and a phone by hand."""

    role: str
    resident: int | None = None
    name: str = ""
    phone: str = ""


def hold(actor: Actor, dwelling: int, holder: Holder, since: date | None, told: Told) -> Answer:
    """Somebody owns or rents a dwelling from a day on; None: nobody knows since when.

    Raises `NotFound` outside the reach, `Forbidden` for a hat that writes no names, `FieldsWrong`.
    """
    who = _may(actor, "tenures")
    door: Dwelling = rows.locked("dwellings", dwelling)
    person = _holder(holder)
    by_hand = _by_hand(who, holder, told) if person is None else {}
    _sensible(since, person, told)
    if any(_same(one, person, by_hand) for one in _open(Tenure.objects.filter(dwelling=door, role=holder.role), since)):
        raise FieldsWrong([("since", _WORDS + "held", {})])
    made = Tenure.objects.create(
        dwelling=door, scope_path=door.scope_path, role=holder.role, resident=person, since=since,
        name=by_hand.get("name") or None, phone=by_hand.get("phone") or None,
    )  # fmt: skip
    return _written(actor, "tenures", door, made, {}, _told(made), told)


def employ(actor: Actor, resident: int, organisation: int, since: date | None, told: Told) -> Answer:
    """A resident works at an organisation from a day on. Raises as `hold`."""
    _may(actor, "employments")
    person: Resident = rows.locked("residents", resident)
    place = rows.locked("organisations", organisation)
    _sensible(since, person, told)
    if any(_open(Employment.objects.filter(resident=person, organisation=place), since)):
        raise FieldsWrong([("since", _WORDS + "works", {})])
    made = Employment.objects.create(resident=person, organisation=place, scope_path=place.scope_path, since=since)
    return _written(actor, "employments", person, made, {}, _told(made), told)


def end(actor: Actor, tie: Tie, key: int, until: date, told: Told) -> Answer:
    """It holds until a day, which is not in the future. Raises `NotFound`, `Forbidden`, `FieldsWrong`."""
    row, found = _locked(actor, tie, key)
    before = _told(found)
    if found.until is not None:
        raise FieldsWrong([("until", _WORDS + "ended", {})])
    if until > day_of(told.at):
        raise FieldsWrong([("until", "register_sheets.reason.date_future", {})])
    if found.since is not None and until < found.since:
        raise FieldsWrong([("until", _WORDS + "before_since", {})])
    found.until = until
    found.save(update_fields=["until"])
    return _written(actor, tie, row, found, before, _told(found), told)


def remove(actor: Actor, tie: Tie, key: int, told: Told) -> Answer:
    """Take out what was written down by mistake today. Raises `HoldingKept` for anything older, which can be ended."""
    row, found = _locked(actor, tie, key)
    if key not in made_today(tie, [row.pk], told.at):
        raise HoldingKept
    answer = _written(actor, tie, row, found, _told(found), {}, told)
    found.delete()
    return answer


def _may(actor: Actor, tie: Tie) -> Sight:
    """Whoever writes names writes who holds; whoever writes since when people live here writes where they work."""
    who = sight(actor)
    field, about = ("name", "address") if tie == "tenures" else ("since", "name")
    if who.access("residents", field) != "write":
        raise Forbidden()
    if not who.sees("dwellings" if tie == "tenures" else "organisations", about):
        raise Forbidden()
    return who


def _holder(holder: Holder) -> Resident | None:
    if holder.resident is None:
        return None
    if holder.name or holder.phone:
        raise FieldsWrong([("name", _WORDS + "one_holder", {})])
    found: Resident = rows.locked("residents", holder.resident)
    return found


def _by_hand(who: Sight, holder: Holder, told: Told) -> dict[str, Any]:
    """Name and phone in their one form, checked as those of a resident are."""
    given = {"name": holder.name, **({"phone": holder.phone} if holder.phone else {})}
    if any(who.access("residents", key) != "write" for key in given):
        raise Forbidden()
    try:
        return editing.read("residents", given, choices.part().choices, day_of(told.at))
    except Faulty as wrong:
        raise faults_of(wrong) from None


def _sensible(since: date | None, person: Resident | None, told: Told) -> None:
    """Nothing begins tomorrow, before somebody was born, or after he died."""
    if since is not None and since > day_of(told.at):
        raise FieldsWrong([("since", "register_sheets.reason.date_future", {})])
    if person is None:
        return
    if since is not None and person.birth_year is not None and since.year < person.birth_year:
        raise FieldsWrong([("since", _WORDS + "before_birth", {})])
    if person.died_on is not None and (since is None or since > person.died_on):
        raise FieldsWrong([("since", _WORDS + "died", {})])


def _open(known: Any, since: date | None) -> Iterable[Any]:
    """Of the ties known, those that hold on some day from `since` on."""
    wanted = Period(since, None)
    return [one for one in known if overlap(Period(one.since, one.until), wanted)]


def _same(one: Tenure, person: Resident | None, by_hand: Mapping[str, Any]) -> bool:
    if person is not None or one.resident_id is not None:
        return person is not None and one.resident_id == person.pk
    return (one.name or "") == by_hand["name"] and (one.phone or "") == (by_hand.get("phone") or "")


def _locked(actor: Actor, tie: Tie, key: int) -> tuple[Any, Any]:
    """The row a tie hangs on and the tie, held. Raises `NotFound` when either is out of reach."""
    _may(actor, tie)
    model: Any = _MODELS[tie]
    column = _HANGS_ON[tie]
    known = model.objects.filter(pk=key).values_list(column, flat=True).first()
    if known is None:
        raise NotFound()
    row = rows.locked(KIND_OF[tie], known)
    # Somebody may have ended it, taken it out or handed it over while we waited.
    found = model.objects.select_for_update().filter(pk=key, **{column: row.pk}).first()
    if found is None:
        raise NotFound()
    return row, found


def _written(actor: Actor, tie: Tie, row: Any, made: Any, before: Answer, after: Answer, told: Told) -> Answer:
    """On record in the history of the row, one version on: an edit that is open elsewhere is told what changed."""
    row.version += 1
    row.save(update_fields=["version"])
    writing.record(
        actor, KIND_OF[tie], row, action="changed", before={tie: before} if before else {},
        after={tie: after} if after else {}, source=told.source, at=told.at, told_at=told.told_at,
    )  # fmt: skip
    return {"id": str(made.pk), "version": row.version}


def _told(one: Tenure | Employment) -> Answer:
    """What a change says of a tie: no name, no phone."""
    days = {"since": _day(one.since), "until": _day(one.until)}
    if isinstance(one, Tenure):
        return {"id": one.pk, "role": one.role, "resident": one.resident_id, **days}
    return {"id": one.pk, "organisation": one.organisation_id, **days}


def _day(one: date | None) -> str | None:
    return one.isoformat() if one is not None else None
