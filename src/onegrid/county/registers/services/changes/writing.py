"""Writing down what changed: one row, many rows of an import, or rows that were added together."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.db.models import Q

from onegrid.county.registers.models import Change, Duplicate
from onegrid.county.registers.rules.kinds import Kind
from onegrid.county.registers.rules.merging import Value
from onegrid.county.registers.rules.pairs import common_path
from onegrid.county.registers.selectors.cells import MODELS
from onegrid.foundation.accounts.actor import Actor
from onegrid.foundation.database.bulk import insert_rows, next_keys
from onegrid.foundation.database.fields import seal_cells
from onegrid.foundation.journal import services as journal
from onegrid.foundation.kernel.clock import to_wire

Content = Mapping[str, Any]


class Changed(NamedTuple):
    """A row that an import changed: only the fields that differ, before and after."""

    id: int
    scope_path: str
    before: dict[str, Value]
    after: dict[str, Value]


def record(
    actor: Actor,
    kind: Kind,
    row: Any,
    *,
    action: str,
    before: Content,
    after: Content,
    source: str,
    at: datetime,
    told_at: datetime | None = None,
    state: str = "applied",
    scope_path: str = "",
    undoes: int | None = None,
) -> Change:
    """Write down one change of `row` as it stands in memory, and put it on record who made it."""
    fields = sorted({*before, *after})
    made = Change.objects.create(
        scope_path=scope_path or row.scope_path, kind=kind, row=row.pk, action=action, fields=fields,
        before=dumped(before), after=dumped(after), source=source, state=state, version=row.version,
        user=actor.user_id, resident=actor.resident_id, unit=unit_of(actor), told_at=told_at, at=at, undoes=undoes,
    )  # fmt: skip
    detail = {"fields": fields, "source": source, "state": state, "change": made.pk}
    journal.record(
        actor, f"register.{action}", (kind, row.pk), now=at, scope_path=scope_path or row.scope_path, detail=detail
    )
    return made


def record_many(
    actor: Actor, kind: Kind, changes: Sequence[Changed], *, source: str = "import", at: datetime, reference: str = ""
) -> None:
    """Write down what an import changed, after its UPDATE and in its transaction: versions are read from the rows.

    Two statements and one insert for each block, however many rows.
    """
    if not changes:
        return
    versions = dict(MODELS[kind].objects.filter(pk__in=[one.id for one in changes]).values_list("pk", "version"))
    keys = next_keys("registers_change", "id", len(changes))
    before = seal_cells(Change, "before", ((key, dumped(one.before)) for key, one in zip(keys, changes, strict=True)))
    after = seal_cells(Change, "after", ((key, dumped(one.after)) for key, one in zip(keys, changes, strict=True)))
    unit = unit_of(actor)
    insert_rows(
        "registers_change",
        _COLUMNS,
        [
            (
                key, one.scope_path, kind, one.id, "moved" if "household" in one.after and kind == "residents" else
                "changed", json.dumps(sorted({*one.before, *one.after})), said, says, source, "applied",
                versions.get(one.id, 0), actor.user_id, unit, at, reference,
            )
            for key, one, said, says in zip(keys, changes, before, after, strict=True)
        ],
    )  # fmt: skip


def record_added(
    actor: Actor,
    kind: Kind,
    first_id: int,
    last_id: int,
    count: int,
    scope_path: str,
    *,
    source: str = "import",
    at: datetime,
    reference: str = "",
) -> None:
    """Write down that a batch added `count` rows of a kind, with ids from `first_id` to `last_id`."""
    Change.objects.create(
        scope_path=scope_path, kind=kind, row=first_id, last=last_id, action="added", fields=[], source=source,
        version=1, user=actor.user_id, unit=unit_of(actor), at=at, reference=reference,
    )  # fmt: skip


def record_gone(kind: Kind, gone: Sequence[tuple[int, str, int]], *, at: datetime, source: str = "clock") -> None:
    """Write down, before they are deleted, that rows go: number, path and version of each. One statement."""
    insert_rows(
        "registers_change",
        ("scope_path", "kind", "row", "action", "fields", "source", "state", "version", "at"),
        [(path, kind, key, "gone", "[]", source, "applied", version + 1, at) for key, path, version in gone],
    )


_COLUMNS: Final = (
    "id", "scope_path", "kind", "row", "action", "fields", "before", "after", "source", "state", "version", "user",
    "unit", "at", "reference",
)  # fmt: skip


def unit_of(actor: Actor) -> str:
    """Place or department and title of the hat: who changed it, as far as others are told."""
    return f"{actor.unit} {actor.position}".strip()


def dumped(content: Content) -> str:
    """What is sealed of a change."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), default=str)


def opened(sealed: Any) -> dict[str, Any] | None:
    """What a change said before or after; None when it is no longer kept."""
    if sealed is None:
        return None
    found: dict[str, Any] = json.loads(str(sealed))
    return found


def touched_since(kind: Kind, row: Any, base: int) -> frozenset[str] | None:
    """Names of the fields that changed after version `base`; None when not every change since is on record."""
    if base == row.version:
        return frozenset()
    if base > row.version:
        return None
    known = Change.objects.filter(kind=kind, row=row.pk, version__gt=base, version__lte=row.version).filter(
        state__in=("applied", "undone")
    )
    rows = list(known.values_list("version", "fields"))
    if {version for version, _ in rows} != set(range(base + 1, row.version + 1)):
        return None
    found = {field for _, fields in rows for field in fields}
    if "birth_year" in found:
        found.add("birth_date")
    return frozenset(found)


def last_changes(kind: Kind, key: int, fields: Sequence[str]) -> dict[str, dict[str, Any]]:
    """When each field was last changed, and by which unit."""
    found: dict[str, dict[str, Any]] = {}
    known = Change.objects.filter(kind=kind, row=key, state__in=("applied", "undone")).order_by("-pk")
    for at, unit, names in known.values_list("at", "unit", "fields")[:200]:
        for name in names:
            if name in fields and name not in found:
                found[name] = {"changed_at": to_wire(at), "unit": unit}
    return found


def follow(kind: Kind, keys: Sequence[int], path: str) -> None:
    """Rows moved to another leaf grid: what was written down of them lies there too, and pairs of residents."""
    if not keys:
        return
    Change.objects.filter(kind=kind, row__in=keys, last=None).update(scope_path=path)
    if kind == "residents":
        follow_pairs(keys)


def follow_pairs(residents: Sequence[int]) -> None:
    """Pairs lie in the smallest grid that holds both, wherever one of them goes."""
    pairs = Duplicate.objects.filter(Q(one__in=residents) | Q(other__in=residents)).select_related("one", "other")
    for pair in pairs.only("one__scope_path", "other__scope_path"):
        shared = common_path(pair.one.scope_path, pair.other.scope_path)
        Duplicate.objects.filter(pk=pair.pk).update(scope_path=shared)
