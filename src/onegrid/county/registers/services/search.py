"""How rows get into the index of search terms. See `rules.terms`; `selectors.searching` finds them again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, Final

from onegrid.county.registers.models import Building, Organisation, Premises, Resident
from onegrid.county.registers.rules.kinds import Kind
from onegrid.county.registers.rules.terms import (
    NUMBERS,
    Hasher,
    grid_term,
    terms_of_building,
    terms_of_organisation,
    terms_of_premises,
    terms_of_resident,
)
from onegrid.foundation.database.fields import ring
from onegrid.foundation.database.write import write
from onegrid.foundation.kernel.masking import normalise, normalise_phone

UPSERT: Final = (
    "INSERT INTO registers_searchterms (kind, key, terms)"
    " SELECT %s, given.key, given.terms::integer[] FROM unnest(%s::bigint[], %s::text[]) given (key, terms)"
    " ON CONFLICT (kind, key) DO UPDATE SET terms = excluded.terms"
)
DROP: Final = "DELETE FROM registers_searchterms WHERE kind = %s AND key = ANY(%s)"
MOVE: Final = (
    "UPDATE registers_searchterms SET terms ="
    " array(SELECT DISTINCT one FROM unnest(terms || %s::integer[]) one WHERE one <> ALL(%s::integer[]))"
    " WHERE kind = %s AND key = ANY(%s)"
)


@cache
def hasher() -> Hasher:
    """The one of this process, under the ring's index key. Raises `KeysMissing`."""
    return Hasher(ring().index_key)


def remember(rows: Iterable[Building | Organisation | Premises | Resident]) -> None:
    """Put rows into the index, or bring them up to date, in the transaction that writes them; the rows have keys.

    Kinds that have no terms (households, dwellings) are not given. One statement for each kind.
    """
    made: dict[Kind, list[tuple[int, list[int]]]] = {}
    for row in rows:
        made.setdefault(_kind(row), []).append((row.pk, terms_of(row)))
    for kind, found in made.items():
        arrays = ["{" + ",".join(map(str, sorted(set(terms)))) + "}" for _, terms in found]
        write([(UPSERT, [NUMBERS[kind], [key for key, _ in found], arrays])])


def forget(kind: Kind, keys: Sequence[int]) -> None:
    """Take rows that are deleted out of the index, in the same transaction."""
    if keys and kind in _KINDS.values():
        write([(DROP, [NUMBERS[kind], list(keys)])])


def move(kind: Kind, keys: Sequence[int], before: str, after: str) -> None:
    """Rows moved from one leaf grid to another: their grids change in the index, nothing is opened for it."""
    if keys and kind in _KINDS.values():
        made = hasher()
        left, reached = set(_segments(before)), set(_segments(after))
        gone = [grid_term(made.term, segment) for segment in sorted(left - reached)]
        new = [grid_term(made.term, segment) for segment in sorted(reached - left)]
        write([(MOVE, [new, gone, NUMBERS[kind], list(keys)])])


def terms_of(row: Any) -> list[int]:
    """The terms of one row, as it is in memory."""
    made = hasher()
    if isinstance(row, Resident):
        number, phone = normalise(row.id_number or ""), normalise_phone(row.phone or "")
        return terms_of_resident(made, row.name, number, phone, row.scope_path)
    if isinstance(row, Building):
        return terms_of_building(made, row.name, row.code, row.scope_path)
    if isinstance(row, Premises):
        return terms_of_premises(made, row.name, row.code, row.address, row.scope_path)
    if isinstance(row, Organisation):
        return terms_of_organisation(made, row.name, row.credit_code, row.address, row.scope_path)
    raise TypeError(f"{type(row).__name__} has no search terms")


_KINDS: Final[dict[type, Kind]] = {
    Resident: "residents",
    Building: "buildings",
    Premises: "premises",
    Organisation: "organisations",
}


def _kind(row: object) -> Kind:
    return _KINDS[type(row)]


def _segments(path: str) -> list[str]:
    return path.split(".")[1:-1]
