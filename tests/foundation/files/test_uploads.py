"""Photos in pieces: resumed at any byte, bounded, the sender's alone, and in the end a photo like any other."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from PIL import Image
from support.people import ActingAs, Api
from support.staff import PASSWORD

from onegrid.foundation.accounts.services import people
from onegrid.foundation.files import pictures, services, shelf
from onegrid.foundation.files.errors import UploadDamaged, UploadOffset
from onegrid.foundation.files.models import PartialPhoto, Photo
from onegrid.foundation.files.services import uploads
from onegrid.foundation.files.services.uploads import Announced
from onegrid.foundation.kernel.errors import KeyReused, NotFound, NotSignedIn, TooMany, Unavailable

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
KEY = "piece-0000001"
ME = "user:7"


def photo(seed: int = 0, side: int = 200) -> bytes:
    """A picture of noise: some tens of thousands of bytes."""
    out = io.BytesIO()
    Image.effect_noise((side, side), 60 + seed).convert("RGB").save(out, "JPEG", quality=90)
    return out.getvalue()


DATA = photo()
HASH = hashlib.sha256(DATA).hexdigest()


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


def reader(data: bytes, breaks_at: int | None = None) -> Callable[[int], bytes]:
    """Reads `data`; the line breaks after `breaks_at` bytes."""
    held = io.BytesIO(data)

    def read(most: int) -> bytes:
        if breaks_at is None:
            return held.read(most)
        left = breaks_at - held.tell()
        if left <= 0:
            raise OSError("the client went away")
        return held.read(min(most, left))

    return read


def begin(**over: Any) -> uploads.Progress:
    told = {"key": KEY, "kind": "near", "size": len(DATA), "sha256": HASH, **over}
    return services.begin(Announced(**told), sender=ME, now=NOW)[0]


def send_all(api: Api, data: bytes = DATA, key: str = KEY, piece: int = 7000) -> Any:
    """Over HTTP, in pieces."""
    told = {"key": key, "kind": "near", "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    offset = api.post("/photos/uploads", told).json()["offset"]
    while offset < len(data):
        answer = append(api, data[offset : offset + piece], offset, key)
        assert answer.status_code == 200, answer.content
        offset = answer.json()["offset"]
    return api.post(f"/photos/uploads/{key}/finish")


def append(api: Api, data: bytes, offset: int, key: str = KEY) -> Any:
    return api.client.post(
        f"/{api.locality}/api/v1/photos/uploads/{key}/bytes?offset={offset}",
        data,
        content_type="application/octet-stream",
        headers={"X-CSRFToken": api.client.cookies["csrftoken"].value},
    )


def test_pieces_become_the_photo_they_were(
    staff: Api, folder: Path, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        done = send_all(staff)
    assert done.status_code == 201, done.content
    shown = staff.get(f"/{done.json()['url']}")
    assert shown.content == pictures.clean(DATA).full
    again = send_all(staff)
    assert (again.status_code, again.json()) == (200, done.json())
    assert list((folder / "testland" / "parts").iterdir()) == []


def test_a_whole_photo_and_its_pieces_are_one(staff: Api, acting_as: ActingAs) -> None:
    made = send_all(staff).json()
    answer = staff.get(f"/photos/uploads/{KEY}").json()
    assert answer["photo"] == made
    begun = staff.post("/photos/uploads", {"key": KEY, "kind": "near", "size": len(DATA), "sha256": HASH})
    assert (begun.status_code, begun.json()["photo"]) == (200, made)
    with acting_as():
        assert Photo.objects.count() == 1
        assert not PartialPhoto.objects.exists()


@given(cuts=st.lists(st.integers(0, len(DATA)), max_size=6))
@examples(max_examples=40, deadline=None)
def test_it_resumes_at_any_byte(cuts: list[int]) -> None:
    """A line that breaks wherever it likes: what arrived counts, and the picture is whole in the end."""
    kept = bytearray()

    def write(offset: int, breaks_at: int | None) -> None:
        for piece in uploads._pieces(reader(DATA[offset:], breaks_at)):
            kept.extend(piece)

    for cut in sorted(cuts):
        if cut > len(kept):
            write(len(kept), cut - len(kept))
    while len(kept) < len(DATA):
        write(len(kept), None)
    assert bytes(kept) == DATA


def test_what_a_cut_request_brought_is_kept(acting_as: ActingAs) -> None:
    with acting_as():
        begin()
        for cut in (1, 5000, 5001, 20_000):
            at = services.progress(KEY, sender=ME).offset
            assert services.append(KEY, reader(DATA[at:], cut - at), offset=at, sender=ME).offset == cut
        assert begin().offset == 20_000
        services.append(KEY, reader(DATA[20_000:]), offset=20_000, sender=ME)
        made, new = services.finish(KEY, sender=ME, now=NOW)
    assert new
    assert (made.source_sha256, made.key, made.kind) == (HASH, KEY, "near")


def test_another_place_is_refused_and_told(staff: Api) -> None:
    staff.post("/photos/uploads", {"key": KEY, "kind": "near", "size": len(DATA), "sha256": HASH})
    append(staff, DATA[:500], 0)
    for wrong in (0, 499, 501):
        refused = append(staff, DATA[wrong:], wrong)
        assert (refused.status_code, refused.json()["code"], refused.json()["offset"]) == (409, "upload_offset", 500)
    early = staff.post(f"/photos/uploads/{KEY}/finish")
    assert (early.status_code, early.json()["offset"]) == (409, 500)


def test_a_dead_line_that_wakes_up_late_spoils_nothing(acting_as: ActingAs) -> None:
    """The phone went on over a new line while the old request still hung: its late bytes are not written."""
    with acting_as():
        begin()
        pieces = iter([DATA[:100], DATA[100:200]])

        def old_line(most: int) -> bytes:
            piece = next(pieces, b"")
            if piece == DATA[100:200]:
                services.append(KEY, reader(DATA[100:300]), offset=100, sender=ME)
            return piece

        assert services.append(KEY, old_line, offset=0, sender=ME).offset == 300
        assert uploads._path(ME, KEY).read_bytes() == DATA[:300]


def test_damage_is_noticed_and_begins_anew(acting_as: ActingAs) -> None:
    with acting_as():
        begin()
        services.append(KEY, reader(DATA[:-1] + b"\0"), offset=0, sender=ME)
        with pytest.raises(UploadDamaged):
            services.finish(KEY, sender=ME, now=NOW)
        assert begin().offset == 0


def test_a_key_is_for_one_photo(acting_as: ActingAs) -> None:
    with acting_as():
        begin()
        for other in ({"size": 5}, {"kind": "far"}, {"sha256": "0" * 64}):
            with pytest.raises(KeyReused):
                begin(**other)
        services.append(KEY, reader(DATA), offset=0, sender=ME)
        services.finish(KEY, sender=ME, now=NOW)
        with pytest.raises(KeyReused):
            begin(sha256="0" * 64)


def test_uploads_are_their_senders_alone(staff: Api, acting_as: ActingAs) -> None:
    with acting_as():
        begin()
    assert staff.get(f"/photos/uploads/{KEY}").status_code == 404
    assert append(staff, DATA, 0).status_code == 404
    assert Api("testland").get(f"/photos/uploads/{KEY}").status_code == 401
    with acting_as(), pytest.raises(NotSignedIn):
        services.begin(Announced(KEY, "near", 10), sender="anonymous", now=NOW)


def test_bounds(acting_as: ActingAs, monkeypatch: pytest.MonkeyPatch) -> None:
    with acting_as():
        begin(size=1000, sha256="")
        with pytest.raises(uploads.PhotoTooLarge):
            services.append(KEY, reader(DATA), offset=0, sender=ME)
        with pytest.raises(uploads.PhotoTooLarge):
            begin(key="piece-too-big", size=pictures.MAX_BYTES + 1)
        monkeypatch.setattr(uploads, "MOST_OPEN", 3)
        begin(key="piece-2"), begin(key="piece-3")
        with pytest.raises(TooMany):
            begin(key="piece-4")
        assert begin(key="piece-3").offset == 0
        services.begin(Announced("piece-4", "near", 10), sender="user:8", now=NOW)
        monkeypatch.setattr(uploads, "MOST_AT_ONCE", 2000)
        assert services.append("piece-3", reader(DATA), offset=0, sender=ME).offset == 2000


def test_bytes_that_are_no_photo_are_refused_at_the_end(staff: Api, acting_as: ActingAs) -> None:
    refused = send_all(staff, b"hello" * 1000)
    assert (refused.status_code, refused.json()["code"]) == (415, "not_a_photo")
    with acting_as():
        assert not Photo.objects.exists()


def test_a_full_disk_says_so_and_keeps_what_it_had(acting_as: ActingAs, monkeypatch: pytest.MonkeyPatch) -> None:
    with acting_as():
        begin()
        services.append(KEY, reader(DATA[:100]), offset=0, sender=ME)

        def full(handle: int) -> None:
            raise OSError(shelf.errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(uploads.os, "fsync", full)
        with pytest.raises(Unavailable):
            services.append(KEY, reader(DATA[100:]), offset=100, sender=ME)
        assert services.progress(KEY, sender=ME).offset >= 100


def test_what_is_never_finished_goes_after_a_week(acting_as: ActingAs, locality: str) -> None:
    with acting_as():
        begin()
        services.append(KEY, reader(DATA[:100]), offset=0, sender=ME)
        path = uploads._path(ME, KEY)
    assert services.forget_parts(locality, NOW + timedelta(days=6)) == 0
    assert path.exists()
    assert services.forget_parts(locality, NOW + timedelta(days=8)) == 1
    assert not path.exists()
    with acting_as(), pytest.raises(NotFound):
        services.progress(KEY, sender=ME)


def test_a_missing_byte_is_no_finish(acting_as: ActingAs) -> None:
    with acting_as():
        begin()
        services.append(KEY, reader(DATA[:-1]), offset=0, sender=ME)
        with pytest.raises(UploadOffset):
            services.finish(KEY, sender=ME, now=NOW)
