"""The live feed: who hears what, replay without gap or double, late committers, lost connections."""

from __future__ import annotations

import asyncio
import json
import random
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from psycopg.conninfo import make_conninfo

from onegrid.county.grids.services.versions import raise_version
from onegrid.foundation.database.context import Standing, acting
from onegrid.foundation.database.standing import settings_statement
from onegrid.foundation.journal import feed_hub, feed_room
from onegrid.foundation.journal import services as journal
from onegrid.foundation.journal.feed import Feed
from onegrid.foundation.journal.feed_hub import Hub, read_cursor
from onegrid.foundation.journal.services import feeding

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
RESIDENT = UUID("0195d3c0-0000-7000-8000-000000000001")
WHO = {
    "county": Standing("testland", "r."),
    "village": Standing("testland", "r.1."),
    "officer": Standing("testland", "", "department", department="d.7."),
    "resident": Standing("testland", "", "resident", person=str(RESIDENT)),
    "elsewhere": Standing("otherland", "r."),
}


async def identify(locality: str, headers: Mapping[str, str]) -> Standing | None:
    """The cookie is the name of who it is."""
    who = WHO.get(headers.get("cookie", ""))
    return who if who and who.locality == locality else None


def dsn() -> str:
    entry = settings.DATABASES["default"]
    return make_conninfo(host=entry["HOST"], dbname=entry["NAME"], user="onegrid_app")


def tell(number: int, path: str, **seen_by: Any) -> None:
    with acting(Standing("testland", "r.")):
        journal.announce("case", {"n": number}, scope_path=path, now=NOW, **seen_by)
    connection.close()


class Page:
    """A browser's EventSource."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[bytes, bytes] = {}
        self.text = ""
        self.gone: asyncio.Future[dict[str, str]] = asyncio.get_running_loop().create_future()
        self.task: asyncio.Task[None] | None = None

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], dict(message["headers"])
        else:
            self.text += message["body"].decode()

    def receive(self) -> Awaitable[Any]:
        return asyncio.shield(self.gone)

    @property
    def closed(self) -> bool:
        """Whether the server has ended it."""
        return self.task is not None and self.task.done()

    @property
    def events(self) -> list[tuple[str, str, Any]]:
        """(id, event, data) received so far."""
        found = []
        for block in self.text.split("\n\n"):
            parts = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
            if "event" in parts and parts["event"] != "tick":
                found.append((parts.get("id", ""), parts["event"], json.loads(parts["data"])))
        return found

    async def numbers(self, least: int) -> list[int]:
        """The numbers received, once there are at least so many (or five seconds have passed)."""
        for _ in range(100):
            if len(self.events) >= least:
                break
            await asyncio.sleep(0.05)
        return [data["n"] for _, _, data in self.events]


Open = Callable[..., Awaitable[Page]]


@asynccontextmanager
async def pages(**states: str) -> AsyncIterator[Open]:
    """Open pages; all are closed at the end."""
    feed, opened = Feed(Hub(dsn(), identify, states=states)), []

    async def one(who: str, *, locality: str = "testland", last: str = "", origin: str = "http://h:1") -> Page:
        page = Page()
        opened.append(page)
        headers = [(b"cookie", who.encode()), (b"host", b"h:2"), (b"origin", origin.encode())]
        if last:
            headers.append((b"last-event-id", last.encode()))
        scope = {"type": "http", "method": "GET", "path": f"/{locality}/feed", "headers": headers, "query_string": b""}
        page.task = asyncio.create_task(feed(scope, page.receive, lambda message: page.send(message)))
        while page.status == 0:
            await asyncio.sleep(0.01)
        await feed.hub.ready()
        return page

    try:
        yield one
    finally:
        for page in opened:
            page.gone.set_result({"type": "http.disconnect"})
        await asyncio.gather(*(page.task for page in opened if page.task), return_exceptions=True)
        await feed.hub.stop()


def test_everybody_hears_what_he_may_see() -> None:
    async def scenario() -> None:
        async with pages() as browse:
            heard = {who: await browse(who, locality=WHO[who].locality) for who in WHO}
            await asyncio.to_thread(tell, 1, "r.1.2.")
            await asyncio.to_thread(tell, 2, "r.2.")
            await asyncio.to_thread(tell, 3, "r.2.", departments=["d.7.8."], residents=[RESIDENT])
            await asyncio.to_thread(tell, 4, "r.1.")
            assert await heard["county"].numbers(4) == [1, 2, 3, 4]
            assert await heard["village"].numbers(2) == [1, 4]
            assert await heard["officer"].numbers(1) == [3]
            assert await heard["resident"].numbers(1) == [3]
            assert heard["elsewhere"].events == []

    asyncio.run(scenario())


def test_everybody_is_told_a_state_when_he_comes_and_when_it_changes() -> None:
    """Of any scope and role, without a number: what a page missed is still counted by its last event."""

    def draw() -> None:
        with acting(Standing("testland", "r.")):
            raise_version(NOW)
        connection.close()

    async def told(page: Page, least: int) -> list[Any]:
        for _ in range(100):
            if len(page.events) >= least:
                break
            await asyncio.sleep(0.05)
        return [(number, kind, data["version"]) for number, kind, data in page.events]

    async def scenario() -> None:
        async with pages(map="SELECT version FROM grids_mapversion") as browse:
            heard = {who: await browse(who, locality=WHO[who].locality) for who in WHO}
            await asyncio.to_thread(draw)
            for who, page in heard.items():
                after = [("", "map", 0)] if who == "elsewhere" else [("", "map", 0), ("", "map", 1)]
                assert await told(page, len(after)) == after, who
            late = await browse("village", last="0")
            assert (await told(late, 1))[0] == ("", "map", 1)

    asyncio.run(scenario())


def test_nobody_and_another_localitys_cookie_get_401_and_other_sites_no_leave_to_read() -> None:
    async def scenario() -> None:
        async with pages() as browse:
            assert (await browse("thief")).status == 401
            assert (await browse("elsewhere")).status == 401
            own, strange = await browse("county"), await browse("county", origin="https://evil.example")
            assert own.headers[b"access-control-allow-origin"] == b"http://h:1"
            assert own.headers[b"access-control-allow-credentials"] == b"true"
            assert b"access-control-allow-origin" not in strange.headers

    asyncio.run(scenario())


def test_a_returning_page_gets_what_it_missed_once() -> None:
    async def scenario() -> None:
        async with pages() as browse:
            first = await browse("village")
            await asyncio.to_thread(tell, 1, "r.1.")
            assert await first.numbers(1) == [1]
            for n in range(2, 7):
                await asyncio.to_thread(tell, n, "r.1." if n % 2 else "r.2.")
            back = await browse("village", last=first.events[0][0])
            assert await back.numbers(2) == [3, 5]
            await asyncio.to_thread(tell, 7, "r.1.")
            assert await back.numbers(3) == [3, 5, 7]
            assert await first.numbers(4) == [1, 3, 5, 7]

    asyncio.run(scenario())


def test_a_late_committer_is_not_skipped() -> None:
    """The earlier number commits after the later one; both arrive, on the open page and on one that comes back."""

    async def scenario() -> None:
        async with pages() as browse:
            page = await browse("county")
            begun, finish = threading.Event(), threading.Event()

            def slowly() -> None:
                with acting(Standing("testland", "r.")):
                    journal.announce("case", {"n": 1}, scope_path="r.1.", now=NOW)
                    begun.set()
                    finish.wait(10)
                connection.close()

            slow = asyncio.create_task(asyncio.to_thread(slowly))
            await asyncio.to_thread(begun.wait, 10)
            await asyncio.to_thread(tell, 2, "r.1.")
            await asyncio.sleep(0.4)
            assert page.events == []  # what can still be overtaken waits
            finish.set()
            await slow
            assert await page.numbers(2) == [1, 2]
            back = await browse("county", last=page.events[0][0])
            assert await back.numbers(1) == [2]

    asyncio.run(scenario())


def test_a_writer_who_gave_up_is_not_waited_for_and_a_busy_neighbour_is_not_either() -> None:
    async def scenario() -> None:
        async with pages() as browse:
            page = await browse("county")
            with psycopg.connect(dsn()) as busy, psycopg.connect(dsn()) as gone:
                busy.execute(*settings_statement(Standing("testland", "r.")))
                busy.execute(
                    "INSERT INTO journal_outbox (topic, payload, created_at, available_at, attempts, handled,"
                    " reason) VALUES ('x', '{}', now(), now(), 0, '{}', '')"
                )
                gone.execute(*settings_statement(Standing("testland", "r.")))
                gone.execute("SELECT pg_advisory_xact_lock_shared(7203, hashtext(current_schema()))")
                await asyncio.to_thread(tell, 1, "r.1.")
                await asyncio.sleep(0.3)
                assert page.events == []
                gone.rollback()
                assert await page.numbers(1) == [1]

    asyncio.run(scenario())


def test_after_a_lost_connection_nothing_is_missing() -> None:
    async def scenario() -> None:
        async with pages() as browse:
            page = await browse("county")
            await asyncio.to_thread(tell, 1, "r.")
            assert await page.numbers(1) == [1]
            with psycopg.connect(make_conninfo(dsn(), user="postgres"), autocommit=True) as admin:
                admin.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE usename = 'onegrid_app' AND datname = current_database()"
                )
            await asyncio.to_thread(tell, 2, "r.")
            assert await page.numbers(2) == [1, 2]

    asyncio.run(scenario())


def test_a_cursor_of_another_life_of_the_server_is_answered_with_reset() -> None:
    async def scenario() -> None:
        async with pages() as browse:
            page = await browse("county", last="99999999999")
            await asyncio.sleep(0.2)
            assert [event for _, event, _ in page.events] == ["reset"]

    asyncio.run(scenario())


def test_the_rooms_rule_of_who_sees_what_is_the_tables_policy() -> None:
    """Random events and standings: what memory gives is what the database gives under row-level security."""
    chance = random.Random(3)
    paths = ["r.", "r.1.", "r.1.2.", "r.1.2.3.", "r.10.", "r.12.", "r.2.", "r.2.1."]
    units = ["d.", "d.7.", "d.7.8.", "d.70.", "d.71.8."]
    people = [RESIDENT, UUID(int=5), UUID(int=6)]
    with acting(Standing("testland", "r.")):
        tellings = [
            feeding.Telling(
                {"n": n, "id": f"c{n}"},
                chance.choice(paths),
                chance.sample(units, chance.randint(0, 2)),
                chance.sample(people, chance.randint(0, 2)),
            )
            for n in range(300)
        ]
        feeding.announce_many("case", tellings, now=NOW)
    connection.close()
    everybody = [Standing("testland", path) for path in (*paths, "")]
    everybody += [Standing("testland", "", "department", department=unit) for unit in (*units, "")]
    everybody += [Standing("testland", "", "resident", person=str(one)) for one in people]

    async def scenario() -> None:
        hub = Hub(dsn(), identify)
        room = await hub._room("testland")
        seen = 0
        for who in everybody:
            allowed = await hub._read(who, 0, room.position, 1000)
            remembered = room.remembered(who, 0, room.position)
            assert remembered is not None
            assert [one.number for one in remembered] == [one.number for one in allowed], who
            seen += len(allowed)
        assert seen > 1000
        await hub.stop()

    asyncio.run(scenario())


def test_beyond_memory_a_returning_page_is_told_by_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_hub, "RECENT", 2)
    monkeypatch.setattr(feed_room, "RECENT", 2)

    async def scenario() -> None:
        async with pages() as browse:
            first = await browse("county")
            for n in range(1, 7):
                await asyncio.to_thread(tell, n, "r.1." if n % 2 else "r.2.")
            assert await first.numbers(6) == [1, 2, 3, 4, 5, 6]
            back = await browse("village", last=first.events[0][0])
            assert await back.numbers(2) == [3, 5]

    asyncio.run(scenario())


def test_of_many_events_about_one_case_the_last_is_told_and_of_too_many_none() -> None:
    def event(number: int, about: str) -> feed_room.Event:
        return feed_room.Event(number, "case", json.dumps({"n": number}), about, "r.", (), ())

    told = feed_room.message_of([event(1, "a"), event(2, "b"), event(3, "a")])
    assert [line for line in told.decode().splitlines() if line.startswith("id")] == ["id: 2", "id: 3"]
    many = feed_room.message_of([event(n, str(n)) for n in range(1, feed_room.MOST_AT_ONCE + 2)])
    assert many == b'id: 101\nevent: refresh\ndata: {"events":101}\n\n'


def test_a_page_that_does_not_read_is_sent_away_and_misses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_hub, "PATIENCE", 0.3)
    monkeypatch.setattr(feed_hub, "TICK", 1.5)

    async def scenario() -> None:
        async with pages() as browse:
            quick, slow = await browse("county"), await browse("county")
            stuck = asyncio.Event()

            async def never(message: Any) -> None:
                stuck.set()
                await asyncio.sleep(3600)

            slow.send = never  # type: ignore[method-assign]
            await asyncio.to_thread(tell, 1, "r.")
            assert await quick.numbers(1) == [1]
            for _ in range(60):
                if slow.closed:
                    break
                await asyncio.sleep(0.1)
            assert slow.closed, "it was sent away"
            await asyncio.to_thread(tell, 2, "r.")
            back = await browse("county", last="0")
            assert [n for n in await back.numbers(2) if n in (1, 2)] == [1, 2]
            assert await quick.numbers(2) == [1, 2]

    asyncio.run(scenario())


@pytest.mark.parametrize("text", ["", "a", "1-2", "-1", "9" * 30, "１", "1 "])
def test_bad_cursors_are_none(text: str) -> None:
    assert read_cursor(text) is None
