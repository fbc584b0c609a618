"""Checks an exported audit log without the server: one file, needing only Python and `cryptography`.

    python verify.py rows.jsonl seals.jsonl --key seal.pub [--anchors minhou.jsonl]

Recomputes every leaf, every Merkle root, the chain of seals, the numbering and the signatures, and compares the seals
with the anchors kept outside the database. Prints what is wrong, first fault first; exit 0 when nothing is.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

COLUMNS = (
    "id", "at", "scope_path", "actor_kind", "user", "resident", "hat", "action", "subject_kind", "subject_id",
    "purpose", "request_id", "result", "detail",
)  # fmt: skip
Record = dict[str, Any]


def canonical(value: Any) -> bytes:
    """The one way to write a value."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def leaf(row: Record) -> bytes:
    """Hash of one row."""
    return hashlib.sha256(b"\x00" + canonical({name: row[name] for name in COLUMNS})).digest()


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """Root over leaves in order; the last of an odd level goes up alone."""
    level = list(leaves) or [bytes(32)]
    while len(level) > 1:
        pairs = [hashlib.sha256(b"\x01" + level[i] + level[i + 1]).digest() for i in range(0, len(level) - 1, 2)]
        level = pairs + ([level[-1]] if len(level) % 2 else [])
    return level[0]


def digest(seal: Record) -> bytes:
    """What the sealer signed."""
    content = {name: seal[name] for name in ("n", "at", "count", "last_id", "root", "previous")}
    return hashlib.sha256(b"\x02" + canonical(content)).digest()


def faults(
    rows: Sequence[Record], seals: Sequence[Record], key: Ed25519PublicKey, anchors: Sequence[Record] = ()
) -> Iterator[str]:
    """Everything wrong, in words."""
    members: defaultdict[int, list[Record]] = defaultdict(list)
    for row in sorted(rows, key=lambda one: int(one["id"])):
        if leaf(row).hex() != row["leaf"]:
            yield f"row {row['id']}: changed after it was written"
        if row.get("seal") is not None:
            members[int(row["seal"])].append(row)
    before = bytes(32).hex()
    for place, seal in enumerate(sorted(seals, key=lambda one: int(one["n"])), start=1):
        yield from _seal_faults(place, seal, before, members.pop(int(seal["n"]), []), key)
        before = seal["digest"]
    for number in members:
        yield f"seal {number}: missing, but rows name it"
    known = {int(seal["n"]): seal["digest"] for seal in seals}
    for anchor in anchors:
        number = int(anchor["n"])
        if number not in known:
            yield f"seal {number}: anchored outside, but no longer in the log"
        elif known[number] != anchor["digest"]:
            yield f"seal {number}: not the one that was anchored outside"


def _seal_faults(
    place: int, seal: Record, before: str, members: Sequence[Record], key: Ed25519PublicKey
) -> Iterator[str]:
    number = int(seal["n"])
    if number != place:
        yield f"seal {place}: missing (next is {number})"
    if seal["previous"] != before:
        yield f"seal {number}: does not follow the seal before it"
    if len(members) != int(seal["count"]):
        yield f"seal {number}: holds {len(members)} rows, sealed were {seal['count']}"
    elif merkle_root([bytes.fromhex(row["leaf"]) for row in members]).hex() != seal["root"]:
        yield f"seal {number}: its rows are not the ones sealed"
    if digest(seal).hex() != seal["digest"]:
        yield f"seal {number}: changed"
    try:
        key.verify(bytes.fromhex(seal["signature"]), digest(seal))
    except InvalidSignature:
        yield f"seal {number}: not signed by this key"


def read(path: str) -> list[Record]:
    """The records of a JSON-lines file."""
    return [json.loads(line) for line in Path(path).read_text("utf-8").splitlines() if line.strip()]


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; the exit status."""
    parser = argparse.ArgumentParser(description="Check an exported audit log.")
    parser.add_argument("rows")
    parser.add_argument("seals")
    parser.add_argument("--key", required=True)
    parser.add_argument("--anchors")
    given = parser.parse_args(arguments)
    key = serialization.load_pem_public_key(Path(given.key).read_bytes())
    if not isinstance(key, Ed25519PublicKey):
        sys.stderr.write(f"{given.key} holds no Ed25519 public key\n")
        return 2
    rows, seals = read(given.rows), read(given.seals)
    found = list(faults(rows, seals, key, read(given.anchors) if given.anchors else ()))
    for fault in found:
        sys.stdout.write(fault + "\n")
    open_rows = sum(row.get("seal") is None for row in rows)
    sys.stdout.write(f"{len(rows)} rows, {len(seals)} seals, {open_rows} rows not sealed yet, {len(found)} faults\n")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
