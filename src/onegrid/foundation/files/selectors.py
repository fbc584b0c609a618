"""Finding photos."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings

from onegrid.foundation.database.context import standing, widened
from onegrid.foundation.files import shelf
from onegrid.foundation.files.models import Photo
from onegrid.foundation.files.owners import may_see
from onegrid.foundation.kernel.errors import NotFound


def photos_of(owner_kind: str, owner_ids: Sequence[str]) -> list[Photo]:
    """The photos of owners the caller may see (he has looked already), oldest first."""
    with widened("files"):
        return list(Photo.objects.filter(owner_kind=owner_kind, owner_id__in=owner_ids).order_by("uploaded_at", "id"))


def open_photo(photo_id: UUID, size: shelf.Size, *, actor: Any) -> tuple[Photo, bytes]:
    """A photo and its bytes, for whoever may see its owner; a loose one only for its sender. Else `NotFound`.

    Nobody in particular sees no loose photo: all anonymous senders look alike.
    """
    with widened("files"):
        row = Photo.objects.filter(pk=photo_id).first()
    if row is None:
        raise NotFound()
    own = not row.owner_kind and row.sender == actor.word and actor.kind != "anonymous"
    if not own and not (row.owner_kind and may_see(row.owner_kind, row.owner_id, actor)):
        raise NotFound()
    path = shelf.path_of(Path(settings.ONEGRID_FILES), standing().locality, row.sha256, size)
    return row, shelf.get(path)
