"""Reading cases in order, by key, without ever reading more than a bounded number of rows.

A queue is a walk along an index that has the queue's order. Filters that hold often fill a page within the first few
thousand rows; for those that do not, the rows that fit are rare, and an index finds them. So every page is

1. a **look** at the next `LOOK` rows in order, taking those that fit: enough for nearly every page;
2. when that does not fill it, a **dig**: among open cases (some ten thousands) the database finds what fits by its
   indexes; among all that ever were it follows the rarest of the filters for at most `DIG` rows. If the page is still
   not full, it says how far back it looked, and its cursor goes on from there.

Which rows are rare is found by looking, never by the planner's guess: under row-level security and with columns that
hang together its guesses are off by a factor of a hundred. See docs/adr/0011-lists.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final, NamedTuple

from django.db import connection
from django.db.models import Q
from django.db.models.sql import Query

from onegrid.cases.models import Case
from onegrid.foundation.database.context import ROOT, standing
from onegrid.foundation.database.managers import upper_bound
from onegrid.foundation.kernel.errors import ProgrammingMistake

LOOK: Final = 3_000
"""Rows looked at in order before an index is asked: about 5 ms."""
DIG: Final = 10_000
"""Rows followed along the rarest filter before the page is answered as it is: about 20 ms."""


class Part(NamedTuple):
    """A condition in SQL over `cases_case`, with its values; empty means no condition."""

    sql: str = ""
    values: tuple[Any, ...] = ()

    def __and__(self, other: Part) -> Part:
        if not (self.sql and other.sql):
            return self if self.sql else other
        return Part(f"{self.sql} AND {other.sql}", self.values + other.values)


NOTHING: Final = Part()
Key = tuple[Any, ...]
"""What a row is ordered by, in the order's columns; the last one is its id."""


@dataclass(frozen=True)
class Order:
    """Columns that order a queue, all in one direction, so that one row comparison is the rest of the list."""

    columns: tuple[str, ...]
    descending: bool = False

    def by(self, table: str = "cases_case") -> str:
        """ORDER BY's words."""
        way = " DESC" if self.descending else ""
        return ", ".join(f"{table}.{column}{way}" for column in self.columns)

    def after(self, key: Key | None) -> Part:
        """Rows behind a key."""
        if key is None:
            return Part()
        names = ", ".join(f"cases_case.{column}" for column in self.columns)
        marks = ", ".join(["%s"] * len(key))
        return Part(f"({names}) {'<' if self.descending else '>'} ({marks})", tuple(key))


NEWEST = Order(("reported_on", "reported_at", "id"), descending=True)
"""The day first: it says nothing new, but an index of day and place can then give a subtree's rows day by day."""
OLDEST = Order(("reported_on", "reported_at", "id"))
DUE = Order(("due_at", "id"))


class Grants(NamedTuple):
    """What departments were granted: those of a subtree, of one kind or of any."""

    paths: tuple[str, ...]
    kind: str = ""


@dataclass(frozen=True)
class Walk:
    """What a queue shows.

    `base` holds for every row that is read and has the order's index to itself; `rest` is what may hold or not;
    `drivers` are those conditions of `rest` that an index of their own can follow in order, each beside the others.
    """

    order: Order
    base: Part = NOTHING
    rest: Part = NOTHING
    drivers: tuple[tuple[Part, Part], ...] = ()
    """(the condition, all others of `rest`)."""
    bounded: bool = False
    """Only cases that wait for somebody: open ones, and rated ones to be visited; the partial indexes say the same."""
    arms: tuple[Part, ...] = ()
    """When a condition beside `rest` is one of several, each of which an index of its own finds in order."""
    untimed: tuple[Part, ...] = ()
    """Those of `arms` whose cases have no deadline."""
    grants: Grants | None = None
    """Read along these grants instead of along the cases."""
    place: str = ""
    """The subtree that was asked for, when `base` holds it."""

    @property
    def always(self) -> Part:
        """`base`, and what the order's index wants to hear. One of the two only: they go together, and a planner that
        thinks them independent sorts all of them."""
        if self.order == DUE:
            return Part("cases_case.due_at IS NOT NULL") & self.base
        return (Part("cases_case.waits_on > ''") if self.bounded else Part()) & self.base

    @property
    def fits(self) -> Part:
        """All there is to say of a row, the reader's sight too."""
        return in_sight() & self.always & self.rest & (either(self.arms) if self.arms else Part())


class Found(NamedTuple):
    """Keys of a page, in order; `looked` is how far the search came when it stopped before its end."""

    keys: list[Key]
    looked: Key | None = None


@lru_cache(maxsize=1024)
def where(condition: Q) -> Part:
    """A condition over the case's own columns as SQL; the same few are asked for with every page."""
    if not condition:
        return Part()
    query = Query(Case, alias_cols=False)
    sql, values = query.build_where(condition).as_sql(query.get_compiler(connection=connection), connection)
    return Part(f"({sql})", tuple(values))


def under(column: str, path: str) -> Part:
    """`column` lies in the subtree of `path`; a range, for LIKE never uses an index under row-level security."""
    return Part(f"({column} >= %s AND {column} < %s)", (path, upper_bound(path)))


def in_sight() -> Part:
    """Layer A for plain SQL over cases: what `ScopedManager` adds. Raises `NoStanding` when nobody is acting."""
    who = standing()
    if who.role != "app" or who.scope == ROOT:
        return Part()
    return under("cases_case.scope_path", who.scope) if who.scope else Part("false")


def read(walk: Walk, after: Key | None, limit: int) -> Found:
    """The first `limit` keys behind `after`."""
    if walk.arms and walk.order == DUE:
        # What waits for a centre and what is late are different cases: a look along the deadlines finds the wrong ones.
        return Found(_merged(walk, after, limit))
    if not (walk.rest.sql or walk.arms):
        return Found(step(walk, after, limit, limit))
    if len(walk.drivers) == 1 and not (walk.drivers[0][1].sql or walk.bounded or walk.grants):
        # One condition with an index of its own: of that the statistics are right. The larger limit keeps the planner
        # from walking past everything for what was common once and is no more.
        return Found(step(replace(walk, base=walk.base & walk.rest, rest=NOTHING), after, limit, max(limit, DIG)))
    keys = step(walk, after, limit, LOOK)
    if len(keys) == limit or (last := edge(walk, after, LOOK)) is None:
        return Found(keys)
    if walk.arms:
        return Found(_merged(walk, after, limit))
    if walk.bounded and walk.grants is None:
        whole = replace(walk, base=walk.base & walk.rest, rest=NOTHING)
        return Found(step(whole, after, limit, limit))
    if walk.drivers:
        driver, others = rarest(walk.drivers)
        walk = replace(walk, base=walk.base & driver, rest=others)
    # A row that was granted costs five times another: its policy is asked for it, and its grant's.
    further = LOOK if walk.grants else DIG
    keys += step(walk, last, limit - len(keys), further)
    return Found(keys, None if len(keys) == limit else edge(walk, last, further))


def either(arms: Sequence[Part]) -> Part:
    """One of several conditions; none of none."""
    words = " OR ".join(f"({arm.sql})" for arm in arms)
    return Part(f"({words})" if arms else "false", tuple(value for arm in arms for value in arm.values))


def _merged(walk: Walk, after: Key | None, limit: int) -> list[Key]:
    """The first `limit` keys of every arm, merged: one condition after the other, for none has an index together."""
    columns = ", ".join(walk.order.columns)
    # Whatever waits for somebody waits: to say so again makes the planner think it a hundred times rarer.
    timed = Part("cases_case.due_at IS NOT NULL") if walk.order == DUE else NOTHING
    others = in_sight() & timed & walk.base & walk.rest & walk.order.after(after)
    arms = [others & arm for arm in walk.arms if walk.order != DUE or arm not in walk.untimed]
    if not arms:
        return []
    sql = " UNION ".join(
        f"(SELECT {columns} FROM cases_case WHERE {arm.sql} ORDER BY {walk.order.by()} LIMIT %s)"  # noqa: S608
        for arm in arms
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {columns} FROM ({sql}) cases_case ORDER BY {walk.order.by()} LIMIT %s",  # noqa: S608
            [*(value for arm in arms for value in (*arm.values, limit)), limit],
        )
        return [tuple(row) for row in cursor.fetchall()]


def rarest(drivers: Sequence[tuple[Part, Part]]) -> tuple[Part, Part]:
    """The driver that the database expects to hold least often. Only its order of size counts, and one column's
    frequency is what its statistics know well."""
    if len(drivers) == 1:
        return drivers[0]
    sql = " UNION ALL ".join(f"SELECT 1 FROM cases_case WHERE {driver.sql}" for driver, _ in drivers)  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(
            f"EXPLAIN (FORMAT JSON) {sql}",
            [value for driver, _ in drivers for value in driver.values],
        )
        (plan,) = cursor.fetchone()
    sizes = [child["Plan Rows"] for child in plan[0]["Plan"]["Plans"]]
    return drivers[sizes.index(min(sizes))]


def counted(walk: Walk, most: int) -> Part:
    """SQL for how many cases were granted, at most `most`, and that nothing was left out: `[n, 1]`."""
    if walk.grants is None:
        raise ProgrammingMistake("only a walk along grants is counted whole")
    rows = _granted(walk.grants, walk.order, NOTHING, None, most)
    return Part(f"SELECT ARRAY[count(*), 1] FROM {rows.source.sql}", rows.source.values)  # noqa: S608


def counted_among(walk: Walk, look: int) -> Part:
    """SQL for how many of the first `look` rows fit, and 1 if these were all: `[n, whole]`."""
    rows = _rows(walk, walk.always, None, look)
    condition = f" WHERE {rows.condition.sql}" if rows.condition.sql else ""
    return Part(
        f"SELECT ARRAY[count(*) FILTER (WHERE {walk.rest.sql}), (count(*) < %s)::int]"  # noqa: S608
        f" FROM {rows.source.sql}{condition}",
        (*walk.rest.values, look, *rows.source.values, *rows.condition.values),
    )


class _Rows(NamedTuple):
    """Rows to look at: what to select from, the order to keep, and a condition that comes with it."""

    source: Part
    order: str
    condition: Part = NOTHING


def _rows(walk: Walk, base: Part, after: Key | None, limit: int) -> _Rows:
    """The next `limit` rows behind `after`, under the name `cases_case`."""
    if walk.grants is not None:
        return _granted(walk.grants, walk.order, base, after, limit)
    inside = in_sight() & base & walk.order.after(after)
    condition = f" WHERE {inside.sql}" if inside.sql else ""
    rows = f"(SELECT * FROM cases_case{condition} ORDER BY {walk.order.by()} LIMIT %s) cases_case"  # noqa: S608
    return _Rows(Part(rows, (*inside.values, limit)), walk.order.by())


GRANTED = (
    "(SELECT DISTINCT reported_at, case_id FROM unnest(%s::text[]) department(path) CROSS JOIN LATERAL"
    " (SELECT reported_at, case_id FROM cases_grant WHERE department_path = department.path AND revoked_at IS NULL"
    "{kind}{behind} ORDER BY reported_at{way}, case_id{way} LIMIT %s) one ORDER BY reported_at{way}, case_id{way}"
    " OFFSET %s LIMIT %s) g JOIN cases_case ON cases_case.id = g.case_id"
)
"""A department's cases, along its grants: each department of the subtree gives its next ones, in order."""


def _granted(grants: Grants, order: Order, base: Part, after: Key | None, limit: int, *, skip: int = 0) -> _Rows:
    way = " DESC" if order.descending else ""
    behind = f" AND (reported_at, case_id) {'<' if way else '>'} (%s, %s)" if after else ""
    kind = " AND kind = %s" if grants.kind else ""
    given = (list(grants.paths), *([grants.kind] if grants.kind else ()), *(after[-2:] if after else ()))
    # A department may have a case by assignment and by copy: twice as many grants are sure to be as many cases.
    source = Part(
        GRANTED.format(way=way, behind=behind, kind=kind),
        (*given, limit if grants.kind else 2 * limit, skip, limit - skip),
    )
    return _Rows(source, f"g.reported_at{way}, g.case_id{way}", base)


def step(walk: Walk, after: Key | None, limit: int, look: int) -> list[Key]:
    """Keys of the first `limit` rows that fit among the next `look`."""
    rest = walk.rest & either(walk.arms) if walk.arms else walk.rest
    return _fetch(walk, _rows(walk, walk.always, after, look), rest, 0, limit)


def edge(walk: Walk, after: Key | None, look: int) -> Key | None:
    """The key of the `look`-th row behind `after`; None when there are fewer: all were looked at."""
    if walk.grants:
        # Along grants what is looked at is counted before the base is asked, and before any case is read.
        found = _fetch(walk, _granted(walk.grants, walk.order, NOTHING, after, look, skip=look - 1), NOTHING, 0, 1)
    else:
        found = _fetch(walk, _rows(walk, walk.always, after, look), NOTHING, look - 1, 1)
    return found[0] if found else None


def _fetch(walk: Walk, rows: _Rows, rest: Part, skip: int, limit: int) -> list[Key]:
    columns = ", ".join(f"cases_case.{column}" for column in walk.order.columns)
    fits = rows.condition & rest
    condition = f" WHERE {fits.sql}" if fits.sql else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {columns} FROM {rows.source.sql}{condition} ORDER BY {rows.order} OFFSET %s LIMIT %s",  # noqa: S608
            [*rows.source.values, *fits.values, skip, limit],
        )
        return [tuple(row) for row in cursor.fetchall()]
