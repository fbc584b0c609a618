"""Other systems that read the registers: what was agreed with each, rows as they are, and what changed since a cursor.

A change gets its place in the feed after its commit, one reader at a time: places follow each other as readers may see
them, and none is filled in later behind a cursor. A feed tells what a row says now, so what was deleted stays deleted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from onegrid.county.grids import selectors as grids
from onegrid.county.registers.errors import BadCursor, FieldsWrong
from onegrid.county.registers.models import Change, Consumer
from onegrid.county.registers.rules.fields import FIELDS, at_least
from onegrid.county.registers.rules.kinds import KINDS, Kind
from onegrid.county.registers.rules.merging import Value
from onegrid.county.registers.selectors.cells import MODELS, placed, value
from onegrid.county.registers.selectors.sight import Sight, sight
from onegrid.county.registers.services import fetched, looks
from onegrid.foundation.accounts import permissions
from onegrid.foundation.accounts.actor import Actor
from onegrid.foundation.accounts.services import keys
from onegrid.foundation.database.context import widened
from onegrid.foundation.database.write import read, write
from onegrid.foundation.journal import services as journal
from onegrid.foundation.kernel.errors import NotFound, NotSignedIn

WINDOW: Final = 2_000
"""Changes of the whole locality looked through for one answer, whoever they concern."""
NUMBERED: Final = 20_000
LOCK: Final = 7_207


@dataclass(frozen=True)
class Entry:
    """One row that changed. Without values: it is no longer in what was agreed, or not any more at all."""

    seq: int
    at: datetime
    action: str
    kind: Kind
    id: int
    fields: tuple[str, ...]
    values: Mapping[str, Value] | None


@dataclass(frozen=True)
class Feed:
    """Some entries, the cursor behind them, and whether more is there already."""

    items: tuple[Entry, ...]
    next: str
    more: bool


def agree(
    actor: Actor, *, name: str, unit: str, purpose: str, grid: str, fields: Mapping[str, Sequence[str]], now: datetime
) -> tuple[Consumer, str]:
    """Agree with another system on what it is told; its key is shown this once. For whoever administers the locality.

    Only fields the agreeing hat may see whole. Raises `Forbidden`, `FieldsWrong`.
    """
    permissions.duty(actor, "administer")
    who = sight(actor)
    info = grids.find_grid(grid)
    if info is None or not info.scope_path.startswith(actor.scope_path):
        raise FieldsWrong([("grid", "register_changes.errors.grid_unknown", {})])
    for kind, names in fields.items():
        for field in names:
            if not _may_tell(who, kind, field):
                raise FieldsWrong([(f"fields.{kind}", "register_changes.errors.no_field", {})])
    agreed = {kind: sorted(set(names)) for kind, names in fields.items() if names}
    if not agreed:
        raise FieldsWrong([("fields", "register_changes.errors.no_agreement", {})])
    looks.check_purpose(purpose)
    key, plain = keys.make(user_id=None, kind="system", label=name, now=now)
    made = Consumer.objects.create(
        scope_path=info.scope_path, name=name, unit=unit, purpose=purpose, fields=agreed, key=key.pk,
        user=actor.user_id, created_at=now,
    )  # fmt: skip
    journal.record(
        actor, "register.agree", ("consumer", made.pk), now=now, scope_path=info.scope_path, purpose=purpose,
        detail={"name": name, "unit": unit, "fields": agreed},
    )  # fmt: skip
    return made, plain


def _may_tell(who: Sight, kind: str, field: str) -> bool:
    """Nobody agrees to telling others what he may not see whole himself."""
    if kind not in KINDS or field not in FIELDS[_kind(kind)] or field == "grid":
        return False
    return at_least(who.access(_kind(kind), field), "reveal" if _personal(kind, field) else "masked")


def consumers(actor: Actor) -> list[Consumer]:
    """The systems that are told about grids of the caller's, newest first."""
    permissions.duty(actor, "administer", "audit")
    sight(actor)
    return list(Consumer.objects.order_by("-pk"))


def revoke(actor: Actor, consumer_id: int, now: datetime) -> None:
    """End an agreement; its key opens nothing from the next request on. Raises `NotFound`."""
    permissions.duty(actor, "administer")
    found = Consumer.objects.filter(pk=consumer_id, revoked_at=None).first()
    if found is None:
        raise NotFound()
    Consumer.objects.filter(pk=found.pk).update(revoked_at=now)
    journal.record(actor, "register.revoke", ("consumer", found.pk), now=now, scope_path=found.scope_path)


def consumer_of(plain: str) -> Consumer:
    """Whose key this is. Raises `NotSignedIn` for none, an unknown and a revoked one alike."""
    key = keys.find(plain, "system") if plain else None
    with widened("systems"):
        found = Consumer.objects.filter(key=key.id, revoked_at=None).first() if key is not None else None
    if found is None:
        raise NotSignedIn("register_changes.errors.key_needed")
    return found


def changes(consumer: Consumer, *, after: str, limit: int, now: datetime) -> Feed:
    """What changed behind the cursor `after` ("" for the beginning), at most `limit` rows. Raises `BadCursor`.

    At most `WINDOW` changes are looked through, so an answer may be short, or empty, and there is more.
    """
    seq, row = _cursor(after)
    with widened("systems"):
        number_changes()
        window = list(
            Change.objects.filter(seq__gte=seq if row else seq + 1)
            .order_by("seq")
            .values_list("seq", "at", "action", "kind", "row", "last", "fields", "scope_path")[:WINDOW]
        )
    told: list[Entry] = []
    place = after or "0"
    full = False
    with widened("systems", consumer.scope_path):
        for one in window:
            start = row + 1 if one[0] == seq and row else 0
            entries, rest = _entries(consumer, one, start, limit - len(told))
            told += entries
            if rest is not None:
                place, full = f"{one[0]}:{rest}", True
                break
            place = str(one[0])
            if len(told) >= limit:
                full = one is not window[-1]
                break
        filled = _filled(consumer, told)
        _on_record(consumer, filled, now)
        fetched.count(consumer, (one.kind for one in filled), now)
    return Feed(tuple(filled), place, full or len(window) == WINDOW)


def rows(consumer: Consumer, kind: Kind, *, after: int, limit: int, now: datetime) -> tuple[list[Entry], int | None]:
    """Rows of a kind as they are, by number, for a first copy: read the cursor first, then the rows, then what changed.

    Raises `NotFound` for a kind that was not agreed.
    """
    if kind not in consumer.fields:
        raise NotFound()
    with widened("systems", consumer.scope_path):
        page = list(MODELS[kind].objects.filter(pk__gt=after).order_by("pk")[: limit + 1])
        told = [
            Entry(0, now, "added", kind, row.pk, (), _values(consumer, kind, row)) for row in placed(kind, page[:limit])
        ]
        _log(consumer, kind, [(row.pk, row.scope_path) for row in page[:limit]], now)
        fetched.count(consumer, (kind for _ in told), now)
    return told, page[limit - 1].pk if len(page) > limit else None


def newest() -> str:
    """The cursor behind everything there is."""
    with widened("systems"):
        number_changes()
        return str(read("SELECT coalesce(max(seq), 0) FROM registers_change")[0][0])


def number_changes() -> None:
    """Give every committed change its place in the feed. At root scope; one at a time."""
    read("SELECT pg_advisory_xact_lock(%s::int, hashtext(current_schema()))", [LOCK])
    write([(_NUMBER, [NUMBERED])])


def _cursor(after: str) -> tuple[int, int]:
    seq, _, row = after.partition(":")
    if not (seq or "0").isdigit() or not (row or "0").isdigit() or len(after) > 40:
        raise BadCursor
    return int(seq or 0), int(row or 0)


def _entries(consumer: Consumer, one: tuple[Any, ...], start: int, limit: int) -> tuple[list[Entry], int | None]:
    """The rows one change tells this consumer of; and the last of them when there are more than `limit`."""
    seq, at, action, kind, row, last, fields, path = one
    agreed = consumer.fields.get(kind)
    if agreed is None:
        return [], None
    if last is None:
        touches = action != "changed" or bool(set(fields) & set(agreed))
        if not touches or not path.startswith(consumer.scope_path):
            return [], None
        return [Entry(seq, at, action, kind, row, tuple(field for field in fields if field in agreed), None)], None
    if not (path.startswith(consumer.scope_path) or consumer.scope_path.startswith(path)):
        return [], None
    found = MODELS[kind].objects.filter(pk__gte=max(row, start), pk__lte=last).order_by("pk")
    known = list(found.values_list("pk", flat=True)[: limit + 1])
    entries = [Entry(seq, at, action, kind, key, (), None) for key in known[:limit]]
    return entries, known[limit - 1] if len(known) > limit else None


def _filled(consumer: Consumer, told: Sequence[Entry]) -> list[Entry]:
    """The entries with what their rows say now; one statement for each kind."""
    held: dict[Kind, Mapping[int, Any]] = {}
    for kind in {one.kind for one in told}:
        wanted = [one.id for one in told if one.kind == kind]
        held[kind] = {row.pk: row for row in placed(kind, list(MODELS[kind].objects.filter(pk__in=wanted)))}
    told_of = []
    for one in told:
        row = held[one.kind].get(one.id)
        told_of.append(replace(one, values=_values(consumer, one.kind, row) if row is not None else None))
    return told_of


def _values(consumer: Consumer, kind: Kind, row: Any) -> dict[str, Value]:
    return {field: value(kind, field, row) for field in consumer.fields[kind]}


def _on_record(consumer: Consumer, told: Sequence[Entry], now: datetime) -> None:
    for kind in {one.kind for one in told}:
        keys_of = {one.id for one in told if one.kind == kind and one.values is not None}
        paths = MODELS[kind].objects.filter(pk__in=keys_of).values_list("pk", "scope_path")
        _log(consumer, kind, list(paths), now)


def _log(consumer: Consumer, kind: Kind, subjects: Sequence[tuple[int, str]], now: datetime) -> None:
    """One row of the log for each person whose values leave."""
    agreed = consumer.fields[kind]
    if not any(_personal(kind, field) for field in agreed):
        return
    actor = Actor(kind="integration", name=consumer.name, unit=consumer.unit, scope_path=consumer.scope_path)
    looks.look(actor, subjects, how="export", now=now, purpose=consumer.purpose, kind=_SUBJECT[kind], fields=agreed)


def _personal(kind: str, field: str) -> bool:
    known = FIELDS[_kind(kind)].get(field)
    return known is not None and known.personal


def _kind(kind: str) -> Any:
    return kind


_SUBJECT: Final[Mapping[Kind, str]] = {
    "residents": "resident",
    "households": "household",
    "dwellings": "dwelling",
    "buildings": "building",
    "premises": "premises",
    "organisations": "organisation",
}
_NUMBER: Final = """
WITH waiting AS (
    SELECT id FROM registers_change WHERE seq IS NULL AND state IN ('applied', 'undone') ORDER BY id LIMIT %s
), placed AS (
    SELECT id, row_number() OVER (ORDER BY id) + (SELECT coalesce(max(seq), 0) FROM registers_change) AS seq
    FROM waiting
)
UPDATE registers_change c SET seq = placed.seq FROM placed WHERE placed.id = c.id
"""
