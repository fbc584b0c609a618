"""Invented names: people, streets, estates, numbers that belong to nobody.

Names are put together from common surnames and given-name characters by a seeded generator; they
describe no real person. Phone numbers start with 138 0000, 139 0000 or 190 00.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

_SURNAMES = (
    "陈林黄张李王吴刘郑杨许蔡叶苏谢郭江曾周徐罗何邓卢余方汪赖游翁程魏庄范潘沈姚柯温詹唐邱丁施傅简熊龚宋石阮薛侯俞"
)
_GIVEN_FIRST = "建志文家国俊雅淑美秀明春晓海丽玉永德子思雨佳欣浩宇景云少振伟晨若书梓瑞兴正立宏泽润新学"
_GIVEN_LAST = "华明强芳英兰辉平玲燕敏军杰琴萍涛斌红梅霞鹏飞龙凤娟勇峰莉宁康安泉林松柏涵轩怡琳琪瑶欣彤航扬"
_STREET_FIRST = (
    "临溪",
    "朝阳",
    "桂园",
    "榕荫",
    "望江",
    "景山",
    "和顺",
    "春晖",
    "永兴",
    "文昌",
    "东湖",
    "梅岭",
    "竹林",
    "金桥",
    "仁和",
    "福泉",
    "石桥头",
    "下洋",
    "上塘",
    "后山",
    "新丰",
    "长安",
    "云水",
    "百花",
    "锦屏",
    "白鹭",
)
_STREET_LAST = ("路", "街", "巷", "路", "弄")
_ESTATE_FIRST = (
    "和润",
    "翠屏",
    "江南",
    "锦绣",
    "阳光",
    "碧水",
    "桂花",
    "世纪",
    "康泰",
    "丽景",
    "香樟",
    "金域",
    "水岸",
    "龙腾",
    "书香",
    "祥和",
    "紫荆",
    "南苑",
)
_ESTATE_LAST = ("苑", "花园", "新村", "家园", "小区", "雅居", "名邸", "里")
_PLACES = {
    "便民超市": "超市",
    "卫生室": "卫生室",
    "小学": "学校",
    "幼儿园": "幼儿园",
    "农贸市场": "农贸市场",
    "五金店": "商铺",
    "药店": "药店",
    "餐馆": "餐馆",
    "快递驿站": "快递点",
    "汽修店": "维修",
    "文化活动中心": "文化站",
    "理发店": "理发店",
    "加工厂": "加工厂",
    "茶馆": "小吃店",
}
"""What stands there, and the word a county's sheet has for that kind of premises."""
_WORDS = tuple(_PLACES)
_TRADES = ("便民超市", "五金店", "药店", "餐馆", "快递驿站", "汽修店", "理发店", "茶馆", "加工厂", "加工厂", "加工厂")
_RIVERS = ("清溪", "白沙溪", "龙江", "月河", "青川河", "石门溪")


def people(rng: np.random.Generator, count: int) -> list[str]:
    """Full names of ``count`` invented people; two characters in about a fifth of them."""
    surname = rng.integers(0, len(_SURNAMES), count)
    first = rng.integers(0, len(_GIVEN_FIRST), count)
    last = rng.integers(0, len(_GIVEN_LAST), count)
    short = rng.random(count) < 0.2
    return [
        _SURNAMES[s] + ("" if brief else _GIVEN_FIRST[f]) + _GIVEN_LAST[g]
        for s, f, g, brief in zip(surname, first, last, short, strict=True)
    ]


def staff_phone(number: int) -> str:
    """A fictional phone number of a worker: 138 0000 and four digits, used again after ten thousand."""
    return f"1380000{number % 10_000:04d}"


def resident_phone(number: int) -> str:
    """A fictional phone number of a resident: 139 0000 and four digits, used again after ten thousand."""
    return f"1390000{number % 10_000:04d}"


def streets(rng: np.random.Generator, count: int) -> list[str]:
    """Names for the streets of one village, without a repeat while names last."""
    first = rng.permutation(len(_STREET_FIRST))
    return [
        _STREET_FIRST[first[n % len(first)]] + _STREET_LAST[int(rng.integers(len(_STREET_LAST)))] for n in range(count)
    ]


def estates(rng: np.random.Generator, count: int) -> list[str]:
    """Names for estates, each once until all combinations are used, then numbered."""
    pairs = [first + last for first in _ESTATE_FIRST for last in _ESTATE_LAST]
    order = rng.permutation(len(pairs))
    return [
        pairs[order[n % len(pairs)]] + (f"{n // len(pairs) + 1}期" if n >= len(pairs) else "") for n in range(count)
    ]


def place(number: int) -> str:
    """What stands in a building nobody lives in."""
    return _WORDS[number % len(_WORDS)]


def premises_kind(name: str) -> str:
    """The word a sheet has for what a name ends with; 其他 where nothing is known."""
    return next((kind for word, kind in _PLACES.items() if name.endswith(word)), "其他")


def trades(rng: np.random.Generator, addresses: Sequence[str]) -> list[str]:
    """Names of shops and workshops at these addresses: the trade the address tells, else a common one.

    They are numbered where they come again.
    """
    firsts = [*_STREET_FIRST, *_ESTATE_FIRST]
    first = rng.integers(0, len(firsts), len(addresses)).tolist()
    trade = rng.integers(0, len(_TRADES), len(addresses)).tolist()
    met: dict[str, int] = {}
    found = []
    for address, one, other in zip(addresses, first, trade, strict=True):
        word = next((word for word in _WORDS if address.endswith(word)), _TRADES[other])
        name = firsts[one] + word
        met[name] = met.get(name, 0) + 1
        found.append(name if met[name] == 1 else f"{firsts[one]}第{met[name]}{word}")
    return found


def register_phone(number: int) -> str:
    """A fictional phone number of somebody on the register: 190 00 and six digits, used again after a million."""
    return f"19000{number % 1_000_000:06d}"


def river(rng: np.random.Generator) -> str:
    """The name of the locality's river."""
    return pick(rng, _RIVERS)


def pick(rng: np.random.Generator, words: Sequence[str]) -> str:
    """One of the given words."""
    return words[int(rng.integers(len(words)))]


def short_division(name: str) -> str:
    """A division's name without the word for its office: 侯官村民委员会 → 侯官村."""
    for ending, short in (
        ("社区居民委员会", "社区"),
        ("社区居委会", "社区"),
        ("村民委员会", "村"),
        ("村委会", "村"),
        ("居民委员会", "社区"),
        ("居委会", "社区"),
    ):
        if name.endswith(ending):
            stem = name[: -len(ending)]
            # Some published names already carry the short word: 石桥村村民委员会.
            return stem if stem.endswith(short) else stem + short
    return name
