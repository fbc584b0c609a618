"""Queues of a county of N cases: page and tab counts as every kind of reader asks for them; floor = 50 cases by key.

./run bench queue                    ten million cases: builds the county first when its data folder has none
./run bench queue --cases 1000000 --explain todo
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
from django.db import connection

from bench import _django
from bench._county import OPEN, County, county
from bench._figures import end, options, tell
from onegrid.cases.models import Case
from onegrid.cases.selectors import queue
from onegrid.cases.selectors.queue import SHOWN, CaseQuery
from onegrid.foundation.database.context import acting

assert _django.READY
PAGE = 50
RUNS = 200
OTHERS = 40
"""Runs for readers other than the dispatcher, who has most of the asking to do."""
WARM = 5
TARGET_MS = 30.0


@dataclass(frozen=True)
class Ask:
    """One way a reader looks at his queue."""

    who: str
    name: str
    said: dict[str, Any] = field(default_factory=dict)


def asks(found: County, about: dict[str, Any]) -> list[Ask]:
    """What is measured: every tab and sort for every hat, then filters and words, common ones and rare."""
    made = []
    hats = ("dispatcher", "inspector", "township", "secretary", "worker", "officer", "officer_middle", "officer_small")
    for who in hats:
        for tab in ("todo", "done", "mine", "copied", "closed", "all"):
            sorts = ("-reported", "reported", "due")
            if who.startswith("officer") and tab != "todo":
                sorts = ("-reported", "reported")
            made += [Ask(who, f"{tab} {sort}", {"tab": tab, "sort": sort}) for sort in sorts]
        for name, said in filters(found, about).items():
            made.append(Ask(who, name, said))
    return made


def filters(found: County, about: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Filters on the tab of everything (and on to-dos), by name."""
    today = found.now.date()
    common, rare, odd = about["matter_common"], about["matter_rare"], about["department_small"]
    last_year = {"day_from": today - timedelta(days=420), "day_to": today - timedelta(days=390)}
    return {
        "matter common": {"matter": common},
        "matter rare": {"matter": rare},
        "todo, matter rare": {"tab": "todo", "matter": rare},
        "closed, matter common": {"tab": "closed", "matter": common},
        "department small": {"department": odd},
        "matter common, department small": {"matter": common, "department": odd},
        "channel rare": {"channel": "open311"},
        "status suspended": {"status": "suspended"},
        "status rejected": {"status": "rejected"},
        "rejected, matter rare": {"status": "rejected", "matter": rare},
        "overdue": {"due": "over"},
        "due soon, matter common": {"due": "soon", "matter": common},
        "supervised, channel rare": {"supervised": True, "channel": "open311"},
        "grid": {"grid": about["grid"]},
        "grid, matter common": {"grid": about["grid"], "matter": common},
        "a month of last year": last_year,
        "reopened in a month": {"measure": "reopened", **last_year},
        "closed late in a month, matter rare": {"measure": "closed", "matter": rare, **last_year},
        "search common": {"q": about["words_common"]},
        "search rare": {"q": about["words_rare"]},
        "search two words": {"q": f"{about['words_rare']} {about['words_common']}"},
        "search nothing": {"q": "火星移民"},
        "search one character": {"q": "灯"},
        "search number": {"q": about["number"]},
        "search rare, matter common": {"q": about["words_rare"], "matter": common},
        "search in closed, a month of last year": {"q": about["words_common"], "tab": "closed", **last_year},
    }


def surroundings(found: County) -> dict[str, Any]:
    """A common and a rare matter, a small department, a grid, a number, common and rare words of this county."""
    with psycopg.connect(found.superuser) as server:

        def one(sql: str) -> Any:
            row = server.execute(sql).fetchone()
            return row[0] if row else None

        shares = (
            "SELECT m.code FROM bench.slot s JOIN matters_matter m ON m.id = s.matter_id GROUP BY 1 ORDER BY count(*)"
        )
        rare = one(f"{shares}, 1 LIMIT 1")
        said = server.execute("SELECT words FROM bench.phrase").fetchall()
        often: dict[str, int] = {}
        for (words,) in said:
            for at in range(len(words) - 3):
                if re.fullmatch(r"[\u4e00-\u9fff]{4}", words[at : at + 4]):
                    often[words[at : at + 4]] = often.get(words[at : at + 4], 0) + 1
        ordered = sorted(often, key=lambda words: (often[words], words))
        return {
            "matter_common": one(f"{shares} DESC, 1 LIMIT 1"),
            "matter_rare": rare,
            "department_small": str(found.actors["officer_small"].department_id),
            "grid": str(one("SELECT id FROM grids_grid WHERE scope_path = (SELECT min(village) FROM bench.leaf)")),
            "number": one("SELECT number FROM cases_case ORDER BY reported_on, number LIMIT 1"),
            "words_common": ordered[-1],
            "words_rare": ordered[0],
        }


def measure(found: County, ask: Ask, runs: int) -> dict[str, Any]:
    """p50 and p99 of the first page, of the counts, and of both, in milliseconds; and the processor's time for both."""
    actor = found.actors[ask.who]
    query = CaseQuery(**ask.said)
    pages, counts, answer, begun = [], [], {}, 0.0
    for turn in range(runs + WARM):
        if turn == WARM:
            begun = cpu()
        with acting(found.standing(actor)):
            begin = time.perf_counter()
            answer = queue.page(actor, query, cursor=None, limit=PAGE, now=found.now)
            middle = time.perf_counter()
            queue.counts(actor, now=found.now)
            pages.append(middle - begin)
            counts.append(time.perf_counter() - middle)
    spent = (cpu() - begun) / runs
    both = [page + count for page, count in zip(pages, counts, strict=True)][WARM:]
    return {
        "who": ask.who,
        "ask": ask.name,
        "page_p50": ms(pages[WARM:], 50),
        "page_p99": ms(pages[WARM:], 99),
        "counts_p50": ms(counts[WARM:], 50),
        "counts_p99": ms(counts[WARM:], 99),
        "p50": ms(both, 50),
        "p99": ms(both, 99),
        "cpu": round(spent * 1e3, 2),
        "rows": len(answer["items"]),
        "goes_on": answer["looked_to"] is not None,
    }


def cpu() -> float:
    """Seconds of processor this process and its server's have used: what a busy machine does not change."""
    with connection.cursor() as cursor:
        server = cursor.connection.info.backend_pid
    used = Path(f"/proc/{server}/stat").read_text().rsplit(")", 1)[1].split()
    return time.process_time() + (int(used[11]) + int(used[12])) / os.sysconf("SC_CLK_TCK")


def ms(seconds: list[float], percent: int) -> float:
    """A percentile in milliseconds."""
    return round(float(np.percentile(seconds, percent)) * 1e3, 2)


def floor(found: County, runs: int) -> float:
    """p99 of reading 50 cases by primary key under the dispatcher's scope, as a page shows them."""
    actor = found.actors["dispatcher"]
    with psycopg.connect(found.superuser) as server:
        share = min(100.0, 2_000_000 / found.cases)
        asked = "SELECT id FROM cases_case TABLESAMPLE system (%s) LIMIT 20000"
        keys = [row[0] for row in server.execute(asked, [share])]
    rng = np.random.default_rng(1)
    took = []
    with acting(found.standing(actor)):
        for _ in range(runs + WARM):
            some = [keys[int(at)] for at in rng.integers(len(keys), size=PAGE)]
            begin = time.perf_counter()
            list(Case.objects.select_related("matter", "department", "grid").only(*SHOWN).filter(pk__in=some))
            took.append(time.perf_counter() - begin)
    return ms(took[WARM:], 99)


@contextmanager
def explained(say: Callable[[str], None]) -> Any:
    """Every statement of the block, with its plan."""

    def run(execute: Any, sql: str, values: Any, many: bool, context: Any) -> Any:
        answer = execute(sql, values, many, context)
        if sql.lstrip().upper().startswith(("SELECT", "WITH")):
            with context["connection"].connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {sql}", values)
                say(sql if len(sql) < 400 else sql[:400] + "…")
                say("\n".join(row[0] for row in cursor.fetchall()))
        return answer

    with connection.execute_wrapper(run):
        yield


def explain(found: County, ask: Ask) -> None:
    """Print the plans of one page and of the counts."""
    actor = found.actors[ask.who]
    print(f"\n=== {ask.who}: {ask.name}")
    with acting(found.standing(actor)), explained(print):
        queue.page(actor, CaseQuery(**ask.said), cursor=None, limit=PAGE, now=found.now)
        if not ask.name.startswith(("search", "matter")):
            queue.counts(actor, now=found.now)


def main() -> None:
    """Measure and print."""
    parser = options(__doc__ or "")
    parser.add_argument("--cases", type=int, help="how many cases; ten million, or 5,000 with --quick")
    parser.add_argument("--open", type=int, default=OPEN, help="how many of them open")
    parser.add_argument("--explain", metavar="WORDS", help="print the plans of what is so called, and stop")
    parser.add_argument("--only", metavar="WORDS", help="measure only what is so called")
    words = parser.parse_args()
    cases = words.cases or (5_000 if words.quick else 10_000_000)
    runs = 3 if words.quick else RUNS
    with county(cases, words.open, tell=lambda line: tell(words.json, line)) as found:
        wanted = asks(found, surroundings(found))
        chosen = words.explain or words.only
        if chosen:
            wanted = [ask for ask in wanted if chosen in f"{ask.who} {ask.name}"]
        if words.quick:
            wanted = [ask for ask in wanted if ask.who in ("dispatcher", "officer")]
        if words.explain:
            for ask in wanted:
                explain(found, ask)
            return
        took = []
        for ask in wanted:
            took.append(measure(found, ask, runs if ask.who == "dispatcher" else min(runs, OTHERS)))
            one = took[-1]
            tell(
                words.json,
                f"{one['p50']:8.1f} {one['p99']:8.1f} ms  cpu {one['cpu']:6.1f}"
                f"  page {one['page_p50']:6.1f}  counts {one['counts_p50']:6.1f}"
                f"  {one['rows']:3} rows{' …' if one['goes_on'] else '  '}  {ask.who}: {ask.name}",
            )
        least = floor(found, runs)
    dispatcher = [one for one in took if one["who"] == "dispatcher"]
    value = next((one["p99"] for one in dispatcher if one["ask"] == "todo due"), max(one["p99"] for one in took))
    end(
        name="queue",
        value=value,
        unit="ms p99, first page and counts",
        floor=least,
        ratio=round(value / least, 2),
        n=cases,
        runs=runs,
        open=min(words.open, cases // 10),
        target_ms=TARGET_MS,
        dispatcher_worst=max(dispatcher, key=lambda one: one["p99"]) if dispatcher else None,
        over_target=[f"{one['who']}: {one['ask']} {one['p99']}" for one in took if one["p99"] > TARGET_MS],
        asks=took,
    )


if __name__ == "__main__":
    main()
