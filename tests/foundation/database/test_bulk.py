"""Many rows at once: every value arrives as it was sent, and every policy holds."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, connection
from hypothesis import given
from hypothesis import strategies as st
from support.people import ActingAs

from onegrid.county.grids.models import WorkDay
from onegrid.county.registers.models.search import SearchTerms
from onegrid.foundation.database.bulk import copy_text, insert_packed, insert_rows, literal, pack
from onegrid.foundation.database.context import in_locality

KEY = UUID("0195d3c0-0000-7000-8000-00000000dead")
AT = datetime(2026, 11, 20, 2, 0, 0, 123456, tzinfo=UTC)


def there_and_back(values: list[Any], kind: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT given FROM unnest(%s::text::{kind}[]) AS given", [literal(values)])
        return [row[0] for row in cursor.fetchall()]


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("text", ["", "NULL", "null", None, '"', "\\", '\\"', "{a,b}", " ", "路灯\n不亮", "a,b", "'", "%s"]),
        ("bigint", [0, -1, 2**62, None]),
        ("double precision", [0.1, -1e300, 5e-324, None, float("inf")]),
        ("boolean", [True, False, None]),
        ("uuid", [KEY, None]),
        ("timestamptz", [AT, None]),
        ("date", [date(2026, 11, 20), None]),
        ("bytea", [b"", b'\x00"\\{}\xff', None]),
        ("jsonb", [json.dumps({"a": ['"', "\\", "路"]}, ensure_ascii=False), None]),
    ],
)
def test_values_arrive_as_they_were_sent(locality: str, kind: str, values: list[Any]) -> None:
    with in_locality(locality):
        found = there_and_back(values, kind)
    if kind == "jsonb":
        assert [json.loads(one) if isinstance(one, str) else one for one in found] == [
            json.loads(one) if one else None for one in values
        ]
    elif kind == "bytea":
        assert [None if one is None else bytes(one) for one in found] == values
    else:
        assert found == values


@given(st.lists(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])), min_size=1, max_size=20))
def test_any_text_arrives(django_db_setup: None, django_db_blocker: Any, texts: list[str]) -> None:
    with django_db_blocker.unblock(), in_locality("testland"):
        assert there_and_back(texts, "text") == texts


def packed_first(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    return insert_packed(table, columns, pack(rows))


@pytest.mark.parametrize("insert", [insert_rows, packed_first])
def test_rows_are_stored_in_blocks_and_arrays_of_numbers_too(
    locality: str, monkeypatch: pytest.MonkeyPatch, insert: Callable[..., int]
) -> None:
    monkeypatch.setattr("onegrid.foundation.database.bulk.BLOCK", 3)
    days = [(date(2020, 1, 1 + number), number % 2 == 0, f"day {number}", "a test") for number in range(8)]
    with in_locality(locality):
        assert insert("grids_workday", ("date", "working", "name", "source"), iter(days)) == 8
        assert list(WorkDay.objects.order_by("date").values_list("date", "working", "name", "source")) == days
        with connection.cursor() as cursor:
            cursor.execute("SELECT given::integer[] FROM unnest(%s::text::text[]) AS given", [literal([[1, -2], []])])
            assert [row[0] for row in cursor.fetchall()] == [[1, -2], []]


def test_rows_written_out_before_are_copied_as_they_are(locality: str) -> None:
    with in_locality(locality):
        copy_text("registers_searchterms", ("kind", "key", "terms"), b"1\t5\t{-7,7}\n2\t6\t{}\n")
        rows = SearchTerms.objects.order_by("kind").values_list("kind", "key", "terms")
        assert list(rows) == [(1, 5, [-7, 7]), (2, 6, [])]


def test_a_policy_looks_at_every_row(locality: str, acting_as: ActingAs) -> None:
    columns = ("scope_path", "actor", "key", "action", "body", "reason", "message", "number", "sender", "at")
    row = ("user:1", "k", "act", "{}", "r", "m", "", "", AT)
    with pytest.raises(DatabaseError, match="row-level security"), acting_as("r.1."):
        insert_rows("cases_quarantine", columns, [("r.1.2.", *row), ("r.2.", *row)])


def test_a_bad_value_is_the_databases_error(locality: str) -> None:
    with pytest.raises(DatabaseError), in_locality(locality):
        insert_rows("grids_workday", ("date", "working", "name", "source"), [("not a day", True, "", "")])
