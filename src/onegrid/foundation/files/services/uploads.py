"""A photo that comes in pieces, because the line keeps breaking: begin, append from where it stopped, finish.

What has arrived lies in `<data>/files/<locality>/parts/`, and the length of that file is the only truth about how far
an upload is: bytes of a request that was cut half way count too. Finished, it goes the way every photo goes.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import transaction

from onegrid.foundation.database.context import in_locality, standing, widened
from onegrid.foundation.database.write import one_at_a_time
from onegrid.foundation.files import pictures, shelf
from onegrid.foundation.files.errors import PhotoTooLarge, UploadDamaged, UploadOffset
from onegrid.foundation.files.models import PartialPhoto, Photo
from onegrid.foundation.files.services.photos import KINDS, LOOSE_KEEP, Upload, take_in
from onegrid.foundation.kernel.errors import FieldError, Invalid, KeyReused, NotFound, NotSignedIn, TooMany

MOST_OPEN: Final = 60
"""Uploads of one sender begun and not finished."""
MOST_AT_ONCE: Final = 1024 * 1024
"""Bytes of one request."""
_PIECE: Final = 16 * 1024


@dataclass(frozen=True)
class Announced:
    """What is to come."""

    key: str
    kind: str
    size: int
    sha256: str = ""
    taken_at: datetime | None = None
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True)
class Progress:
    """How far an upload is: bytes here, bytes in all, and the photo once it is finished."""

    key: str
    offset: int
    size: int
    photo: Photo | None = None


def begin(announced: Announced, *, sender: str, now: datetime) -> tuple[Progress, bool]:
    """Begin an upload, or find the one begun under this key; and whether it is new.

    Raises `NotSignedIn` for nobody in particular, `Invalid`, `PhotoTooLarge`, `KeyReused` when the key was used for
    something else, `TooMany` when too many lie unfinished.
    """
    if sender == "anonymous":
        raise NotSignedIn()
    if announced.kind not in KINDS:
        raise Invalid(fields=[FieldError("kind", "errors.field.not_a_choice")])
    if announced.size > pictures.MAX_BYTES:
        raise PhotoTooLarge(megabytes=pictures.MAX_BYTES // 1024 // 1024)
    with widened("files"):
        one_at_a_time(f"parts {sender}")
        done = Photo.objects.filter(sender=sender, key=announced.key).first()
        if done is not None:
            if announced.sha256 and announced.sha256 != done.source_sha256:
                raise KeyReused()
            return Progress(announced.key, announced.size, announced.size, done), False
        row = PartialPhoto.objects.filter(sender=sender, key=announced.key).first()
        if row is not None:
            if (row.size, row.kind, row.sha256) != (announced.size, announced.kind, announced.sha256):
                raise KeyReused()
            return Progress(row.key, _length(sender, row.key), row.size), False
        if PartialPhoto.objects.filter(sender=sender).count() >= MOST_OPEN:
            raise TooMany("files.unfinished", retry_after=3600)
        PartialPhoto.objects.create(
            sender=sender, key=announced.key, kind=announced.kind, size=announced.size, sha256=announced.sha256,
            taken_at=announced.taken_at, lon=announced.lon, lat=announced.lat, begun_at=now,
        )  # fmt: skip
    return Progress(announced.key, _length(sender, announced.key), announced.size), True


def progress(key: str, *, sender: str) -> Progress:
    """How far the sender's upload is; `NotFound` when he has begun none under this key."""
    if sender == "anonymous":
        raise NotSignedIn()
    with widened("files"):
        row = PartialPhoto.objects.filter(sender=sender, key=key).first()
        done = Photo.objects.filter(sender=sender, key=key).first() if row is None else None
    if done is not None:
        return Progress(key, done.size, done.size, done)
    if row is None:
        raise NotFound()
    return Progress(key, _length(sender, key), row.size)


def append(key: str, read: Callable[[int], bytes], *, offset: int, sender: str) -> Progress:
    """Take bytes from `offset` on, as far as they come; the answer says how far that was.

    Raises `UploadOffset` when the upload does not stand at `offset`, `PhotoTooLarge` beyond the announced size,
    `Unavailable` when the disk is full. A reader that breaks off loses nothing of what it gave before.
    """
    before = progress(key, sender=sender)
    if before.photo is not None:
        return before
    if before.offset != offset:
        raise UploadOffset(extra={"offset": before.offset})
    path = _path(sender, key)
    at = offset
    with shelf.room():
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as out:
            for piece in _pieces(read):
                if at + len(piece) > before.size:
                    raise PhotoTooLarge(megabytes=pictures.MAX_BYTES // 1024 // 1024)
                if not _written(out, at, piece):
                    break
                at += len(piece)
            os.fsync(out.fileno())
    return Progress(key, _length(sender, key), before.size)


def finish(key: str, *, sender: str, now: datetime) -> tuple[Photo, bool]:
    """The photo of a complete upload, and whether it is new. A repeat gives the same photo.

    Raises `UploadOffset` while bytes are missing, `UploadDamaged` when they are not those announced (it then begins
    anew), and whatever `take_in` raises.
    """
    before = progress(key, sender=sender)
    if before.photo is not None:
        return before.photo, False
    if before.offset != before.size:
        raise UploadOffset(extra={"offset": before.offset})
    path = _path(sender, key)
    data = path.read_bytes()
    with widened("files"):
        row = PartialPhoto.objects.get(sender=sender, key=key)
    if row.sha256 and hashlib.sha256(data).hexdigest() != row.sha256:
        path.unlink(missing_ok=True)
        raise UploadDamaged()
    upload = Upload(data, row.kind, key, row.taken_at, row.lon, row.lat)
    photo, new = take_in(upload, sender=sender, now=now)
    with widened("files"):
        row.delete()
    # Only when the photo is surely kept: until then its bytes stay.
    transaction.on_commit(lambda: path.unlink(missing_ok=True))
    return photo, new


def forget_parts(locality: str, now: datetime, keep: timedelta = LOOSE_KEEP) -> int:
    """Delete uploads begun long ago and never finished; how many."""
    with in_locality(locality, "files"):
        old = list(PartialPhoto.objects.filter(begun_at__lt=now - keep))
        for row in old:
            _path(row.sender, row.key).unlink(missing_ok=True)
            row.delete()
    return len(old)


def _pieces(read: Callable[[int], bytes]) -> Iterator[bytes]:
    """The body bit by bit, at most `MOST_AT_ONCE`; ends quietly where the line breaks."""
    left = MOST_AT_ONCE
    while left > 0:
        try:
            piece = read(min(_PIECE, left))
        except OSError:
            # Django's word for a client that went away. What came before is kept.
            return
        if not piece:
            return
        left -= len(piece)
        yield piece


def _written(out: Any, at: int, piece: bytes) -> bool:
    """Write a piece at its place. False when another request has gone on there meanwhile: the phone came back on a new
    line while the old one was not yet known to be dead.
    """
    with _held(out.fileno()):
        if os.fstat(out.fileno()).st_size != at:
            return False
        out.write(piece)
        out.flush()
    return True


@contextmanager
def _held(handle: int) -> Iterator[None]:
    fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(handle, fcntl.LOCK_UN)


def _path(sender: str, key: str) -> Path:
    name = hashlib.sha256(f"{sender}\0{key}".encode()).hexdigest()
    return Path(settings.ONEGRID_FILES) / standing().locality / "parts" / f"{name}.part"


def _length(sender: str, key: str) -> int:
    try:
        return _path(sender, key).stat().st_size
    except FileNotFoundError:
        return 0
