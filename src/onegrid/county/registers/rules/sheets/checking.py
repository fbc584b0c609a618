"""A line of a sheet to a `Row`, or to everything that is wrong with it.

Two ways through, one result. `quick` makes a resident of a line without a fault. Whatever is not plain raises `Bad`
there, and the line is gone over again, cell by cell, and every problem collected. Other kinds always go
the careful way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Mapping as ReadOnly
from datetime import date
from operator import itemgetter
from typing import Any, Final

from onegrid.county.registers.rules.kinds import COLUMNS, Column, Kind
from onegrid.county.registers.rules.section import Choice
from onegrid.county.registers.rules.sheets import addresses, values
from onegrid.county.registers.rules.sheets.agreeing import Values, finish, number_text
from onegrid.county.registers.rules.sheets.headers import Mapping
from onegrid.county.registers.rules.sheets.numbers import credit_code
from onegrid.county.registers.rules.sheets.problems import Problem, masked
from onegrid.county.registers.rules.sheets.quick import Quick, quick_resident
from onegrid.county.registers.rules.sheets.rows import ROWS, Row
from onegrid.county.registers.rules.sheets.values import Bad, Memo

Choices = ReadOnly[str, Sequence[Choice]]
Read = Callable[[str], Any]
OLDEST: Final = 130
_NUMBERS: Final[ReadOnly[str, Read]] = {
    "id": values.number_of(1, 2**62),
    "version": values.number_of(1, 2**31 - 1),
    "floor": values.floor,
    "levels": values.number_of(1, 200, "层 楼"),
    "units": values.number_of(1, 100, "个单元 单元 个"),
    "people": values.number_of(0, 200, "人 口 个"),
}
_DOORS: Final[ReadOnly[str, Read]] = {"unit": addresses.unit_of, "room": addresses.room_of}


class Checker:
    """Checks the lines of one file. Keeps what it read before, so make one for a file and keep it.

    `choices` is the pack's (`RegistersPart.choices`); `today` is the day no date may lie after.
    """

    def __init__(self, mapping: Mapping, choices: Choices, today: date) -> None:
        self.kind: Kind = mapping.kind
        self._columns = COLUMNS[self.kind]
        self._keys = tuple(column.key for column in self._columns)
        self._width = max(mapping.places.values(), default=-1) + 1
        places = [mapping.places.get(key, self._width) for key in self._keys]
        self._pick: Callable[[Sequence[str]], tuple[str, ...]] = itemgetter(*places)
        self._memos = tuple(Memo[Any](reader(column, choices, today)) for column in self._columns)
        self._row: Any = ROWS[self.kind]
        self._fields = self._row._fields[4:]
        self._days = f"{today.year - OLDEST}-01-01", today.isoformat()
        self._quick: Quick | None = None
        if self.kind == "residents":
            memos = dict(zip(self._keys, self._memos, strict=True))
            self._quick = quick_resident(memos, today.year - OLDEST, today.isoformat())

    def check(self, line: int, cells: Sequence[str]) -> Row | list[Problem] | None:
        """The row a line holds, or all problems in the order of our columns, or None for a line without any content.

        `cells` may be shorter or longer than the header. Never raises.
        """
        raws = self.raws(cells)
        if self._quick is not None:
            try:
                return self._quick(line, raws)
            except Bad:
                pass
        return self.carefully(line, raws)

    def raws(self, cells: Sequence[str]) -> tuple[str, ...]:
        """The cells of a line in the order of our columns, "" for columns the file has not."""
        width = self._width
        missing = width - len(cells)
        return self._pick([*cells, *[""] * (missing + 1)] if missing > 0 else [*cells[:width], ""])

    def carefully(self, line: int, raws: tuple[str, ...]) -> Row | list[Problem] | None:
        """The same for the raw cells in the order of our columns, cell by cell."""
        found: Values = {}
        faults: list[Problem] = []
        hidden: list[tuple[Column, str]] = []
        for column, memo, raw in zip(self._columns, self._memos, raws, strict=True):
            if not raw:
                found[column.key] = memo[""]
                continue
            try:
                found[column.key] = memo[raw]
            except Bad as bad:
                if bad.reason == "masked":
                    hidden.append((column, raw))
                    found[column.key] = memo[""]
                else:
                    faults.append(Problem(line, column.key, masked(column, raw), bad.reason, bad.params))
        if not faults and not hidden and not any(value not in (None, "") for value in found.values()):
            return None
        kept: tuple[str, ...] = ()
        if found.get("id"):
            kept = tuple(column.key for column, _ in hidden)
        else:
            faults += [Problem(line, column.key, masked(column, raw), "masked") for column, raw in hidden]
        return self._together(line, raws, found, kept, faults)

    def _together(
        self, line: int, raws: tuple[str, ...], found: Values, kept: tuple[str, ...], faults: list[Problem]
    ) -> Row | list[Problem]:
        wrong = {fault.column for fault in faults}
        told = [fault for fault in finish(self.kind, found, (*kept, *wrong)) if fault[0] not in wrong]
        born = found.get("birth_date") or ""
        if "birth_date" not in wrong and len(born) == 10 and not self._days[0] <= born <= self._days[1]:
            told.append(("id_number", "id_birth_range", {}))
        if told:
            at = {key: masked(column, raw) for key, column, raw in zip(self._keys, self._columns, raws, strict=True)}
            faults += [Problem(line, key, at[key], reason, params) for key, reason, params in told]
        if faults:
            return sorted(faults, key=lambda fault: self._keys.index(fault.column))
        made: Row = self._row(line, found.pop("id"), found.pop("version"), kept, *[found[key] for key in self._fields])
        return made


def reader(column: Column, choices: Choices, today: date) -> Read:
    """How a cell of the column is read: the function gives its value or raises Bad."""
    if column.key in _DOORS:
        short, door = values.text_of(column.longest), _DOORS[column.key]
        return lambda raw: door(short(raw))
    match column.form:
        case "choice":
            return values.choice_of(choices.get(column.choice, ()))
        case "number":
            return _NUMBERS[column.key]
        case "past":
            return values.past_of(today, year_alone=column.key == "birth_date")
        case "degrees":
            return values.degrees_of(180 if column.key == "lon" else 90)
        case "sex":
            return values.sex
        case "phone":
            return values.phone
        case "id_number":
            return lambda raw: number_text(values.clean(raw))
        case "credit_code":
            return _credit_code
        case _:
            return values.name if column.personal else values.text_of(column.longest)


def _credit_code(raw: str) -> str:
    code = number_text(values.clean(raw))
    return credit_code(code) if code else ""
