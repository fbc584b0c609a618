"""Lists of every kind: what is asked for, one page of it in order, how many there are, and all of it for an export.

A page follows its order by key, so the thousandth costs what the first does. What its rows stand in is read by key, a
statement for each step outwards, and what is counted beside them (doors of a building, people behind a door) in one.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from django.db.models import Count, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce

from onegrid.county.grids import selectors as grids
from onegrid.county.grids.errors import GridNotFound
from onegrid.county.registers.errors import BadCursor
from onegrid.county.registers.models import Dwelling, Household, Resident
from onegrid.county.registers.rules.fields import FIELDS
from onegrid.county.registers.rules.kinds import Kind
from onegrid.county.registers.selectors.cells import MODELS, placed
from onegrid.foundation.database.managers import upper_bound
from onegrid.foundation.kernel.errors import FieldError, Invalid

MOST_COUNTED: Final = 10_000
"""Beyond this a list says "more than"; counting a county exactly is the statistics' business."""
BLOCK: Final = 1_000
EARLY: Final = date(1800, 1, 1)

SORTS: Final[Mapping[Kind, tuple[str, ...]]] = {
    "residents": ("place", "newest", "birth_year", "since"),
    "households": ("place", "newest", "people"),
    "dwellings": ("place", "newest"),
    "buildings": ("place", "newest", "levels"),
    "premises": ("place", "newest"),
    "organisations": ("place", "newest"),
}
"""What each kind can be ordered by; the first is the order when none is asked for. A minus turns it round."""
_WITHIN: Final[Mapping[Kind, str]] = {
    "residents": "household_id",
    "households": "dwelling_id",
    "dwellings": "building_id",
    "buildings": "name",
    "premises": "name",
    "organisations": "name",
}
"""What orders the rows of one grid; the index of the kind begins like that, or the rows are few."""
INSIDE: Final[Mapping[str, Mapping[Kind, str]]] = {
    "building": {
        "residents": "household__dwelling__building",
        "households": "dwelling__building",
        "dwellings": "building",
        "premises": "building",
    },
    "dwelling": {"residents": "household__dwelling", "households": "dwelling"},
    "household": {"residents": "household"},
    "organisation": {"premises": "organisation", "residents": "employments__organisation"},
}
"""How rows of a kind lie inside something else."""
_MISSING: Final = {"id_number": Q(id_index=None), "phone": Q(phone_index=None), "birth_year": Q(birth_year=None)}


@dataclass(frozen=True)
class Asked:
    """A list somebody asks for. Everything left out holds for all rows in the reader's reach."""

    kind: Kind
    grid: str = ""
    inside: Mapping[str, int] = field(default_factory=dict)
    """Of which building, dwelling, household or organisation, by its number."""
    chosen: Mapping[str, str] = field(default_factory=dict)
    """Fields with a choice (and sex) that must have this key."""
    born_from: int | None = None
    born_to: int | None = None
    missing: str = ""
    """Residents of whom this is unknown: id_number, phone or birth_year."""
    gone: bool = False
    """Residents who moved away or died instead of those who live here."""
    sort: str = ""


@dataclass(frozen=True)
class Page:
    """One page of rows (models, for the cells), and where the next begins."""

    rows: Sequence[Any]
    next: str | None


def rows_of(asked: Asked) -> QuerySet[Any]:
    """All rows asked for, in no order. Raises `GridNotFound`, and `Invalid` for a filter the kind does not have."""
    found = MODELS[asked.kind].objects.all()
    if asked.grid:
        info = grids.find_grid(asked.grid)
        if info is None:
            raise GridNotFound("grids.errors.not_found")
        found = found.filter(scope_path__gte=info.scope_path, scope_path__lt=upper_bound(info.scope_path))
    for place, number in asked.inside.items():
        found = found.filter(**{_known(INSIDE.get(place, {}), asked.kind, place): number})
    for name, key in asked.chosen.items():
        choosable = FIELDS[asked.kind].get(name)
        if choosable is None or not (choosable.choice or choosable.form == "sex"):
            raise _no_filter(name)
        found = found.filter(**{name: _sex(key) if choosable.form == "sex" else key})
    return _about_people(asked, found)


def _about_people(asked: Asked, found: QuerySet[Any]) -> QuerySet[Any]:
    """What is asked of residents alone."""
    only = {"born_from": asked.born_from, "born_to": asked.born_to, "missing": asked.missing, "gone": asked.gone}
    if asked.kind != "residents":
        for name, said in only.items():
            if said:
                raise _no_filter(name)
        return found
    if asked.born_from is not None:
        found = found.filter(birth_year__gte=asked.born_from)
    if asked.born_to is not None:
        found = found.filter(birth_year__lte=asked.born_to)
    if asked.missing:
        if asked.missing not in _MISSING:
            raise _no_filter("missing")
        found = found.filter(_MISSING[asked.missing])
    here = Q(left_on=None, died_on=None)
    return found.filter(~here if asked.gone else here)


def page(asked: Asked, *, cursor: str | None, limit: int) -> Page:
    """The next rows behind `cursor`. Raises `BadCursor`. At most five statements, however many rows."""
    order = _order(asked)
    found = rows_of(asked)
    if order.extra:
        found = found.annotate(**order.extra)
    if cursor is not None:
        found = found.filter(order.after(cursor))
    rows = list(found.order_by(*order.words())[: limit + 1])
    more = len(rows) > limit
    rows = rows[:limit]
    shown = placed(asked.kind, rows)
    count_beside(asked.kind, shown)
    return Page(shown, order.close(rows[-1]) if more else None)


def total(asked: Asked) -> int:
    """How many there are, up to one more than `MOST_COUNTED`."""
    return int(rows_of(asked).order_by()[: MOST_COUNTED + 1].count())


def every(asked: Asked) -> Iterator[Any]:
    """All rows asked for by id, read in blocks of their own statements; inside one transaction of the caller's."""
    last = 0
    while True:
        rows = list(rows_of(asked).filter(pk__gt=last).order_by("pk")[:BLOCK])
        if not rows:
            return
        found = placed(asked.kind, rows)
        count_beside(asked.kind, found)
        yield from found
        last = rows[-1].pk


def by_keys(kind: Kind, keys: Sequence[int]) -> dict[int, Any]:
    """Rows of a kind by their number, as far as they lie in reach."""
    found = placed(kind, list(MODELS[kind].objects.filter(pk__in=list(keys))))
    count_beside(kind, found)
    return {row.pk: row for row in found}


def count_beside(kind: Kind, rows: Sequence[Any]) -> None:
    """Set `counted` (and `counted_people`) on rows of kinds that tell how much is in them; one statement."""
    keys = [row.pk for row in rows]
    if not keys or kind not in ("households", "dwellings", "buildings"):
        return
    people: dict[int, int] = {}
    if kind == "households":
        living = Resident.objects.filter(household__in=keys, left_on=None, died_on=None)
        counted = dict(living.values("household").annotate(n=Count("pk")).values_list("household", "n"))
    elif kind == "dwellings":
        homes = Household.objects.filter(dwelling__in=keys).values("dwelling")
        found = homes.annotate(n=Count("pk"), p=Sum("people")).values_list("dwelling", "n", "p")
        counted, people = {at: n for at, n, _ in found}, {at: p for at, _, p in found}
    else:
        doors = Dwelling.objects.filter(building__in=keys).values("building")
        counted = dict(doors.annotate(n=Count("pk")).values_list("building", "n"))
    for row in rows:
        row.counted = counted.get(row.pk, 0)
        row.counted_people = people.get(row.pk, 0)


@dataclass(frozen=True)
class _Order:
    """Columns and their types, all in one direction; the last is the row's number."""

    columns: Mapping[str, type]
    descending: bool
    extra: Mapping[str, Any] = field(default_factory=dict)

    def words(self) -> list[str]:
        """For ORDER BY."""
        return [("-" if self.descending else "") + name for name in self.columns]

    def close(self, row: Any) -> str:
        """The cursor behind a row."""
        key = [getattr(row, name) for name in self.columns]
        told = json.dumps([one.isoformat() if isinstance(one, date) else one for one in key], ensure_ascii=False)
        return base64.urlsafe_b64encode(told.encode()).decode().rstrip("=")

    def after(self, cursor: str) -> Q:
        """Rows behind it; the first condition alone is what the index follows. Raises `BadCursor`."""
        names, key = list(self.columns), self._open(cursor)
        side = "lt" if self.descending else "gt"
        behind = Q()
        for at, name in enumerate(names):
            behind |= Q(**dict(zip(names[:at], key, strict=False)), **{f"{name}__{side}": key[at]})
        return Q(**{f"{names[0]}__{side}e": key[0]}) & behind

    def _open(self, cursor: str) -> list[Any]:
        kinds = list(self.columns.values())
        try:
            key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
            if not isinstance(key, list) or len(key) != len(kinds):
                raise BadCursor()
            key = [date.fromisoformat(one) if kind is date else one for one, kind in zip(key, kinds, strict=True)]
        except (ValueError, TypeError):
            raise BadCursor() from None
        if any(type(one) is not kind for one, kind in zip(key, kinds, strict=True)):
            raise BadCursor()
        return key


def _order(asked: Asked) -> _Order:
    word = asked.sort or SORTS[asked.kind][0]
    name, descending = word.removeprefix("-"), word.startswith("-")
    if name not in SORTS[asked.kind]:
        raise _no_filter("sort")
    if name == "newest":
        return _Order({"pk": int}, not descending)
    if name == "place":
        within = _WITHIN[asked.kind]
        return _Order({"scope_path": str, within: str if within == "name" else int, "pk": int}, descending)
    if name == "birth_year":
        return _Order({"sorted": int, "pk": int}, descending, {"sorted": Coalesce(name, Value(0))})
    if name == "since":
        return _Order({"sorted": date, "pk": int}, descending, {"sorted": Coalesce(name, Value(EARLY))})
    return _Order({name: int, "pk": int}, descending)


def _known(places: Mapping[Kind, str], kind: Kind, name: str) -> str:
    if kind not in places:
        raise _no_filter(name)
    return places[kind]


def _sex(word: str) -> int:
    if word not in ("0", "1", "2", "9"):
        raise _no_filter("sex")
    return int(word)


def _no_filter(name: str) -> Invalid:
    return Invalid(fields=[FieldError(name, "errors.field.invalid")])
