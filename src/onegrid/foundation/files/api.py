"""Photos over HTTP."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.http import HttpResponse
from ninja import File, Form, Path, Query, Router, Status
from ninja.files import UploadedFile

from onegrid.foundation.files import pictures, selectors, services
from onegrid.foundation.files.errors import PhotoTooLarge
from onegrid.foundation.files.schemas import PhotoOut, UploadIn, UploadOut
from onegrid.foundation.files.services.photos import Upload
from onegrid.foundation.files.services.uploads import Announced, Progress

router = Router(tags=["photos"])
Kind = Literal["near", "far", "before", "after", "evidence", "report"]


@router.post("/photos", response={201: PhotoOut, 200: PhotoOut}, operation_id="send_photo", summary="Send a photo")
def send_photo(
    request: Any,
    file: UploadedFile = File(...),  # noqa: B008
    kind: Kind = Form("report"),  # noqa: B008
    key: str = Form(..., min_length=8, max_length=80),
    taken_at: datetime | None = Form(None),  # noqa: B008
    lon: float | None = Form(None, ge=-180, le=180),
    lat: float | None = Form(None, ge=-90, le=90),
) -> Status[Any]:
    """JPEG, PNG or WebP up to 20 MB. 201 when stored, 200 for a repeat of the same key. Attach it by its id."""
    if file.size is None or file.size > pictures.MAX_BYTES:
        raise PhotoTooLarge(megabytes=pictures.MAX_BYTES // 1024 // 1024)
    upload = Upload(file.read(), kind, key, taken_at, lon, lat)
    photo, new = services.take_in(upload, sender=request.actor.word, now=request.now)
    return Status(201 if new else 200, _out(photo))


@router.post(
    "/photos/uploads",
    response={201: UploadOut, 200: UploadOut},
    operation_id="begin_upload",
    summary="Begin a photo in pieces",
)
def begin_upload(request: Any, body: UploadIn) -> Status[Any]:
    """201 for a new one; 200 and how far it is for one begun or finished under the same key."""
    announced = Announced(body.key, body.kind, body.size, body.sha256 or "", body.taken_at, body.lon, body.lat)
    progress, new = services.begin(announced, sender=request.actor.word, now=request.now)
    return Status(201 if new else 200, _progress(progress))


@router.get(
    "/photos/uploads/{key}", response=UploadOut, operation_id="read_upload", summary="How far a photo in pieces is"
)
def read_upload(request: Any, key: str = Path(..., max_length=80)) -> UploadOut:
    """The sender's own; 404 for any other."""
    return _progress(services.progress(key, sender=request.actor.word))


@router.post(
    "/photos/uploads/{key}/bytes",
    response=UploadOut,
    operation_id="append_upload",
    summary="Send on a photo in pieces",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
def append_upload(request: Any, key: str = Path(..., max_length=80), offset: int = Query(..., ge=0)) -> UploadOut:
    """Bytes from `offset` on, up to 1 MB at once. 409 with `offset` when the upload stands elsewhere. Bytes of a
    request that breaks off are kept."""
    return _progress(services.append(key, request.read, offset=offset, sender=request.actor.word))


@router.post(
    "/photos/uploads/{key}/finish",
    response={201: PhotoOut, 200: PhotoOut},
    operation_id="finish_upload",
    summary="Finish a photo in pieces",
)
def finish_upload(request: Any, key: str = Path(..., max_length=80)) -> Status[Any]:
    """The photo, as if it had been sent whole. 409 with `offset` while bytes are missing."""
    photo, new = services.finish(key, sender=request.actor.word, now=request.now)
    return Status(201 if new else 200, _out(photo))


@router.get("/photos/{id}", operation_id="get_photo", summary="See a photo", openapi_extra={
    "responses": {200: {"description": "The picture", "content": {"image/jpeg": {}}}}
})  # fmt: skip
def get_photo(
    request: Any,
    id: UUID,
    size: Literal["full", "thumb"] = Query("full"),
    track_code: str = Query("", max_length=40),
) -> HttpResponse:
    """The picture as JPEG, for whoever may see what it belongs to (by sign-in or by its tracking code); else 404."""
    photo, data = selectors.open_photo(id, size, actor=replace(request.actor, track_code=track_code.upper()))
    answer = HttpResponse(data, content_type=photo.mime)
    # Private: the next person on this browser must be asked again whether he may see it.
    answer["Cache-Control"] = "private, max-age=300"
    answer["Vary"] = "Cookie, Authorization"
    answer["Content-Disposition"] = f'inline; filename="{photo.pk}.jpg"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _out(photo: Any) -> PhotoOut:
    return PhotoOut(
        id=str(photo.pk),
        url=f"photos/{photo.pk}",
        thumb=f"photos/{photo.pk}?size=thumb",
        width=photo.width,
        height=photo.height,
        kind=photo.kind,
    )


def _progress(one: Progress) -> UploadOut:
    return UploadOut(key=one.key, offset=one.offset, size=one.size, photo=_out(one.photo) if one.photo else None)
