"""Addresses of an invented county, and the ways people write them wrongly.

Divisions are those of a pack; streets, estates and shops are invented from common signs, so some names come again in
other villages, as they do. A question is an address with what people do to it: townships and office words left out, a
sign misheard or mistyped, signs missing, doubled or swapped, numbers in Chinese or full-width, 栋 for 号楼, another
order, the door behind the building, words around it. Two things are not asked, for nobody could answer: a wrong number,
and a village left out where the same street and number stand elsewhere too.
"""

from __future__ import annotations

import csv
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from onegrid.county.grids.rules import paths
from onegrid.county.grids.rules.addresses.gazetteer import Labelled, Named, short_form
from onegrid.foundation.kernel import pinyin

_SIGNS = (
    "临溪朝阳桂园榕荫望江景山和顺春晖永兴文昌东湖梅岭竹林金桥仁福泉石头下洋上塘后新丰长安云水百花锦屏白鹭青松红星光明胜利解放"
    "民主建设平学府滨河银杏枫叶丹凤翔龙腾飞虎跃鹤鸣鹿柏杨柳荷莲兰菊玉珠宝瑞祥康泰宁静雅致远志诚信义礼智勇毅恒达通顺昌盛隆茂"
)
_STREETS = ("路", "街", "巷", "大道", "路", "路")
_ESTATES = ("苑", "花园", "新村", "家园", "小区", "雅居", "名邸", "公寓")
_SHOPS = ("便民超市", "卫生室", "农贸市场", "五金店", "药店", "快递驿站", "汽修店", "理发店", "幼儿园")
_OTHERS = (
    "一不人了大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里后小么心多天而能好都然没日于"
    "起还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三已老从动两长知民样现分将外但身些与高意进把法此实"
    "回二理美点月明其种声全工己话儿者向情部正名定女问力机给等几很业最间新什打便位因重被走电四第门相次东政海口使教西"
    "再平真听世气信北少关并内加化由却代军产入先山五太水万市眼体别处总才场师书比住员九笑性通目华报立马命张活难神数件"
    "安表原车白应路期叫死常提感金何更反合放做系计或司利受光王果亲界及今京务制解各任至清物台象记边共风战干接它许八特"
    "觉望直服毛林题建南度统色字请交爱让认算论百吃义科怎元社术结六功指思非流每青管夫连远资队跟带花快条院变联言权往展"
    "该领传近留红治决周保达办运武半候七必城父强步完革深区即求品士转量空甚众技轻程告江语英基派满式李息写呢识极令黄德"
    "收脸钱党倒未持取设始版双历越史商千片容研像找友孩站广改议形委早房音火际则首单据导影失拿网香似斯专石若兵弟谁校读"
    "志飞观争究包组造落视济喜离虽坏兴"
)
_COMMON_NUMBERS = "零一二三四五六七八九"


@dataclass(frozen=True)
class Land:
    """An invented county: its divisions, its buildings, and each one's parts as a local would say them."""

    places: list[Named]
    labels: list[Labelled]
    parts: list[Parts]


@dataclass(frozen=True)
class Parts:
    """What an address is made of. `street` is the body before the number, "" in a village of plain numbers."""

    county: str
    township: str
    village: str
    street: str
    number: str
    rest: str


@dataclass(frozen=True)
class Question:
    """What somebody writes, which building he means, and what was done to the address."""

    words: str
    at: int
    done: tuple[str, ...]


def land(divisions: Path, buildings: int, seed: int) -> Land:
    """About so many buildings over the villages of a pack's divisions."""
    draw = random.Random(seed)
    rows = list(csv.DictReader(divisions.open(encoding="utf-8-sig")))
    path_of: dict[str, str] = {}
    names = {row["code"]: row["name"] for row in rows}
    parent = {row["code"]: row["parent"] for row in rows}
    places: list[Named] = []
    for at, row in enumerate(rows, 1):
        above = path_of.get(row["parent"])
        path_of[row["code"]] = paths.child(above, at) if above else paths.ROOT
        places.append(Named(row["name"], path_of[row["code"]], official=True))
    villages = [row["code"] for row in rows if parent[row["code"]] and parent[parent[row["code"]]]]
    labels: list[Labelled] = []
    parts: list[Parts] = []
    for nth, code in enumerate(villages):
        many = buildings * (nth + 1) // len(villages) - buildings * nth // len(villages)
        above = parent[code]
        for one in _village(draw, short_form(names[code]), many):
            whole = Parts(names[parent[above]], names[above], *one)
            labels.append(Labelled(whole.village + whole.street + whole.number + whole.rest, path_of[code]))
            parts.append(whole)
    return Land(places, labels, parts)


def _village(draw: random.Random, village: str, many: int) -> list[tuple[str, str, str, str]]:
    """Village, street, number and rest of each of its buildings: a third in estates, the others along streets."""
    found: list[tuple[str, str, str, str]] = []
    used: set[str] = set()

    def name(endings: Sequence[str]) -> str:
        while True:
            made = "".join(draw.sample(_SIGNS, draw.choice((2, 2, 3)))) + draw.choice(endings)
            if made[:2] not in used:
                used.add(made[:2])
                return made

    if draw.random() < 0.15:
        groups = draw.randint(2, 8)
        return [(village, f"{at % groups + 1}组", f"{at // groups + 1}号", "") for at in range(many)]
    while len(found) < many:
        if draw.random() < 0.35:
            estate, word = name(_ESTATES), draw.choice(("栋", "栋", "号楼", "幢"))
            found += [(village, estate, f"{at}{word}", "") for at in range(1, draw.randint(8, 40))]
        else:
            street = name(_STREETS)
            for at in range(1, draw.randint(30, 160)):
                found.append((village, street, f"{at}号", draw.choice(_SHOPS) if draw.random() < 0.08 else ""))
    return found[:many]


def questions(ground: Land, count: int, seed: int) -> list[Question]:
    """So many questions, the same for the same seed."""
    draw = random.Random(seed)
    often = Counter((one.street, one.number) for one in ground.parts)
    alike = _homophones()
    found = []
    while len(found) < count:
        at = draw.randrange(len(ground.parts))
        one = ground.parts[at]
        lonely = often[one.street, one.number] == 1 and bool(one.street) and not one.street[0].isdigit()
        words, done = _written(draw, one, lonely, alike)
        found.append(Question(words, at, done))
    return found


def _homophones() -> dict[str, str]:
    """Common signs by their sound without its tone."""
    same: dict[str, str] = defaultdict(str)
    for sign in dict.fromkeys(_OTHERS + _SIGNS):
        same[_toneless(sign)] += sign
    return same


def _toneless(sign: str) -> str:
    import unicodedata  # noqa: PLC0415

    return "".join(letter for letter in unicodedata.normalize("NFD", pinyin.syllable_of(sign)) if letter.isascii())


def _written(draw: random.Random, one: Parts, lonely: bool, alike: dict[str, str]) -> tuple[str, tuple[str, ...]]:
    done: list[str] = []
    village, street = one.village, one.street
    with_village = not (lonely and draw.random() < 0.3)
    if not with_village:
        done.append("no village")
    if draw.random() < 0.5:
        which = "street" if street and not street[0].isdigit() and draw.random() < 0.6 else "village"
        hard = with_village or which == "village"
        change, word = draw.choice(_TYPOS if hard else _TYPOS[:1])
        if which == "street" and street:
            street = change(draw, street, alike)
            done.append(word)
        elif with_village:
            village = change(draw, village, alike)
            done.append(word)
    if with_village and draw.random() < 0.25:
        short = _without_kind(street)
        if short != street:
            street, _ = short, done.append("no street word")
    if draw.random() < 0.25 and len(village) > 3:
        village, _ = village.removesuffix("社区").removesuffix("村"), done.append("no village word")
    number = _number(draw, one, done)
    above = ""
    if draw.random() < 0.3:
        above = (one.county if draw.random() < 0.5 else "") + one.township
        done.append("township")
    rest = one.rest if draw.random() < 0.5 else ""
    tail = (
        draw.choice(("", "", "", "2单元301室", "1单元502", "门口", "附近", "旁边"))
        if not rest and "no 号" not in done
        else ""
    )
    lead = above + (village if with_village else "")
    gap = draw.choice(("", "", "", " ", "，"))
    if lead and draw.random() < 0.1:
        done.append("other order")
        return f"{street}{number}{rest}，{lead}", tuple(done)
    return f"{lead}{gap}{street}{number}{rest}{tail}", tuple(done)


def _without_kind(street: str) -> str:
    for word in (*_STREETS, "小区", "花园"):
        if street.endswith(word) and len(street) - len(word) > 1:
            return street.removesuffix(word)
    return street


def _number(draw: random.Random, one: Parts, done: list[str]) -> str:
    digits, word = one.number.rstrip("号楼栋幢"), one.number.lstrip("0123456789")
    said = digits
    way = draw.random()
    if way < 0.1 and int(digits) < 100:
        tens, ones = divmod(int(digits), 10)
        said = ("" if tens == 1 else _COMMON_NUMBERS[tens] if tens else "") + ("十" if tens else "")
        said += _COMMON_NUMBERS[ones] if ones or not tens else ""
        done.append("chinese number")
    elif way < 0.2:
        said = digits.translate({ord("0") + at: ord("０") + at for at in range(10)})
        done.append("full width")
    if word in ("栋", "号楼", "幢") and draw.random() < 0.5:
        word = draw.choice(("栋", "号楼", "幢", "座", "#"))
        done.append("other block word")
    elif word == "号" and draw.random() < 0.1 and not one.rest:
        word = ""
        done.append("no 号")
    return said + word


def _misheard(draw: random.Random, name: str, alike: dict[str, str]) -> str:
    at = draw.randrange(max(1, len(name) - 1))
    others = alike.get(_toneless(name[at]), "").replace(name[at], "")
    return name[:at] + draw.choice(others) + name[at + 1 :] if others else name


def _mistyped(draw: random.Random, name: str, alike: dict[str, str]) -> str:
    at = draw.randrange(max(1, len(name) - 1))
    return name[:at] + draw.choice(_OTHERS) + name[at + 1 :]


def _left_out(draw: random.Random, name: str, alike: dict[str, str]) -> str:
    at = draw.randrange(len(name))
    return name[:at] + name[at + 1 :] if len(name) > 2 else name


def _doubled(draw: random.Random, name: str, alike: dict[str, str]) -> str:
    at = draw.randrange(len(name))
    return name[:at] + name[at] + name[at:]


def _swapped(draw: random.Random, name: str, alike: dict[str, str]) -> str:
    at = draw.randrange(max(1, len(name) - 2))
    return name[:at] + name[at + 1 : at + 2] + name[at : at + 1] + name[at + 2 :]


_TYPOS: tuple[tuple[Callable[[random.Random, str, dict[str, str]], str], str], ...] = (
    (_misheard, "misheard"),
    (_misheard, "misheard"),
    (_mistyped, "mistyped"),
    (_left_out, "sign missing"),
    (_doubled, "sign doubled"),
    (_swapped, "signs swapped"),
)
