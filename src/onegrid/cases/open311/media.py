"""Pictures through Open311: multipart `media` in, and the first picture of a public request out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse

from onegrid.cases.open311.answers import Refusal
from onegrid.cases.open311.filing import Sender
from onegrid.cases.permissions import Actor
from onegrid.cases.selectors import public
from onegrid.foundation.database.context import widened
from onegrid.foundation.files import pictures, services
from onegrid.foundation.files import selectors as files
from onegrid.foundation.files.services.photos import Upload
from onegrid.foundation.kernel.errors import NotFound
from onegrid.foundation.kernel.ids import uuid7

MOST_PICTURES = 9


def keep(sent: Sequence[UploadedFile[Any]], *, sender: Sender, repeat: str, now: datetime) -> list[UUID]:
    """Take the pictures in; loose until the report takes them. A repeat of the sender's key finds them again."""
    if len(sent) > MOST_PICTURES:
        raise Refusal(400, f"media holds more than {MOST_PICTURES} files")
    if any(one.size is None or one.size > pictures.MAX_BYTES for one in sent):
        raise Refusal(413, f"media may be at most {pictures.MAX_BYTES // 1024 // 1024} MB each")
    made = []
    for at, one in enumerate(sent):
        key = f"{repeat or uuid7(now)} {sender.key_id} {at}"
        photo, _ = services.take_in(Upload(one.read(), "report", key), sender=sender.actor.word, now=now)
        made.append(photo.pk)
    return made


def picture(request: HttpRequest, photo: str) -> HttpResponse:
    """The first picture of a request that came in through Open311, for anybody; every other picture is a 404."""
    around: Any = request
    try:
        key = UUID(photo)
        with widened("track"):
            case = public.cases().filter(thumb=key, channel="open311").first()
        if case is None or request.method not in ("GET", "HEAD"):
            raise NotFound()
        holder = Actor(kind="anonymous", track_code=case.track_code, lang=around.lang)
        row, data = files.open_photo(key, "full", actor=holder)
    except (ValueError, NotFound):
        return HttpResponse(status=404)
    response = HttpResponse(data, content_type=row.mime)
    response["Cache-Control"] = "public, max-age=3600"
    response["X-Content-Type-Options"] = "nosniff"
    return response
