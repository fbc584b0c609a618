"""One story through all of the registers, over the API alone.

The county brings its sheets and corrects what came back. The worker puts a phone right at the door, the centre confirms
an identity number he may not write. The resident proves who she is, sees who looked, and asks why. A list leaves with
two people's consent, is edited and comes back. She moves, and is found at the new door.
"""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import encode_multipart
from openpyxl import load_workbook
from support.people import Api
from support.world import World

from onegrid.county.registers import tasks
from onegrid.county.registers.services import loading
from onegrid.county.registers.services.loading import desk, running
from onegrid.foundation.accounts.secrets import csrf_of
from onegrid.foundation.accounts.services import keys, phones, sessions
from onegrid.foundation.database.context import Standing, in_locality

NOW = datetime.now(UTC)
BOUNDARY = "b0undary"
SHEET = "楼栋编号,单元,房号,户号,与户主关系,姓名,性别,出生日期,身份证号,手机号,户籍类型,入住日期"


def numbered(order: int, born: str = "19800101") -> str:
    """An invented identity number with a right check character."""
    body = f"990000{born}{order:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(a) * b for a, b in zip(body, weights, strict=True)) % 11]


class Told:
    """Everybody of the story, and the files they send."""

    def __init__(self, world: World, locality: str) -> None:
        self.locality = locality
        self.county = self._staff(world.staff("dispatcher", scope="r.").user_id)
        self.worker = self._staff(world.staff("worker").user_id)

    def _staff(self, user: int | None) -> Api:
        api = Api(self.locality)
        with in_locality(self.locality):
            api.token = keys.make(user_id=user, kind="token", label="t", now=NOW)[1]
        return api

    def resident(self, phone: str) -> Api:
        """Somebody who signed in with a phone."""
        api = Api(self.locality)
        with in_locality(self.locality):
            opened = sessions.open_session(resident=phones.resident_of(phone, NOW), now=NOW)
        api.client.cookies[f"onegrid_{self.locality}"] = opened.cookie
        api.client.cookies["csrftoken"] = csrf_of(bytes(opened.row.digest))
        return api

    def brings(self, kind: str, name: str, content: bytes) -> dict[str, Any]:
        """A file from upload to end, as the desk does it; what became of it."""
        data = encode_multipart(BOUNDARY, {"file": SimpleUploadedFile(name, content), "kind": kind})
        media = f"multipart/form-data; boundary={BOUNDARY}"
        made = self.county.call("POST", "/register/imports", data=data, content_type=media)
        assert made.status_code == 201, made.content
        run = made.json()["id"]
        assert self.county.post(f"/register/imports/{run}/start", {"mode": "all_good"}).status_code == 200
        with in_locality(self.locality):
            assert tasks.next_import(self.locality, NOW + timedelta(days=400)) == int(run)
            found = loading.take_up(int(run), at=NOW)
            standing = Standing(self.locality, found.scope_path)
        running.Running(
            self.locality, found, lambda: desk.file_of(standing, found), lambda: NOW, beside=False
        ).go()  # fmt: skip
        return dict(self.county.get(f"/register/imports/{run}").json())

    def find(self, words: str, api: Api | None = None) -> list[dict[str, Any]]:
        """Residents found by words, best first."""
        answer = (api or self.worker).post("/register/search", {"words": words})
        assert answer.status_code == 200, answer.content
        return [item for group in answer.json()["groups"] if group["kind"] == "residents" for item in group["items"]]

    def row(self, api: Api, key: str) -> dict[str, Any]:
        answer = api.get(f"/register/records/residents/{key}")
        assert answer.status_code == 200, answer.content
        return dict(answer.json())


def sheet(*rows: str, encoding: str = "gb18030") -> bytes:
    return "\r\n".join([SHEET, *rows]).encode(encoding)


def test_a_year_of_the_registers(world: World, locality: str) -> None:
    told = Told(world, locality)
    with in_locality(locality):
        scope = world.staff("worker").scope_path
        leaf = next(one for one in world.leaves if one.scope_path.startswith(scope))
    # Buildings first: without them nobody knows in which grid a home is.
    places = (
        f"楼栋编号,楼栋名称,楼栋类型,层数,单元数,经度,纬度\r\nB1,前街1号,多层,5,2,{leaf.lon},{leaf.lat}\r\n".encode()
    )
    assert told.brings("buildings", "楼栋.csv", places)["added"] == 1

    # One number is mistyped: two rows go in, the third comes back in a sheet and goes in corrected.
    wrong = numbered(21)[:-1] + ("0" if numbered(21)[-1] != "0" else "1")
    family = [
        f"B1,1,101,H1,户主,单甲甲,男,1980-01-01,{numbered(11)},19000000011,本地,2020-01-01",
        f"B1,1,101,H1,配偶,林乙乙,女,1980-01-01,{numbered(12)},19000000012,本地,2020-01-01",
        f"B1,2,201,H2,户主,黄丙丙,男,1980-01-01,{wrong},19000000021,外地,2021-05-01",
    ]
    first = told.brings("residents", "居民.csv", sheet(*family))
    assert [first[key] for key in ("state", "added", "bad", "encoding")] == ["done", 2, 1, "gb18030"]
    report = told.county.get(f"/register/imports/{first['id']}/report")
    book = load_workbook(io.BytesIO(report.content))
    page = book.worksheets[0]
    titles = [cell.value for cell in page[1]]
    assert [page.cell(2, titles.index(title) + 1).value for title in ("姓名", "身份证号")] == ["黄丙丙", wrong]
    page.cell(2, titles.index("身份证号") + 1).value = numbered(21)
    corrected = io.BytesIO()
    book.save(corrected)
    again = told.brings("residents", "待改正.xlsx", corrected.getvalue())
    assert [again[key] for key in ("added", "changed", "bad")] == [1, 0, 0]
    once_more = told.brings("residents", "居民.csv", sheet(*family, encoding="utf-16"))
    assert [once_more[key] for key in ("added", "changed", "same", "bad")] == [0, 0, 2, 1]

    # The worker finds her by the sound of her name, masked, and puts her phone right; her number he may only propose.
    (hit,) = told.find("lyy")
    assert hit["title"] == "林**"
    her = told.row(told.worker, hit["id"])
    assert her["cells"]["phone"] == "190****0012"
    body = {
        "key": str(uuid4()), "version": her["version"], "seen": her["cells"] | {}, "source": "door",
        "wanted": {"phone": "19000000099", "id_number": numbered(14)},
    }  # fmt: skip
    body["seen"] = {name: her["cells"][name] for name in ("phone", "id_number")}
    edited = told.worker.post(f"/register/residents/{hit['id']}/edit", body)
    assert edited.status_code == 200, edited.content
    assert (edited.json()["fields"], edited.json()["waiting"]) == (["phone"], ["id_number"])
    assert told.worker.post(f"/register/residents/{hit['id']}/edit", body).json() == edited.json()
    (waiting,) = told.county.get("/register/waiting").json()["items"]
    answer = told.county.post(f"/register/waiting/{waiting['id']}/confirm", {"version": waiting["version"]})
    assert (answer.status_code, answer.json()["state"]) == (200, "applied")
    assert told.row(told.county, hit["id"])["cells"]["id_number"] == f"9900**********{numbered(14)[-4:]}"

    # Somebody reveals her phone, for a purpose; she sees it on her own page and asks why.
    shown = told.worker.post(f"/register/records/residents/{hit['id']}/reveal", {"field": "phone", "purpose": "help"})
    assert shown.json()["value"] == "19000000099"
    she = told.resident("19000000099")
    linked = she.post("/resident/register/link", {"id_tail": numbered(14)[-4:]})
    assert linked.status_code == 200, linked.content
    looks = she.get("/resident/register/looks").json()["items"]
    assert [one["how"] for one in looks[:1]] == ["reveal"]
    assert {one["how"] for one in looks} >= {"reveal", "read", "search"}
    asked = she.post(
        "/resident/register/requests",
        {"key": str(uuid4()), "kind": "question", "look": looks[0]["id"], "words": "没有人联系过我"},
    )
    assert asked.status_code == 201, asked.content
    assert she.get("/resident/register/looks").json()["items"][0]["questioned"]

    # A list leaves with two people's consent, is edited and comes back: one row changes.
    wish = {"key": str(uuid4()), "kind": "residents", "purpose": "statistics", "words": "年度核对", "whole": False}
    wanted = told.worker.post("/register/exports", wish).json()
    assert told.worker.post(f"/register/exports/{wanted['id']}/file").status_code == 409
    assert told.county.post(f"/register/exports/{wanted['id']}/approve").status_code == 200
    taken = load_workbook(io.BytesIO(told.worker.post(f"/register/exports/{wanted['id']}/file").content))
    page = taken.worksheets[0]
    titles = [cell.value for cell in page[1]]
    at = next(row for row in range(2, page.max_row + 1) if str(page.cell(row, 1).value) == hit["id"])
    page.cell(at, titles.index("Registered") + 1).value = "Registered elsewhere"
    out = io.BytesIO()
    taken.save(out)
    back = told.brings("residents", "核对.xlsx", out.getvalue())
    assert [back[key] for key in ("added", "changed", "same", "bad")] == [0, 1, 2, 0]
    assert told.row(told.county, hit["id"])["cells"]["registered"] == "elsewhere"

    # She moves to the other family's door; the old household keeps its history, the statistics their sum.
    (other,) = told.find("黄丙丙")
    there = told.row(told.county, other["id"])["cells"]
    home = told.county.get("/register/records/households?limit=10").json()["items"]
    target = next(one["id"] for one in home if one["cells"]["household"] == there["household"])
    moved = told.worker.post(
        "/register/moves",
        {"key": str(uuid4()), "residents": [int(hit["id"])], "household": int(target), "on": date.today().isoformat()},
    )
    assert (moved.status_code, moved.json()["state"]) == (200, "applied"), moved.content
    assert told.row(told.county, hit["id"])["cells"]["household"] == "H2"
    assert told.county.get("/register/statistics").json()["whole"]["counts"]["residents"] == 3
    history = told.county.get(f"/register/history/residents/{hit['id']}")
    assert history.status_code == 200, history.content
    assert {one["source"] for one in history.json()["items"]} == {"door", "import", "desk"}
