"""Full-text search: how a case gets into the index beside the cases, and how words find it again.

Words are first looked for by reading, newest first: what is common is found at once. What that does not find in a
page's worth is rare, and the index of bigrams gives it, week by week back from there. See `rules.search` for terms and
docs/adr/0011-lists.md for why the index lies beside the cases.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import connection

from onegrid.cases.models import Case
from onegrid.cases.rules.search import WEEK, pairs, places, term, terms_of, week_of
from onegrid.cases.selectors import walking
from onegrid.cases.selectors.setting import setting
from onegrid.cases.selectors.walking import NOTHING, Found, Key, Order, Part, Walk
from onegrid.foundation.database.context import ROOT, standing
from onegrid.foundation.database.write import Statement

REMEMBER: Final = (
    "INSERT INTO cases_searchterms (case_id, reported_at, terms) VALUES (%s, %s, %s)"
    " ON CONFLICT (case_id) DO UPDATE SET terms = excluded.terms"
)
NUMBER: Final = re.compile(r"([A-Z]{0,6})(\d{8})-(\d{1,9})")
TRACK: Final = re.compile(r"(?=.*\d)[0-9A-Z]{12}")
DAY: Final = re.compile(r"[A-Z]{0,6}(\d{8})")
TEXTS: Final = ("words", "address", "title")
CANDIDATES: Final = 5_000
"""So many hits of the index are compared with the rest of what was asked before a page is answered as it is."""


def remember(case: Case) -> Statement:
    """The statement that puts a case into the search index, or brings it up to date after its place changed.

    To be run in the transaction that writes the case, after it. The case needs pk, reported_at, reported_on,
    scope_path, title, words and address; what is said later is not searched.
    """
    return REMEMBER, (case.pk, case.reported_at, terms_of(searched(case), case.scope_path, case.reported_on))


def searched(case: Case) -> tuple[str, str, str]:
    """The texts of a case a search looks into."""
    return case.title, case.words, case.address


def read(walk: Walk, words: str, after: Key | None, limit: int) -> Found:
    """The first `limit` keys behind `after` of what the walk shows and the words occur in.

    A number, a tracking code or the day of a number is looked up; of anything else every word must occur.
    """
    exact = _exact(words)
    if exact.sql:
        return walking.read(replace(walk, base=walk.base & exact, grants=None, bounded=False), after, limit)
    fits = _holds(words)
    told = replace(walk, rest=walk.rest & fits, drivers=tuple((part, rest & fits) for part, rest in walk.drivers))
    keys = walking.step(told, after, limit, walking.LOOK)
    if len(keys) == limit or (edge := walking.edge(told, after, walking.LOOK)) is None:
        return Found(keys)
    wanted = sorted(pairs(words))
    if not wanted:
        # A single character is in no index; it is looked for as far as one page may take.
        further = walking.LOOK if walk.grants else walking.DIG
        keys += walking.step(told, edge, limit - len(keys), further)
        return Found(keys, None if len(keys) == limit else walking.edge(told, edge, further))
    return _dig(told, [*wanted, *_place(walk)], keys, edge, limit)


def _dig(walk: Walk, wanted: Sequence[tuple[int, int]], keys: list[Key], edge: Key, limit: int) -> Found:
    """Go on behind `edge` by the index, week by week."""
    # Along grants what is looked at is counted before the base is asked.
    base = NOTHING if walk.grants else walk.base
    last = replace(walk, order=_opposite(walk.order), base=base, rest=NOTHING, arms=())
    (end,) = walking.step(last, None, 1, 1) or [edge]
    hits = _hits(walk.order, wanted, edge, end)
    with connection.cursor() as cursor:
        columns = ", ".join(f"cases_case.{column}" for column in walk.order.columns)
        way = " DESC" if walk.order.descending else ""
        cursor.execute(
            f"SELECT {columns} FROM ({hits.sql}) hit JOIN cases_case ON cases_case.id = hit.case_id"  # noqa: S608
            f" WHERE {walk.fits.sql} ORDER BY hit.week{way}, hit.reported_at{way}, hit.case_id{way} LIMIT %s",
            [*hits.values, *walk.fits.values, limit - len(keys)],
        )
        keys += [tuple(row) for row in cursor.fetchall()]
        if len(keys) == limit:
            return Found(keys)
        cursor.execute(f"SELECT reported_at FROM ({hits.sql}) hit OFFSET %s LIMIT 1", [*hits.values, CANDIDATES - 1])  # noqa: S608
        row = cursor.fetchone()
    return Found(keys, _behind(walk.order, row[0]) if row else None)


HITS: Final = (
    "SELECT weeks.week, one.reported_at, one.case_id"
    " FROM (SELECT week FROM generate_series(%s::bigint, %s::bigint, {step}) week ORDER BY week{way}) weeks"
    " CROSS JOIN LATERAL (SELECT reported_at, case_id FROM cases_searchterms WHERE terms @> ARRAY[{terms}]::integer[]"
    " AND (reported_at, case_id) {side} (%s, %s) ORDER BY reported_at{way}, case_id{way}) one"
    " ORDER BY weeks.week{way}, one.reported_at{way}, one.case_id{way} LIMIT %s"
)


def _hits(order: Order, wanted: Sequence[tuple[int, int]], edge: Key, end: Key) -> Part:
    """The index's hits behind `edge`, in order, one week after the other up to that of `end`."""
    way, step, side = (" DESC", -1, "<") if order.descending else ("", 1, ">")
    terms = ", ".join(["((%s + weeks.week * %s) & 4294967295) - 2147483648"] * len(wanted))
    values = [value for pair in wanted for value in (term(*pair, 0) + 0x80000000, WEEK)]
    return Part(
        HITS.format(way=way, step=step, side=side, terms=terms),
        (week_of(edge[0]), week_of(end[0]), *values, edge[1], edge[2], CANDIDATES),
    )


def _place(walk: Walk) -> list[tuple[int, int]]:
    """The grid everything asked for lies in; none for the whole locality and for departments."""
    who = standing()
    scope = max(walk.place, who.scope if who.scope != ROOT else "", key=len)
    return places(scope)[-1:] if scope else []


def _opposite(order: Order) -> Order:
    return replace(order, descending=not order.descending)


def _behind(order: Order, at: datetime) -> Key:
    """A key just before what was reported at `at`: that may be somebody else's case, whose key is nobody's business."""
    whole = at.replace(microsecond=0)
    moment = whole + timedelta(seconds=1) if order.descending else whole
    return setting().day(moment), moment, UUID(int=0)


def _exact(words: str) -> Part:
    """A case number (with or without the locality's letters), a tracking code, or the day of a number."""
    words = words.strip().upper()
    if found := NUMBER.fullmatch(words):
        letters, day, number = found.groups()
        return Part("cases_case.number = %s", (f"{letters or setting().number_prefix}{day}-{number}",))
    if TRACK.fullmatch(words):
        return Part("cases_case.track_code = %s", (words,))
    if found := DAY.fullmatch(words):
        with suppress(ValueError):
            return Part("cases_case.reported_on = %s", (datetime.strptime(found[1], "%Y%m%d").date(),))
    return Part()


def _holds(words: str) -> Part:
    """Every word occurs in one of the texts."""
    condition, values = "", []
    for word in words.lower().replace("\x00", "").split():
        condition += " AND " if condition else ""
        condition += f"({' OR '.join(f'strpos(lower(cases_case.{text}), %s) > 0' for text in TEXTS)})"
        values += [word] * len(TEXTS)
    return Part(condition, tuple(values))
