"""`packs check` finds every kind of mistake, with file, line and what was expected."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from onegrid.foundation.packs import PackInvalid, PackNotFound, Problem
from onegrid.shell.sections import check_packs, load_pack

PACKS = Path(__file__).parents[1] / "support" / "packs"
LOCALITIES = Path(__file__).parents[2] / "localities"


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    """A folder with a copy of testland to break."""
    shutil.copytree(PACKS / "testland", tmp_path / "testland")
    return tmp_path


@dataclass(frozen=True)
class Break:
    """One mistake: ``old`` becomes ``new`` in a file; the problem is told at the line of ``at`` (default: of new)."""

    name: str
    file: str
    old: str
    new: str
    field: str
    says: str
    expects: str
    at: str = ""
    nth: int = 1


BREAKS = [
    # YAML itself
    Break(
        "not yaml",
        "roles.yaml",
        "    at: [county]",
        "    at: [county",
        "",
        "not valid YAML",
        "well-formed",
        at="kind: dispatcher",
    ),
    Break(
        "tag",
        "workflow.yaml",
        "reopen_within_days: 15",
        "reopen_within_days: !!python/name:os.system 15",
        "",
        "tag",
        "plain text",
    ),
    Break(
        "alias",
        "workflow.yaml",
        "extension: {",
        "a: &x 1\nb: *x\nextension: {",
        "",
        "anchors and aliases",
        "written out",
        at="b: *x",
    ),
    Break(
        "stamp",
        "pack.yaml",
        "photos: {stamp: [name, time]}",
        "photos: {stamp: [name, tiem]}",
        "photos.stamp",
        "found 'tiem'",
        "time",
    ),
    Break(
        "repeated key",
        "pack.yaml",
        "kind: county",
        "kind: county\nkind: district",
        "kind",
        "repeated key 'kind'",
        "once",
        at="kind: district",
    ),
    Break(
        "unknown key",
        "pack.yaml",
        "clocks:",
        "clokcs: {}\nclocks:",
        "clokcs",
        "unknown key",
        "did you mean clocks?",
        at="clokcs",
    ),
    Break(
        "unknown nested key",
        "workflow.yaml",
        "  rating: true",
        "  ratting: true",
        "steps.ratting",
        "unknown key",
        "did you mean rating?",
    ),
    Break(
        "missing key",
        "pack.yaml",
        "number_prefix: TL\n",
        "",
        "number_prefix",
        "'number_prefix' is missing",
        "capital letters",
        at="name: testland",
    ),
    Break(
        "no value",
        "pack.yaml",
        "number_prefix: TL",
        "number_prefix:",
        "number_prefix",
        "has no value",
        "capital letters",
    ),
    Break(
        "list for mapping",
        "pack.yaml",
        "centre: {lon: 119.0, lat: 26.0}",
        "centre: [119.0, 26.0]",
        "centre",
        "a list",
        "a mapping",
    ),
    Break(
        "mapping for list",
        "roles.yaml",
        "    at: [county]\n",
        "    at: {county: 1}\n",
        "positions[0].at",
        "a mapping",
        "a list",
    ),
    # head
    Break(
        "other name",
        "pack.yaml",
        "name: testland",
        "name: testlnad",
        "name",
        "found 'testlnad'",
        "name of its folder, testland",
    ),
    Break(
        "unknown base",
        "pack.yaml",
        "kind: county",
        "extends: bsae\nkind: county",
        "extends",
        "no pack 'bsae'",
        "testland",
        at="extends",
    ),
    Break(
        "own base",
        "pack.yaml",
        "kind: county",
        "extends: testland\nkind: county",
        "extends",
        "testland extends testland",
        "no circle",
        at="extends",
    ),
    Break(
        "number for text", "pack.yaml", 'version: "1"', "version: 1", "version", "found number 1", "put it in quotes"
    ),
    # grids
    Break("kind", "pack.yaml", "kind: county\n", "kind: conty\n", "kind", "found 'conty'", "did you mean county?"),
    Break(
        "unquoted code",
        "pack.yaml",
        'root: "990101"',
        "root: 990101",
        "divisions.root",
        "found number 990101",
        "quotes",
    ),
    Break(
        "unknown root",
        "pack.yaml",
        'root: "990101"',
        'root: "990102"',
        "divisions.root",
        "no division 990102",
        "990101",
        at="root:",
    ),
    Break("longitude", "pack.yaml", "lon: 119.0", "lon: 11.9", "centre.lon", "found number 11.9", "from 73 to 136"),
    Break(
        "level twice",
        "pack.yaml",
        "key: block",
        "key: estate",
        "key",
        "'estate' stands twice",
        "each key once",
        at="title: {zh: 片区",
    ),
    Break(
        "level form",
        "pack.yaml",
        "key: block",
        "key: Block-1",
        "schemes[0].levels[1].key",
        "found text 'Block-1'",
        "lower-case",
    ),
    Break(
        "level below homes",
        "pack.yaml",
        "households: 12}",
        "holds: household}",
        "schemes[0].levels[3].key",
        "below one that holds",
        "last",
        at="key: door",
    ),
    Break(
        "unknown cover",
        "pack.yaml",
        '"990101001002"]',
        '"990101001003"]',
        "schemes[0].covers.divisions",
        "no division '990101001003'",
        "did you mean 99010100100",
    ),
    Break(
        "cover word",
        "pack.yaml",
        "divisions: rest",
        "divisions: rets",
        "schemes[1].covers.divisions",
        "found 'rets'",
        "did you mean rest?",
    ),
    Break(
        "division level",
        "pack.yaml",
        "division: village}",
        "division: vilage}",
        "schemes[0].levels[0].division",
        "found 'vilage'",
        "did you mean village?",
    ),
    Break(
        "division twice",
        "divisions.csv",
        "990101001002,河西社区",
        "990101001001,河西社区",
        "code",
        "stands twice, first at line 5",
        "once",
    ),
    Break(
        "division parent",
        "divisions.csv",
        "village,990101002\n990101002202",
        "village,990101009\n990101002202",
        "parent",
        "found '990101009'",
        "row above",
        at="山前村",
    ),
    Break(
        "division code form",
        "divisions.csv",
        "990101001201,",
        "99010100120,",
        "code",
        "found '99010100120'",
        "6, 9 or 12 digits",
    ),
    Break(
        "division outside",
        "divisions.csv",
        "990101002,山后乡,township,990101",
        "990201002,山后乡,township,",
        "code",
        "lies outside the locality",
        "begins with 990101",
        at="990201002",
    ),
    # tables
    Break(
        "unknown column",
        "departments.csv",
        "managed,note",
        "managd,note",
        "managd",
        "unknown column",
        "did you mean managed?",
    ),
    Break(
        "missing column",
        "matters.csv",
        ",limit_source\n",
        "\n",
        "limit_source",
        "is missing",
        "columns",
        at="code,field",
    ),
    Break(
        "row too long",
        "departments.csv",
        "UMC,环卫中心,",
        "UMC,环卫中心,,",
        "",
        "18 cells",
        "17 cells",
        at="UMC,环卫中心",
    ),
    # organisations
    Break(
        "no hotline",
        "pack.yaml",
        'hotline: {phone: "12345", title: {zh: 政务服务便民热线, en: Government service hotline}}\n',
        "",
        "hotline",
        "'hotline' is missing",
        "a mapping",
        at="name: testland",
    ),
    Break(
        "hotline without quotes",
        "pack.yaml",
        'hotline: {phone: "12345"',
        "hotline: {phone: 12345",
        "hotline.phone",
        "found number 12345",
        "in quotes",
    ),
    Break(
        "phone of letters",
        "departments.csv",
        "000-8800 1234",
        "call me",
        "phone",
        "found 'call me'",
        "digits",
    ),
    Break(
        "department kind",
        "departments.csv",
        "EN,生态环境局,Ecology and Environment Bureau,government",
        "EN,生态环境局,Ecology and Environment Bureau,goverment",
        "kind",
        "'goverment'",
        "did you mean government?",
    ),
    Break(
        "department twice",
        "departments.csv",
        "\nJU,",
        "\nPS,",
        "code",
        "PS stands twice, first at line 4",
        "once",
        at="司法局",
    ),
    Break(
        "department parent",
        "departments.csv",
        "urban_management,UM,county",
        "urban_management,UN,county",
        "parent",
        "no department 'UN'",
        "UM",
    ),
    Break(
        "department circle",
        "departments.csv",
        "UM,城市管理局,City Management Bureau,government,yes,yes,urban_management,,",
        "UM,城市管理局,City Management Bureau,government,yes,yes,urban_management,UMC,",
        "parent",
        "above itself",
        "no circle",
    ),
    Break(
        "yes or no",
        "departments.csv",
        "Justice Bureau,government,yes,",
        "Justice Bureau,government,是,",
        "handles",
        "found '是'",
        "yes or no",
    ),
    Break(
        "date",
        "departments.csv",
        "城管执法局,2020-01-01",
        "城管执法局,2020/01/01",
        "valid_from",
        "found '2020/01/01'",
        "a date such as",
    ),
    Break(
        "end before start",
        "departments.csv",
        "环保局,环境保护局,2020-01-01,,",
        "环保局,环境保护局,2020-01-01,2019-01-01,",
        "valid_to",
        "before valid_from",
        "later date",
    ),
    Break(
        "township without division",
        "departments.csv",
        "township,990101001,",
        "township,990101009,",
        "division",
        "found '990101009'",
        "code of a township",
        at="T001",
    ),
    Break(
        "department field",
        "departments.csv",
        "yes,yes,environment,",
        "yes,yes,enviroment,",
        "field",
        "'enviroment'",
        "did you mean environment?",
    ),
    Break(
        "neither",
        "departments.csv",
        "collector,no,yes",
        "collector,no,no",
        "handles",
        "neither handles nor collects",
        "yes in at least one",
    ),
    # matters
    Break("lead", "matters.csv", ",欠薪|拖欠工资,JU,", ",欠薪|拖欠工资,JX,", "lead", "no department 'JX'", "JU"),
    Break(
        "lead collects only",
        "matters.csv",
        ",欠薪|拖欠工资,JU,",
        ",欠薪|拖欠工资,GC,",
        "lead",
        "GC does not handle matters",
        "one of",
    ),
    Break("joint", "matters.csv", "搭棚子,UM,UMC|PS", "搭棚子,UM,UMC|SP", "joint", "no department 'SP'", "PS"),
    Break("collector", "matters.csv", ",JU,,,,JU|PS,", ",JU,,,,JU|PX,", "collected_by", "no department 'PX'", "PS"),
    Break(
        "matter kind",
        "matters.csv",
        "TL-P01,petitions,petition",
        "TL-P01,petitions,petiton",
        "kind",
        "'petiton'",
        "did you mean petition?",
    ),
    Break("class", "matters.csv", "component,0203", "component,0299", "class_code", "no component class 0299", "0203"),
    Break("class form", "matters.csv", "component,0203", "component,203", "class_code", "found '203'", "four digits"),
    Break(
        "limit", "matters.csv", "The lamp is out,3工作日", "The lamp is out,3星期", "limit", "found '3星期'", "4工作时"
    ),
    Break("no limit", "matters.csv", "The lamp is out,3工作日", "The lamp is out,", "limit", "empty", "4工作时"),
    Break("stages", "matters.csv", "制止:4工作时|", "制止4工作时|", "stages", "制止4工作时", "name:limit"),
    Break(
        "evidence",
        "matters.csv",
        "people|process|analysis",
        "people|proces|analysis",
        "evidence",
        "found 'proces'",
        "did you mean process?",
    ),
    Break(
        "closing rule",
        "matters.csv",
        "analysis,replied",
        "analysis,repleid",
        "closing_rule",
        "'repleid'",
        "did you mean replied?",
    ),
    Break(
        "agreement",
        "matters.csv",
        "people|process|agreement,agreement_signed",
        "people|process,agreement_signed",
        "evidence",
        "has no agreement",
        "agreement",
    ),
    Break(
        "codes apart",
        "matters.csv",
        "TL-E0401,urban",
        "TL-C0101,urban",
        "code",
        "other codes came between",
        "next to each other",
        nth=3,
    ),
    Break(
        "contradiction",
        "matters.csv",
        "井盖破了|井盖丢失|窨井盖,UM,,,,UM|UMC,井盖破损",
        "井盖破了|井盖丢失|窨井盖,UMC,,,,UM|UMC,井盖破损",
        "lead",
        "found 'UMC'",
        "'UM' as in line 2",
    ),
    Break("no name", "matters.csv", "路灯不亮,Street lamp out", ",Street lamp out", "name_zh", "empty", "text"),
    Break(
        "matter field",
        "matters.csv",
        "TL-N01,environment",
        "TL-N01,nature",
        "field",
        "found 'nature'",
        "urban_management",
    ),
    Break(
        "withdrawn",
        "matters.csv",
        "GC,GC,2026-01-01,,yes,,test",
        "GC,GC,2026-01-01,,yes,试点结束,test",
        "valid_to",
        "withdrawn matter without an end",
        "last day",
    ),
    # workforce
    Break(
        "duty",
        "roles.yaml",
        "duties: [handle]",
        "duties: [handel]",
        "positions[5].duties",
        "found 'handel'",
        "did you mean handle?",
    ),
    Break(
        "face",
        "roles.yaml",
        "faces: [worker]\n    duties: [report, handle, verify]",
        "faces: [phone]\n    duties: [report, handle, verify]",
        "positions[3].faces",
        "found 'phone'",
        "desk, worker",
    ),
    Break(
        "position level",
        "roles.yaml",
        "rural.zone]",
        "rural.zoen]",
        "at",
        "no level 'rural.zoen'",
        "did you mean rural.zone?",
        at="key: grid_worker",
    ),
    Break(
        "no such duty held",
        "roles.yaml",
        "[draw, administer, audit]",
        "[draw, audit]",
        "positions",
        "no position has the duty administer",
        "administer",
        at="positions:",
    ),
    Break(
        "headcount",
        "roles.yaml",
        "headcount: 2\n  - key: township",
        "headcount: -2\n  - key: township",
        "positions[0].headcount",
        "found number -2",
        "from 0 to 200",
    ),
    Break(
        "key twice",
        "roles.yaml",
        "- key: commander",
        "- key: inspector",
        "key",
        "'inspector' stands twice",
        "once",
        at="- key: inspector",
        nth=2,
    ),
    # cases
    Break(
        "hours",
        "pack.yaml",
        '["14:00", "17:30"]',
        '["17:30", "14:00"]',
        "calendar.working_hours",
        "found ['17:30', '14:00']",
        "pairs of times",
    ),
    Break(
        "timezone",
        "pack.yaml",
        "Asia/Shanghai",
        "Asia/Shangai",
        "calendar.timezone",
        "'Asia/Shangai'",
        "did you mean Asia/Shanghai?",
    ),
    Break("clock", "pack.yaml", "accept: 30分钟", "accept: half an hour", "clocks.accept", "'half an hour'", "4工作时"),
    Break(
        "share",
        "pack.yaml",
        "due_soon_share: 0.8",
        "due_soon_share: 80",
        "clocks.due_soon_share",
        "number 80",
        "from 0.1 to 0.99",
    ),
    Break(
        "whistle level",
        "workflow.yaml",
        "by: [village, township]",
        "by: [hamlet]",
        "whistle.by",
        "no level 'hamlet'",
        "one of",
        at="steps:",
    ),
    Break(
        "flag",
        "workflow.yaml",
        "verify_before_close: true",
        "verify_before_close: always",
        "steps.verify_before_close",
        "'always'",
        "yes or no",
    ),
    Break(
        "reason title",
        "workflow.yaml",
        "zh: 天气原因, en: Weather",
        "zh: 天气原因",
        "suspend_reasons[0].en",
        "missing",
        "text",
    ),
    # assessment
    Break(
        "indicator",
        "assessment.yaml",
        "denominator: due_to_close",
        "denominator: due_to_clsoe",
        "indicators[0].denominator",
        "'due_to_clsoe'",
        "did you mean due_to_close?",
    ),
    Break(
        "figure unit", "figures.yaml", "unit: case", "unit: cases", "figures[0].unit", "'cases'", "did you mean case?"
    ),
    Break(
        "figure share", "figures.yaml", "value: 0.96", "value: 96", "figures[1].value", "a share of 96", "from 0 to 1"
    ),
]


@pytest.mark.parametrize("case", BREAKS, ids=lambda case: case.name)
def test_each_mistake_is_told_with_file_line_and_expectation(packs: Path, case: Break) -> None:
    _break(packs, case)
    found = check_packs(packs).problems
    line = _line_of(packs / "testland" / case.file, case.at or case.new.split("\n")[0], case.nth)
    matching = [
        problem
        for problem in found
        if (problem.file, problem.line, problem.field) == (f"testland/{case.file}", line, case.field)
        and case.says in problem.message
        and case.expects in problem.expected
    ]
    assert matching, "\n".join(map(str, found)) or "no problem was found"


def test_all_mistakes_are_told_at_once(packs: Path) -> None:
    chosen = [
        case for case in BREAKS if case.name in {"kind", "department kind", "limit", "duty", "indicator", "clock"}
    ]
    for case in chosen:
        _break(packs, case)
    fields = {(problem.file.split("/")[1], problem.field) for problem in check_packs(packs).problems}
    assert {(case.file, case.field) for case in chosen} <= fields
    with pytest.raises(PackInvalid) as caught:
        load_pack(packs, "testland")
    assert len(caught.value.problems) >= len(chosen)


def test_missing_and_stray_files_are_told(packs: Path) -> None:
    (packs / "testland" / "roles.yaml").rename(packs / "testland" / "role.yaml")
    (packs / "testland" / "matters.csv").unlink()
    told = {(problem.file, problem.message) for problem in check_packs(packs).problems}
    assert ("testland/roles.yaml", "the file is missing") in told
    assert ("testland/matters.csv", "the file is missing") in told
    assert ("testland/role.yaml", "unknown file 'role.yaml'") in told


def test_a_circle_of_packs_is_told(packs: Path) -> None:
    shutil.copytree(packs / "testland", packs / "second")
    for name, other in (("testland", "second"), ("second", "testland")):
        file = packs / name / "pack.yaml"
        file.write_text(
            file.read_text("utf-8").replace("name: testland", f"name: {name}") + f"\nextends: {other}\n", "utf-8"
        )
    assert any(
        "extends" in problem.message and problem.expected == "no circle" for problem in check_packs(packs).problems
    )


def test_text_in_neither_encoding_and_an_empty_file_are_told(packs: Path) -> None:
    (packs / "testland" / "departments.csv").write_bytes(b"code,name_zh\n\xff\xff\xff,\x80\n")
    (packs / "testland" / "roles.yaml").write_text("", "utf-8")
    told = [(problem.file, problem.message) for problem in check_packs(packs).problems]
    assert ("testland/departments.csv", "the text can be read neither as UTF-8 nor as GB18030") in told
    assert ("testland/roles.yaml", "the file is empty") in told


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_tables_from_spreadsheets_are_read(packs: Path, encoding: str) -> None:
    for name in ("matters.csv", "departments.csv", "divisions.csv"):
        file = packs / "testland" / name
        file.write_bytes(file.read_text("utf-8").replace("\n", "\r\n").encode(encoding))
    assert check_packs(packs).problems == ()


def test_a_pack_that_is_not_there_names_those_that_are(packs: Path) -> None:
    with pytest.raises(PackNotFound, match="there are testland"):
        load_pack(packs, "nowhere")


def test_the_digest_follows_the_content_and_the_base(packs: Path) -> None:
    before = load_pack(packs, "testland")
    assert load_pack(packs, "testland").version == before.version
    file = packs / "testland" / "workflow.yaml"
    file.write_text(file.read_text("utf-8").replace("urge_every_hours: 24", "urge_every_hours: 12"), "utf-8")
    assert load_pack(packs, "testland").version != before.version


def test_problems_are_data_too(packs: Path) -> None:
    _break(packs, next(case for case in BREAKS if case.name == "limit"))
    answer = check_packs(packs).as_json()
    assert answer["ok"] is False
    problem = check_packs(packs).problems[0]
    assert isinstance(problem, Problem)
    assert problem.as_json()["file"] == "testland/matters.csv"
    assert str(problem).startswith("testland/matters.csv:")


class TestLocalities:
    """The packs we ship."""

    def test_all_are_valid(self) -> None:
        report = check_packs(LOCALITIES)
        assert [str(problem) for problem in report.problems] == []

    @pytest.mark.parametrize(
        ("name", "levels", "schemes", "villages"),
        [
            ("minhou", 4, {"main": 4}, 337),
            ("haizhou", 5, {"main": 5}, 66),
            ("tuanjie", 4, {"main": 4}, 10),
            ("suichuan", 5, {"urban": 5, "rural": 5}, 354),
            ("fenghuang", 3, {"main": 3}, 283),
        ],
    )
    def test_levels_are_those_of_the_report(
        self, name: str, levels: int, schemes: dict[str, int], villages: int
    ) -> None:
        summary = check_packs(LOCALITIES).localities[name]
        assert (summary["levels"], summary["schemes"], summary["villages"]) == (levels, schemes, villages)

    def test_the_published_catalogue_is_complete(self) -> None:
        summary = check_packs(LOCALITIES).localities["minhou"]
        assert (summary["matters"], summary["handling_departments"], summary["collecting_departments"]) == (248, 47, 67)

    @pytest.mark.parametrize("name", ["minhou", "haizhou", "tuanjie", "suichuan", "fenghuang"])
    def test_somebody_sits_at_every_station_of_a_case(self, name: str) -> None:
        kinds = {position.kind for position in load_pack(LOCALITIES, name).values["workforce"].positions}  # type: ignore[attr-defined]
        assert {"dispatcher", "secretary", "officer", "inspector", "commander", "administrator"} <= kinds
        assert kinds & {"worker", "leader"}


def _break(packs: Path, case: Break) -> None:
    file = packs / "testland" / case.file
    text = file.read_text("utf-8")
    assert case.old in text, f"{case.name}: nothing to break"
    file.write_text(text.replace(case.old, case.new, 1), "utf-8")


def _line_of(file: Path, marker: str, nth: int) -> int:
    lines = [number for number, line in enumerate(file.read_text("utf-8").split("\n"), 1) if marker in line]
    assert len(lines) >= nth, f"{marker!r} stands nowhere"
    return lines[nth - 1]
