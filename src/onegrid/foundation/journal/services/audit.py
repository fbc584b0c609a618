"""Writing the audit log, and sealing it.

A row carries its own hash only, so writers never wait for each other; the sealer closes what has been committed with a
signed root once a minute, chained to the one before, and writes it to a file outside the database as well.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import connection

from onegrid.foundation.database.context import standing
from onegrid.foundation.database.write import write
from onegrid.foundation.journal import leaves
from onegrid.foundation.journal.models import AuditRow, Seal, SealedRow

SEAL_LOCK = 7_201
BLOCK = 500
"""Rows of one statement."""


class Doer(Protocol):
    """Whoever acts, as far as the log cares (`accounts.Actor`)."""

    @property
    def kind(self) -> str: ...
    @property
    def user_id(self) -> int | None: ...
    @property
    def resident_id(self) -> UUID | None: ...
    @property
    def scope_path(self) -> str: ...


def record(
    actor: Doer,
    action: str,
    subject: tuple[str, object],
    *,
    now: datetime,
    scope_path: str = "",
    purpose: str = "",
    request_id: str = "",
    result: str = "done",
    detail: Mapping[str, Any] | None = None,
    hat: str = "",
) -> None:
    """Log that `actor` did `action` to `subject` (kind, id). `detail` holds names and counts, nothing personal."""
    kind, number = subject
    record_each(
        actor, action, kind, [(number, scope_path)],
        now=now, purpose=purpose, request_id=request_id, result=result, detail=detail, hat=hat,
    )  # fmt: skip


def record_each(
    actor: Doer,
    action: str,
    kind: str,
    subjects: Sequence[tuple[object, str]],
    *,
    now: datetime,
    purpose: str = "",
    request_id: str = "",
    result: str = "done",
    detail: Mapping[str, Any] | None = None,
    hat: str = "",
) -> None:
    """One row of the log for each subject, given as (id, scope path), all of one kind, in one statement.

    Returns when they are written, not when they are committed: no value leaves before the transaction does.
    """
    if not subjects:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('journal_auditrow', 'id')) FROM generate_series(1, %s)",
            [len(subjects)],
        )
        numbers = [int(row[0]) for row in cursor.fetchall()]
    shared: dict[str, Any] = {
        "at": leaves.moment(now),
        "actor_kind": actor.kind,
        "user": actor.user_id,
        "resident": str(actor.resident_id) if actor.resident_id else None,
        "hat": hat or str(getattr(actor, "hat_id", "") or ""),
        "action": action,
        "subject_kind": kind,
        "purpose": purpose,
        "request_id": request_id or str(getattr(actor, "request_id", "")),
        "result": result,
        "detail": json.loads(json.dumps(dict(detail or {}), default=str)),
    }
    elsewhere = actor.scope_path or standing().scope or "r."
    written = json.dumps(shared["detail"])
    values: list[Any] = []
    for number, (subject, path) in zip(numbers, subjects, strict=True):
        row = {**shared, "id": number, "scope_path": path or elsewhere, "subject_id": str(subject)}
        values += [written if name == "detail" else row[name] for name in leaves.COLUMNS]
        values.append(leaves.leaf(row))
    columns = ", ".join(f'"{name}"' for name in leaves.COLUMNS)
    marks = f"({', '.join(['%s'] * (len(leaves.COLUMNS) + 1))})"
    for start in range(0, len(subjects), BLOCK):
        block = min(BLOCK, len(subjects) - start)
        width = len(leaves.COLUMNS) + 1
        part = values[start * width : (start + block) * width]
        write([(f"INSERT INTO journal_auditrow ({columns}, leaf) VALUES {', '.join([marks] * block)}", part)])  # noqa: S608


def seal(now: datetime) -> Seal | None:
    """Close all committed rows that no seal holds yet; None when there are none. Runs at root scope, one at a time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, hashtext(current_schema()))", [SEAL_LOCK])
        if not cursor.fetchone()[0]:
            return None
        cursor.execute(
            "SELECT a.id, a.leaf FROM journal_auditrow a"
            " WHERE NOT EXISTS (SELECT 1 FROM journal_sealedrow s WHERE s.row = a.id) ORDER BY a.id"
        )
        rows = [(int(number), bytes(leaf)) for number, leaf in cursor.fetchall()]
    if not rows:
        return None
    before = Seal.objects.order_by("-n").first()
    n, previous = (before.n + 1, bytes(before.digest)) if before else (1, leaves.NOTHING)
    root = leaves.merkle_root([leaf for _, leaf in rows])
    digest = leaves.seal_digest(
        n=n, at=leaves.moment(now), count=len(rows), last_id=rows[-1][0], root=root, previous=previous
    )
    key = signing_key()
    made = Seal.objects.create(
        n=n, at=now, count=len(rows), last_id=rows[-1][0], root=root, previous=previous, digest=digest,
        signature=key.sign(digest), key_id=key_id(key),
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO journal_sealedrow (row, seal_id) SELECT unnest(%s::bigint[]), %s", [[r for r, _ in rows], n]
        )
    return made


def anchor(made: Seal, folder: Path | None = None) -> None:
    """Append the seal to the file outside the database, after the commit. A tail cut off the log shows there."""
    place = folder or Path(settings.ONEGRID_DATA) / "anchors"
    place.mkdir(parents=True, exist_ok=True)
    line = json.dumps({"n": made.n, "at": leaves.moment(made.at), "digest": bytes(made.digest).hex()})
    with (place / f"{standing().locality}.jsonl").open("a", encoding="ascii") as out:
        out.write(line + "\n")
        out.flush()
        os.fsync(out.fileno())


def export_rows() -> Iterator[dict[str, Any]]:
    """All rows as the verifier reads them (at root scope)."""
    seals = dict(SealedRow.objects.values_list("row", "seal_id").iterator())
    for row in AuditRow.objects.order_by("id").iterator():
        values = {name: getattr(row, name) for name in leaves.COLUMNS}
        values |= {"at": leaves.moment(row.at), "resident": str(row.resident) if row.resident else None}
        yield {**values, "leaf": bytes(row.leaf).hex(), "seal": seals.get(row.pk)}


def export_seals() -> Iterator[dict[str, Any]]:
    """All seals as the verifier reads them."""
    for made in Seal.objects.order_by("n"):
        yield {
            "n": made.n, "at": leaves.moment(made.at), "count": made.count, "last_id": made.last_id,
            "root": bytes(made.root).hex(), "previous": bytes(made.previous).hex(), "digest": bytes(made.digest).hex(),
            "signature": bytes(made.signature).hex(), "key_id": made.key_id,
        }  # fmt: skip


def signing_key() -> Ed25519PrivateKey:
    """The sealer's key, made at the first seal; the public half lies beside it for the verifier."""
    path = Path(settings.ONEGRID_DATA) / "keys" / "seal.pem"
    if not path.exists():
        _make_key(path)
    key = serialization.load_pem_private_key(path.read_bytes(), None)
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError(f"{path} holds no Ed25519 key")
    return key


def key_id(key: Ed25519PrivateKey) -> str:
    """The raw public key in hexadecimal."""
    return key.public_key().public_bytes_raw().hex()


def _make_key(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(private)
    try:
        os.link(draft, path)
        path.with_suffix(".pub").write_bytes(public)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
