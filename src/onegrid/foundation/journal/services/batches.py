"""The journal's verbs for many rows at once: what one person's step writes one by one, the clock writes by hundreds.

The rows are the very rows of `audit.record` and `outbox.publish`; only the number of statements differs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from onegrid.foundation.database.write import read, write
from onegrid.foundation.journal import leaves
from onegrid.foundation.journal.services.audit import Doer

_TYPES: Final = {"id": "bigint", "at": "timestamptz", "user": "bigint", "resident": "uuid", "detail": "jsonb"}
_COLUMNS: Final = ", ".join(f'"{name}"' for name in leaves.COLUMNS)
_TYPED: Final = ", ".join(f'"{name}" {_TYPES.get(name, "text")}' for name in leaves.COLUMNS)
LOG: Final = f"""
INSERT INTO journal_auditrow ({_COLUMNS}, leaf)
SELECT {_COLUMNS}, decode(leaf, 'hex') FROM json_to_recordset(%s::json) AS row ({_TYPED}, leaf text)
"""  # noqa: S608
"""One document for all rows: a thousand parameters cost the client more than the server."""
PUBLISH: Final = """
INSERT INTO journal_outbox (topic, payload, created_at, available_at, attempts, handled, reason)
SELECT %s, payload::jsonb, %s, %s, 0, '{}', '' FROM json_array_elements(%s::json)
    WITH ORDINALITY AS told(payload, place) ORDER BY place
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the audit log, all but who and when."""

    action: str
    subject: tuple[str, str]
    """Kind and id."""
    scope_path: str
    detail: Mapping[str, Any] = field(default_factory=dict)


def record_many(actor: Doer, entries: Sequence[Entry], *, now: datetime, keys: Sequence[int] = ()) -> None:
    """Log that `actor` did all of `entries`, in the running transaction, in two statements; in one with `keys`.

    `keys` are drawn from the log's own sequence, as many as there are entries at least.
    """
    if not entries:
        return
    numbers = list(keys[: len(entries)])
    if len(numbers) < len(entries):
        drawn = "SELECT nextval('journal_auditrow_id_seq') FROM generate_series(1, %s)"
        numbers = [int(number) for (number,) in read(drawn, [len(entries)])]
    same = {
        "at": leaves.moment(now),
        "actor_kind": actor.kind,
        "user": actor.user_id,
        "resident": str(actor.resident_id) if actor.resident_id else None,
        "hat": str(getattr(actor, "hat_id", "") or ""),
        "purpose": "",
        "request_id": str(getattr(actor, "request_id", "")),
        "result": "done",
    }
    rows = [
        same
        | {
            "id": number,
            "scope_path": entry.scope_path,
            "action": entry.action,
            "subject_kind": entry.subject[0],
            "subject_id": entry.subject[1],
            "detail": dict(entry.detail),
        }
        for number, entry in zip(numbers, entries, strict=True)
    ]
    document = json.dumps([row | {"leaf": leaves.leaf(row).hex()} for row in rows], ensure_ascii=False)
    write([(LOG, [document])])


def publish_many(topic: str, payloads: Sequence[Mapping[str, Any]], *, now: datetime) -> None:
    """Put events of one topic into the outbox, in the running transaction, in one statement."""
    if not payloads:
        return
    write([(PUBLISH, [topic, now, now, json.dumps(list(payloads), ensure_ascii=False, default=str)])])
