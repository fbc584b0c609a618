"""Excel equals the list, masked, with its reason on record, and nothing in it runs."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from journeys.runner import standing_of
from openpyxl import load_workbook
from support.many import many
from support.people import ActingAs, Api, As, counted_queries, filed
from support.world import World

from onegrid.cases.flow import export
from onegrid.cases.selectors import queue, sheet
from onegrid.cases.selectors.queue import CaseQuery
from onegrid.foundation.database.context import acting
from onegrid.foundation.journal.models import AuditRow

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
CASES = 700
REASON = "报县委政法委月度分析"


@pytest.fixture
def lang() -> str:
    """What the workbook is read in."""
    return "zh-CN"


@pytest.fixture
def stored(world: World, acting_as: ActingAs) -> World:
    """Some hundred cases of the last months."""
    with acting_as():
        many(world, CASES, now=NOW, officer=world.officer("UM"))
    return world


def taken(api: Api, reason: str = REASON, **asked: Any) -> Any:
    """The answer to an export."""
    return api.post("/cases/export", {"filter": asked, "reason": reason})


def read(answer: Any) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Rows by title, and the notes."""
    assert answer.status_code == 200, answer.content
    book = load_workbook(BytesIO(answer.content))
    page, notes = book.worksheets
    head, *rest = [[cell.value for cell in row] for row in page.iter_rows()]
    return [dict(zip(head, row, strict=True)) for row in rest], {row[0]: row[1] for row in notes.values if row[0]}


def listed(api: Api, **asked: Any) -> list[str]:
    """Numbers of all pages of the list, in order."""
    found: list[str] = []
    cursor = ""
    while True:
        page = api.get(f"/cases?{urlencode({**asked, 'limit': 200, **({'cursor': cursor} if cursor else {})})}").json()
        found += [one["number"] for one in page["items"]]
        cursor = page["next"]
        if not cursor:
            return list(dict.fromkeys(found))


FILTERS: list[dict[str, Any]] = [
    {},
    {"tab": "todo", "sort": "due"},
    {"tab": "closed", "sort": "reported"},
    {"status": "handling,reported", "channel": "snap"},
    {"q": "路灯", "day_from": "2025-12-01"},
    {"supervised": True, "sort": "due"},
    {"matter": "none"},
]


@pytest.mark.parametrize("asked", FILTERS, ids=str)
def test_the_workbook_is_the_list(stored: World, dispatcher: Api, asked: dict[str, Any]) -> None:
    answer = taken(dispatcher, **asked)
    rows, notes = read(answer)
    query = {name: str(value).lower() if isinstance(value, bool) else value for name, value in asked.items()}
    wanted = listed(dispatcher, **query)
    assert len(wanted) > 3, "a filter that finds nothing proves nothing"
    assert [row["编号"] for row in rows] == wanted
    assert answer["X-Rows"] == str(len(wanted))
    assert answer["X-Cut"] == "no"
    assert notes["件数"] == f"{len(wanted)} 件，为筛选结果的全部"
    assert notes["用途"] == REASON


def test_every_step_small_still_finds_all(stored: World, acting_as: ActingAs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "BITE", 7)
    actor = stored.staff("dispatcher", scope="r.")
    with acting_as():
        who = standing_of(actor)
    for asked in (CaseQuery(), CaseQuery(tab="todo", sort="due"), CaseQuery(q="路灯")):
        with acting(who):
            small, cut = queue.every(actor, asked, now=NOW, most=10_000)
            monkeypatch.setattr(queue, "BITE", 500)
            assert (small, cut) == queue.every(actor, asked, now=NOW, most=10_000)
        monkeypatch.setattr(queue, "BITE", 7)
        assert len(small) == len(set(small)) > 20


def test_a_bound_is_said(stored: World, dispatcher: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "MOST", 25)
    answer = taken(dispatcher)
    rows, notes = read(answer)
    assert [row["编号"] for row in rows] == listed(dispatcher)[:25]
    assert answer["X-Cut"] == "yes"
    assert notes["件数"] == "25 件。符合条件的更多，只导出前 25 件，请缩小筛选范围分次导出"
    assert dispatcher.get("/cases/words").json()["export_most"] == 25


def test_who_took_what_out_and_why_is_on_record(stored: World, dispatcher: Api, acting_as: ActingAs) -> None:
    actor = stored.staff("dispatcher", scope="r.")
    assert taken(dispatcher, status="handling", q="13812345678").status_code == 200
    with acting_as():
        row = AuditRow.objects.get(action="case.export")
    assert (row.user, row.purpose, row.scope_path) == (actor.user_id, REASON, "r.")
    assert row.detail["filter"]["status"] == "handling"
    assert row.detail["filter"]["q"] == "138****5678"
    assert row.detail["rows"] == 0
    for reason in ("", " ", "x"):
        refused = taken(dispatcher, reason)
        assert refused.status_code == 422
        assert [one["field"] for one in refused.json()["fields"]] == ["reason"]
    with acting_as():
        assert AuditRow.objects.filter(action="case.export").count() == 1


CALLER = {"name": "陈小明", "phone": "13812340001"}


def test_persons_are_masked_also_inside_free_words(world: World, dispatcher: Api) -> None:
    words = "请打 138 1234 5678 或 0591-22334455 找我，身份证 110101199001017758"
    filed(dispatcher, world, words=words, contact=CALLER)
    (row,), _ = read(taken(dispatcher))
    assert row["反映人"] == "陈**"
    assert row["联系电话"] == "138****0001"
    assert row["内容"] == "请打 138****5678 或 059*****4455 找我，身份证 1101**********7758"
    said = str(row)
    assert not [
        plain for plain in ("13812340001", "小明", "1234 5678", "0591-2", "110101199001017758") if plain in said
    ]


def test_an_anonymous_caller_and_a_confidential_case_stay_so(world: World, dispatcher: Api) -> None:
    filed(dispatcher, world, words="我要举报一件事", confidential=True, contact=CALLER)
    filed(dispatcher, world, words="路灯不亮两天了", anonymous=True)
    rows, _ = read(taken(dispatcher, sort="reported"))
    hidden, nameless = rows
    assert hidden["内容"] == hidden["标题"] == "（保密，请在系统内查看）"
    assert (nameless["反映人"], nameless["联系电话"]) == ("匿名居民", None)


def test_a_department_gets_no_contacts(world: World, dispatcher: Api, staff: As, acting_as: ActingAs) -> None:
    with acting_as():
        officer = world.officer("UM")
    case = filed(dispatcher, world, contact=CALLER)
    for action, more in (("accept", {}), ("dispatch", {"department": str(officer.department_id)})):
        body = {"key": str(uuid4()), **more}
        assert dispatcher.post(f"/cases/{case['id']}/actions/{action}", body).status_code == 200
    rows, _ = read(taken(staff(officer)))
    assert [row["编号"] for row in rows] == [case["number"]]
    assert not {"反映人", "联系电话"} & set(rows[0])
    with acting_as():
        other = world.officer("JU")
    assert read(taken(staff(other)))[0] == []


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "＝"])
def test_no_cell_is_a_formula(world: World, dispatcher: Api, start: str) -> None:
    words = f'{start}HYPERLINK("http://example.com","点我")'
    filed(dispatcher, world, words=f"x{words}", address=words)
    answer = taken(dispatcher, reason=f"{start}1+1 要看")
    book = load_workbook(BytesIO(answer.content))
    cells = [cell for page in book.worksheets for row in page.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "d", "n"}
    assert not [cell.value for cell in cells if isinstance(cell.value, str) and sheet.FORMULA.match(cell.value)]


def test_what_a_workbook_cannot_hold_is_left_out() -> None:
    assert sheet.plain("a\x00b\x0bc\ud800d\ufffe") == "abcd"
    assert len(sheet.plain("长" * 5000)) == sheet.LONGEST


def test_as_many_queries_for_ten_rows_as_for_four_hundred(
    stored: World, acting_as: ActingAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    actor = stored.staff("dispatcher", scope="r.")
    with acting_as():
        who = standing_of(actor)

    def asked(most: int) -> int:
        monkeypatch.setattr(export, "MOST", most)
        with acting(who), counted_queries() as seen:
            assert export.export(actor=actor, query=CaseQuery(), reason=REASON, now=NOW).rows == most
        return len(seen)

    asked(10)
    assert asked(10) == asked(400) <= 8


def test_nobody_takes_a_list_out_without_a_sign_in(api: Api, world: World) -> None:
    assert taken(api).status_code == 401


def test_words_of_a_list_come_without_figures(world: World, dispatcher: Api) -> None:
    with counted_queries() as asked:
        found = dispatcher.get("/cases/words").json()
    assert {one["key"]: one["label"] for one in found["statuses"]}["dispatched"] == "已派遣"
    assert "hotline" in {one["key"] for one in found["channels"]}
    assert not [one["sql"] for one in asked if "cases_case" in one["sql"]]
