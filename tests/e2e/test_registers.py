"""The registers on the desk, in a real browser: a sheet with bad rows that is corrected and comes again, an edit where
somebody else was there meanwhile, a change that waits for a second person, a family, a building, an export for two."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page

from tests.e2e.conftest import Live, until
from tests.e2e.hands import Hand
from tests.e2e.test_desk import sign_in
from tests.e2e.test_desk_list import DESK
from tests.support.register_sheets import id_number

pytestmark = pytest.mark.e2e

HEADER = ["楼栋地址", "单元", "房号", "与户主关系", "姓名", "性别", "证件类型", "证件号码", "联系电话", "户籍类别"]


@pytest.fixture(scope="module")
def centre(live: Live) -> Hand:
    """Who answers for the registers of the county."""
    return Hand(live.url, live.account("dispatcher"))


def open_registers(open_page: Callable[..., Page], live: Live, path: str = "") -> Page:
    """A page of the registers, signed in."""
    page = open_page(viewport=DESK)
    sign_in(page, live, path=f"registers{path}")
    return page


def count(page: Page, what: str) -> str:
    """One of the counts of an import."""
    return page.inner_text(f"[data-count={what}]")


def upload(page: Page, sheet: Path) -> None:
    """Chooses a sheet of residents and uploads it."""
    page.goto(page.url.split("/registers")[0] + "/registers/import")
    page.set_input_files("#import-file", str(sheet))
    page.click(".upload button[type=submit]")
    page.wait_for_selector(".fields select")


def run(page: Page) -> None:
    """Starts what was uploaded and waits for its end."""
    page.click(".start")
    page.wait_for_selector("[data-state=done]")


def test_a_sheet_with_bad_rows_is_corrected_and_comes_again(
    live: Live, open_page: Callable[..., Page], centre: Hand, tmp_path: Path
) -> None:
    """What is wrong is told before anything is stored; good rows go in; the report, corrected, brings the rest."""
    building = centre.get("/register/records/buildings", limit=1)["items"][0]["cells"]["name"]
    unique = time.time_ns() % 1_000_000
    phones = [f"1900{unique:06d}{at}" for at in range(3)]
    sequence = unique % 400 * 2 + 101
    ids = [id_number(sequence=sequence + 2 * at) for at in range(3)]
    broken = ids[1][:-1] + ("1" if ids[1][-1] != "1" else "2")
    names = ["钱甲试", "孙乙试", "李丙试"]
    rows = [
        [building, "", str(900 + at), "户主", names[at], "男", "居民身份证", number, phones[at], "本地户籍"]
        for at, number in enumerate([ids[0], broken, ids[2]])
    ]
    rows[2][0] = "没有这栋楼的路999号"
    sheet = tmp_path / "residents.csv"
    with sheet.open("w", encoding="gb18030", newline="") as out:
        csv.writer(out).writerows([HEADER, *rows])

    page = open_registers(open_page, live, "/import")
    upload(page, sheet)
    assert "GB18030" in page.inner_text(".steps").upper()
    page.click(".try")
    page.wait_for_selector(".ahead .problems")
    told = page.inner_text(".steps")
    assert "新增 1" in page.inner_text(".ahead")
    assert broken not in told and phones[1] not in told and names[1] not in told
    run(page)
    assert (count(page, "added"), count(page, "bad")) == ("1", "2")

    with page.expect_download() as fetched:
        page.click(".report")
    report = tmp_path / "report.xlsx"
    fetched.value.save_as(report)
    book = load_workbook(report)
    correct(book.worksheets[0], {broken: ids[1], "没有这栋楼的路999号": building})
    book.save(report)
    upload(page, report)
    run(page)
    assert (count(page, "added"), count(page, "bad")) == ("2", "0")
    assert page.complaints == []  # type: ignore[attr-defined]


def correct(sheet: Any, right: dict[str, str]) -> None:
    """Writes what is right over what is wrong, wherever it stands."""
    left = dict(right)
    for row in sheet.iter_rows():
        for cell in row:
            if str(cell.value) in right:
                left.pop(str(cell.value), None)
                cell.value = right[str(cell.value)]
    assert not left, f"not in the report: {len(left)} of {len(right)}"


def a_resident(hand: Hand, **query: Any) -> dict[str, Any]:
    """Somebody registered, as the API tells him."""
    found: dict[str, Any] = hand.get("/register/records/residents", limit=1, **query)["items"][0]
    return found


def test_an_edit_is_settled_with_what_somebody_else_wrote(
    live: Live, open_page: Callable[..., Page], centre: Hand
) -> None:
    """Both values stand side by side; what is chosen stands in the register, nothing is lost in silence."""
    row = a_resident(centre, relation="sibling") if has(centre, relation="sibling") else a_resident(centre)
    before = row["cells"]["relation"]
    others, mine = [one for one in ("grandparent", "tenant", "other") if one != before][:2]
    page = open_registers(open_page, live, f"?row={row['id']}")
    page.click(".panel .edit")
    page.select_option("#edit-relation", mine)
    centre.post(
        f"/register/residents/{row['id']}/edit",
        version=row["version"],
        seen={"relation": before},
        wanted={"relation": others},
    )
    page.click(".panel form button[type=submit]")
    page.wait_for_selector("[data-conflict=relation]")
    page.click("[data-conflict=relation] label:nth-of-type(2) input")
    page.click(".panel form button[type=submit]")
    page.wait_for_selector(".panel .fields")
    assert centre.get(f"/register/records/residents/{row['id']}")["cells"]["relation"] == mine
    page.wait_for_selector(".history li")


def has(hand: Hand, **query: Any) -> bool:
    """Whether a list of residents has any."""
    return bool(hand.get("/register/records/residents", limit=1, **query)["items"])


def test_what_a_worker_may_not_decide_waits_for_the_centre(
    live: Live, open_page: Callable[..., Page], centre: Hand
) -> None:
    """An identity number found at the door waits; confirmed on the desk it stands in the register."""
    worker = Hand(live.url, live.account("worker"))
    row = a_resident(worker, id_kind="id_card")
    born = row["cells"]["birth_date"][:4]
    whole = centre.post(f"/register/records/residents/{row['id']}/reveal", field="birth_date", purpose="correction")[
        "value"
    ]
    assert whole.startswith(born)
    sequence = (int(time.time()) % 490) * 2 + (1 if row["cells"]["sex"] == 1 else 0)
    number = id_number(born=whole.replace("-", ""), sequence=sequence)
    kept = worker.post(
        f"/register/residents/{row['id']}/edit",
        version=row["version"],
        seen={"id_number": row["cells"]["id_number"]},
        wanted={"id_number": number},
        source="door",
    )
    assert kept["state"] == "waiting"
    page = open_registers(open_page, live, "/changes")
    change = f"[data-change='{kept['waiting_change']}']"
    page.wait_for_selector(change)
    assert number not in page.inner_text(change)
    page.click(f"{change} .confirm")
    until(page, f'!document.querySelector("{change}")', "the confirmed change leaves the list")
    assert centre.get(f"/register/records/residents/{row['id']}")["cells"]["id_number"].endswith(number[-4:])


def test_words_looked_for_and_whole_values_leave_no_trace_in_addresses(
    live: Live, open_page: Callable[..., Page], centre: Hand
) -> None:
    """A name goes in the body of a request; a value is shown for a purpose and goes back behind its mask."""
    row = a_resident(centre, registered="local")
    name = centre.post(f"/register/records/residents/{row['id']}/reveal", field="name", purpose="correction")["value"]
    page = open_registers(open_page, live)
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url))
    page.fill(".find input", name)
    page.wait_for_selector(f".rows [data-row='{row['id']}']")
    page.click(f".rows [data-row='{row['id']}'] .first")
    page.click("[data-reveal=name]")
    page.click("dialog [type=submit]")
    page.wait_for_selector("dialog [role=alert]")
    page.click("dialog [type=radio]")
    page.click("dialog [type=submit]")
    page.wait_for_selector(".whole")
    assert page.inner_text(".whole") == name
    page.click(".panel .fields .eye[aria-label*=重新]")
    assert page.query_selector(".whole") is None
    assert not [url for url in asked if name in url or quote(name) in url]


def test_a_family_and_a_building_stand_as_people_see_them(live: Live, open_page: Callable[..., Page]) -> None:
    """From a row to the household, from there to the building, from a door back to a family."""
    page = open_registers(open_page, live)
    page.click(".rows .row .first")
    page.click(".panel a[href*='/household/']")
    page.wait_for_selector(".family .person")
    page.click("a[href*='/building/']")
    page.wait_for_selector(".door[data-dwelling]")
    page.click(".ask:nth-of-type(2)")
    page.wait_for_selector(".door[class*='use-']")
    page.click(".door[data-dwelling]")
    page.wait_for_selector(".family .person, .rows .row")
    assert page.complaints == []  # type: ignore[attr-defined]


def residents(page: Page) -> list[str]:
    """Who stands on the page of a household."""
    return [str(one.get_attribute("data-resident")) for one in page.query_selector_all("[data-resident]")]


def test_somebody_is_added_by_hand_moved_apart_and_back(
    live: Live, open_page: Callable[..., Page], centre: Hand
) -> None:
    """A new resident of a household, in one of his own behind the same door, and home again by undoing it."""
    home = a_resident(centre)["household"]
    page = open_registers(open_page, live, f"/household/{home}")
    page.wait_for_selector("[data-resident]")
    before = residents(page)
    page.click("[data-add=residents]")
    page.click("[data-adding] button[type=submit]")
    page.wait_for_selector("[data-adding] [role=alert]")
    page.fill("#add-residents-name", "周丁试")
    page.select_option("#add-residents-sex", "2")
    page.fill("#add-residents-birth_date", "1990-05-17")
    page.click("[data-adding] button[type=submit]")
    until(page, f"document.querySelectorAll('[data-resident]').length === {len(before) + 1}", "the new resident stands")
    (new,) = set(residents(page)) - set(before)
    assert "周丁试" not in page.inner_text("article")

    page.click(".move-begin")
    page.check(f".move input[value='{new}']")
    page.check(".move input[value=split]")
    page.click(".move button[type=submit]")
    until(page, f"!location.pathname.endsWith('/household/{home}')", "one is led to the new household")
    page.wait_for_selector(f"[data-resident='{new}']")
    assert residents(page) == [new]
    assert centre.get(f"/register/records/residents/{new}")["household"] != home

    page.click(f"[data-resident='{new}']")
    page.click(".history .undo")
    until(page, f"location.pathname.endsWith('/household/{home}')", "one is led back home")
    page.wait_for_selector(f"[data-resident='{new}']")
    assert set(residents(page)) == {*before, new}
    assert centre.get(f"/register/records/residents/{new}")["household"] == home


def test_a_person_is_erased_with_a_reason_by_who_may(live: Live, open_page: Callable[..., Page], centre: Hand) -> None:
    """Not by the centre; by the administrator, who says why and names the entry by its number."""
    home = a_resident(centre)["household"]
    made = centre.post("/register/add", kind="residents", values={"name": "吴戊试"}, household=int(home))
    page = open_registers(open_page, live, f"/residents?row={made['id']}")
    page.wait_for_selector(".panel .edit")
    assert page.query_selector(".erase-begin") is None
    page = open_page(viewport=DESK)
    sign_in(page, live, role="admin", path=f"registers/residents?row={made['id']}")
    page.click(".erase-begin")
    page.fill("#erase-reason", "依申请删除")
    page.click("dialog [type=submit]")
    page.wait_for_selector("dialog [role=alert]")
    page.fill("#erase-typed", made["id"])
    page.click("dialog [type=submit]")
    page.wait_for_selector("dialog[open]", state="detached")
    assert centre.http.get(f"/register/records/residents/{made['id']}").status_code == 404


def test_two_entries_of_one_person_become_one_until_that_is_undone(
    live: Live, open_page: Callable[..., Page], centre: Hand
) -> None:
    """Side by side, masked; merged, and apart again."""
    grid = centre.get("/register/records/residents", limit=1)["items"][0]["grid"]["id"]
    two = [one["id"] for one in centre.get("/register/records/residents", limit=10, grid=grid)["items"][-2:]]
    pair = f"[data-pair='{centre.post('/register/duplicates', residents=[int(one) for one in two])['id']}']"
    page = open_registers(open_page, live, "/duplicates")
    page.wait_for_selector(pair)
    assert "*" in page.inner_text(pair)
    page.click(f"{pair} .merge")
    until(page, f'!document.querySelector("{pair}")', "the merged pair leaves the list")
    gone = [centre.http.get(f"/register/records/residents/{one}").status_code for one in two].count(404)
    assert gone == 1
    page.click("button:text-is('撤回')")
    page.wait_for_selector("text=已撤回合并。")
    assert [centre.http.get(f"/register/records/residents/{one}").status_code for one in two] == [200, 200]


def test_an_export_needs_a_purpose_and_another_person(live: Live, open_page: Callable[..., Page]) -> None:
    """Who asked cannot approve it himself."""
    page = open_registers(open_page, live, "/organisations")
    page.click(".ask-export")
    page.click("dialog [type=submit]")
    page.wait_for_selector("dialog [role=alert]")
    page.click("dialog [type=radio]")
    page.click("dialog [type=submit]")
    page.wait_for_selector("dialog[open]", state="detached")
    page.click("[data-view=exports]")
    page.wait_for_selector("[data-state=asked]")
    assert page.query_selector("[data-state=asked] .approve") is None
    assert page.query_selector("[data-state=asked] .fetch") is None
