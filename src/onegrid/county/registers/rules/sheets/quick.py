"""The quick way through for residents, two thirds of everything a county imports: lines without a fault.

Nothing is decided here that `checking` would decide otherwise: whatever is not plain raises `Bad`, and the line goes
the careful way. Cells that come again and again are looked up as they stand; an identity number is three look-ups.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final
from unicodedata import is_normalized

from onegrid.county.registers.rules.sheets.addresses import Door
from onegrid.county.registers.rules.sheets.agreeing import place_of
from onegrid.county.registers.rules.sheets.numbers import AREAS, BIRTHS, CHECKS, SEQUENCES
from onegrid.county.registers.rules.sheets.rows import ResidentRow
from onegrid.county.registers.rules.sheets.values import BLANKS, Bad, Memo

Quick = Callable[[int, tuple[str, ...]], ResidentRow]
_NOT_PLAIN: Final = Bad("not_plain")
_MOBILE: Final = frozenset(f"1{second}" for second in "3456789")


class _Doors(dict[tuple[str, ...], Door]):
    """Doors by the raw cells that name them."""

    MOST: Final = 20_000

    def __init__(self, memos: Mapping[str, Memo[Any]]) -> None:
        super().__init__()
        self.memos = [memos[key] for key in ("building", "unit", "floor", "room", "address")]

    def __missing__(self, raws: tuple[str, ...]) -> Door:
        building, unit, floor, room, address = (memo[raw] for memo, raw in zip(self.memos, raws, strict=True))
        found = place_of(building, unit, floor, room, address)
        if len(self) >= self.MOST:
            self.clear()
        self[raws] = found
        return found


def quick_resident(memos: Mapping[str, Memo[Any]], first_year: int, today: str) -> Quick:
    """The function that makes a `ResidentRow` of the raw cells of a plain line, and raises Bad for any other.

    `memos` read the cells by column; nobody was born before `first_year` or after `today`.
    """
    grids, codes, households, relations = (memos[key] for key in ("grid", "building_code", "household", "relation"))
    sexes, births, id_kinds = memos["sex"], memos["birth_date"], memos["id_kind"]
    registereds, sinces = memos["registered"], memos["since"]
    doors = _Doors(memos)

    def quick(line: int, raws: tuple[str, ...]) -> ResidentRow:
        (id_, version, grid, code, building, unit, floor, room, address, household, relation,
         name, sex_said, born_said, id_kind, number, phone, registered, since, works, works_since) = raws  # fmt: skip
        if (
            id_
            or version
            or works
            or works_since
            or not (name.isalpha() and is_normalized("NFKC", name))
            or name.isascii()
            or name in BLANKS
            or len(name) > 60
            or (phone and not (len(phone) == 11 and phone.isdigit() and phone.isascii() and phone[:2] in _MOBILE))
        ):
            raise _NOT_PLAIN
        sex, born, kind, lives_since = sexes[sex_said], births[born_said], id_kinds[id_kind], sinces[since]
        year: int | None
        if number:
            if len(number) != 18 or (kind != "id_card" if kind else number[0] == "8"):
                raise _NOT_PLAIN
            share, day, year = BIRTHS[number[6:14]]
            rest, told = SEQUENCES[number[14:17]]
            if CHECKS[(AREAS[number[:6]] + share + rest) % 11] != number[17] or day > today or year < first_year:
                raise _NOT_PLAIN
            if (sex is not None and sex != told) or (born and born != day):
                raise _NOT_PLAIN
            sex, born, kind = told, day, "id_card"
        elif len(born) == 4:
            raise _NOT_PLAIN
        else:
            year = int(born[:4]) if born else None
        if lives_since and born and lives_since < born:
            raise _NOT_PLAIN
        plain = len(household) > 4 and household.isalnum() and household.isascii() and len(household) <= 40
        house = household if plain else households[household]
        found = doors[building, unit, floor, room, address]
        known = codes[code]
        if not (found.building or known or house):
            raise _NOT_PLAIN
        return _made(
            ResidentRow,
            (line, None, None, (), grids[grid], known, *found, house, relations[relation],
             name, sex, born, year, kind, number, phone, registereds[registered], lives_since, "", ""),
        )  # fmt: skip

    return quick


_made: Final = tuple.__new__
