"""Draws who lives in the households: how old, who is whose child, which number and phone each has.

All of it belongs to nobody: identity numbers have the area 990000, which no place has, and phones begin with 190 00.
The same seed and day draw the same people, block by block.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Final

import numpy as np

from onegrid.shell.demo import names
from onegrid.shell.demo.lattice import Ints

MOST_PEOPLE = 8
_AREA: Final = 990_000
_ELDEST: Final = 92
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS: Final = "10X98765432"
_PEOPLE_A_DAY: Final = 500
"""Of one sex and day of birth: three digits of sequence, odd for men and even for women."""
_RELATIONS: Final = (("户主", "户主"), ("配偶", "配偶"), ("子", "女"), ("孙子", "孙女"), ("父亲", "母亲"))
_HEAD, _SPOUSE, _CHILD, _GRANDCHILD, _PARENT = range(5)
_PHONE_FROM, _FEW_PHONES_FROM = 12, 80


@dataclass(frozen=True)
class Person:
    """One line of the residents' sheet, as far as it is the person's own."""

    name: str
    relation: str
    sex: str
    born: str
    number: str
    phone: str


def sizes_of(rng: np.random.Generator, households: int, people: int) -> Ints:
    """How many live in each household: one to eight, ``people`` in all (or as near as that allows)."""
    mean = people / max(1, households)
    sizes = np.clip(rng.poisson(max(0.0, mean - 1), households) + 1, 1, MOST_PEOPLE).astype(np.int64)
    wanted = min(max(people, households), households * MOST_PEOPLE)
    while (short := wanted - int(sizes.sum())) != 0:
        free = np.flatnonzero(sizes < MOST_PEOPLE) if short > 0 else np.flatnonzero(sizes > 1)
        chosen = rng.permutation(free)[: abs(short)]
        sizes[chosen] += 1 if short > 0 else -1
    return sizes


@dataclass
class Folk:
    """Draws everybody, block after block; remembers which numbers are given."""

    seed: int
    today: date
    _given: dict[tuple[str, int], int] = field(default_factory=dict)
    _phones: int = 0

    def block(self, number: int, sizes: Ints) -> Iterator[Person]:
        """The people of one block of households, in order. Blocks must be drawn in order."""
        rng = np.random.default_rng([self.seed, 10, number])
        first = np.repeat(np.cumsum(sizes) - sizes, sizes)
        place = np.arange(int(sizes.sum())) - first
        ages, relations = _ages(rng, sizes, place)
        sexes = _sexes(rng, place, first)
        born = _births(rng, ages, self.today)
        reached = rng.random(len(place)) < np.where(ages > _FEW_PHONES_FROM, 0.4, np.where(place < 2, 0.97, 0.8))
        phones = reached & (ages >= _PHONE_FROM)
        for name, relation, sex, day, has in zip(
            _family_names(rng, sizes), relations.tolist(), sexes.tolist(), born, phones.tolist(), strict=True
        ):
            yield Person(
                name, _RELATIONS[relation][sex - 1], "男" if sex == 1 else "女", day, self._number(day, sex),
                self._phone() if has else "",
            )  # fmt: skip

    def _phone(self) -> str:
        self._phones += 1
        return names.register_phone(self._phones)

    def _number(self, born: str, sex: int) -> str:
        """The next free identity number of a day and sex, with its check character."""
        given = self._given.get((born, sex), 0)
        self._given[born, sex] = given + 1
        beyond, place = divmod(given, _PEOPLE_A_DAY)
        sequence = place * 2 + (1 if sex == 1 else 0)
        digits = f"{_AREA + beyond}{born[:4]}{born[5:7]}{born[8:]}{sequence:03d}"
        return digits + _CHECKS[sum(map(_product, digits, _WEIGHTS)) % 11]


def _product(digit: str, weight: int) -> int:
    return int(digit) * weight


def _ages(rng: np.random.Generator, sizes: Ints, place: Ints) -> tuple[Ints, Ints]:
    """Two grown-ups of about an age, then children; beyond them grandchildren of the old, or parents of the young."""
    head = np.repeat(rng.integers(24, 84, len(sizes)), sizes)
    apart = rng.integers(22, 34, len(place))
    relation = np.select(
        [place == 0, place == 1, place < 4, head >= 52], [_HEAD, _SPOUSE, _CHILD, _GRANDCHILD], _PARENT
    )
    age = np.select(
        [place == 0, place == 1, place < 4, head >= 52],
        [head, np.maximum(20, head + rng.integers(-6, 7, len(place))), head - apart, head - 2 * apart],
        head + apart,
    )
    young, old = rng.integers(0, 4, len(place)), rng.integers(80, _ELDEST + 1, len(place))
    found = np.where(age < 0, young, np.where(age > _ELDEST, old, age))
    return np.asarray(found, dtype=np.int64), np.asarray(relation, dtype=np.int64)


def _sexes(rng: np.random.Generator, place: Ints, first: Ints) -> Ints:
    """1 for men, 2 for women; the second of a household is of the other sex than the first."""
    drawn = rng.integers(1, 3, len(place))
    return np.asarray(np.where(place == 1, 3 - drawn[first], drawn), dtype=np.int64)


def _births(rng: np.random.Generator, ages: Ints, today: date) -> list[str]:
    """Days of birth; whoever was born this year was born before today."""
    years = today.year - ages
    passed = max(1, (today - date(today.year, 1, 1)).days)
    days = np.minimum(rng.integers(0, 365, len(ages)), np.where(ages == 0, passed - 1, 364))
    born = (years - 1970).astype("datetime64[Y]").astype("datetime64[D]") + days.astype("timedelta64[D]")
    return [str(day) for day in np.datetime_as_string(born, unit="D")]


def _family_names(rng: np.random.Generator, sizes: Ints) -> Iterator[str]:
    """Invented names: the first of a household gives the surname to all but the second."""
    drawn = iter(names.people(rng, int(sizes.sum())))
    for size in sizes.tolist():
        head = next(drawn)
        yield head
        for number in range(1, size):
            name = next(drawn)
            yield name if number == 1 else head[0] + name[1:]
