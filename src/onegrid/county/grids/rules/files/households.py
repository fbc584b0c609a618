"""A model of households where nobody counted them: from footprints, storeys and kinds of buildings.

A model, and the report says so. Its two figures are those of the Seventh National Population Census (2020, family
households): 2.62 people and 111.18 square metres of dwelling a household. Dormitories are reckoned like flats.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from onegrid.county.grids.rules.files import columns
from onegrid.county.grids.rules.files.columns import Column, listed

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]
Mask = NDArray[np.bool_]

PEOPLE: Final = 2.62
DWELLING_M2: Final = 111.18
STOREY_M: Final = 3.0
SHED_M2: Final = 25.0
"""Unnamed buildings smaller than this are sheds, kiosks, toilets."""
HALL_M2: Final = 3000.0
"""Unnamed buildings larger than this are halls, works, markets."""
HOUSE_M2: Final = 200.0
"""Unnamed buildings up to this size hold one household when they are low."""
LOW: Final = 4
STAIRWELL_M: Final = 18.0
"""One stairwell for each so many metres of a slab."""
FLATS_A_LANDING: Final = 2
HIGHEST: Final = 120

HOUSES: Final = listed(
    "house detached semidetached_house terrace bungalow farm villa hut cabin houseboat static_caravan "
    "平房 别墅 农房 自建房 民房 农村住宅 独栋"
)
FLATS: Final = listed(
    "apartments residential dormitory flats block tower 住宅 居民楼 公寓 宿舍 住宅楼 商住 商住楼 居住 安置房 家属楼"
)
UNNAMED: Final = frozenset(["", "yes", "1", "true", "building", "建筑", "房屋", "楼房", "unclassified"])
OTHERS: Final = listed(
    "university school kindergarten college office commercial retail supermarket kiosk industrial warehouse garage "
    "garages carport shed church temple mosque cathedral chapel shrine monastery religious hospital clinic public "
    "civic government townhall roof construction ruins greenhouse barn stable sty cowshed farm_auxiliary parking "
    "toilets service transportation train_station station hotel motel hostel museum library stadium sports_hall "
    "sports_centre grandstand pavilion hangar storage_tank silo water_tower transformer_tower fire_station police "
    "prison bunker bridge gatehouse guardhouse collapsed tower_works shop mall market factory works hall canteen "
    "restaurant theatre cinema 学校 教学楼 办公 办公楼 商业 商场 工业 厂房 仓库 车库 医院 公共 政府 在建 公厕 棚 "
    "食堂 图书馆 体育馆 酒店 宾馆 寺庙 门卫 配电 泵房"
)
"""Kinds with no homes. A kind in none of the four lists is taken for unnamed, and named in the report."""
_USES: Final = ("amenity", "shop", "office", "leisure", "tourism", "man_made", "historic", "military", "aeroway")


@dataclass(frozen=True)
class Modelled:
    """Households, storeys and stairwells of each building, and what was assumed for how many."""

    households: Numbers
    floors: Whole
    units: Whole
    told: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Shape:
    """Sizes of the footprints: square metres and metres of the longer side; 0 for a point."""

    area_m2: Numbers
    length_m: Numbers


def model(shape: Shape, kinds: Column, used: Mask, known_floors: Numbers, flats: Numbers) -> Modelled:
    """Households of each building from its footprint, kind and storeys.

    ``used`` marks buildings that serve something else (a shop, an office); ``known_floors`` and ``flats`` (dwellings
    counted) are NaN where nobody said.
    """
    house = np.isin(kinds, list(HOUSES))
    block = np.isin(kinds, list(FLATS))
    other = np.isin(kinds, list(OTHERS))
    unnamed = ~(house | block | other)
    point = shape.area_m2 <= 0
    shed = unnamed & ~point & (shape.area_m2 < SHED_M2)
    hall = unnamed & (shape.area_m2 > HALL_M2)
    home = (house | block | (unnamed & ~used & ~shed & ~hall)) & ~other
    floors, guessed = _floors(shape, kinds, house, block, known_floors)
    single = house | point | (unnamed & (shape.area_m2 <= HOUSE_M2) & (floors <= LOW))
    several = np.maximum(1.0, np.round(shape.area_m2 * floors / DWELLING_M2))
    row = np.isin(kinds, ["terrace", "bungalow", "semidetached_house", "平房"])
    households = np.where(single & ~row & ~block, 1.0, several) * home
    counted = np.isfinite(flats)
    households = np.where(counted, np.nan_to_num(flats), households)
    told: dict[str, object] = {
        "source": "Seventh National Population Census 2020",
        "dwelling_m2": DWELLING_M2,
        "people_per_household": PEOPLE,
        "homes": int((households > 0).sum()),
        "houses": int((home & single).sum()),
        "flats_counted": int(counted.sum()),
        "other_use": int((other | (unnamed & used)).sum()),
        "too_small": int((shed & ~used).sum()),
        "too_large": int((hall & ~used).sum()),
        "floors_given": int(np.isfinite(known_floors).sum()),
        "floors_modelled": int((guessed & (households > 0)).sum()),
        "points": int((point & home).sum()),
        "kinds_unknown": sorted({str(kind) for kind in kinds[unnamed]} - UNNAMED)[:20],
    }
    whole = floors.astype(np.int64)
    units = stairwells(households, shape.length_m, whole)
    return Modelled(households, np.where(households > 0, whole, 1), units, told)


def _floors(shape: Shape, kinds: Column, house: Mask, block: Mask, known: Numbers) -> tuple[Numbers, Mask]:
    """Storeys: those given, else the median of the same kind when at least five are given, else by size."""
    guess = np.where(shape.area_m2 < 60, 1.0, np.where(shape.area_m2 < HOUSE_M2, 2.0, 4.0))
    guess = np.where(house, 2.0, np.where(block & (shape.area_m2 >= HOUSE_M2), 6.0, guess))
    guess = np.where(np.isin(kinds, ["bungalow", "平房"]), 1.0, guess)
    for kind in set(kinds[np.isfinite(known)]):
        same = kinds == kind
        given = known[same & np.isfinite(known)]
        if len(given) >= 5:
            guess = np.where(same, max(1.0, float(np.round(np.median(given)))), guess)
    guessed = ~np.isfinite(known)
    return np.clip(np.where(guessed, guess, known), 1, HIGHEST).round(), guessed


def stairwells(households: Numbers, length_m: Numbers, floors: Whole) -> Whole:
    """Stairwells of each building: one for each so many metres of its length, and never one without a household."""
    by_length = np.maximum(1, np.round(length_m / STAIRWELL_M))
    most = np.maximum(1, np.floor(households / np.maximum(floors, 1)))
    return np.where(households > 3, np.minimum(by_length, most), 1).astype(np.int64)


def storeys(households: Numbers, length_m: Numbers, floors: Numbers, units: Numbers) -> tuple[Whole, Whole, int]:
    """Storeys and stairwells where households are counted: those given, the rest from the count.

    Without them a block of flats could not be divided into teams. Returns also how many blocks were modelled.
    """
    large = households > 3
    by_length = np.maximum(1, np.round(length_m / STAIRWELL_M))
    guess_units = np.minimum(by_length, np.maximum(1, np.ceil(households / FLATS_A_LANDING)))
    whole_units = np.where(np.isfinite(units), units, np.where(large, guess_units, 1))
    whole_units = np.maximum(1, np.round(whole_units))
    guess_floors = np.ceil(households / (FLATS_A_LANDING * whole_units))
    whole_floors = np.where(np.isfinite(floors), floors, np.where(large, guess_floors, 1))
    whole_floors = np.clip(np.round(whole_floors), 1, HIGHEST)
    modelled = int((large & ~(np.isfinite(floors) & np.isfinite(units))).sum())
    return whole_floors.astype(np.int64), whole_units.astype(np.int64), modelled


def kinds_of(column: Column | None, count: int) -> Column:
    """Kinds as they are compared."""
    return np.array([str(word).casefold() for word in columns.words(column, count)], dtype=object)


def other_use(table: dict[str, Column], count: int) -> Mask:
    """Buildings with a tag that says they serve something else."""
    used = np.zeros(count, dtype=bool)
    for name in _USES:
        column = table.get(name)
        if column is None and "other_tags" in table:
            column = columns.tag(table["other_tags"], name)
        if column is not None:
            used |= np.array([not columns.blank(value) and str(value) != "no" for value in column], dtype=bool)
    return used
