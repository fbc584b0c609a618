"""A large upload lies nowhere by a name, and its bytes are not readable on the disk."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory

from onegrid.shell.config.uploads import Veiled, VeiledUploads

CANARY = "金丝雀大文件".encode()


def test_a_large_upload_is_whole_nameless_and_unreadable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    content = CANARY * 300_000  # 5.4 MB
    request = RequestFactory().post("/", {"file": SimpleUploadedFile("a.csv", content)})
    found = request.FILES["file"]
    assert isinstance(found.file, Veiled) and (found.name, found.size) == ("a.csv", len(content))
    assert list(tmp_path.iterdir()) == []
    with os.fdopen(os.dup(found.file._file.fileno()), "rb") as raw:
        raw.seek(0)
        stored = raw.read()
    assert len(stored) == len(content) and CANARY not in stored
    assert b"".join(found.chunks()) == content
    found.seek(17)
    assert found.read(31) == content[17:48]
    found.close()


def test_a_small_one_stays_in_memory() -> None:
    request = RequestFactory().post("/", {"file": SimpleUploadedFile("a.csv", CANARY)})
    assert not isinstance(request.FILES["file"].file, Veiled)
    assert request.FILES["file"].read() == CANARY


def test_one_that_breaks_off_is_closed() -> None:
    handler = VeiledUploads()
    handler.upload_interrupted()
    handler.new_file("file", "a.csv", "text/csv", None)
    handler.receive_data_chunk(CANARY, 0)
    handler.upload_interrupted()
    assert handler.veiled.closed
