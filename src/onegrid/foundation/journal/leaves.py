"""The hashes of the audit log: leaf of a row, Merkle root, content of a seal. Plain Python, no Django.

Canonical form: JSON with sorted keys, no spaces, UTF-8; times as UTC with microseconds. Leaf and node hashes are
prefixed with 0x00 and 0x01 as in RFC 6962, so that a node can never pass for a leaf.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

COLUMNS = (
    "id",
    "at",
    "scope_path",
    "actor_kind",
    "user",
    "resident",
    "hat",
    "action",
    "subject_kind",
    "subject_id",
    "purpose",
    "request_id",
    "result",
    "detail",
)
NOTHING = bytes(32)


def moment(at: datetime) -> str:
    """A time in its one written form."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def canonical(value: Any) -> bytes:
    """The one way to write `value`."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def leaf(row: Mapping[str, Any]) -> bytes:
    """SHA-256 of one row; every column counts, `at` and `resident` already as text."""
    return hashlib.sha256(b"\x00" + canonical({name: row[name] for name in COLUMNS})).digest()


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """The root over `leaves` in order; the last of an odd level goes up alone."""
    level = list(leaves) or [NOTHING]
    while len(level) > 1:
        pairs = [hashlib.sha256(b"\x01" + level[i] + level[i + 1]).digest() for i in range(0, len(level) - 1, 2)]
        level = pairs + ([level[-1]] if len(level) % 2 else [])
    return level[0]


def seal_digest(*, n: int, at: str, count: int, last_id: int, root: bytes, previous: bytes) -> bytes:
    """What is signed: everything a seal says."""
    content = {"n": n, "at": at, "count": count, "last_id": last_id, "root": root.hex(), "previous": previous.hex()}
    return hashlib.sha256(b"\x02" + canonical(content)).digest()
