"""Files into the registers: upload, choose columns, look ahead, start, watch, stop, go on, take back what was wrong."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from urllib.parse import quote

from django.http import HttpResponse
from ninja import Router, Status
from ninja.files import UploadedFile
from ninja.params.functions import File, Form

from onegrid.county.registers.rules.kinds import Kind
from onegrid.county.registers.schemas.imports import (
    AheadOut,
    ImportList,
    ImportOut,
    ImportSheetOut,
    MappingIn,
    StartIn,
)
from onegrid.county.registers.services.loading import desk, runs, telling
from onegrid.foundation.accounts import permissions

router = Router(tags=["imports"])
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get("/register/imports", response=ImportList, operation_id="list_imports", summary="Imports of my grids")
def list_imports(request: Any) -> Any:
    """The newest fifty."""
    permissions.staff(request.actor)
    return {"items": telling.told(desk.listed(request.actor), request.lang, now=request.now)}


@router.post(
    "/register/imports", response={201: ImportSheetOut}, operation_id="upload_import", summary="Upload a sheet"
)
def upload_import(
    request: Any,
    file: UploadedFile = File(...),  # noqa: B008
    kind: Kind = Form(...),  # noqa: B008
) -> Status[Any]:
    """xlsx, xls or csv. Nothing is imported yet: the answer shows the columns and what they are taken for. 422
    `file_refused` says why a file cannot be read."""
    permissions.staff(request.actor)
    made = desk.upload(request.actor, kind, file.name or "", file.chunks(), at=request.now)
    return Status(201, _sheet(request, made))


@router.get(
    "/register/imports/{int:id}", response=ImportOut, operation_id="read_import", summary="How far an import is"
)
def read_import(request: Any, id: int) -> Any:
    """Cheap enough to be asked every second."""
    permissions.staff(request.actor)
    return _one(request, desk.find(request.actor, id))


@router.get(
    "/register/imports/{int:id}/sheet",
    response=ImportSheetOut,
    operation_id="read_import_sheet",
    summary="The columns of an uploaded file",
)
def read_import_sheet(request: Any, id: int) -> Any:
    """With a few rows, masked. 422 `file_refused` when the file was removed."""
    permissions.staff(request.actor)
    return _sheet(request, desk.find(request.actor, id))


@router.post(
    "/register/imports/{int:id}/mapping",
    response=ImportSheetOut,
    operation_id="map_import",
    summary="Say which column is which",
)
def map_import(request: Any, id: int, body: MappingIn) -> Any:
    """Before it is started; 409 `import_over` after that."""
    permissions.staff(request.actor)
    return _sheet(request, desk.choose(desk.find(request.actor, id), body.mapping))


@router.post(
    "/register/imports/{int:id}/preview",
    response=AheadOut,
    operation_id="preview_import",
    summary="What the first rows would do",
)
def preview_import(request: Any, id: int) -> Any:
    """The first 500 rows checked and compared with the register; nothing is stored."""
    permissions.staff(request.actor)
    run = desk.find(request.actor, id)
    ahead = desk.look_ahead(run, at=request.now)
    return {**asdict(ahead), "problems": telling.problems(run, ahead.problems, request.lang)}


@router.post(
    "/register/imports/{int:id}/start", response=ImportOut, operation_id="start_import", summary="Start an import"
)
def start_import(request: Any, id: int, body: StartIn) -> Any:
    """It runs in the background. 403 `field_closed` when the file has a column the hat worn may not write."""
    permissions.staff(request.actor)
    run = desk.find(request.actor, id)
    return _one(request, desk.start(request.actor, run, mode=body.mode, dry_run=False, at=request.now))


@router.post(
    "/register/imports/{int:id}/cancel", response=ImportOut, operation_id="cancel_import", summary="Stop an import"
)
def cancel_import(request: Any, id: int) -> Any:
    """What went in stays in. 409 `import_over` when it is done."""
    permissions.staff(request.actor)
    return _one(request, runs.cancel(request.actor, desk.find(request.actor, id), at=request.now))


@router.post("/register/imports/{int:id}/resume", response=ImportOut, operation_id="resume_import", summary="Go on")
def resume_import(request: Any, id: int) -> Any:
    """A stopped or failed import goes on behind its last row. 409 `import_over` when it is done."""
    permissions.staff(request.actor)
    return _one(request, runs.resume(request.actor, desk.find(request.actor, id), at=request.now))


@router.get(
    "/register/imports/{int:id}/report", operation_id="read_import_report", summary="Rows that did not go in, as xlsx"
)
def read_import_report(request: Any, id: int) -> HttpResponse:
    """To be corrected and imported again. On record before it leaves."""
    permissions.staff(request.actor)
    request.keep_writes = True
    run = desk.find(request.actor, id)
    data = desk.report(request.actor, run, request.lang, at=request.now)
    return _book(data, telling.report_name(run, request.lang))


@router.get(
    "/register/templates/{kind}", operation_id="read_import_template", summary="An empty sheet to fill in, as xlsx"
)
def read_import_template(request: Any, kind: Kind) -> HttpResponse:
    """Columns, drop-downs and how to fill it in, in the reader's language."""
    permissions.staff(request.actor)
    return _book(desk.template(kind, request.lang), telling.template_name(kind, request.lang))


def _one(request: Any, run: Any) -> Any:
    return telling.told([run], request.lang, now=request.now)[0]


def _sheet(request: Any, run: Any) -> Any:
    return {**_one(request, run), **asdict(desk.sheet(run, request.lang))}


def _book(data: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(data, content_type=XLSX)
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    answer["Cache-Control"] = "no-store"
    return answer
