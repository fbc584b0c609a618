"""Pictures through Open311: multipart `media` in, and the first picture of a public request out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse

from onegrid.cases.open311.answers import Refusal
from onegrid.cases.open311.filing import Sender
from onegrid.cases.selectors import public
from onegrid.foundation.database.context import standing, widened
from onegrid.foundation.files import pictures, services, shelf
from onegrid.foundation.files import selectors as files
from onegrid.foundation.files.services.photos import Upload
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
    found = _public_photo(photo) if around.locality is not None and request.method in ("GET", "HEAD") else None
    if found is None:
        return HttpResponse(status=404)
    data = shelf.get(shelf.path_of(Path(settings.ONEGRID_FILES), standing().locality, found.sha256, "full"))
    response = HttpResponse(data, content_type=found.mime)
    response["Cache-Control"] = "public, max-age=3600"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _public_photo(photo: str) -> Any:
    """The stored picture when it is the first of a public request of this channel."""
    try:
        key = UUID(photo)
    except ValueError:
        return None
    with widened("track"):
        case = public.cases().filter(thumb=key, channel="open311").first()
    if case is None:
        return None
    return next((one for one in files.photos_of("case", [str(case.pk)]) if one.pk == key), None)
