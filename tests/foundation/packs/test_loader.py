"""Loading with sections the loader knows nothing about."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from onegrid.foundation.packs import PackInvalid, Problems, Section, check, load
from onegrid.foundation.packs.sections import CsvFile, Source, YamlFile


def _read(source: Source) -> dict[str, str]:
    reader = source.document("pack.yaml")
    assert reader is not None
    rows = {row.text("key"): row.text("value") for row in source.rows("things.csv")}
    return {"colour": reader.text("colour", required=not source.head.abstract), **rows}


def _link(value: dict[str, str], values: Mapping[str, object], problems: Problems) -> dict[str, str]:
    return {**value, "linked": "yes"}


SECTIONS = {
    "things": Section(
        name="things",
        files=(
            YamlFile("pack.yaml", ("colour",)),
            CsvFile("things.csv", ("key", "value"), fill_by="key", inherit=True),
        ),
        read=_read,
        link=_link,
        summary=lambda value: {"things": len(value)},
        stored=lambda value: value,
    )
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    _write(tmp_path / "base" / "pack.yaml", 'name: base\nversion: "1"\nabstract: true\ncolour: red\n')
    _write(tmp_path / "base" / "things.csv", "key,value\na,one\nb,two\n")
    _write(
        tmp_path / "here" / "pack.yaml",
        'name: here\nversion: "2"\nextends: base\ntitle: {zh: 这里, en: Here}\nseed: none\n',
    )
    return tmp_path


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")


def test_what_is_not_said_is_inherited(root: Path) -> None:
    pack = load(root, "here", SECTIONS)
    assert pack.section("things", dict) == {"colour": "red", "a": "one", "b": "two", "linked": "yes"}
    assert (pack.title.en, pack.head.version) == ("Here", "2")
    assert pack.stored["things"] == pack.values["things"]


def test_own_rows_are_the_list_and_blank_cells_are_filled(root: Path) -> None:
    _write(root / "here" / "things.csv", "key,value\nb,\nc,three\n")
    _write(root / "here" / "pack.yaml", (root / "here" / "pack.yaml").read_text("utf-8") + "colour: blue\n")
    assert load(root, "here", SECTIONS).values["things"] == {
        "colour": "blue",
        "b": "two",
        "c": "three",
        "linked": "yes",
    }


def test_a_change_in_the_base_is_another_version(root: Path) -> None:
    before = load(root, "here", SECTIONS).digest
    _write(root / "base" / "things.csv", "key,value\na,one\n")
    assert load(root, "here", SECTIONS).digest != before


def test_the_report_names_localities_and_not_the_base(root: Path) -> None:
    report = check(root, SECTIONS)
    assert report.ok
    assert list(report.localities) == ["here"]
    assert report.localities["here"]["things"] == 4


def test_the_head_is_not_inherited(root: Path) -> None:
    _write(root / "here" / "pack.yaml", "name: here\nextends: base\n")
    with pytest.raises(PackInvalid) as caught:
        load(root, "here", SECTIONS)
    assert {problem.field for problem in caught.value.problems} == {"version", "title", "seed"}


def test_two_owners_of_a_key_are_our_own_mistake(root: Path) -> None:
    other = Section(name="other", files=(YamlFile("pack.yaml", ("colour",)),), read=_read)
    with pytest.raises(ValueError, match="two sections own"):
        load(root, "here", {**SECTIONS, "other": other})


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    assert not check(tmp_path / "nowhere", SECTIONS).ok
    assert not check(tmp_path, SECTIONS).ok


def test_a_value_of_another_kind_is_our_own_mistake(root: Path) -> None:
    with pytest.raises(TypeError):
        load(root, "here", SECTIONS).section("things", list)
