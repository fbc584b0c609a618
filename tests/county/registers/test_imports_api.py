"""The wizard's way: upload, columns, a look ahead, start, progress, report; nothing personal leaves unmasked."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from county.registers.test_loading import FAMILY, HEAD, number, sheet
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import MULTIPART_CONTENT, encode_multipart
from support.people import Api, counted_queries
from support.world import World

from onegrid.county.registers import tasks
from onegrid.county.registers.models import Building, Import, Resident
from onegrid.county.registers.services import loading
from onegrid.county.registers.services.loading import desk, running, uploads
from onegrid.foundation.accounts.services import keys
from onegrid.foundation.database.context import Standing, acting, in_locality
from onegrid.foundation.journal.models import AuditRow

NOW = datetime(2026, 3, 2, tzinfo=UTC)
BOUNDARY = "BoUnDaRy"


@pytest.fixture
def secretary(world: World, locality: str) -> Api:
    """Who may write everything in the village, with two buildings in it."""
    api = Api(locality)
    with in_locality(locality):
        for name in ("前街1号", "前街2号"):
            Building.objects.create(
                grid_id=world.leaf.id, scope_path=world.leaf.scope_path, name=name, lon=world.leaf.lon,
                lat=world.leaf.lat,
            )  # fmt: skip
        actor = world.staff("dispatcher", scope="r.")
        api.token = keys.make(user_id=actor.user_id, kind="token", label="t", now=NOW)[1]
    return api


def upload(api: Api, path: Path, kind: str = "residents") -> Any:
    """POST a file."""
    file = SimpleUploadedFile(path.name, path.read_bytes())
    data = encode_multipart(BOUNDARY, {"file": file, "kind": kind})
    return api.call(
        "POST", "/register/imports", data=data, content_type=f"{MULTIPART_CONTENT.split(';')[0]}; boundary={BOUNDARY}"
    )


def work(locality: str, run: str) -> Import:
    """What the background does, in the test's own transaction."""
    with in_locality(locality):
        assert tasks.next_import(locality, NOW + timedelta(days=400)) == int(run)
        found = loading.take_up(int(run), at=NOW)
        standing = Standing(locality, found.scope_path)
    return running.Running(
        standing.locality, found, lambda: desk.file_of(standing, found), lambda: NOW, beside=False
    ).go()


def test_from_upload_to_report(secretary: Api, locality: str, tmp_path: Path) -> None:
    rows = [*FAMILY, ("后街9号", "1", "101", "", "", "无楼者", "", "", number(8), "19000000008")]
    answer = upload(secretary, sheet(tmp_path, rows))
    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert (made["state"], made["encoding"], made["total"]) == ("uploaded", "utf-8", 4)
    assert made["header"] == list(HEAD) and not made["missing"]
    assert {one["key"]: one["found"] for one in made["fields"]}["id_number"] == "证件号码"
    assert number(1) not in answer.content.decode() and "陈试一" not in answer.content.decode()

    ahead = secretary.post(f"/register/imports/{made['id']}/preview")
    assert ahead.status_code == 200, ahead.content
    assert [ahead.json()[key] for key in ("rows", "added", "bad")] == [4, 3, 1]
    assert ahead.json()["problems"][0]["line"] == 5 and number(8) not in ahead.content.decode()
    with in_locality(locality):
        assert not Resident.objects.exists()

    started = secretary.post(f"/register/imports/{made['id']}/start", {"mode": "all_good"})
    assert (started.status_code, started.json()["state"]) == (200, "waiting")
    work(locality, made["id"])
    done = secretary.get(f"/register/imports/{made['id']}").json()
    assert [done[key] for key in ("state", "done", "added", "bad", "report")] == ["done", 4, 3, 1, True]

    answer = secretary.get(f"/register/imports/{made['id']}/report")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    cells = [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()]
    assert len(cells) == 2 and "无楼者" in cells[1]
    with in_locality(locality):
        assert AuditRow.objects.filter(action="import.report", subject_id=made["id"]).exists()
    assert secretary.post(f"/register/imports/{made['id']}/cancel").status_code == 409


def test_a_colleague_gets_a_report_with_what_is_personal_masked(secretary: Api, locality: str, tmp_path: Path) -> None:
    rows = [*FAMILY, ("后街9号", "1", "101", "", "", "无楼者", "", "", number(8), "19000000008")]
    made = upload(secretary, sheet(tmp_path, rows)).json()
    secretary.post(f"/register/imports/{made['id']}/start", {"mode": "all_good"})
    work(locality, made["id"])

    def told() -> list[str]:
        answer = secretary.get(f"/register/imports/{made['id']}/report")
        pages = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets
        return [str(cell.value) for page in pages for row in page.iter_rows() for cell in row]

    own = told()
    with in_locality(locality):  # as if somebody else had handed the file in
        Import.objects.filter(pk=made["id"]).update(user=None)
    other = told()
    for value in ("无楼者", number(8), "19000000008"):
        assert value in own
        assert not [cell for cell in other if value in cell]
    assert "后街9号" in other


def test_the_upload_is_sealed_and_goes_after_a_month(secretary: Api, locality: str, tmp_path: Path) -> None:
    rows = [(*FAMILY[0][:5], f"陈试{at}", *FAMILY[0][6:8], "", "") for at in range(9000)]
    path = sheet(tmp_path, rows)
    assert path.stat().st_size > uploads.PIECE
    made = upload(secretary, path).json()
    with in_locality(locality):
        stored = uploads.folder() / Import.objects.get(pk=made["id"]).stored
        kept = uploads.reopen(stored.name)
        assert "陈试1".encode() not in stored.read_bytes()
        assert io.BufferedReader(kept).read() == path.read_bytes()
        tail = uploads.reopen(stored.name)
        tail.seek(-20, io.SEEK_END)
        assert tail.read() == path.read_bytes()[-20:]
    assert tasks.forget_uploads(locality, datetime.now(UTC)) == 0 and stored.exists()
    assert tasks.forget_uploads(locality, datetime.now(UTC) + timedelta(days=31)) == 1 and not stored.exists()
    assert secretary.get(f"/register/imports/{made['id']}/sheet").status_code == 422


def test_columns_can_be_chosen(secretary: Api, tmp_path: Path) -> None:
    head = ("地点", "单元", "房号", "谁")
    made = upload(secretary, sheet(tmp_path, [("前街1号", "1", "101", "陈试一")], head)).json()
    assert made["missing"]
    start = f"/register/imports/{made['id']}/start"
    assert secretary.post(start, {}).json()["code"] == "file_refused"
    chosen = secretary.post(f"/register/imports/{made['id']}/mapping", {"mapping": {"building": "地点", "name": "谁"}})
    assert chosen.status_code == 200 and not chosen.json()["missing"]
    assert secretary.post(start, {}).status_code == 200


def test_who_may_not(world: World, secretary: Api, locality: str, tmp_path: Path) -> None:
    made = upload(secretary, sheet(tmp_path, FAMILY)).json()
    worker, inspector = Api(locality), Api(locality)
    with in_locality(locality):
        for api, kind in ((worker, "worker"), (inspector, "inspector")):
            api.token = keys.make(user_id=world.staff(kind).user_id, kind="token", label=kind, now=NOW)[1]
    assert worker.get(f"/register/imports/{made['id']}").status_code == 404
    assert upload(inspector, sheet(tmp_path, FAMILY)).status_code == 403
    own = upload(worker, sheet(tmp_path, FAMILY)).json()
    assert worker.post(f"/register/imports/{own['id']}/start", {}).json()["code"] == "field_closed"


def test_cancelled_it_stops_and_resumes(secretary: Api, locality: str, tmp_path: Path) -> None:
    made = upload(secretary, sheet(tmp_path, FAMILY)).json()
    secretary.post(f"/register/imports/{made['id']}/start", {})
    assert secretary.post(f"/register/imports/{made['id']}/cancel").json()["state"] == "cancelled"
    assert tasks.next_import(locality, NOW) is None
    assert secretary.post(f"/register/imports/{made['id']}/resume").json()["state"] == "waiting"
    assert work(locality, made["id"]).added == 3


def test_the_list_asks_the_same_however_long(secretary: Api, tmp_path: Path) -> None:
    upload(secretary, sheet(tmp_path, FAMILY))
    secretary.get("/register/imports")
    with counted_queries() as few:
        assert len(secretary.get("/register/imports").json()["items"]) == 1
    for _ in range(3):
        upload(secretary, sheet(tmp_path, FAMILY))
    with counted_queries() as many:
        assert len(secretary.get("/register/imports").json()["items"]) == 4
    assert len(many) == len(few)


def test_a_template(secretary: Api) -> None:
    answer = secretary.get("/register/templates/residents")
    assert answer.status_code == 200
    titles = {str(cell.value) for cell in openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0][1]}
    assert {"Unit", "Room", "Relation to head"} <= titles
    assert answer["Content-Disposition"].startswith("attachment")


def test_nothing_dangerous(secretary: Api, tmp_path: Path) -> None:
    page = tmp_path / "residents.xls"
    page.write_text("<html><table><tr><td>姓名</td></tr></table></html>", "utf-8")
    answer = upload(secretary, page)
    assert (answer.status_code, answer.json()["code"]) == (422, "file_refused")
    with acting(Standing(secretary.locality, "r.")):
        assert not Import.objects.exists()
