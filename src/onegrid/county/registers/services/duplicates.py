"""Finding residents who look like one person: whoever was added, changed or moved is compared with who lives near.

By blind index across the whole locality (one number, one phone); by name and birth within a building, where names are
opened only of those born in the same year. Nothing is merged by itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import combinations, islice
from typing import Any, Final

from onegrid.county.registers.models import Change, Resident
from onegrid.county.registers.rules.pairs import ENOUGH, Entry, common_path, likeness
from onegrid.foundation.database.write import read, write

MOST_ROWS: Final = 20_000
"""Residents compared in one round."""
BLOCK: Final = 2_000
MOST_PAIRS: Final = 20_000
"""Pairs looked at for one block; more would be one number given to everybody."""


def compare_changed(now: datetime, *, most: int = MOST_ROWS) -> int:
    """Compare residents whose changes nobody looked through yet; how many. At root scope.

    A round ends behind the change with which it has compared `most` residents or more.
    """
    seen = 0
    while seen < most:
        page = list(
            Change.objects.filter(compared=False, kind="residents")
            .order_by("pk")
            .values_list("pk", "row", "last", "state", "action")[:BLOCK]
        )
        if not page:
            break
        single = {row for _, row, last, state, _ in page if last is None and state == "applied"}
        done = [key for key, *_ in page]
        compare(sorted(single), now)
        seen += len(page)
        for _, row, last, _, _ in page:
            if last is not None:
                seen += _compare_range(row, last, now)
        Change.objects.filter(pk__in=done).update(compared=True)
    return seen


def _compare_range(first: int, last: int, now: datetime) -> int:
    """Those an import added together."""
    seen = 0
    for start in range(first, last + 1, BLOCK):
        end = min(start + BLOCK - 1, last)
        keys = list(Resident.objects.filter(pk__gte=start, pk__lte=end).values_list("pk", flat=True))
        compare(keys, now)
        seen += len(keys)
    return seen


def compare(keys: Sequence[int], now: datetime) -> int:
    """Compare these residents with everybody who may be the same; how many pairs are new."""
    if not keys:
        return 0
    pairs: set[tuple[int, int]] = set()
    for question in (_SAME_ID, _SAME_PHONE):
        pairs.update((int(one), int(other)) for one, other in read(question, [list(keys), MOST_PAIRS]))
    pairs.update(islice(_neighbours(keys), MOST_PAIRS))
    if not pairs:
        return 0
    people = _people({key for pair in pairs for key in pair})
    new = 0
    for one, other in sorted(pairs):
        if one in people and other in people:
            new += _keep(people[one], people[other], now)
    return new


def _neighbours(keys: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Pairs born in one year who live in one building, one of each pair among `keys`, not both with a number."""
    buildings = [row[0] for row in read(_BUILDINGS, [list(keys)])]
    mine = set(keys)
    born: dict[tuple[int, int], list[tuple[int, int, bool]]] = defaultdict(list)
    for key, building, year, sex, numbered in read(_FOLK, [buildings]):
        born[building, year].append((key, sex, numbered))
    for group in born.values():
        for (one, sex, numbered), (other, its, also) in combinations(group, 2):
            near = one in mine or other in mine
            if near and not (numbered and also) and (sex == its or 0 in (sex, its)):
                yield min(one, other), max(one, other)


def _people(keys: Iterable[int]) -> dict[int, Resident]:
    return Resident.objects.select_related("household__dwelling").in_bulk(list(keys))


def _keep(one: Resident, other: Resident, now: datetime) -> bool:
    """Store a pair that is alike enough."""
    found = likeness(_entry(one), _entry(other))
    if found.value < ENOUGH:
        return False
    path = common_path(one.scope_path, other.scope_path)
    write([(_ADD, [path, one.pk, other.pk, list(found.why), found.value, now])])
    return True


def _entry(row: Resident) -> Entry:
    door = row.household.dwelling
    return Entry(
        name=str(row.name), birth_date=str(row.birth_date or ""), birth_year=row.birth_year, sex=row.sex,
        id_index=_bytes(row.id_index), phone_index=_bytes(row.phone_index), dwelling=door.pk,
        building=door.building_id,
    )  # fmt: skip


def _bytes(value: Any) -> bytes | None:
    return None if value is None else bytes(value)


_SAME_ID: Final = """
SELECT least(a.id, b.id), greatest(a.id, b.id) FROM registers_resident a
    JOIN registers_resident b ON b.id_index = a.id_index AND b.id <> a.id
WHERE a.id = ANY(%s) AND a.id_index IS NOT NULL LIMIT %s
"""
_SAME_PHONE: Final = """
SELECT least(a.id, b.id), greatest(a.id, b.id) FROM registers_resident a
    JOIN registers_resident b ON b.phone_index = a.phone_index AND b.id <> a.id
        AND (b.sex = a.sex OR 0 IN (a.sex, b.sex)) AND (b.birth_year = a.birth_year OR a.birth_year IS NULL
        OR b.birth_year IS NULL) AND (a.id_index IS NULL OR b.id_index IS NULL)
WHERE a.id = ANY(%s) AND a.phone_index IS NOT NULL LIMIT %s
"""
_BUILDINGS: Final = """
SELECT DISTINCT d.building_id FROM registers_resident r
    JOIN registers_household h ON h.id = r.household_id JOIN registers_dwelling d ON d.id = h.dwelling_id
WHERE r.id = ANY(%s)
"""
_FOLK: Final = """
SELECT r.id, d.building_id, r.birth_year, r.sex, r.id_index IS NOT NULL FROM registers_dwelling d
    JOIN registers_household h ON h.dwelling_id = d.id JOIN registers_resident r ON r.household_id = h.id
WHERE d.building_id = ANY(%s) AND r.birth_year IS NOT NULL
"""
"""Paired up here and not there: the server cannot tell how many are born in one year behind the doors it has not read,
and takes each with each."""
_ADD: Final = (
    "INSERT INTO registers_duplicate (scope_path, one_id, other_id, why, likeness, at)"
    " VALUES (%s, %s, %s, to_jsonb(%s::text[]), %s, %s) ON CONFLICT (one_id, other_id) DO NOTHING"
)
