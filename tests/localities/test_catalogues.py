"""What the shipped catalogues promise: published counts, complete entries, words people use, nothing we refuse to hold.

The loader's own checks (columns, limits, departments that exist) stand in `onegrid packs check`; here stands what only
a reader of the content would miss. A blank cell is read from `base`, as the loader does.
"""

from __future__ import annotations

import csv
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from onegrid.cases.rules.states import Action, Status
from onegrid.county.matters.rules.limits import parse_limit, parse_stages

ROOT = Path(__file__).parents[2] / "localities"
LOCALITIES = ("minhou", "haizhou", "tuanjie", "suichuan", "fenghuang")
FORBIDDEN = (
    *("政治表现 政治态度 宗教 信教 邪教 重点人员 重点人口 维稳 上访人员 布控 管控人员 涉稳 人脸识别".split()),  # noqa: SIM905
    *("religio", "political attitude", "cult ", "persons to be controlled", "face recognition"),
)
HANDED_DOWN = 23
ABOUT_SOMEBODY = frozenset(
    "RS01 RS02 RS03 HJ01 HJ02 HJ03 SC01 SC02 SC07 XF08 YW04 MD17 MD20 ZJ04 GA12".split()  # noqa: SIM905
)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@cache
def _base() -> dict[str, dict[str, str]]:
    return {row["code"]: row for row in _rows(ROOT / "base" / "matters.csv")}


@cache
def _conditions(locality: str) -> tuple[dict[str, str], ...]:
    """Every row of a catalogue with its blank cells filled."""
    return tuple(
        {column: value or _base().get(row["code"], {}).get(column, "") for column, value in row.items()}
        for row in _rows(ROOT / locality / "matters.csv")
    )


@cache
def _matters(locality: str) -> dict[str, dict[str, str]]:
    """The first row of each matter."""
    found: dict[str, dict[str, str]] = {}
    for row in _conditions(locality):
        found.setdefault(row["code"], row)
    return found


@cache
def _journeys() -> tuple[tuple[str, dict[str, Any]], ...]:
    paths = [path for locality in LOCALITIES for path in sorted((ROOT / locality / "journeys").glob("*.yaml"))]
    return tuple((f"{path.parts[-3]}/{path.stem}", yaml.safe_load(path.read_text(encoding="utf-8"))) for path in paths)


def test_minhou_has_the_matters_and_departments_its_source_counts() -> None:
    """248 matters, 47 handling and 67 collecting departments."""
    departments = _rows(ROOT / "minhou" / "departments.csv")
    assert len(_matters("minhou")) == 248
    assert sum(row["handles"] == "yes" for row in departments) == 47
    assert sum(row["collects"] == "yes" for row in departments) == 67
    assert all("示例" in row["note"] for row in departments if row["handles"] == "yes"), "illustrative, and says so"


def test_minhou_carries_every_event_class() -> None:
    """98 event classes, the four components people report most, and 146 matters of other fields."""
    rows = _rows(ROOT / "base" / "classes.csv")
    classes = {row["major_code"] + row["minor_code"] for row in rows if row["kind"] == "event"}
    matters = _matters("minhou").values()
    assert len(classes) == 98
    assert {row["class_code"] for row in matters if row["class_code"] and row["kind"] == "event"} == classes
    assert Counter(row["kind"] for row in matters)["component"] == 4
    assert sum(not row["class_code"] for row in matters) == 146


def test_the_class_tree_is_whole() -> None:
    """92 components and 98 events, no code twice, names in both languages; codes from 75 up are local additions."""
    rows = _rows(ROOT / "base" / "classes.csv")
    assert Counter(row["kind"] for row in rows) == {"component": 92, "event": 98}
    codes = [(row["kind"], row["major_code"], row["minor_code"]) for row in rows]
    assert len(set(codes)) == len(codes)
    for row in rows:
        assert row["minor_zh"]
        assert row["minor_en"].isascii()
        assert row["major_en"]
        assert row["local"] == ("yes" if int(row["minor_code"]) >= 75 else "no")


@pytest.mark.parametrize("locality", LOCALITIES)
def test_every_matter_is_complete(locality: str) -> None:
    """A condition in both languages, a limit that says where it comes from, evidence, a closing rule."""
    for row in _conditions(locality):
        code = row["code"]
        for column in (
            "condition_zh",
            "condition_en",
            "name_zh",
            "name_en",
            "evidence",
            "closing_rule",
            "limit_source",
        ):
            assert row[column], (code, column)
        assert row["name_en"].isascii(), code
        assert row["condition_en"].isascii(), code
        assert row["limit"] or row["stages"], code
        if row["limit"]:
            parse_limit(row["limit"])
        if row["stages"]:
            parse_stages(row["stages"])


@pytest.mark.parametrize("locality", LOCALITIES)
def test_what_the_place_settles_has_somebody_to_settle_it(locality: str) -> None:
    """A matter led by `@township` or `@village` needs a handling unit in every division of that level."""
    rows = _rows(ROOT / locality / "departments.csv")
    for level in ("township", "village"):
        if any(row["lead"] == f"@{level}" for row in _matters(locality).values()):
            places = {row["code"] for row in _rows(ROOT / locality / "divisions.csv") if row["level"] == level}
            assert places <= {row["division"] for row in rows if row["level"] == level and row["handles"] == "yes"}


@pytest.mark.parametrize("locality", LOCALITIES)
def test_names_and_classes_do_not_repeat(locality: str) -> None:
    """One matter per name, in either language, and per class."""
    for column in ("name_zh", "name_en"):
        names = Counter(row[column] for row in _matters(locality).values())
        assert [name for name, times in names.items() if times > 1] == []
    classed = Counter((row["kind"], row["class_code"]) for row in _matters(locality).values() if row["class_code"])
    assert [code for code, times in classed.items() if times > 1] == []


@pytest.mark.parametrize("locality", LOCALITIES)
def test_conditions_of_a_matter_differ(locality: str) -> None:
    """Graded conditions say different things."""
    said = Counter((row["code"], row["condition_zh"]) for row in _conditions(locality))
    assert [code for code, times in said.items() if times > 1] == []


@pytest.mark.parametrize("locality", LOCALITIES)
def test_people_have_words_for_every_matter(locality: str) -> None:
    """At least three phrases as people say them, none for two matters: search and the classifier live on them."""
    phrases: Counter[str] = Counter()
    for code, row in _matters(locality).items():
        words = row["words"].split("|")
        assert len(words) >= 3, code
        assert all(2 <= len(word) <= 16 for word in words), code
        phrases.update(words)
    assert [phrase for phrase, times in phrases.items() if times > 1] == []


@pytest.mark.parametrize("locality", ["base", *LOCALITIES])
def test_no_forbidden_subject(locality: str) -> None:
    """No list of opinions, beliefs or persons to be watched, in any file of a pack."""
    for path in sorted((ROOT / locality).rglob("*")):
        if path.suffix in {".csv", ".yaml"}:
            text = path.read_text(encoding="utf-8-sig").lower()
            assert [word for word in FORBIDDEN if word in text] == [], path


@pytest.mark.parametrize("locality", LOCALITIES)
def test_disputes_and_petitions_are_cases_with_their_own_closing(locality: str) -> None:
    """Petitions are answered, in confidence, and one kind runs through an agent; there are disputes to mediate."""
    matters = _matters(locality).values()
    petitions = [row for row in matters if row["kind"] == "petition"]
    assert [row for row in matters if row["kind"] == "dispute"]
    assert petitions
    for row in petitions:
        assert (row["closing_rule"], row["confidential"]) == ("replied", "yes"), row["code"]
    assert [row for row in petitions if "代办" in row["name_zh"]]


@pytest.mark.parametrize("locality", LOCALITIES)
def test_complaints_about_somebody_are_confidential(locality: str) -> None:
    """Who complains of an employer, a plant, a seller or a department is not told to them."""
    for code in ABOUT_SOMEBODY & set(_matters(locality)):
        assert _matters(locality)[code]["confidential"] == "yes", code


def test_suichuan_police_answer_in_one_three_and_five_minutes() -> None:
    """Accepted in one minute; three minutes to the place in town, five in the country."""
    for code in ("GA01", "GA12", "GA13", "GA14", "JT08"):
        rows = [row for row in _conditions("suichuan") if row["code"] == code]
        assert [(row["accept_by"], row["arrive_by"]) for row in rows] == [("1分钟", "3分钟"), ("1分钟", "5分钟")], code


def test_fenghuang_says_whose_powers_were_handed_down() -> None:
    """23 powers, each with its holder and who exercises it now; the holder is a department of the pack."""
    codes = {row["code"] for row in _rows(ROOT / "fenghuang" / "departments.csv")}
    handed = [row for row in _matters("fenghuang").values() if row["handed_to"]]
    assert len(handed) == HANDED_DOWN
    for row in handed:
        assert {row["power_holder"], row["handed_to"]} <= codes, row["code"]
        assert row["lead"] == row["handed_to"] != row["power_holder"], row["code"]


@pytest.mark.parametrize("locality", LOCALITIES)
def test_the_readme_counts_as_the_packs_do(locality: str) -> None:
    """Handling and collecting departments of the table in localities/README.md."""
    departments = _rows(ROOT / locality / "departments.csv")
    handle, collect = (sum(row[column] == "yes" for row in departments) for column in ("handles", "collects"))
    (line,) = (
        line
        for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
        if line.startswith(f"| {locality} |")
    )
    assert f"{handle} handle, {collect} collect" in line


def test_enough_lives_are_told_and_all_of_them_differ() -> None:
    """At least seven journeys per locality; no two with the same sequence of actions and answers."""
    per_locality = Counter(name.split("/")[0] for name, _ in _journeys())
    assert set(per_locality) == set(LOCALITIES)
    assert min(per_locality.values()) >= 7
    told = Counter(_outline(journey) for _, journey in _journeys())
    assert max(told.values()) == 1


def _outline(journey: dict[str, Any]) -> tuple[Any, ...]:
    steps = journey["steps"]
    return (steps[0]["matter"], *((step["do"], step.get("expect"), step.get("refused")) for step in steps))


def test_the_lives_pass_through_every_status_and_action() -> None:
    """Together they use every action, every return path and reach every status."""
    steps = [step for _, journey in _journeys() for step in journey["steps"] if "refused" not in step]
    done = {step["do"] for step in steps} | {"handle_on_the_spot" for step in steps if step.get("on_the_spot")}
    reached = {step["expect"] for step in steps if "expect" in step} | {"verified"}
    assert {action.value for action in Action} - done == set()
    assert {status.value for status in Status} - reached == set()
    ways_back = {step.get("to", "dispatcher") for step in steps if step["do"] == "return_back"}
    assert ways_back == {"dispatcher", "lower_centre", "reporter"}


@pytest.mark.parametrize(("name", "journey"), _journeys(), ids=[name for name, _ in _journeys()])
def test_a_journey_speaks_of_what_its_pack_has(name: str, journey: dict[str, Any]) -> None:
    """Matters and departments a journey names are in the pack; its title is in both languages."""
    locality = name.split("/", maxsplit=1)[0]
    departments = {row["code"] for row in _rows(ROOT / locality / "departments.csv") if row["handles"] == "yes"}
    assert journey["title"]["zh"]
    assert journey["title"]["en"].isascii()
    assert journey["ends"] in {status.value for status in Status}
    for step in journey["steps"]:
        if "matter" in step:
            assert step["matter"] in _matters(locality)
        if step["do"] == "dispatch":
            assert {step["to"], *step.get("joint", ())} - {"lead"} <= departments
        if "of" in step:
            assert step["of"] in departments
        assert set(step.get("departments", ())) <= departments
