"""Sealing of values: authenticated encryption with a key ring, and blind indexes.

Stored form (bytes): version 1 | algorithm 1 | key id 2 | nonce 12 | ciphertext + tag.
The additional data is table, column and row, so a ciphertext copied to another
row does not open. `aes-gcm` is AES-256-GCM; `sm4-gcm` is SM4-GCM (GB/T 32907).
"""

from __future__ import annotations

import contextlib
import hmac
import json
import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

Algorithm = Literal["aes-gcm", "sm4-gcm"]

VERSION = 1
ALGORITHMS: Mapping[str, int] = {"aes-gcm": 1, "sm4-gcm": 2}
HEAD = 4
NONCE = 12
NONCES = 256
"""Drawn at a time where many values are sealed: each draw asks the system."""
TAG = 16


class CannotOpen(ValueError):
    """The ciphertext is not ours, was moved to another row, or its key is not in the ring."""


class KeysMissing(RuntimeError):
    """The key file is not there or not readable. Nothing personal can be read or written."""


@dataclass(frozen=True)
class KeyRing:
    """Data keys by number (newest seals, all open) and the key of the blind indexes."""

    keys: Mapping[int, bytes]
    index_key: bytes
    algorithm: Algorithm = "aes-gcm"

    @property
    def newest(self) -> int:
        """Number of the key that seals new values."""
        return max(self.keys)


def new_ring(algorithm: Algorithm = "aes-gcm") -> KeyRing:
    """A ring with one fresh key."""
    return KeyRing({1: secrets.token_bytes(32)}, secrets.token_bytes(32), algorithm)


def load_ring(path: Path, algorithm: Algorithm = "aes-gcm") -> KeyRing:
    """Read the key file. Raises `KeysMissing`; it is never made silently, a lost key is lost data."""
    try:
        data = json.loads(path.read_text("ascii"))
        keys = {int(number): bytes.fromhex(key) for number, key in data["keys"].items()}
        return KeyRing(keys, bytes.fromhex(data["index_key"]), algorithm)
    except (OSError, ValueError, KeyError) as why:
        raise KeysMissing(f"cannot read the key file {path}: {why}") from why


def save_ring(path: Path, ring: KeyRing) -> None:
    """Write the key file (mode 0600), whole or not at all. Refuses to overwrite."""
    draft = _draft(path, ring)
    try:
        os.link(draft, path)
    finally:
        draft.unlink()


def add_key(path: Path, algorithm: Algorithm = "aes-gcm") -> KeyRing:
    """Put a fresh key into the key file, which is replaced whole: after a crash the old or the new one lies there.

    Old keys stay: what was sealed with them, in the database and in every backup, still opens. One caller at a time.
    """
    known = load_ring(path, algorithm)
    return _replace(
        path, KeyRing({**known.keys, known.newest + 1: secrets.token_bytes(32)}, known.index_key, algorithm)
    )


def retire_keys(path: Path, numbers: Iterable[int], aside: Path, algorithm: Algorithm = "aes-gcm") -> KeyRing:
    """Move data keys out of the key file into `aside`, which is written first: at no moment a key lies nowhere.

    A key file of its own, to be kept with the backups of its time. May be called again after a crash. Raises ValueError
    for the newest key, and when `aside` holds something else. One caller at a time.
    """
    known = load_ring(path, algorithm)
    gone = {number: known.keys[number] for number in numbers if number in known.keys}
    if known.newest in gone:
        raise ValueError("the newest key seals new values")
    kept = KeyRing(
        {number: key for number, key in known.keys.items() if number not in gone}, known.index_key, algorithm
    )
    held = load_ring(aside, algorithm) if aside.exists() else None
    if held is not None and (held.index_key != known.index_key or {**held.keys, **gone} != dict(held.keys)):
        raise ValueError(f"{aside} holds other keys")
    if held is None and gone:
        save_ring(aside, KeyRing(gone, known.index_key, algorithm))
        _settle(aside.parent)
    return _replace(path, kept) if gone else known


def return_keys(path: Path, aside: Path, algorithm: Algorithm = "aes-gcm") -> KeyRing:
    """Put retired data keys back into the key file: to read what a backup of their time holds. Raises ValueError when
    they are not of this ring."""
    known, held = load_ring(path, algorithm), load_ring(aside, algorithm)
    if held.index_key != known.index_key or any(known.keys.get(n, key) != key for n, key in held.keys.items()):
        raise ValueError(f"{aside} belongs to another key file")
    return _replace(path, KeyRing({**held.keys, **known.keys}, known.index_key, algorithm))


def _replace(path: Path, ring: KeyRing) -> KeyRing:
    """Another key file in place of the one there, whole or not at all."""
    draft = _draft(path, ring)
    draft.replace(path)
    _settle(path.parent)
    return ring


def _settle(place: Path) -> None:
    """Names in a folder are on the disk."""
    folder = os.open(place, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def key_of(head: bytes) -> int:
    """Under which key a value lies, by its first four bytes."""
    return int.from_bytes(head[2:HEAD], "big")


def _draft(path: Path, ring: KeyRing) -> Path:
    """The ring on the disk, beside the file it will be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"keys": {str(n): k.hex() for n, k in ring.keys.items()}, "index_key": ring.index_key.hex()})
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    return draft


def ensure_ring(path: Path, algorithm: Algorithm = "aes-gcm") -> KeyRing:
    """Make the key file on a first start, then read it. Two starters at once end with one file."""
    if not path.exists():
        with contextlib.suppress(FileExistsError):
            save_ring(path, new_ring(algorithm))
    return load_ring(path, algorithm)


def row_label(table: str, column: str, row: str) -> bytes:
    """The additional data of one cell."""
    return "\x1f".join((table, column, row)).encode()


def seal(ring: KeyRing, text: str, label: bytes) -> bytes:
    """Encrypt `text` for the cell named by `label`."""
    return seal_bytes(ring, text.encode(), label)


def seal_bytes(ring: KeyRing, data: bytes, label: bytes) -> bytes:
    """The same for bytes: a piece of a file."""
    number = ring.newest
    head = bytes((VERSION, ALGORITHMS[ring.algorithm])) + number.to_bytes(2, "big")
    nonce = secrets.token_bytes(NONCE)
    body = _encrypt(ring.algorithm, ring.keys[number], nonce, data, head + label)
    return head + nonce + body


def seal_all(ring: KeyRing, texts: Iterable[tuple[str, str]], table: str, column: str) -> Iterator[bytes]:
    """`seal` for many rows of one column, given as (row, text): the same bytes, but the cipher is set up once."""
    number = ring.newest
    head = bytes((VERSION, ALGORITHMS[ring.algorithm])) + number.to_bytes(2, "big")
    label = head + row_label(table, column, "")
    encrypt = _cipher(ring.algorithm, ring.keys[number])
    drawn, at = b"", 0
    for row, text in texts:
        if at == len(drawn):
            drawn, at = secrets.token_bytes(NONCE * NONCES), 0
        nonce = drawn[at : at + NONCE]
        at += NONCE
        yield head + nonce + encrypt(nonce, text.encode(), label + row.encode())


def unseal(ring: KeyRing, sealed: bytes, label: bytes) -> str:
    """Decrypt what `seal` made for the same cell. Raises `CannotOpen`."""
    return unseal_bytes(ring, sealed, label).decode()


def unseal_bytes(ring: KeyRing, sealed: bytes, label: bytes) -> bytes:
    """Decrypt what `seal_bytes` made under the same label. Raises `CannotOpen`."""
    sealed = bytes(sealed)
    if len(sealed) < HEAD + NONCE + TAG or sealed[0] != VERSION:
        raise CannotOpen("not a sealed value")
    names = {number: name for name, number in ALGORITHMS.items()}
    name = names.get(sealed[1])
    key = ring.keys.get(int.from_bytes(sealed[2:4], "big"))
    if name is None or key is None:
        raise CannotOpen("sealed with an unknown algorithm or key")
    head, nonce, body = sealed[:HEAD], sealed[HEAD : HEAD + NONCE], sealed[HEAD + NONCE :]
    try:
        return _decrypt(name, key, nonce, body, head + label)
    except InvalidTag as why:
        raise CannotOpen("changed, or moved from another row") from why


def blind_index(ring: KeyRing, domain: str, value: str) -> bytes:
    """HMAC-SHA256 of a normalised value under a key of its own for `domain` (table.column): equality search only."""
    return blinder(ring, domain)(value)


def blinder(ring: KeyRing, domain: str) -> Callable[[str], bytes]:
    """`blind_index` for many values of one domain: its key is derived once."""
    key = hmac.digest(ring.index_key, domain.encode(), "sha256")
    return lambda value: hmac.digest(key, value.encode(), "sha256")


def _encrypt(algorithm: str, key: bytes, nonce: bytes, text: bytes, label: bytes) -> bytes:
    return _cipher(algorithm, key)(nonce, text, label)


def _cipher(algorithm: str, key: bytes) -> Callable[[bytes, bytes, bytes], bytes]:
    """What encrypts (nonce, text, label) under this key."""
    if algorithm == "aes-gcm":
        return AESGCM(key).encrypt

    def encrypt(nonce: bytes, text: bytes, label: bytes) -> bytes:
        work = Cipher(algorithms.SM4(key[:16]), modes.GCM(nonce)).encryptor()
        work.authenticate_additional_data(label)
        return work.update(text) + work.finalize() + work.tag

    return encrypt


def _decrypt(algorithm: str, key: bytes, nonce: bytes, body: bytes, label: bytes) -> bytes:
    if algorithm == "aes-gcm":
        return AESGCM(key).decrypt(nonce, body, label)
    work = Cipher(algorithms.SM4(key[:16]), modes.GCM(nonce, body[-TAG:])).decryptor()
    work.authenticate_additional_data(label)
    return work.update(body[:-TAG]) + work.finalize()
