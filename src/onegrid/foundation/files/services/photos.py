"""A photo comes in loose and belongs to its sender; attached, it belongs to what it shows and is seen with it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db.models import Sum

from onegrid.foundation.database.context import in_locality, standing, widened
from onegrid.foundation.database.write import one_at_a_time
from onegrid.foundation.files import pictures, shelf
from onegrid.foundation.files.models import Photo
from onegrid.foundation.kernel.errors import FieldError, Invalid, KeyReused, TooMany
from onegrid.foundation.kernel.ids import uuid7

KINDS: Final = ("near", "far", "before", "after", "evidence", "report")
LOOSE_A_DAY: Final = 200
LOOSE_KEEP: Final = timedelta(days=7)
"""A phone may be offline for days between sending the photo and the report."""
LOOSE_BYTES: Final = 200 * 1024 * 1024


@dataclass(frozen=True)
class Upload:
    """What was sent."""

    data: bytes
    kind: str
    key: str
    taken_at: datetime | None = None
    lon: float | None = None
    lat: float | None = None


def take_in(upload: Upload, *, sender: str, now: datetime) -> tuple[Photo, bool]:
    """The stored photo and whether it is new; a repeat of the key with the same bytes gives the first one again.

    Raises what `pictures.clean` raises, `Invalid` for an unknown kind, `KeyReused`, `TooMany` beyond the daily quota.
    """
    if upload.kind not in KINDS:
        raise Invalid(fields=[FieldError("kind", "errors.field.not_a_choice")])
    source = hashlib.sha256(upload.data).hexdigest()
    with widened("files"):
        one_at_a_time(f"photo {sender} {upload.key}")
        known = Photo.objects.filter(sender=sender, key=upload.key).first()
        if known is not None:
            if known.source_sha256 != source or (known.kind != upload.kind and not known.owner_kind):
                raise KeyReused()
            return known, False
        _refuse_hoarding(sender, now)
        cleaned = pictures.clean(upload.data)
        root, locality = Path(settings.ONEGRID_FILES), standing().locality
        shelf.put(shelf.path_of(root, locality, cleaned.sha256, "full"), cleaned.full)
        shelf.put(shelf.path_of(root, locality, cleaned.sha256, "thumb"), cleaned.thumb)
        made = Photo.objects.create(
            id=uuid7(now), key=upload.key, sender=sender, kind=upload.kind, width=cleaned.width,
            height=cleaned.height, size=len(cleaned.full), sha256=cleaned.sha256, source_sha256=source,
            taken_at=upload.taken_at, lon=upload.lon, lat=upload.lat, uploaded_at=now,
        )  # fmt: skip
        return made, True


def attach(photos: Sequence[UUID], *, owner_kind: str, owner_id: str, scope_path: str, kind: str, sender: str) -> bool:
    """Give the sender's loose photos to an owner. False, and nothing done, when one is not there or not his.

    Attaching again to the same owner is a repeat and fine. A photo sent as `report` takes the step's `kind`.
    """
    wanted = set(photos)
    with widened("files"):
        rows = list(Photo.objects.select_for_update().filter(pk__in=wanted, sender=sender))
        if len(rows) != len(wanted):
            return False
        if any(row.owner_kind and (row.owner_kind, row.owner_id) != (owner_kind, owner_id) for row in rows):
            return False
        for row in rows:
            row.owner_kind, row.owner_id, row.scope_path = owner_kind, owner_id, scope_path
            row.kind = kind if row.kind == "report" else row.kind
            row.save(update_fields=["owner_kind", "owner_id", "scope_path", "kind"])
    return True


def move(owner_kind: str, owner_id: str, scope_path: str) -> None:
    """Follow the owner to another grid."""
    with widened("files"):
        Photo.objects.filter(owner_kind=owner_kind, owner_id=owner_id).update(scope_path=scope_path)


def forget_loose(locality: str, now: datetime) -> int:
    """Delete photos that were sent a week ago and never attached, rows first, then files no other row names."""
    with in_locality(locality, "files"):
        old = Photo.objects.filter(owner_kind="", uploaded_at__lt=now - LOOSE_KEEP)
        names = set(old.values_list("sha256", flat=True))
        gone, _ = old.delete()
        names -= set(Photo.objects.filter(sha256__in=names).values_list("sha256", flat=True))
    root = Path(settings.ONEGRID_FILES)
    for name in names:
        for size in shelf.SIZES:
            shelf.path_of(root, locality, name, size).unlink(missing_ok=True)
    return int(gone)


def _refuse_hoarding(sender: str, now: datetime) -> None:
    """Loose photos per sender and day are limited; anonymous senders share ten times as much."""
    share = 10 if sender == "anonymous" else 1
    loose = Photo.objects.filter(sender=sender, owner_kind="", uploaded_at__gt=now - timedelta(days=1))
    total = loose.aggregate(bytes=Sum("size"))["bytes"] or 0
    if total > LOOSE_BYTES * share or loose.count() >= LOOSE_A_DAY * share:
        raise TooMany("files.quota", retry_after=3600)
