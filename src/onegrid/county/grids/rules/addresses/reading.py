"""An address taken apart: names, and the numbers that follow them.

甘蔗街道昙石村临溪路十二号3号楼2单元301室 is the name 甘蔗街道昙石村临溪路 with the plate 12 and the block 3 behind
it; what lies behind the building's door is left out. Nothing is looked up here.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final, Literal, NamedTuple

Sort = Literal["plate", "block", "lane", "part", ""]
"""What a number counts: doors of a street (号), blocks of an estate (栋), lanes (弄), parts (期, 组)."""
SORTS: Final[tuple[Sort, ...]] = ("plate", "block", "lane", "part", "")

_HAN: Final = "零〇一二两三四五六七八九"
_COUNTED: Final = "号楼|号院|号|栋|幢|座|楼|单元|梯|层|室|户|弄|巷|支路|组|期|区|队|院|片|网格"
_HAN_NUMBER: Final = re.compile(rf"第?([{_HAN}十百]+)(?={_COUNTED})")
_HAN_ROAD: Final = re.compile(rf"([{_HAN}]{{2,}})(?=路|街|大道)")
_HAN_LAST: Final = re.compile(rf"(?:(?<=[路街巷道弄组苑园])[{_HAN}十百]+|(?<=\w\w)[{_HAN}]*十[{_HAN}]*)(?=\W|\Z)")
_NOISE: Final = re.compile(r"[^\w#-]|_")
_DASHES: Final = re.compile(r"[‐-―−~～－—]+")
_LOOSE_DASH: Final = re.compile(r"(?<![0-9A-Z])-+|-+(?![0-9A-Z])")
_NUMBER: Final = re.compile(
    r"第?(?P<number>[0-9]{1,5}(?:[A-Z](?![A-Z]))?(?:-[0-9]{1,4}[A-Z]?)*|(?<![A-Z0-9])[A-Z](?=座|栋|幢|区|号楼|单元))"
    r"(?P<word>号楼|号院|号|#楼?|栋楼?|幢楼?|座|楼|单元|梯|层|室|户|房|弄|巷|支路|组|期|区|队|院)?"
    r"(?P<road>(?:路|街|大道)(?![灯口边面上旁中道]))?"
)
_SORTS: Final[dict[str, Sort]] = {
    "号楼": "block", "#": "block", "#楼": "block", "栋": "block", "栋楼": "block", "幢": "block", "幢楼": "block",
    "座": "block", "楼": "block", "号": "plate", "号院": "plate", "院": "plate", "弄": "lane", "巷": "lane",
    "支路": "lane", "组": "part", "期": "part", "区": "part", "队": "part",
}  # fmt: skip
_BEHIND_THE_DOOR: Final = frozenset({"单元", "梯", "层", "室", "户", "房"})
_UNITS: Final = {"百": 100, "十": 10}


class Piece(NamedTuple):
    """A name and the numbers right behind it; either may be empty. `sort` is the first number's."""

    name: str
    numbers: tuple[str, ...]
    sort: Sort


def read(text: str) -> tuple[Piece, ...]:
    """Names and numbers of an address up to the building, as written; stairwell, floor and room are left out."""
    whole = plain(text)
    pieces: list[Piece] = []
    begin = 0
    inside = False
    for found in _NUMBER.finditer(whole):
        if found["road"]:
            # 817路 is a name.
            continue
        number, word = found["number"], found["word"] or ""
        name = whole[begin : found.start()]
        begin = found.end()
        follows = not name and bool(pieces) and bool(pieces[-1].numbers)
        counted = follows and len(pieces[-1].numbers) == 1 and pieces[-1].sort in ("part", "lane")
        if word in _BEHIND_THE_DOOR or (follows and (inside or word == "楼" or (not word and not counted))):
            inside = True
            if name:
                pieces.append(Piece(name, (), ""))
            continue
        first, dash, _ = number.partition("-")
        # 3-2-301 is block, stairwell, room; 12-1号 is a plate.
        inside = bool(dash) and not word
        shown = (first if inside else number).lstrip("0") or "0"
        if follows:
            last = pieces[-1]
            pieces[-1] = last._replace(numbers=(*last.numbers, shown))
        else:
            pieces.append(Piece(name, (shown,), _SORTS.get(word, "")))
    if begin < len(whole):
        pieces.append(Piece(whole[begin:], (), ""))
    if len(pieces) >= 2 and not pieces[0].name and not pieces[1].numbers:
        # 12号临溪路: a number in front of everything belongs to the name behind it.
        pieces[:2] = [pieces[0]._replace(name=pieces[1].name)]
    return tuple(pieces)


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """One form: NFKC, capitals, no spaces or marks, one kind of hyphen, Chinese numbers in figures."""
    text = _DASHES.sub("-", unicodedata.normalize("NFKC", text).upper())
    text = _HAN_LAST.sub(lambda found: str(figure(found[0])), text)
    text = _LOOSE_DASH.sub("", _NOISE.sub("", text))
    text = _HAN_NUMBER.sub(lambda found: str(figure(found[1])), text)
    return _HAN_ROAD.sub(lambda found: str(figure(found[1])), text)


def figure(han: str) -> int:
    """The value of a Chinese number below a thousand: 十二, 一百零三, or figure by figure 二〇五."""
    digits = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
    if not any(sign in _UNITS for sign in han):
        return int("".join(str(digits[sign]) for sign in han))
    total, last = 0, 0
    for sign in han:
        if sign in _UNITS:
            total += (last or 1) * _UNITS[sign]
            last = 0
        else:
            last = digits[sign]
    return total + last
