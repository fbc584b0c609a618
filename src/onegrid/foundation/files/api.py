"""Photos over HTTP."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.http import HttpResponse
from ninja import File, Form, Query, Router, Status
from ninja.files import UploadedFile

from onegrid.foundation.files import pictures, selectors, services
from onegrid.foundation.files.errors import PhotoTooLarge
from onegrid.foundation.files.schemas import PhotoOut
from onegrid.foundation.files.services.photos import Upload

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
