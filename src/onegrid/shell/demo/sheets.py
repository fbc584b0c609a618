"""Writes the spreadsheets a county would hand over to be imported: buildings, dwellings, residents, organisations,
premises. The importer does the rest; nothing here knows a table.

The same world, seed and day give the same files to the last byte, so that an import that was cut off goes on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np

from onegrid.county.registers.rules.kinds import Kind
from onegrid.shell.demo import names
from onegrid.shell.demo.blueprint import RegisterPlan
from onegrid.shell.demo.folk import Folk, sizes_of
from onegrid.shell.demo.lattice import Ints
from onegrid.shell.demo.planting import World
from onegrid.shell.demo.settlement import HOUSE, PLACE, SLAB

BLOCK: Final = 20_000
"""Households drawn at a time."""
_TALL: Final = 7
_HOMES_A_FLOOR: Final = 2
_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_OWNED, _LET, _LENT = "自住", "出租", "借住"
_WORDS: Final[dict[Kind, tuple[str, str]]] = {
    "buildings": ("楼栋编号,楼栋名称,楼栋类型,层数,单元数,经度,纬度", "utf-8-sig"),
    "dwellings": ("楼栋编号,单元,楼层,房号,房屋用途", "gb18030"),
    "residents": (
        "楼栋编号,单元,楼层,房号,户号,与户主关系,姓名,性别,出生日期,证件类型,证件号码,联系电话,户籍类型,入住日期",
        "utf-8-sig",
    ),
    "organisations": ("统一社会信用代码,单位名称,单位类型,楼栋编号,负责人,联系电话", "gb18030"),
    "premises": ("场所编号,场所名称,场所类型,楼栋编号,所属单位,负责人,联系电话", "gb18030"),
}
"""Header and encoding of each file: counties write in both."""
ORDER: Final[tuple[Kind, ...]] = ("buildings", "dwellings", "residents", "organisations", "premises")


@dataclass(frozen=True)
class Homes:
    """Every dwelling of the county, building by building: how many live there and how it is held."""

    building: Ints
    place: Ints
    people: Ints
    """0 in an empty one; those of a building come first that are lived in."""
    use: tuple[str, ...]


class Sheets:
    """The files of one county."""

    def __init__(self, world: World, plan: RegisterPlan, seed: int, today: date) -> None:
        self.world, self.plan, self.seed, self.today = world, plan, seed, today
        buildings = world.land.buildings
        leaves = world.land.plan.leaves()
        count: dict[int, int] = {}
        self.codes: list[str] = []
        for village in buildings.village.tolist():
            count[village] = count.get(village, 0) + 1
            self.codes.append(f"{leaves[village].code}-{count[village]:05d}")
        self.homes = self._homes()

    def write(self, kind: Kind, folder: Path) -> Path:
        """Write one file into the folder; gives where it is."""
        header, encoding = _WORDS[kind]
        lines = {
            "buildings": self._buildings,
            "dwellings": self._dwellings,
            "residents": self._residents,
            "organisations": self._organisations,
            "premises": self._premises,
        }[kind]()
        path = folder / f"{kind}.csv"
        with path.open("w", encoding=encoding, newline="") as file:
            file.write(header + "\r\n")
            file.writelines(lines)
        return path

    def _homes(self) -> Homes:
        """Dwellings of all buildings; the empty ones go where slabs have doors left, then one to a house."""
        buildings = self.world.land.buildings
        rng = np.random.default_rng([self.seed, 5])
        living = buildings.households
        empty = spread(rng, self.plan.dwellings - int(living.sum()), buildings.kind, living, room_for(self.world))
        doors = living + empty
        building = np.repeat(np.arange(len(buildings)), doors)
        place = np.arange(len(building)) - np.repeat(np.cumsum(doors) - doors, doors)
        people = np.zeros(len(building), dtype=np.int64)
        people[place < living[building]] = sizes_of(rng, int(living.sum()), self.plan.residents)
        held = rng.choice(np.array([_OWNED, _LET, _LENT], dtype=object), len(building), p=[0.8, 0.17, 0.03])
        use = np.where(people > 0, held, "空置")
        return Homes(building, place, people, tuple(use.tolist()))

    def _doors(self) -> Iterator[str]:
        """Building, stairwell, floor and room of every dwelling, as cells."""
        units = self.world.land.buildings.units.tolist()
        doors = np.bincount(self.homes.building, minlength=len(units)).tolist()
        for at, place in zip(self.homes.building.tolist(), self.homes.place.tolist(), strict=True):
            unit, floor, room = door(units[at], place, doors[at])
            yield f"{self.codes[at]},{unit},{floor},{room}"

    def _buildings(self) -> Iterator[str]:
        buildings, houses = self.world.land.buildings, self.world.houses
        columns = (buildings.kind, buildings.floors, buildings.units, houses.lon, houses.lat)
        for code, address, kind, floors, units, lon, lat in zip(
            self.codes, houses.address, *[column.tolist() for column in columns], strict=True
        ):
            yield f"{code},{address},{_kind(kind, floors, address)},{floors},{units},{lon!r},{lat!r}\r\n"

    def _dwellings(self) -> Iterator[str]:
        for where, use in zip(self._doors(), self.homes.use, strict=True):
            yield f"{where},{use}\r\n"

    def _residents(self) -> Iterator[str]:
        folk = Folk(self.seed, self.today)
        rng = np.random.default_rng([self.seed, 11])
        homes = [
            (where, use, people)
            for where, use, people in zip(self._doors(), self.homes.use, self.homes.people.tolist(), strict=True)
            if people
        ]
        since = _moved_in(rng, len(homes), self.today)
        far = rng.random(len(homes)).tolist()
        for start in range(0, len(homes), BLOCK):
            block = homes[start : start + BLOCK]
            people = folk.block(start // BLOCK, np.array([count for _, _, count in block], dtype=np.int64))
            for number, (where, use, count) in enumerate(block, start):
                registered = "外地" if far[number] < (0.7 if use == _LET else 0.05) else "本地"
                for _ in range(count):
                    one = next(people)
                    yield (
                        f"{where},99{number:07d},{one.relation},{one.name},{one.sex},{one.born},身份证,{one.number},"
                        f"{one.phone},{registered},{max(since[number], one.born)}\r\n"
                    )

    def _shops(self) -> tuple[list[int], list[str]]:
        """The building of each of the premises and its name: places of work first, then where people live."""
        buildings = self.world.land.buildings
        rng = np.random.default_rng([self.seed, 12])
        places = np.flatnonzero(buildings.kind == PLACE)[: self.plan.premises]
        weight = buildings.households.astype(np.float64) + 0.01
        others = rng.choice(len(buildings), self.plan.premises - len(places), p=weight / weight.sum())
        at = [*places.tolist(), *np.sort(others).tolist()]
        return at, names.trades(rng, [self.world.houses.address[one] for one in at])

    def _in_charge(self) -> list[str]:
        """Invented names of the persons in charge, the same in both sheets."""
        return names.people(np.random.default_rng([self.seed, 13]), self.plan.premises)

    def _organisations(self) -> Iterator[str]:
        at, shops = self._shops()
        heads = self._in_charge()
        for number in range(self.plan.organisations):
            words, kind = ("有限公司", "企业") if number % 3 else ("经营部", "个体工商户")
            yield (
                f"{credit_code(number)},{shops[number]}{words},{kind},{self.codes[at[number]]},"
                f"{heads[number]},{names.register_phone(900_000 + number % 100_000)}\r\n"
            )

    def _premises(self) -> Iterator[str]:
        for number, (at, name, head) in enumerate(zip(*self._shops(), self._in_charge(), strict=True)):
            owner = credit_code(number) if number < self.plan.organisations else ""
            yield (
                f"C{number + 1:06d},{name},{names.premises_kind(name)},{self.codes[at]},{owner},"
                f"{head},{names.register_phone(900_000 + number % 100_000)}\r\n"
            )


def door(units: int, place: int, doors: int) -> tuple[str, int, str]:
    """Stairwell, floor and room: one home has the house; in a slab stairwell, floor and door count up."""
    if doors == 1 or units <= 1:
        return "", 1, str(place + 1)
    unit, rest = place % units + 1, place // units
    floor = rest // _HOMES_A_FLOOR + 1
    return str(unit), floor, f"{floor}{rest % _HOMES_A_FLOOR + 1:02d}"


def room_for(world: World) -> Ints:
    """Doors each building has beside those lived in: what a slab's floors leave; a second one in a house."""
    buildings = world.land.buildings
    slab = np.maximum(0, buildings.floors * buildings.units * _HOMES_A_FLOOR - buildings.households)
    return np.asarray(np.where(buildings.kind == SLAB, slab, buildings.kind == HOUSE), dtype=np.int64)


def spread(rng: np.random.Generator, wanted: int, kind: Ints, living: Ints, room: Ints) -> Ints:
    """Share ``wanted`` empty dwellings out: where there is room first, the rest among all that are lived in."""
    found = np.zeros(len(kind), dtype=np.int64)
    free = rng.permutation(np.repeat(np.arange(len(kind)), room))[: max(0, wanted)]
    np.add.at(found, free, 1)
    inhabited = np.flatnonzero(living > 0)
    if (left := wanted - len(free)) > 0:
        np.add.at(found, rng.choice(inhabited, left), 1)
    return found


def credit_code(number: int) -> str:
    """A unified social credit code (GB 32100-2015) of an organisation nowhere registered: area 990000."""
    digits, rest = "", number
    for _ in range(6):
        digits, rest = _ALPHABET[rest % 31] + digits, rest // 31
    body = f"91990000MA{digits}X"
    return body + _ALPHABET[-sum(_ALPHABET.index(letter) * 3**at for at, letter in enumerate(body)) % 31]


def _kind(kind: int, floors: int, address: str) -> str:
    if kind == HOUSE:
        return "自建房"
    if kind == SLAB:
        return "高层住宅" if floors > _TALL else "多层住宅"
    if address.endswith("加工厂"):
        return "厂房"
    return "公共建筑" if address.endswith(("学", "园", "室", "中心")) else "商业楼"


def _moved_in(rng: np.random.Generator, count: int, today: date) -> list[str]:
    """Since when each household lives there: within thirty years, more of them lately."""
    days = (rng.random(count) ** 2 * 365 * 30).astype("timedelta64[D]")
    return [str(day) for day in np.datetime_as_string(np.datetime64(today) - 1 - days, unit="D")]
