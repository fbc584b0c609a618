"""Words to rows: through the index of search terms, then looked at again, the best first.

A hit of the index is only a key. The rows are read under the reader's own scope, and the grid he stands in is one of
the terms, so that nothing outside can crowd out or give away what is inside. See docs/adr/0020.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from onegrid.county.registers.models import Household, Resident
from onegrid.county.registers.rules.kinds import Kind
from onegrid.county.registers.rules.terms import (
    NAMED,
    RUN,
    Hasher,
    grid_term,
    is_number,
    is_tail,
    normalise_words,
    sounds,
    wanted,
)
from onegrid.county.registers.selectors.records import by_keys
from onegrid.foundation.database.fields import blind
from onegrid.foundation.database.write import read
from onegrid.foundation.kernel import pinyin
from onegrid.foundation.kernel.masking import normalise, normalise_phone

CANDIDATES: Final = 200
"""So many hits are looked at; who gets more is asked for more words or a smaller place."""
SHOWN: Final = 20


@dataclass(frozen=True)
class Hits:
    """Rows of one kind, the best first. `more`: there are others the words fit as well."""

    kind: Kind
    rows: Sequence[Any]
    more: bool = False


def searchable(words: str) -> bool:
    """Whether anything can be looked up: two characters together, somewhere."""
    return any(len(run) > 1 for word in normalise_words(words) for run in RUN.findall(word))


def find(hasher: Hasher, kind: Kind, words: str, *, place: str = "", numbers: Collection[str] = NAMED) -> Hits:
    """Rows of one kind in the grid with the path `place` ("" or the root: wherever the reader reaches).

    `numbers`: by which of a resident's (id_number, phone) he may be found; a number that may not even be seen masked
    must not be tried out. Households are found by their number. Two statements and one for what is counted beside.
    """
    given = normalise_words(words)
    keys = _exact(kind, given, numbers)
    if not keys:
        keys = _candidates(wanted(hasher, kind, words, numbers), _place(hasher, place))
    rows = by_keys(kind, keys)
    scored = [
        (fit, key, row)
        for key, row in rows.items()
        if _in(row, place) and (fit := _fit(kind, row, given, numbers)) < NOT
    ]
    scored.sort(key=lambda one: one[:2])
    more = len(scored) > SHOWN or len(keys) >= CANDIDATES
    return Hits(kind, [row for *_, row in scored[:SHOWN]], more)


_FIND: Final = "(SELECT key FROM registers_searchterms WHERE terms @> %s::integer[] LIMIT {limit})"


def _candidates(ways: Sequence[Sequence[int]], place: Sequence[int]) -> list[int]:
    """Keys the index gives for any of the sets of terms."""
    if not ways:
        return []
    each = [_FIND.format(limit=CANDIDATES)] * len(ways)
    sql = f"SELECT DISTINCT key FROM ({' UNION ALL '.join(each)}) hit LIMIT {CANDIDATES}"  # noqa: S608
    return [int(key) for (key,) in read(sql, [[*way, *place] for way in ways])]


def _place(hasher: Hasher, path: str) -> list[int]:
    segments = path.split(".")[1:-1]
    return [grid_term(hasher.term, segments[-1])] if segments else []


def _in(row: Any, place: str) -> bool:
    return bool(row.scope_path.startswith(place))


def _exact(kind: Kind, given: Sequence[str], numbers: Collection[str]) -> list[int]:
    """Rows with exactly this identity or phone number, or household number."""
    if len(given) != 1:
        return []
    word = normalise(given[0])
    if kind == "households":
        return list(Household.objects.filter(number=word).values_list("pk", flat=True)[:CANDIDATES])
    if kind != "residents" or not is_number(word):
        return []
    found: set[int] = set()
    for name, index, value in (("id_number", "id_index", word), ("phone", "phone_index", normalise_phone(word))):
        if name in numbers:
            same = Resident.objects.filter(**{index: blind(Resident, index, value)})
            found.update(same.values_list("pk", flat=True)[:CANDIDATES])
    return sorted(found)


WHOLE, BEGINS, HOLDS, NOT = 0, 1, 2, 9
"""How well a row fits, best first."""


def _fit(kind: Kind, row: Any, given: Sequence[str], named: Collection[str]) -> int:
    """The worst of how each word fits; two rows may share a term by chance, and are told apart here."""
    texts = _texts(kind, row)
    # Opened only when a number may have been typed.
    numbers = _numbers(kind, row, named) if any(map(str.isdigit, "".join(given))) else ()
    worst = WHOLE
    for word in given:
        fit = min((_fits(word, text) for text in texts), default=NOT)
        if any(word.upper() == number or (is_tail(word) and number.endswith(word.upper())) for number in numbers):
            fit = WHOLE
        worst = max(worst, fit)
    return worst


def _fits(word: str, text: str) -> int:
    lower = text.lower()
    if word in lower:
        return WHOLE if word == lower else BEGINS if lower.startswith(word) else HOLDS
    if pinyin.typed(word) and word in sounds(text):
        return BEGINS
    return NOT


def _texts(kind: Kind, row: Any) -> tuple[str, ...]:
    if kind in ("premises", "organisations"):
        return row.name, row.address
    return (row.name,) if kind in ("residents", "buildings") else ()


def _numbers(kind: Kind, row: Any, named: Collection[str]) -> tuple[str, ...]:
    if kind == "residents":
        ways = {"id_number": normalise, "phone": normalise_phone}
        return tuple(way(getattr(row, name) or "") for name, way in ways.items() if name in named)
    if kind == "households":
        return (normalise(row.number),)
    return (normalise(row.credit_code if kind == "organisations" else row.code),)
