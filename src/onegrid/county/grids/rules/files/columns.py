"""Columns as they come: their names in several tongues, their numbers with units and full-width digits."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.object_]

ALIASES: Final[Mapping[str, tuple[str, ...]]] = {
    "id": ("id", "osmid", "osmwayid", "fid", "gid", "objectid", "code", "编号", "编码", "楼栋编号", "建筑编号"),
    "households": ("households", "household", "hh", "户数", "家庭户数", "总户数", "住户数"),
    "residents": ("residents", "population", "pop", "people", "人口", "人口数", "居民数", "总人口"),
    "weight": ("weight", "workload", "权重", "工作量"),
    "floors": (
        "building:levels",
        "buildinglevels",
        "levels",
        "floors",
        "storeys",
        "层数",
        "楼层",
        "楼层数",
        "地上层数",
    ),
    "height": ("height", "building:height", "高度", "建筑高度", "楼高"),
    "units": ("units", "stairwells", "entrances", "building:units", "单元数", "单元"),
    "kind": ("building", "type", "kind", "fclass", "用途", "建筑用途", "房屋用途", "类型", "建筑类型"),
    "flats": ("building:flats", "flats", "套数"),
    "highway": ("highway", "fclass", "roadclass", "class", "type", "kind", "道路等级", "等级", "技术等级", "道路类型"),
    "name": ("name", "名称", "社区", "村名", "社区名称", "村居名称", "行政村"),
    "code": ("code", "代码", "编码", "区划代码", "行政区划代码", "adcode", "xzqdm"),
    "level": ("level", "层级", "级别", "网格层级"),
    "parent": ("parent", "parentcode", "上级", "上级编码", "上级代码"),
    "lon": ("lon", "lng", "long", "longitude", "x", "经度", "东经"),
    "lat": ("lat", "latitude", "y", "纬度", "北纬"),
    "shape": ("wkt", "geometry", "geom", "thegeom", "形状"),
}
"""What a column may be called; compared without case, spaces, ``_`` and ``-``."""

_NUMBER: Final = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_UNITS: Final = re.compile(r"(户|人|层|栋|个|米|m|套)$")
_TAG: Final = re.compile(r'"((?:[^"\\]|\\.)*)"=>"((?:[^"\\]|\\.)*)"')


def listed(words: str) -> frozenset[str]:
    """The words of a text, as a set."""
    return frozenset(words.split())


def folded(name: str) -> str:
    """A column's name as it is compared."""
    return re.sub(r"[\s_\-]", "", unicodedata.normalize("NFKC", name)).casefold()


def find(names: Iterable[str], what: str) -> str | None:
    """The column that means ``what``, in the order of its aliases; None when there is none."""
    known = {folded(name): name for name in reversed(list(names))}
    return next((known[alias] for alias in map(folded, ALIASES[what]) if alias in known), None)


def named(names: Iterable[str], wish: str) -> str | None:
    """The column a person named: exactly, else without regard to case and spaces."""
    known = list(names)
    if wish in known:
        return wish
    return next((name for name in known if folded(name) == folded(wish)), None)


def blank(value: object) -> bool:
    """Whether a cell says nothing."""
    if value is None:
        return True
    if isinstance(value, float):
        return bool(np.isnan(value))
    return isinstance(value, str) and not value.strip()


def words(column: Column | None, count: int) -> Column:
    """A column as stripped texts; what says nothing, or is not there, is an empty text."""
    if column is None:
        return np.full(count, "", dtype=object)
    return np.array([_word(value) for value in column], dtype=object)


def _word(value: object) -> str:
    if blank(value):
        return ""
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return unicodedata.normalize("NFKC", str(value)).strip()


@dataclass(frozen=True)
class Numbers:
    """A column as numbers: NaN where nothing is said or what is said is no number."""

    values: NDArray[np.float64]
    missing: NDArray[np.intp] = field(default_factory=lambda: np.zeros(0, dtype=np.intp))
    bad: NDArray[np.intp] = field(default_factory=lambda: np.zeros(0, dtype=np.intp))


def numbers(column: Column, *, least: float = 0.0, most: float = np.inf) -> Numbers:
    """Read a column of numbers; what lies outside ``least``…``most`` counts as bad.

    ``"12 户"``, ``"１２"`` and ``"1,200"`` are read. Of ``"3;5"`` (two parts of one building) the greater is taken.
    """
    values = np.full(len(column), np.nan)
    missing, bad = [], []
    for place, value in enumerate(column):
        if blank(value):
            missing.append(place)
            continue
        number = _number(value)
        if number is None or not least <= number <= most:
            bad.append(place)
        else:
            values[place] = number
    return Numbers(values, np.array(missing, dtype=np.intp), np.array(bad, dtype=np.intp))


def _number(value: object) -> float | None:
    if isinstance(value, bool | np.bool_):
        return None
    if isinstance(value, int | float | np.integer | np.floating):
        return float(value) if np.isfinite(float(value)) else None
    parts = [_plain(part) for part in unicodedata.normalize("NFKC", str(value)).split(";") if part.strip()]
    known = [part for part in parts if part is not None]
    return max(known) if parts and len(known) == len(parts) else None


def _plain(words: str) -> float | None:
    cut = _UNITS.sub("", words.strip().replace(",", "")).strip()
    number = float(cut) if _NUMBER.fullmatch(cut) else np.inf
    return number if np.isfinite(number) else None


def tag(packed: Column, key: str) -> Column:
    """One tag out of OSM's packed ``other_tags`` (``"key"=>"value",…``); None where it is not there."""
    return np.array([_tag(value, key) for value in packed], dtype=object)


def _tag(packed: object, key: str) -> str | None:
    if not isinstance(packed, str) or f'"{key}"' not in packed:
        return None
    return next((value for name, value in _TAG.findall(packed) if name == key), None)


def numeric_names(columns: Mapping[str, Column]) -> Sequence[str]:
    """Names of columns whose cells are numbers, for a hint to the person."""
    return [
        name
        for name, column in columns.items()
        if any(not blank(value) for value in column[:200])
        and all(_number(value) is not None for value in column[:200] if not blank(value))
    ]
