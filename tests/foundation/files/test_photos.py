"""Photos: cleaned, small, idempotent, refused clearly, seen only with their owner."""

from __future__ import annotations

import errno
import io
import struct
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from PIL import Image
from support.people import ActingAs, Api
from support.staff import PASSWORD

from onegrid.foundation.accounts.services import people
from onegrid.foundation.files import owners, pictures, selectors, services, shelf
from onegrid.foundation.files.errors import HeicRefused, NotAPhoto
from onegrid.foundation.files.models import Photo
from onegrid.foundation.kernel.errors import TooLarge

SECRET = b"SERIAL-4711"


def photo(width: int = 64, height: int = 48, kind: str = "JPEG", colour: str = "red") -> bytes:
    """A picture with a position and a serial number in its metadata, turned on its side."""
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held upright
    exif[0x013B] = SECRET.decode()
    exif.get_ifd(0x8825)[1] = "N"
    Image.new("RGB", (width, height), colour).save(out, kind, exif=exif)
    return out.getvalue()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(settings, "ONEGRID_FILES", tmp_path)
    return tmp_path


@pytest.fixture
def staff(api: Api, acting_as: ActingAs, held: object) -> Api:
    with acting_as(""):
        people.create_user(username="wang", display_name="王", password=PASSWORD, must_change=False)
    assert api.post("/session", {"username": "wang", "password": PASSWORD}).status_code == 200
    return api


def send(api: Api, data: bytes, *, key: str = "key-00000001", name: str = "a.jpg", **fields: Any) -> Any:
    headers = {"Accept-Language": "en"}
    if "csrftoken" in api.client.cookies:
        headers["X-CSRFToken"] = api.client.cookies["csrftoken"].value
    body = {"file": SimpleUploadedFile(name, data), "kind": "near", "key": key, **fields}
    return api.client.post(f"/{api.locality}/api/v1/photos", body, headers=headers)


def test_a_photo_is_turned_made_small_and_stripped(staff: Api, folder: Path) -> None:
    sent = send(staff, photo(3000, 2000), lon="119.1", lat="26.1", taken_at="2026-03-02T01:00:00Z")
    assert sent.status_code == 201, sent.content
    made = sent.json()
    assert (made["width"], made["height"], made["kind"]) == (1067, 1600, "near")
    for size, longest in (("full", 1600), ("thumb", 320)):
        seen = staff.get(f"/{made['url']}?size={size}")
        assert (seen.status_code, seen.headers["Content-Type"]) == (200, "image/jpeg")
        assert SECRET not in seen.content
        picture = Image.open(io.BytesIO(seen.content))
        assert max(picture.size) == longest
        assert not picture.getexif()
        assert seen.headers["Cache-Control"].startswith("private")
    assert all(SECRET not in file.read_bytes() for file in folder.rglob("*.jpg"))


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_other_kinds_become_jpeg(staff: Api, kind: str) -> None:
    made = send(staff, photo(kind=kind)).json()
    assert staff.get(f"/{made['url']}").content[:3] == b"\xff\xd8\xff"


def test_transparency_becomes_white_paper() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(out, "PNG")
    picture = Image.open(io.BytesIO(pictures.clean(out.getvalue()).full))
    assert picture.getpixel((5, 5)) == (255, 255, 255)


def huge_png() -> bytes:
    """A header that claims 30 000 × 30 000 pixels."""
    head = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + b"IHDR" + head + struct.pack(">I", zlib.crc32(b"IHDR" + head))
    return b"\x89PNG\r\n\x1a\n" + chunk + struct.pack(">I", 0) + b"IDAT" + struct.pack(">I", zlib.crc32(b"IDAT"))


BAD = {
    "empty": (b"", 415, "not_a_photo"),
    "text": (b"hello" * 100, 415, "not_a_photo"),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", 415, "not_a_photo"),
    "gif": (b"GIF89a" + bytes(100), 415, "not_a_photo"),
    "cut": (photo(800, 800)[:2000], 415, "not_a_photo"),
    "heic": (b"\x00\x00\x00\x18ftypheic" + bytes(100), 415, "heic_refused"),
    "pixels": (huge_png(), 413, "too_many_pixels"),
    "bytes": (bytes(pictures.MAX_BYTES + 1), 413, "photo_too_large"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_files_are_refused_clearly_and_nothing_is_stored(
    staff: Api, acting_as: ActingAs, folder: Path, case: str
) -> None:
    data, status, code = BAD[case]
    refused = send(staff, data)
    assert (refused.status_code, refused.json()["code"]) in ((status, code), (422, "invalid")), refused.content
    with acting_as():
        assert not Photo.objects.exists()
    assert list(folder.rglob("*.jpg")) == []


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@given(st.binary(max_size=300), st.integers(0, 400))
@examples(max_examples=60, deadline=None)
def test_any_bytes_end_in_a_clean_picture_or_a_typed_error(noise: bytes, at: int) -> None:
    good = photo()
    for data in (noise, good[:at] + noise + good[at + len(noise) :]):
        with suppress(NotAPhoto, HeicRefused, TooLarge):
            assert pictures.clean(data).full[:3] == b"\xff\xd8\xff"


def test_a_polyglots_tail_is_gone(staff: Api) -> None:
    made = send(staff, photo() + b"<script>alert(1)</script>").json()
    assert b"script" not in staff.get(f"/{made['url']}").content


def test_repeats_give_the_first_answer_and_other_bytes_a_conflict(staff: Api, acting_as: ActingAs) -> None:
    first, again, other = send(staff, photo()), send(staff, photo()), send(staff, photo(colour="blue"))
    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 409)
    assert first.json() == again.json()
    assert other.json()["code"] == "key_reused"
    with acting_as():
        assert Photo.objects.count() == 1


def test_a_loose_photo_is_its_senders_alone(staff: Api) -> None:
    url = "/" + send(staff, photo()).json()["url"]
    assert staff.get(url).status_code == 200
    stranger = Api("testland").get(url)
    missing = Api("testland").get("/photos/0195d3c0-0000-7000-8000-000000000000")
    assert stranger.status_code == missing.status_code == 404
    assert stranger.json() | {"request_id": ""} == missing.json() | {"request_id": ""}
    assert Api("otherland").get(url).status_code == 404


@pytest.fixture
def cases_may(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, bool]]:
    """Owners of kind `thing` and whether they may be seen."""
    may: dict[str, bool] = {}
    monkeypatch.setitem(owners._checks, "thing", lambda actor, owner: may.get(owner, False))
    return may


def test_an_attached_photo_is_seen_with_its_owner(staff: Api, acting_as: ActingAs, cases_may: dict[str, bool]) -> None:
    made = send(staff, photo(), kind="report").json()
    with acting_as():
        sender = Photo.objects.get().sender
        given = {"owner_kind": "thing", "scope_path": "r.1.", "kind": "before"}
        ids = [UUID(made["id"])]
        assert not services.attach(ids, **given, owner_id="5", sender="user:999")
        assert not services.attach([*ids, UUID(int=1)], **given, owner_id="5", sender=sender)
        assert services.attach(ids, **given, owner_id="5", sender=sender)
        assert services.attach(ids, **given, owner_id="5", sender=sender)
        assert not services.attach(ids, **given, owner_id="6", sender=sender)
        [row] = selectors.photos_of("thing", ["5"])
        assert (row.kind, row.scope_path) == ("before", "r.1.")
    url = "/" + made["url"]
    assert staff.get(url).status_code == 404  # the sender has no more right than the owner gives him
    cases_may["5"] = True
    assert staff.get(url).status_code == Api("testland").get(url).status_code == 200


def test_a_full_disk_stores_nothing_and_says_so(
    staff: Api, acting_as: ActingAs, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shelf.os, "fsync", full)
    refused = send(staff, photo())
    assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
    assert refused.headers["Retry-After"] == "60"
    assert [path for path in folder.rglob("*") if path.is_file()] == []
    with acting_as():
        assert not Photo.objects.exists()


def test_hoarding_is_limited(staff: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("onegrid.foundation.files.services.photos.LOOSE_A_DAY", 2)
    statuses = [send(staff, photo(), key=f"key-{n:08d}").status_code for n in range(3)]
    assert statuses == [201, 201, 429]
