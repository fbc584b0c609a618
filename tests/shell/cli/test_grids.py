"""`onegrid grids`: without a database, its exit codes, its words, and stopping."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from county.grids.rules.files.small_town import box, collection, line, town

from onegrid.foundation.kernel.texts import LANGS, catalogue
from onegrid.shell.cli.grids import Steps
from onegrid.shell.cli.main import main

Command = Callable[..., Any]


@dataclass
class Told:
    """What a command said."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Told]]:
    """`onegrid grids …` in this process, in the language of a terminal."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def run(*words: str, lang: str = "C") -> Told:
        for name in ("LC_ALL", "LC_MESSAGES"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("LANG", lang)
        code = main(["grids", *words])
        said = capsys.readouterr()
        return Told(code, said.out, said.err)

    yield run
    for number, handler in before.items():
        signal.signal(number, handler)


def test_drawn_as_the_manual_says(command: Command, tmp_path: Path) -> None:
    files = town(3).write(tmp_path)
    words = [f"--{name}={files[name]}" for name in ("buildings", "roads", "boundary")]
    told = command("draw", *words, "--households-field", "households", "--levels", "slice:100,team:10", "--out",
                   str(tmp_path / "out"), "--json")  # fmt: skip
    assert told.returncode == 0, told.stderr
    report = json.loads(told.stdout)
    assert report["levels"][0]["grids"] == 5
    assert "drawing 100% writing" in told.stderr
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"slice.geojson", "team.geojson", "grids.gpkg", "assignment.csv", "report.json", "report.html"}


def test_faults_come_together_in_the_language_of_the_terminal(command: Command, tmp_path: Path) -> None:
    buildings = collection(tmp_path / "b.geojson", [(box(0, 0, 1, 1), {"floors": 3})])
    words = ("draw", "--buildings", str(buildings), "--roads", str(tmp_path / "no.gpkg"), "--levels", "a:10", "--out",
             str(tmp_path / "out"))  # fmt: skip
    english, chinese = command(*words), command(*words, lang="zh_CN.UTF-8")
    assert english.returncode == chinese.returncode == 1
    assert "b.geojson: How many households" in english.stderr
    assert "no.gpkg: No such file" in english.stderr
    assert "b.geojson：没有说明每栋楼有多少户" in chinese.stderr
    assert "Traceback" not in english.stderr + chinese.stderr
    assert command("draw", "--buildings", "x", "--levels", "b:1,a:9", "--out", str(tmp_path)).returncode == 1


def test_stopping_leaves_nothing_half_done(tmp_path: Path) -> None:
    files = town(12).write(tmp_path)
    words = ["grids", "draw", "--buildings", str(files["buildings"]), "--roads", str(files["roads"]), "--levels",
             "zone:1000,slice:100,team:10", "--out", str(tmp_path / "out")]  # fmt: skip
    run = subprocess.Popen([sys.executable, "-m", "onegrid.shell.cli.main", *words], stderr=subprocess.PIPE, text=True)
    assert run.stderr is not None
    for said in run.stderr:
        if "drawing" in said:
            break
    run.send_signal(signal.SIGINT)
    rest = run.stderr.read()
    assert run.wait(timeout=120) == 130, rest
    assert "Stopped" in rest
    assert "Traceback" not in rest
    assert list((tmp_path / "out").iterdir()) == []


def test_compiling_is_said_when_it_takes_long(capsys: pytest.CaptureFixture[str]) -> None:
    for seconds, said in ((0.1, 0), (3.0, 1)):
        times = iter(seconds * step for step in range(20))
        steps = Steps(lambda words, share: None, "en", lambda times=times: next(times))
        for _ in range(5):
            steps("compile", 0.5)
        assert capsys.readouterr().err.count("preparing the inner loops") == said


def test_checking_finds_each_planted_fault(command: Command, tmp_path: Path) -> None:
    grids = [
        (box(0, 0, 2, 2), {"code": "A", "households": 100}),
        (box(1.9, 0, 4, 2), {"code": "B", "households": 90}),
        (box(0, 2.2, 4, 4), {"code": "C", "households": 250}),
        (box(8, 8, 9, 9), {"code": "D", "households": 95}),
    ]
    path = collection(tmp_path / "grids.geojson", grids)
    area = collection(tmp_path / "area.geojson", [(box(0, 0, 4, 4), {"code": "V"})])
    roads = collection(tmp_path / "roads.geojson", [(line((0, 3), (4, 3)), {"highway": "primary"})])
    told = command("check", str(path), "--parents", str(area), "--roads", str(roads), "--size", "100", "--json")
    assert told.returncode == 2, told.stderr
    faults = json.loads(told.stdout)["faults"]
    found = {(one["kind"], tuple(one["grids"])) for one in faults}
    assert {("overlap", ("A", "B")), ("outside", ("D",)), ("island", ("D",)), ("crossing_road", ("C",)),
            ("overload", ("C",))} <= found  # fmt: skip
    assert any(kind == "gap" for kind, _ in found)
    assert all(one["zh"] != one["en"] for one in faults)
    assert "overlap by" in command("check", str(path)).stdout


def test_checking_reads_codes_and_names_what_it_did_not_look_at(command: Command, tmp_path: Path) -> None:
    """The same code twice, none, one of another village; a grid without an outline; a level nobody asked for."""
    codes = ["V001", "V002", "V002", "X009", "", "V006", "V007"]
    grids = [
        (box(x, 0, x + 1, 1), {"code": code, "level": "team" if x else "", "parent": "V" if x < 6 else "W"})
        for x, code in enumerate(codes)
    ]
    path = collection(tmp_path / "g.geojson", [*grids, (None, {"code": "V"}), (box(0, 0, 7, 1), {"level": "slice"})])
    area = collection(tmp_path / "area.geojson", [(box(0, 0, 7, 1), {"code": "V"})])
    told = command("check", str(path), "--parents", str(area), "--json")
    assert told.returncode == 2, told.stderr
    report = json.loads(told.stdout)
    assert {(one["kind"], tuple(one["grids"])) for one in report["faults"]} == {
        ("no_shape", ("row 8",)), ("code_twice", ("V002 (row 2)", "V002 (row 3)")), ("code_odd", ("X009",)),
        ("code_none", ("row 5",)), ("parent_unknown", ("V007",)), ("code_odd", ("V007",)),
    }  # fmt: skip
    assert all(one["zh"] != one["en"] for one in report["faults"] + report["findings"])
    assert (report["grids"], [one["what"] for one in report["findings"] if one["kind"] == "other_levels"]) == (
        7,
        ["slice"],
    )
    other = collection(tmp_path / "other.geojson", [(box(0, 0, 7, 1), {"code": "osm 5"})])
    told = json.loads(command("check", str(path), "--parents", str(other), "--json").stdout)
    assert not [one for one in told["faults"] if one["kind"] == "parent_unknown"], "the file above counts otherwise"
    refused = command("check", str(path), "--size", "nan", "--tolerance", "-1")
    assert (refused.returncode, refused.stderr.count("--")) == (1, 2)


def test_what_was_drawn_has_no_fault(command: Command, tmp_path: Path) -> None:
    files = town(3).write(tmp_path)
    out = tmp_path / "out"
    command("draw", "--buildings", str(files["buildings"]), "--roads", str(files["roads"]), "--boundary",
            str(files["boundary"]), "--levels", "slice:100,team:10", "--out", str(out))  # fmt: skip
    told = command("check", f"{out / 'grids.gpkg'}:team", "--parents", str(out / "slice.geojson"), "--buildings",
                   str(files["buildings"]), "--roads", str(files["roads"]), "--size", "10", "--tolerance",
                   "0.6")  # fmt: skip
    assert told.returncode == 0, told.stdout + told.stderr
    assert "0 faults" in told.stdout


def test_a_broken_file_is_no_crash(command: Command, tmp_path: Path) -> None:
    path = collection(tmp_path / "g.geojson", [(line((0, 0), (1, 1)), {}), (None, {})])
    told = command("check", str(path))
    assert (told.returncode, "Traceback" in told.stderr) == (1, False)
    assert "no outline" in told.stderr


@pytest.mark.parametrize("area", ["town.findings.", "town.faults.", "town.why.", "town.problem."])
def test_words_have_the_same_blanks_in_every_language(area: str) -> None:
    for key in (key for key in catalogue("en") if key.startswith(area)):
        blanks = [sorted(part.split("}")[0] for part in catalogue(lang)[key].split("{")[1:]) for lang in LANGS]
        assert blanks[0] == blanks[1], key


@pytest.mark.parametrize(
    ("locality", "levels"),
    [
        (["minhou"], ["zone", "slice", "team"]),
        (["haizhou"], ["estate", "slice", "building", "unit"]),
        (["fenghuang"], ["grid", "micro_grid"]),
        (["tuanjie"], ["general_grid", "group", "courtyard"]),
        (["suichuan", "--scheme", "urban"], ["grid", "building", "central_household"]),
        (["suichuan", "--scheme", "rural"], ["grid", "group", "central_household"]),
    ],
)
def test_every_locality_is_drawn_by_its_own_levels(
    command: Command, tmp_path: Path, locality: list[str], levels: list[str]
) -> None:
    made = town(5)
    files = made.write(tmp_path)
    words = [f"--{name}={files[name]}" for name in ("buildings", "roads", "boundary")]
    told = command("draw", *words, "--households-field", "households", "--locality", *locality, "--out",
                   str(tmp_path / "out"), "--json")  # fmt: skip
    assert told.returncode == 0, told.stderr
    report = json.loads(told.stdout)
    assert [level["level"] for level in report["levels"]] == levels
    for level in report["levels"]:
        assert (level["non_contiguous"], level["crossings"], level["coverage_valid"], level["nested"]) == (
            0, 0, True, True,
        )  # fmt: skip
    by = {level["along"]: level for level in report["levels"] if level["along"]}
    lived = [said for _, said in made.buildings if said["households"]]
    assert by.get("building", {"grids": len(lived)})["grids"] == len(lived)
    if locality == ["haizhou"]:
        assert all(level["buildings_split"] == 0 for level in report["levels"][:3]), "and no slice cuts a building"
        assert by["unit"]["grids"] == sum(int(said.get("单元数", 1)) for said in lived)
        assert by["unit"]["units_split"] == 0


def test_a_locality_that_is_not_there_or_has_two_schemes_is_told(command: Command, tmp_path: Path) -> None:
    words = ("draw", "--buildings", str(town(3).write(tmp_path)["buildings"]), "--out", str(tmp_path / "out"))
    assert "fenghuang, haizhou, minhou" in command(*words, "--locality", "nowhere").stderr
    assert "It has urban, rural" in command(*words, "--locality", "suichuan").stderr
    assert "No level" in command(*words).stderr
