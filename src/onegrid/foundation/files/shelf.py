"""Where the bytes lie: `<data>/files/<locality>/ab/cd/<sha256>.jpg` and `.thumb.jpg`, written whole or not at all."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal

from onegrid.foundation.kernel.errors import NotFound, Unavailable

Size = Literal["full", "thumb"]
SIZES: Final[tuple[Size, ...]] = ("full", "thumb")
ENDING: Final = {"full": ".jpg", "thumb": ".thumb.jpg"}


def path_of(root: Path, locality: str, sha256: str, size: Size) -> Path:
    """The file of one picture."""
    return root / locality / sha256[:2] / sha256[2:4] / f"{sha256}{ENDING[size]}"


def put(path: Path, data: bytes) -> None:
    """Write a file unless it is there. Raises `Unavailable` when the disk is full; nothing half-written stays."""
    if path.exists():
        return
    draft = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    try:
        with room():
            path.parent.mkdir(parents=True, exist_ok=True)
            with draft.open("wb") as out:
                out.write(data)
                out.flush()
                os.fsync(out.fileno())
            draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


@contextmanager
def room() -> Iterator[None]:
    """Turns a full or read-only disk into `Unavailable`."""
    try:
        yield
    except OSError as why:
        if why.errno in {errno.ENOSPC, errno.EDQUOT, errno.EROFS}:
            raise Unavailable("files.disk_full", retry_after=60) from why
        raise


def get(path: Path) -> bytes:
    """Read a file; `NotFound` when it is gone."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise NotFound() from None
