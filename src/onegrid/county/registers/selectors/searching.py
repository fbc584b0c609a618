"""Words to rows: through the index of search terms, then looked at again, the best first.

A hit of the index is only a key. The rows are read under the reader's own scope, and the grid he stands in is one of
the terms, so that nothing outside can crowd out or give away what is inside. See docs/adr/0020.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Q

from onegrid.county.registers.models import Dwelling, Household, Resident
from onegrid.county.registers.rules.kinds import Kind
from onegrid.county.registers.rules.sheets.addresses import split
from onegrid.county.registers.rules.sheets.values import Bad
from onegrid.county.registers.rules.terms import (
    NAMED,
    NUMBERS,
    Hasher,
    grid_term,
    is_number,
    is_tail,
    normalise_words,
    plain,
    sounds,
    wanted,
)
from onegrid.county.registers.selectors.cells import MODELS
from onegrid.county.registers.selectors.records import by_keys
from onegrid.foundation.database.fields import blind
from onegrid.foundation.database.write import turn
from onegrid.foundation.kernel import pinyin
from onegrid.foundation.kernel.masking import normalise, normalise_phone

CANDIDATES: Final = 200
"""So many hits are looked at; who gets more is asked for more words or a smaller place."""
SHOWN: Final = 20
LEAST_BUILDING: Final = 2
"""Characters of a building's address, before a door is looked for in it."""


@dataclass(frozen=True)
class Hits:
    """Rows of one kind, the best first. `more`: there are others the words fit as well."""

    kind: Kind
    rows: Sequence[Any]
    more: bool = False


def searchable(words: str) -> bool:
    """Whether anything can be looked up: two characters together, somewhere."""
    return any(len(word) > 1 for word in normalise_words(words))


def find(
    hasher: Hasher, kinds: Sequence[Kind], words: str, *, place: str = "", numbers: Collection[str] = NAMED
) -> list[Hits]:
    """Rows of some kinds in the grid with the path `place` ("" or the root: wherever the reader reaches), by kind.

    `numbers`: by which of a resident's (id_number, phone) he may be found; a number that may not even be seen masked
    must not be tried out. Households are found by their number. One statement for the index; for each kind it hits,
    one to look at the candidates and one to read those that are shown.
    """
    given = normalise_words(words)
    keys = _candidates(hasher, kinds, words, place, numbers)
    for kind, found in _exact(kinds, words, given, numbers).items():
        keys[kind] = found
    hits = [_ranked(kind, keys[kind], given, place, numbers) for kind in kinds if keys.get(kind)]
    return [*hits, *_doors(hasher, kinds, words, place)]


def _doors(hasher: Hasher, kinds: Sequence[Kind], words: str, place: str) -> list[Hits]:
    """Who lives behind a door, and the door, when the words are a whole address with a door at its end."""
    try:
        door = split("".join(words.split()))
    except Bad:
        return []
    if not door.label or len(door.building) < LEAST_BUILDING:
        return []
    buildings = _candidates(hasher, ["buildings"], door.building, place, ()).get("buildings", [])
    same = {"building__in": buildings, "label": door.label, "building__name__contains": door.building}
    keys = [
        key
        for key, path in Dwelling.objects.filter(**same).values_list("pk", "scope_path")[:CANDIDATES]
        if path.startswith(place)
    ]
    homes = Household.objects.filter(dwelling__in=keys).order_by("dwelling", "pk").values_list("pk", flat=True)
    found = {"households": list(homes[: SHOWN + 1]), "dwellings": sorted(keys)}
    return [
        Hits(kind, list(by_keys(kind, found[kind][:SHOWN]).values()), len(found[kind]) > SHOWN)
        for kind in ("households", "dwellings")
        if kind in kinds and found[kind]
    ]


def _candidates(
    hasher: Hasher, kinds: Sequence[Kind], words: str, place: str, numbers: Collection[str]
) -> dict[Kind, list[int]]:
    """Keys the index gives for any of the sets of terms, by kind."""
    segments = place.split(".")[1:-1]
    within = [grid_term(hasher.term, segments[-1])] if segments else []
    asked = [(NUMBERS[kind], [*way, *within]) for kind in kinds for way in wanted(hasher, kind, words, numbers)]
    if not asked:
        return {}
    sql = " UNION ALL ".join([_FIND] * len(asked))
    named = {number: kind for kind, number in NUMBERS.items()}
    found: dict[Kind, list[int]] = {}
    _, rows = turn([(_BY_INDEX, ()), (sql, [value for kind, terms in asked for value in (kind, terms)])])
    for number, key in rows:
        found.setdefault(named[int(number)], []).append(int(key))
    return found


_BY_INDEX: Final = "SELECT set_config('enable_seqscan', 'off', true)"
"""The planner knows little of how often terms meet. With a LIMIT it may take reading the table from its beginning for
the shorter way, which took three seconds of a million residents instead of milliseconds."""
_FIND: Final = f"(SELECT %s::int, key FROM registers_searchterms WHERE terms @> %s::integer[] LIMIT {CANDIDATES})"  # noqa: S608


def _exact(kinds: Sequence[Kind], words: str, given: Sequence[str], numbers: Collection[str]) -> dict[Kind, list[int]]:
    """Households with exactly this number, residents with exactly this identity or phone number."""
    if len(given) != 1:
        return {}
    word = normalise(given[0])
    found: dict[Kind, list[int]] = {}
    if "households" in kinds:
        same_number = Household.objects.filter(number__in={words.strip(), normalise(words), word})
        found["households"] = list(same_number.values_list("pk", flat=True)[:CANDIDATES])
    if "residents" in kinds and is_number(word):
        same = Q()
        if "id_number" in numbers:
            same |= Q(id_index=blind(Resident, "id_index", word))
        if "phone" in numbers:
            same |= Q(phone_index=blind(Resident, "phone_index", normalise_phone(word)))
        found["residents"] = (
            list(Resident.objects.filter(same).values_list("pk", flat=True)[:CANDIDATES]) if same else []
        )
    return found


WHOLE, BEGINS, HOLDS, NOT = 0, 1, 2, 9
"""How well a row fits, best first."""
_LOOKED_AT: Final[Mapping[Kind, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "residents": (("name",), ("id_number", "phone")),
    "households": ((), ("number",)),
    "buildings": (("name",), ("code",)),
    "premises": (("name", "address"), ("code",)),
    "organisations": (("name", "address"), ("credit_code",)),
}
"""The texts and the numbers of a row that words may fit."""
_COMPARED: Final[Mapping[str, Callable[[str], str]]] = {"phone": normalise_phone}
"""How a number is compared, if not as every other."""


def _ranked(kind: Kind, keys: Sequence[int], given: Sequence[str], place: str, named: Collection[str]) -> Hits:
    """The best of the candidates, read whole; two rows may share a term by chance, and are told apart here."""
    texts, numbers = _LOOKED_AT[kind]
    # Numbers are opened only when one may have been typed, and by who may see it.
    typed = any(map(str.isdigit, "".join(given)))
    numbers = tuple(name for name in numbers if typed and (kind != "residents" or name in named))
    model = MODELS[kind]
    rows = model.objects.filter(pk__in=set(keys)).only("pk", "scope_path", *texts, *numbers)
    scored = []
    for row in rows:
        fit = _fit(
            [getattr(row, name) or "" for name in texts],
            [plain(getattr(row, name) or "") for name in numbers],
            given,
        )
        if fit < NOT and row.scope_path.startswith(place):
            scored.append((fit, row.pk))
    best = [key for _, key in sorted(scored)[:SHOWN]]
    read_whole = by_keys(kind, best) if best else {}
    more = len(scored) > SHOWN or len(keys) >= CANDIDATES
    return Hits(kind, [read_whole[key] for key in best if key in read_whole], more)


def _fit(texts: Sequence[str], numbers: Sequence[str], given: Sequence[str]) -> int:
    """The worst of how each word fits."""
    worst = WHOLE
    for word in given:
        fit = min((_fits(word, text) for text in texts), default=NOT)
        upper = plain(word)
        if any(upper == number or (is_tail(word) and number.endswith(upper)) for number in numbers):
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
