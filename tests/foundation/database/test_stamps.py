"""What is kept in the process is what the database says: read again when stamped, never from a rolled-back change."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import transaction
from support.people import ActingAs

from onegrid.foundation.database.stamps import Remembered, stamp, stamps
from onegrid.foundation.database.write import read, write


class Sign:
    """A value in the database, and how often it was read."""

    def __init__(self) -> None:
        self.reads = 0

    def read(self) -> int:
        self.reads += 1
        return int(read("SELECT coalesce(max(n), 0) FROM journal_stamp WHERE topic = 'value'")[0][0])


def put(value: int) -> None:
    write(
        [("INSERT INTO journal_stamp VALUES ('value', %s) ON CONFLICT (topic) DO UPDATE SET n = excluded.n", [value])]
    )


@pytest.fixture
def sign() -> Sign:
    return Sign()


@pytest.fixture
def kept(sign: Sign) -> Iterator[Remembered[int]]:
    found = Remembered("topic", read=sign.read)
    yield found
    Remembered.known.remove(found)


def test_without_a_stamp_nothing_is_kept(acting_as: ActingAs, kept: Remembered[int], sign: Sign) -> None:
    with acting_as():
        assert (kept.get(), kept.get(), sign.reads) == (0, 0, 2)
        assert stamps("topic") is None


def test_it_is_read_once_a_stamp(acting_as: ActingAs, kept: Remembered[int], sign: Sign) -> None:
    with acting_as():
        put(1)
        stamp("topic")
    with acting_as():
        assert (kept.get(), kept.get(), sign.reads) == (1, 1, 1)
    with acting_as():
        assert (kept.get(), sign.reads) == (1, 1)
        put(2)
        stamp("topic")
        assert (kept.get(), sign.reads) == (2, 2)


def _change_and_fail(kept: Remembered[int]) -> None:
    with transaction.atomic():
        put(2)
        stamp("topic")
        assert kept.get() == 2
        raise LookupError


def test_a_rolled_back_change_is_forgotten(acting_as: ActingAs, kept: Remembered[int], sign: Sign) -> None:
    with acting_as():
        put(1)
        stamp("topic")
        assert kept.get() == 1
        with pytest.raises(LookupError):
            _change_and_fail(kept)
        assert kept.get() == 1


def test_two_topics_make_it_stale_each(acting_as: ActingAs, sign: Sign) -> None:
    both = Remembered("one", "two", read=sign.read)
    try:
        with acting_as():
            stamp("one")
            stamp("two")
            both.get()
            stamp("two")
            both.get()
            assert sign.reads == 2
    finally:
        Remembered.known.remove(both)


def test_localities_are_kept_apart(acting_as: ActingAs, other_locality: str, kept: Remembered[int], sign: Sign) -> None:
    with acting_as():
        put(1)
        stamp("topic")
        assert kept.get() == 1
    with ActingAs(other_locality)():
        assert kept.get() == 0
