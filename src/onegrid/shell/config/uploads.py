"""Large uploads while a request lasts: on the disk without a name, under a key that only this process knows.

A sheet is everything a register holds about people. What is small stays in memory (`FILE_UPLOAD_MAX_MEMORY_SIZE`);
what is larger goes into a temporary file that has no name and is gone with the process, however it ends, and whose
bytes nobody else can read.
"""

from __future__ import annotations

import io
import os
import tempfile
from typing import IO, Any, Final, cast

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

BLOCK: Final = 16


class Veiled(io.RawIOBase):
    """A nameless temporary file, each byte turned with a key stream of its own place: read and written anywhere."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed with this one
        self._key = os.urandom(32)
        self._at = 0

    def readable(self) -> bool:
        """Yes."""
        return True

    def writable(self) -> bool:
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
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: os.fstat(self._file.fileno()).st_size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Read on."""
        view = memoryview(buffer).cast("B")
        self._file.seek(self._at)
        piece = self._turned(self._file.read(len(view)))
        view[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def write(self, data: Any) -> int:
        """Write on."""
        piece = bytes(data)
        self._file.seek(self._at)
        self._file.write(self._turned(piece))
        self._at += len(piece)
        return len(piece)

    def close(self) -> None:
        """Done, and gone."""
        self._file.close()
        super().close()

    def _turned(self, piece: bytes) -> bytes:
        """The bytes that stand here, there and back."""
        place, skip = divmod(self._at, BLOCK)
        work = Cipher(algorithms.AES(self._key), modes.CTR(place.to_bytes(BLOCK, "big"))).encryptor()
        return work.update(bytes(skip) + piece)[skip:]


class VeiledUploads(FileUploadHandler):
    """What is too large for memory."""

    def new_file(self, *args: Any, **options: Any) -> None:
        """Another file of the request begins."""
        super().new_file(*args, **options)
        self.veiled = Veiled()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Keep a piece of it."""
        self.veiled.write(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile[Any]:
        """The whole of it, from its beginning."""
        self.veiled.seek(0)
        return UploadedFile(
            cast("IO[Any]", self.veiled),
            self.file_name,
            self.content_type,
            file_size,
            self.charset,
            self.content_type_extra,
        )

    def upload_interrupted(self) -> None:
        """Nobody sends the rest."""
        if hasattr(self, "veiled"):
            self.veiled.close()
