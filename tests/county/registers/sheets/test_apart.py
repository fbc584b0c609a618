"""Read and checked in a process of its own, a file comes to the same rows, the same problems and the same refusal."""

from __future__ import annotations

import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from onegrid.county.registers.rules.section import Choice, Title
from onegrid.county.registers.rules.sheets import apart
from onegrid.county.registers.rules.sheets.headers import guess
from onegrid.county.registers.rules.sheets.problems import SheetRefused

HEADER = ["楼栋地址", "房号", "户号", "姓名", "性别", "出生日期", "联系电话", "户籍类别"]
CHOICES = {"registered": (Choice("local", Title("本地", "Local")), Choice("elsewhere", Title("外地", "Elsewhere")))}


def task(folder: Path, rows: int, *, tail: str = "") -> apart.Task:
    """Every 7th row has a wrong day, every 11th is blank."""
    lines = [",".join(HEADER)]
    for at in range(rows):
        born = "1990-02-31" if at % 7 == 6 else f"19{at % 60 + 30}-01-02"
        cells = [f"前街{at // 20 + 1}号", f"{at % 20 + 1}01", f"H{at}", "试民", "男", born, f"190{at:08d}", "本地"]
        lines.append("," * 7 if at % 11 == 10 else ",".join(cells))
    path = folder / "people.csv"
    path.write_text("\n".join(lines) + "\n" + tail, encoding="utf-8")
    return apart.Task(path, path.name, guess(HEADER, "residents"), CHOICES, date(2026, 3, 2))


def test_it_comes_to_the_same(tmp_path: Path) -> None:
    asked = task(tmp_path, 900)
    found = list(apart.checked(asked))
    assert found == list(apart.here(asked))
    assert [type(one) for _, one in found] == [type(one) for _, one in apart.here(asked)]
    assert sum(isinstance(one, list) for _, one in found) > 100
    assert sum(one is None for _, one in found) > 70


def test_what_cannot_be_read_to_its_end_is_refused_there(tmp_path: Path) -> None:
    asked = task(tmp_path, 30, tail='前街1号,"101\n')
    taken: dict[str, list[Any]] = {"here": [], "apart": []}
    why = {}
    for name, way in (("here", apart.here), ("apart", apart.checked)):
        with pytest.raises(SheetRefused) as refused:
            taken[name] += way(asked)
        why[name] = refused.value.reason, refused.value.params
    assert why["apart"] == why["here"]
    assert taken["apart"] == taken["here"]
    assert len(taken["here"]) == 30


def test_when_the_other_process_is_killed_this_one_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[subprocess.Popen[bytes]] = []

    class Seen(subprocess.Popen[bytes]):
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            begun.append(self)

    monkeypatch.setattr(apart.subprocess, "Popen", Seen)
    monkeypatch.setattr(apart, "ROOM", 4096)
    asked = task(tmp_path, 4000)
    found = []
    for line, one in apart.checked(asked):
        found.append((line, one))
        if line == 300:
            begun[0].kill()
    assert found == list(apart.here(asked))
    assert begun[0].poll() == -9
