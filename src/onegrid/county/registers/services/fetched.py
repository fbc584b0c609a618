"""What other systems fetched: counted by day and kind with each answer, shown to whoever agreed, gone after a year."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from onegrid.county.registers.models import Consumer, ConsumerFetch
from onegrid.county.workforce.selectors import day_of
from onegrid.foundation.database.write import write

SHOWN: Final = timedelta(days=30)
"""So far back it is shown."""
KEPT: Final = timedelta(days=400)


@dataclass(frozen=True)
class Fetched:
    """Rows of one kind on one day."""

    day: date
    kind: str
    rows: int
    last_at: datetime


def count(consumer: Consumer, kinds: Iterable[str], now: datetime) -> None:
    """Count the rows an answer tells of, in its own transaction: one statement for each kind."""
    for kind, rows in sorted(Counter(kinds).items()):
        write([(_ADD, [consumer.pk, consumer.scope_path, day_of(now), kind, rows, now])])


def of(consumers: Sequence[Consumer], now: datetime) -> Mapping[int, list[Fetched]]:
    """What each fetched of late, newest first; one statement."""
    found: dict[int, list[Fetched]] = {one.pk: [] for one in consumers}
    rows = ConsumerFetch.objects.filter(consumer__in=list(found), day__gt=day_of(now) - SHOWN)
    for one in rows.order_by("-day", "kind"):
        found[one.consumer_id].append(Fetched(one.day, one.kind, one.rows, one.last_at))
    return found


def forget(now: datetime, most: int) -> int:
    """Delete counts of more than a year ago, at most so many; how many. At root scope."""
    old = ConsumerFetch.objects.filter(day__lt=day_of(now) - KEPT).order_by("pk")
    keys = list(old.values_list("pk", flat=True)[:most])
    ConsumerFetch.objects.filter(pk__in=keys).delete()
    return len(keys)


_ADD: Final = (
    "INSERT INTO registers_consumerfetch AS known (consumer_id, scope_path, day, kind, rows, last_at)"
    " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (consumer_id, day, kind)"
    " DO UPDATE SET rows = known.rows + excluded.rows, last_at = excluded.last_at"
)
