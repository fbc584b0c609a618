"""Uploaded sheets on the disk: sealed in pieces under the key ring, read like any file, gone after a month.

A sheet is everything the register holds about people, once more. So it never lies open on the disk: each piece is
sealed with the name of the file, its number and whether it is the last one, and a piece moved, swapped or cut off does
not open.
"""

from __future__ import annotations

import hashlib
import io
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from django.conf import settings

from onegrid.county.registers.errors import FileRefused
from onegrid.foundation.database.context import standing
from onegrid.foundation.database.fields import ring
from onegrid.foundation.kernel.sealed import HEAD, NONCE, TAG, key_of, seal_bytes, unseal_bytes

PIECE: Final = 256 * 1024
SEALED: Final = PIECE + HEAD + NONCE + TAG
MOST: Final = 400 * 1024 * 1024


def folder(locality: str = "") -> Path:
    """Where a locality's uploads lie."""
    return Path(settings.ONEGRID_DATA) / "imports" / (locality or standing().locality)


def keep(pieces: Iterable[bytes]) -> tuple[str, str]:
    """Store an upload; its name here, and the digest of its bytes. Raises `FileRefused` when it is too large."""
    name, digest = secrets.token_hex(16), hashlib.sha256()
    place = folder()
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    path, count, size, waiting = place / name, 0, 0, bytearray()
    try:
        with path.open("xb") as out:
            for piece in pieces:
                digest.update(piece)
                size += len(piece)
                if size > MOST:
                    raise FileRefused("register_loading.errors.file_too_large", megabytes=MOST // 1024 // 1024)
                waiting += piece
                while len(waiting) > PIECE:
                    out.write(seal_bytes(ring(), bytes(waiting[:PIECE]), _label(name, count, last=False)))
                    del waiting[:PIECE]
                    count += 1
            out.write(seal_bytes(ring(), bytes(waiting), _label(name, count, last=True)))
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return name, digest.hexdigest()


def reopen(name: str, locality: str = "") -> Kept:
    """An upload, to be read from its beginning. Raises `FileRefused` when it is gone."""
    path = folder(locality) / name
    if not name or not path.is_file():
        raise FileRefused("register_loading.errors.file_gone")
    return Kept(path)


def sealed_with(locality: str) -> set[int]:
    """Numbers of the keys under which a locality's uploads lie: each piece says its own."""
    found = set()
    place = folder(locality)
    for path in place.iterdir() if place.is_dir() else ():
        with path.open("rb") as file:
            for start in range(0, path.stat().st_size, SEALED):
                file.seek(start)
                found.add(key_of(file.read(HEAD)))
    return found


def drop(name: str) -> None:
    """Remove an upload; it may be gone already."""
    if name:
        (folder() / name).unlink(missing_ok=True)


class Kept(io.RawIOBase):
    """A sealed upload as a file that can be read and sought in. One opened piece is held at a time."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self._name = path.name
        sealed = path.stat().st_size
        self._pieces = max(1, -(-sealed // SEALED))
        self._size = sealed - self._pieces * (SEALED - PIECE)
        self._at = 0
        self._held: tuple[int, bytes] = (-1, b"")

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def tell(self) -> int:
        """Where reading goes on."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go somewhere."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def readinto(self, buffer: object) -> int:
        """Read on. Raises `CannotOpen` when the file was changed."""
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        if self._at >= self._size or not len(view):
            return 0
        number, inside = divmod(self._at, PIECE)
        piece = self._piece(number)[inside : inside + len(view)]
        view[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def close(self) -> None:
        """Done."""
        self._file.close()
        super().close()

    def _piece(self, number: int) -> bytes:
        if self._held[0] != number:
            self._file.seek(number * SEALED)
            label = _label(self._name, number, last=number == self._pieces - 1)
            self._held = (number, unseal_bytes(ring(), self._file.read(SEALED), label))
        return self._held[1]


def _label(name: str, number: int, *, last: bool) -> bytes:
    return f"import\x1f{name}\x1f{number}\x1f{int(last)}".encode()
