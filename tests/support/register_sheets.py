"""Sheets of invented people and places: every area code is none, every name is a made-up one."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from onegrid.county.registers.rules.kinds import Kind
from onegrid.county.registers.rules.section import Choice
from onegrid.county.registers.rules.sheets.checking import Checker
from onegrid.county.registers.rules.sheets.headers import guess, title
from onegrid.county.registers.rules.sheets.numbers import with_check
from onegrid.foundation.packs.reading import Title

TODAY = date(2026, 11, 21)
AREA = "350199"
BASE = Path(__file__).resolve().parents[2] / "localities" / "base" / "registers.yaml"


@cache
def choices() -> Mapping[str, Sequence[Choice]]:
    """What the base pack offers to choose from."""
    content = yaml.safe_load(BASE.read_text("utf-8"))["choices"]
    return {
        name: tuple(Choice(one["key"], Title(**one["title"]), tuple(one["also"])) for one in rows)
        for name, rows in content.items()
    }


def id_number(born: str = "19900107", sequence: int = 123, area: str = AREA) -> str:
    """An invented identity number with a right check digit; odd sequences are men's."""
    return with_check(f"{area}{born}{sequence:03d}")


GOOD: dict[Kind, dict[str, str]] = {
    "residents": {
        "building": "试验路12号3号楼",
        "unit": "2",
        "room": "301",
        "household": "H1",
        "relation": "户主",
        "name": "赵试一",
        "sex": "男",
        "birth_date": "1990-01-07",
        "id_kind": "居民身份证",
        "id_number": id_number(),
        "phone": "19000000001",
        "registered": "本地户籍",
        "since": "2015-03-01",
    },
    "households": {"building": "试验路12号3号楼", "unit": "2", "room": "301", "household": "H1", "people": "3"},
    "dwellings": {"building": "试验路12号3号楼", "unit": "2", "room": "301", "use": "出租"},
    "buildings": {
        "code": "B1",
        "name": "试验路12号3号楼",
        "kind": "高层",
        "levels": "18",
        "units": "2",
        "lon": "119.131",
        "lat": "26.150",
    },
    "premises": {
        "name": "试验便利店",
        "kind": "便利店",
        "address": "试验路12号",
        "contact": "赵试一",
        "phone": "19000000001",
    },
    "organisations": {"credit_code": "91350199MA0TEXT12X", "name": "试验有限公司", "kind": "企业", "grid": "G1"},
}


def sheet(kind: Kind, rows: Sequence[Mapping[str, str]]) -> tuple[list[str], list[list[str]]]:
    """Header and lines of rows given by our column keys."""
    keys = list(dict.fromkeys(key for row in rows for key in row))
    return [title(kind, key, "zh-CN") for key in keys], [[row.get(key, "") for key in keys] for row in rows]


def checked(kind: Kind, row: Mapping[str, str]) -> Any:
    """What the checker makes of one row, given by our column keys."""
    header, (line,) = sheet(kind, [row])
    return Checker(guess(header, kind), choices(), TODAY).check(7, line)


def as_csv(header: Sequence[str], lines: Sequence[Sequence[str]], encoding: str = "utf-8") -> bytes:
    """A csv file."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows(lines)
    return text.getvalue().encode(encoding)
