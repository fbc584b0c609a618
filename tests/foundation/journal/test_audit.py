"""The audit log: nine ways to tamper with it, each caught by the stand-alone verifier."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from support.people import ActingAs

from onegrid.foundation.accounts.actor import Actor
from onegrid.foundation.journal import leaves, verify
from onegrid.foundation.journal import services as journal
from onegrid.foundation.journal.services import audit

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
CLERK = Actor(kind="staff", user_id=7, scope_path="r.1.", hat_id=3, request_id="req-1")

Log = tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]


def note(n: int) -> None:
    journal.record(CLERK, "look", ("case", n), now=NOW, purpose="回访", detail={"fields": ["phone"], "n": n})


@pytest.fixture
def log(acting_as: ActingAs, tmp_path: Path) -> Log:
    """Three seals over seven rows, one row open, anchors outside."""
    with acting_as():
        for minute, rows in enumerate((3, 2, 2)):
            for n in range(rows):
                note(minute * 10 + n)
            made = audit.seal(NOW + timedelta(minutes=minute))
            assert made is not None
            audit.anchor(made, tmp_path)
        note(99)
        anchors = verify.read(str(tmp_path / "testland.jsonl"))
        return list(audit.export_rows()), list(audit.export_seals()), anchors


def check(log: Log, key: Ed25519PrivateKey | None = None) -> list[str]:
    rows, seals, anchors = log
    return list(verify.faults(rows, seals, (key or audit.signing_key()).public_key(), anchors))


def test_an_honest_log_has_no_faults(log: Log) -> None:
    assert check(log) == []
    assert [row["seal"] for row in log[0]] == [1, 1, 1, 2, 2, 3, 3, None]
    assert (log[0][0]["user"], log[0][0]["hat"], log[0][0]["request_id"]) == (7, "3", "req-1")


def test_sealing_again_finds_nothing(acting_as: ActingAs, log: Log) -> None:
    with acting_as():
        assert audit.seal(NOW) is not None  # the open row
        assert audit.seal(NOW) is None


def change(rows: Any, seals: Any, anchors: Any) -> None:
    rows[1]["purpose"] = "审计"


def change_with_leaf(rows: Any, seals: Any, anchors: Any) -> None:
    rows[1]["purpose"] = "审计"
    rows[1]["leaf"] = leaves.leaf(rows[1]).hex()


def delete(rows: Any, seals: Any, anchors: Any) -> None:
    del rows[2]


def back_date(rows: Any, seals: Any, anchors: Any) -> None:
    extra = {**copy.deepcopy(rows[0]), "id": 0}
    rows.insert(0, {**extra, "leaf": leaves.leaf(extra).hex()})


def swap(rows: Any, seals: Any, anchors: Any) -> None:
    rows[0]["id"], rows[1]["id"] = rows[1]["id"], rows[0]["id"]
    for row in rows[:2]:
        row["leaf"] = leaves.leaf(row).hex()


def cut_the_tail(rows: Any, seals: Any, anchors: Any) -> None:
    del rows[5:], seals[2:]


def drop_a_seal(rows: Any, seals: Any, anchors: Any) -> None:
    del seals[1]


def yesterdays_backup(rows: Any, seals: Any, anchors: Any) -> None:
    del rows[3:], seals[1:]


def resign(rows: Any, seals: Any, anchors: Any) -> None:
    seals[2]["signature"] = Ed25519PrivateKey.generate().sign(bytes.fromhex(seals[2]["digest"])).hex()


@pytest.mark.parametrize(
    "tamper", [change, change_with_leaf, delete, back_date, swap, cut_the_tail, drop_a_seal, yesterdays_backup, resign]
)
def test_tampering_is_found(log: Log, tamper: Callable[..., None]) -> None:
    tamper(*log)
    assert check(log)


def test_another_key_is_not_ours(log: Log) -> None:
    assert check(log, Ed25519PrivateKey.generate())


def test_the_verifier_stands_alone(log: Log, tmp_path: Path) -> None:
    audit.signing_key()
    for name, records in zip(("rows", "seals", "anchors"), log, strict=True):
        (tmp_path / name).write_text("\n".join(json.dumps(record) for record in records), "utf-8")
    from django.conf import settings

    key = Path(settings.ONEGRID_DATA) / "keys" / "seal.pub"
    command = [
        sys.executable,
        "-I",
        verify.__file__,
        str(tmp_path / "rows"),
        str(tmp_path / "seals"),
        "--key",
        str(key),
    ]
    done = subprocess.run(
        [*command, "--anchors", str(tmp_path / "anchors")], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "8 rows, 3 seals, 1 rows not sealed yet, 0 faults\n"), done.stderr
