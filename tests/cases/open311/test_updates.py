"""The feed of updates at scale: found by time, as many statements for many rows as for one, no endless paging."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from support.people import ActingAs

from onegrid.cases.selectors import public
from onegrid.foundation.database.context import widened

from .conftest import Endpoint


def test_the_feed_is_found_by_time_under_row_level_security(endpoint: Endpoint, acting_as: ActingAs) -> None:
    now = datetime.now(UTC)
    with acting_as(), widened("track"), connection.cursor() as cursor, CaptureQueriesContext(connection) as seen:
        public.steps_between(now - timedelta(days=1), now, start=0, size=50)
        sql = seen.captured_queries[-1]["sql"]
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {sql}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "case_action_at" in plan, plan
    (condition,) = [line for line in plan.splitlines() if "Index Cond: ((at >=" in line or '("at" >=' in line][:1]
    assert "<=" in condition, "both ends of the window bound the scan"


def test_many_updates_cost_as_many_statements_as_one(endpoint: Endpoint) -> None:
    def asked() -> tuple[int, int]:
        with CaptureQueriesContext(connection) as seen:
            rows = endpoint.get("servicerequestupdates.json").json()
        return len(seen), len(rows)

    endpoint.number()
    asked()
    one, few = asked()
    for _ in range(6):
        endpoint.number()
    many, more = asked()
    assert more >= few + 6
    assert many == one


def test_nobody_pages_through_millions(endpoint: Endpoint) -> None:
    assert endpoint.get("servicerequestupdates.json", page="21", page_size="1000").status_code == 200
    refused = endpoint.get("servicerequestupdates.json", page="22", page_size="1000")
    assert refused.status_code == 400
    assert "start_date" in refused.json()[0]["description"]
