"""Many rows of the journal at once: the same rows, in order, and what nobody listens for keeps nobody waiting."""

from __future__ import annotations

from datetime import UTC, datetime

from support.people import ActingAs

from onegrid.foundation.accounts.actor import SYSTEM
from onegrid.foundation.journal import leaves, tasks
from onegrid.foundation.journal import services as journal
from onegrid.foundation.journal.models import FeedEvent, Outbox
from onegrid.foundation.journal.services import audit, batches, feeding
from onegrid.foundation.journal.services.outbox import Event

START = datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_what_nobody_listens_for_is_closed_at_once_and_keeps_nobody_waiting(acting_as: ActingAs) -> None:
    heard: list[int] = []

    def listen(event: Event, now: datetime) -> None:
        heard.append(event.payload["n"])

    with acting_as():
        batches.publish_many("passed", [{"n": n, "word": "超时 '\"\\"} for n in range(60)], now=START)
        journal.publish("moved", {"n": 7}, now=START)
        assert tasks.deliver("testland", {"moved": (listen,)}, lambda: START) == 1
        assert not Outbox.objects.filter(done_at=None).exists()
        assert [row.payload["n"] for row in Outbox.objects.filter(topic="passed").order_by("pk")] == list(range(60))
        assert Outbox.objects.filter(topic="passed")[0].payload["word"] == "超时 '\"\\"
    assert heard == [7]


def test_rows_logged_together_hash_as_rows_logged_one_by_one(acting_as: ActingAs) -> None:
    with acting_as():
        journal.record(SYSTEM, "case.breach", ("case", "a"), now=START, scope_path="r.1.", detail={"n": 1, "字": "é"})
        batches.record_many(
            SYSTEM, [batches.Entry("case.breach", ("case", "a"), "r.1.", {"n": 1, "字": "é"})] * 3, now=START
        )
        rows = list(audit.export_rows())
    assert len(rows) == 4
    assert all(leaves.leaf(row).hex() == row["leaf"] for row in rows)
    assert len({tuple((key, str(row[key])) for key in leaves.COLUMNS if key != "id") for row in rows}) == 1


def test_events_told_together_keep_their_order_and_their_audiences(acting_as: ActingAs) -> None:
    with acting_as():
        tellings = [
            feeding.Telling({"n": n, "title": "“灯”'"}, f"r.{n}.", ["d.1.", "d.2."][: n % 3]) for n in range(12)
        ]
        feeding.announce_many("case", tellings, now=START)
        feeding.announce_many("case", [], now=START)
        rows = list(FeedEvent.objects.order_by("id"))
    assert [row.data["n"] for row in rows] == list(range(12))
    assert [row.scope_path for row in rows] == [f"r.{n}." for n in range(12)]
    assert [len(row.departments) for row in rows] == [n % 3 for n in range(12)]
