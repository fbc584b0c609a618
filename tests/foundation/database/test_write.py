"""Plain statements: prepared, gathered, in order, under the standing in force."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction
from support.people import ActingAs

from onegrid.foundation.accounts.models import User
from onegrid.foundation.database.context import widened
from onegrid.foundation.database.write import gathered, insertion, number, read, write
from onegrid.foundation.journal.models import Stamp, Tally
from onegrid.foundation.journal.services import tally_sql
from onegrid.foundation.kernel.errors import NoStanding

ADD = "INSERT INTO journal_stamp (topic, n) VALUES (%s, %s)"


def topics() -> list[str]:
    """Through the ORM, past `read`."""
    return list(Stamp.objects.order_by("n").values_list("topic", flat=True))


def test_nothing_is_written_without_a_standing(locality: str) -> None:
    with pytest.raises(NoStanding):
        write([(ADD, ["a", 1])])


def test_what_is_gathered_is_sent_before_the_next_question(acting_as: ActingAs) -> None:
    with acting_as(), gathered():
        write([(ADD, ["a", 1])])
        assert topics() == ["a"]
        write([(ADD, ["b", 2]), (ADD, ["c", 3])])
        assert read("SELECT count(*) FROM journal_stamp") == [(3,)]
        write([("DELETE FROM journal_stamp WHERE topic = %s", ["b"])])
        assert topics() == ["a", "c"]


def test_what_is_gathered_is_sent_at_the_end_of_the_outer_block(acting_as: ActingAs) -> None:
    with acting_as():
        with gathered():
            with gathered():
                write([(ADD, ["a", 1])])
            wrapper = connection._connections[connection._alias]  # type: ignore[attr-defined]
            assert len(wrapper.waiting) == 1
        assert topics() == ["a"]


def _fail_after(sql: str, values: list[object]) -> None:
    with transaction.atomic(), gathered():
        write([(sql, values)])
        raise LookupError


def test_after_an_error_nothing_gathered_is_sent(acting_as: ActingAs) -> None:
    with acting_as():
        with pytest.raises(LookupError):
            _fail_after(ADD, ["a", 1])
        assert topics() == []
        write([(ADD, ["b", 2])])
        assert topics() == ["b"]


def test_an_error_of_a_gathered_statement_is_raised(acting_as: ActingAs) -> None:
    with acting_as():
        with pytest.raises(DatabaseError), transaction.atomic(), gathered():
            write([(ADD, ["a", 1]), (ADD, ["a", 1])])
        assert topics() == []


def test_gathered_writes_go_out_under_the_standing_they_were_written_in(acting_as: ActingAs) -> None:
    """A scope that ends before the block ends must not send its rows under the narrower one."""
    columns = ", ".join(tally_sql.MEASURES)
    row = f"INSERT INTO journal_tally (scope_path, dimension, span, day, key, {columns}) VALUES"
    values = f" (%s, 'total', 1, '2026-03-02', '', {', '.join('1' * len(tally_sql.MEASURES))})"
    with acting_as("r.1."):
        with gathered():
            with widened("fold"):
                write([(row + values, ["r.2."])])
            write([(row + values, ["r.1."])])
        assert Tally.objects.count() == 1
        with pytest.raises(DatabaseError), transaction.atomic(), gathered():
            write([(row + values, ["r.2."])])


def test_an_insertion_stores_what_save_would(acting_as: ActingAs) -> None:
    with acting_as():
        User.objects.create(username="one", password="", display_name="一", phone="13800000001")
        two = User(username="two", password="", display_name="二", phone="13800000001")
        number([two])
        write([insertion([two])])
        first, second = User.objects.order_by("username")
        assert (second.phone, second.phone_index, second.email) == (first.phone, first.phone_index, first.email)
        assert second.created_at is not None
        assert bytes(second.phone_index) != b""


def test_a_statement_is_prepared_once(acting_as: ActingAs) -> None:
    with acting_as():
        for n in range(1, 4):
            write([(ADD, [f"t{n}", 10**n])])
        prepared = read(
            "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE %s", ["INSERT INTO journal_stamp%"]
        )
        assert prepared == [(1,)]
