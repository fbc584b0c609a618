"""Sheets of an invented county for `bench import`: buildings, dwellings, households, premises, residents, as csv."""

from __future__ import annotations

import csv
import random
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

SHARES = {"buildings": 0.045, "dwellings": 0.20, "households": 0.20, "premises": 0.005}
"""Of all rows; the rest are residents."""
BAD = 0.005
SURNAMES = "陈林黄张吴李郑王刘苏蔡杨叶许郭庄谢曾徐朱潘高何邱方"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰建国文辉海燕志鹏春梅晓东雪松"
PEOPLE = (
    *("楼栋地址", "单元", "房号", "户号", "与户主关系", "姓名", "性别", "出生日期"),
    *("证件号码", "联系电话", "户籍类别", "入住日期"),
)
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True)
class Sheets:
    """The files, how many rows each has, and how many of them are bad."""

    files: dict[str, Path]
    rows: dict[str, int]
    bad: int


def sheets(folder: Path, rows: int, box: tuple[float, float, float, float], seed: int = 1) -> Sheets:
    """Write `rows` rows in all, standing somewhere in `box` (west, south, east, north)."""
    rng = random.Random(seed)
    count = {kind: max(2, int(rows * share)) for kind, share in SHARES.items()}
    count["residents"] = rows - sum(count.values())
    files = {kind: folder / f"{kind}.csv" for kind in count}
    west, south, east, north = box
    address = [f"试点镇{at // 400 + 1}村{at % 400 + 1}号" for at in range(count["buildings"])]
    _write(
        files["buildings"],
        ("楼栋编号", "楼栋地址", "楼层数", "单元数", "经度", "纬度"),
        (
            (f"B{at:07d}", name, 6, 2, f"{rng.uniform(west, east):.6f}", f"{rng.uniform(south, north):.6f}")
            for at, name in enumerate(address)
        ),
    )
    doors = [
        (address[at % len(address)], at // len(address) % 2 + 1, f"{at // len(address) // 2 + 1}01")
        for at in range(count["dwellings"])
    ]
    doors.sort(key=lambda door: door[0])
    _write(files["dwellings"], ("楼栋地址", "单元", "房号", "房屋用途"), ((*door, "自住") for door in doors))
    homes = [(*doors[at % len(doors)], f"H{at:08d}") for at in range(count["households"])]
    _write(files["households"], ("楼栋地址", "单元", "房号", "户号", "人数"), ((*home, 3) for home in homes))
    _write(
        files["premises"],
        ("code", "name", "building", "phone"),
        (
            (f"P{at:06d}", f"试点第{at}商店", rng.choice(address), f"19{rng.randrange(10**9):09d}")
            for at in range(count["premises"])
        ),
    )
    bad = _residents(files["residents"], count["residents"], homes, rng)
    return Sheets(files, count, bad)


def _residents(path: Path, count: int, homes: list[tuple[str, int, str, str]], rng: random.Random) -> int:
    bad = 0
    names = [s + a + b for s in SURNAMES for a in GIVEN for b in ("", *GIVEN)]

    def rows() -> object:
        nonlocal bad
        each = count / len(homes)
        for at in range(count):
            home = homes[int(at / each)]
            head = at == 0 or int((at - 1) / each) != int(at / each)
            born = date(1940, 1, 1) + timedelta(days=rng.randrange(30_000))
            number = number_of(at, born)
            if rng.random() < BAD:
                bad += 1
                number = number[:-1] + ("1" if number[-1] != "1" else "2")
            yield (
                *home, "户主" if head else "其他", rng.choice(names), "男" if int(number[16]) % 2 else "女",
                born.isoformat(), number, f"19{at:09d}", "本地", "2023-06-01",
            )  # fmt: skip

    _write(path, PEOPLE, rows())
    return bad


def number_of(at: int, born: date) -> str:
    """An invented identity number with a right check digit; area codes that are nowhere."""
    body = f"{990000 + at // 1000 % 9999}{born:%Y%m%d}{at % 1000:03d}"
    return body + "10X98765432"[sum(int(a) * b for a, b in zip(body, WEIGHTS, strict=True)) % 11]


def _write(path: Path, head: object, rows: object) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(head)  # type: ignore[arg-type]
        out.writerows(rows)  # type: ignore[arg-type]
