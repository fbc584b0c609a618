"""Ids, masking, sealing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onegrid.foundation.kernel import clock, ids, masking, sealed

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def test_uuid7_is_version_7_and_sorts_by_time() -> None:
    early, late = ids.uuid7(NOON), ids.uuid7(NOON + timedelta(milliseconds=1))
    assert (early.version, early.variant) == (7, "specified in RFC 4122")
    assert str(early) < str(late)


@given(st.integers(0, 2**63))
def test_base36_reads_back(number: int) -> None:
    assert int(ids.base36(number), 36) == number


def test_wire_time_is_utc_with_z() -> None:
    assert clock.to_wire(datetime.fromisoformat("2026-03-02T09:00:00.1234+08:00")) == "2026-03-02T01:00:00.123Z"


def test_masks() -> None:
    assert masking.mask_phone("13800001234") == "138****1234"
    assert masking.mask_name("陈小明") == "陈**"
    assert masking.mask_id_number("110101199001017758") == "1101**********7758"
    assert masking.normalise_phone("＋86 138-0000-1234") == "13800001234"
    assert masking.is_mobile("13800001234")
    assert not masking.is_mobile("12800001234")


@pytest.mark.parametrize("algorithm", ["aes-gcm", "sm4-gcm"])
def test_a_sealed_value_opens_only_in_its_own_cell(algorithm: sealed.Algorithm) -> None:
    ring = sealed.new_ring(algorithm)
    here, there = sealed.row_label("t", "phone", "1"), sealed.row_label("t", "phone", "2")
    box = sealed.seal(ring, "13800001234", here)
    assert b"138" not in box
    assert sealed.unseal(ring, box, here) == "13800001234"
    for bad, label in ((box, there), (box[:-1] + bytes((box[-1] ^ 1,)), here), (b"x", here)):
        with pytest.raises(sealed.CannotOpen):
            sealed.unseal(ring, bad, label)


def test_old_keys_still_open_after_rotation() -> None:
    old = sealed.new_ring()
    box = sealed.seal(old, "text", b"l")
    turned = sealed.KeyRing({**old.keys, 2: bytes(32)}, old.index_key)
    assert sealed.unseal(turned, box, b"l") == "text"
    assert sealed.seal(turned, "text", b"l")[2:4] == b"\x00\x02"


def test_blind_index_is_equal_per_column_only() -> None:
    ring = sealed.new_ring()
    assert sealed.blind_index(ring, "a.phone", "1") == sealed.blind_index(ring, "a.phone", "1")
    assert sealed.blind_index(ring, "a.phone", "1") != sealed.blind_index(ring, "b.phone", "1")


def test_key_file_is_private_and_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "ring.json"
    ring = sealed.ensure_ring(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert sealed.ensure_ring(path).keys == ring.keys
    with pytest.raises(FileExistsError):
        sealed.save_ring(path, sealed.new_ring())
    path.write_text("{}")
    with pytest.raises(sealed.KeysMissing):
        sealed.ensure_ring(path)
