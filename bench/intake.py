"""Full reports over HTTP; floor = the same rows written by pgbench on the same server, by the same role.

A report is posted by grid workers with tokens, without naming a matter: it is signed in, located, classified, compared
with near cases, numbered, given its first clock, and written with its action, clock, reporter, search terms, tally,
audit row, outbox event, feed line and receipt. The floor writes exactly those rows as prepared statements of one
transaction; a second, harder one sends them all in one turn (pgbench's pipeline), as we do.
"""

from __future__ import annotations

import json
import os
import random
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import django
import numpy as np
import psycopg

from bench import _load
from bench._figures import cpu_seconds, end, options, tell

django.setup()

from django.db import connection  # noqa: E402

from onegrid.county.grids import selectors as grids  # noqa: E402
from onegrid.county.matters import selectors as matters  # noqa: E402
from onegrid.county.workforce import selectors as workforce  # noqa: E402
from onegrid.foundation.accounts.models import User  # noqa: E402
from onegrid.foundation.accounts.services import keys  # noqa: E402
from onegrid.foundation.database.context import in_locality  # noqa: E402
from onegrid.foundation.database.standing import Standing, settings_statement  # noqa: E402
from onegrid.shell.serve.database import Reachable, programs, run_step  # noqa: E402
from onegrid.shell.serve.parent import web_command  # noqa: E402

LOCALITY = "minhou"
WORKERS, CONNECTIONS, FLOOR_CLIENTS = 2, 16, 8
PEOPLE = 40
WRITTEN = (
    "cases_case", "cases_caseaction", "cases_clock", "cases_casereporter", "cases_searchterms", "journal_tallydelta",
    "journal_auditrow", "journal_outbox", "journal_feedevent", "cases_receipt",
)  # fmt: skip
"""Every table a report writes to."""


def prepare(scale: float) -> None:
    """A seeded locality to report into; what is there already is kept."""
    data = Path(os.environ["ONEGRID_DATA"])
    database = Reachable(os.environ["DATABASE_URL"], os.environ.get("ONEGRID_SUPERUSER_DSN"), None)
    os.environ.setdefault("ONEGRID_DEMO_PASSWORD", "not-used-here")
    words = ["migrate", "--locality", LOCALITY]
    run_step(database, data, "owner", [*words, *(["--superuser", database.superuser] if database.superuser else [])])
    seed = ["seed", "--locality", LOCALITY, "--scale", repr(scale), "--seed", "1"]
    run_step(database, data, "app", seed, capture=True)


def senders() -> list[str]:
    """Tokens of grid workers."""
    now = datetime.now(UTC)
    found = []
    with in_locality(LOCALITY, "demo"):
        for user in User.objects.order_by("pk").values_list("pk", flat=True):
            hats = workforce.hats_at(user, now)
            if hats and hats[0].scope_path and "report" in hats[0].duties:
                found.append(keys.make(user_id=user, kind="token", label="bench", now=now)[1])
            if len(found) == PEOPLE:
                break
    return found


def reports(tokens: list[str], seed: int, count: int) -> list[bytes]:
    """Reports by turns of these people, anywhere in the county, in words of the catalogue."""
    rng = random.Random(seed)
    with in_locality(LOCALITY, "demo"):
        index, (west, south, east, north) = grids.index(), grids.root().bbox
        texts = [text for text, _ in matters.texts_for_learning() if len(text) > 3]
    made = list[bytes]()
    while len(made) < count:
        lon, lat = rng.uniform(west, east), rng.uniform(south, north)
        if index.locate(lon, lat) is None:
            continue
        body = {
            "key": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
            "words": f"{rng.choice(texts)}，就在楼下，麻烦尽快派人来看看（{rng.randrange(10_000)}）",
            "lon": lon,
            "lat": lat,
            "channel": "patrol",
        }
        payload = json.dumps(body, ensure_ascii=False).encode()
        made.append(_load.post("/api/v1/cases", payload, rng.choice(tokens)))
    return made


def serve(port: int) -> subprocess.Popen[bytes]:
    """The web as it is served, without jobs and feed."""
    process = subprocess.Popen(
        web_command("127.0.0.1", port, WORKERS), env={**os.environ, "ONEGRID_DB_ROLE": "app"}, stdout=sys.stderr
    )
    for _ in range(900):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/locality", timeout=1).read()
        except urllib.error.HTTPError:
            break
        except OSError:
            time.sleep(0.1)
        else:
            break
    return process


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def script() -> list[str]:
    """One report's rows as statements of one transaction, with fresh keys."""
    with in_locality(LOCALITY, "demo"), connection.cursor() as cursor:
        statement, values = settings_statement(Standing(LOCALITY, "r."))
        begin = psycopg.ClientCursor(connection.connection).mogrify(statement, values)
        cursor.execute("SELECT r.case_id FROM cases_receipt r WHERE r.operation = 'report' ORDER BY r.id DESC LIMIT 1")
        case = cursor.fetchone()[0]
        lines = [_insertion(cursor, table, case) for table in WRITTEN]
    return ["BEGIN;", f"{begin};", *(f"{line};" for line in lines), "COMMIT;"]


FIND = {"cases_case": "id", "cases_receipt": "case_id", "journal_auditrow": "subject_id"}
CHILD = frozenset({"cases_caseaction", "cases_clock", "cases_casereporter", "cases_searchterms"})


def _insertion(cursor: Any, table: str, case: uuid.UUID) -> str:
    """An INSERT of the newest row of `table` that belongs to `case`, under new keys."""
    where, values = "true", []
    if table in CHILD:
        where, values = "case_id = %s", [case]
    elif table in FIND:
        where, values = f"{FIND[table]} = %s", [str(case)]
    order = "case_id" if table == "cases_searchterms" else "id"
    cursor.execute(
        "SELECT attname, format_type(atttypid, atttypmod), attidentity <> '' FROM pg_attribute"
        " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
        [table],
    )
    columns = [(name, kind) for name, kind, numbered in cursor.fetchall() if not numbered]
    literals = ", ".join(f'quote_nullable("{name}"::text)' for name, _ in columns)
    cursor.execute(f"SELECT {literals} FROM {table} WHERE {where} ORDER BY {order} DESC LIMIT 1", values)
    row = cursor.fetchone()
    parts = []
    for (name, kind), literal in zip(columns, row, strict=True):
        parts.append(_fresh(table, name, kind) or f"{literal}::{kind}")
    names = ", ".join(f'"{name}"' for name, _ in columns)
    return f"INSERT INTO {LOCALITY}.{table} ({names}) VALUES ({', '.join(parts)})"


def _fresh(table: str, name: str, kind: str) -> str:
    """What makes a row another one: keys and what must be unique. One key per transaction, from the random seed."""
    key = "lpad(to_hex(:key::bigint), 32, '0')::uuid"
    if kind == "uuid" and ((table, name) == ("cases_case", "id") or (name == "case_id" and table.startswith("cases"))):
        return key
    if (table, name) in {("cases_case", "number"), ("cases_case", "track_code"), ("cases_receipt", "key")}:
        return "(:key)::text"
    return ""


def spent(port: int) -> tuple[float, float, float]:
    """Processor seconds so far of the web, of the connections it holds to PostgreSQL, and of this process."""
    return cpu_seconds("granian", f"--port {port}"), cpu_seconds("postgres: onegrid_app"), time.process_time()


def floor(lines: list[str], seconds: int) -> float:
    """Transactions per second of pgbench running these lines."""
    path = Path(os.environ["ONEGRID_DATA"]) / "intake.sql"
    path.write_text("\n".join(["\\set key random(1, 9000000000000000000)", *lines, ""]))
    settings = connection.settings_dict
    command = [
        programs().path("pgbench"), "-n", "-M", "prepared", "-c", str(FLOOR_CLIENTS), "-j", "2", "-T", str(seconds),
        "-f", str(path), "-h", settings["HOST"], "-U", settings["USER"], settings["NAME"],
    ]  # fmt: skip
    port = ["-p", str(settings["PORT"])] if settings["PORT"] else []
    out = subprocess.run([*command[:-1], *port, command[-1]], capture_output=True, text=True, check=False)
    line = next((line for line in out.stdout.splitlines() if line.startswith("tps = ")), "")
    if not line:
        raise RuntimeError(f"pgbench said: {out.stdout[-500:]} {out.stderr[-1500:]}")
    return float(line.split()[2])


def main() -> None:
    """Measure and print."""
    parser = options(__doc__ or "")
    parser.add_argument("--requests", type=int, default=0, help="reports in all (5,000 at least in a full run)")
    parser.add_argument("--scale", type=float, help="size of the county reported into: 0.01, or 0.002 with --quick")
    words = parser.parse_args()
    count = words.requests or (300 if words.quick else 10_000)
    scale = words.scale or (0.002 if words.quick else 0.01)
    tell(words.json, "seeding")
    prepare(scale)
    tokens, port = senders(), free_port()
    process = serve(port)
    try:
        tell(words.json, "warming up")
        _load.run(port, reports(tokens, time.time_ns(), 1), 1)
        _load.run(port, reports(tokens, time.time_ns(), 100 if words.quick else 1_000), CONNECTIONS)
        waiting = reports(tokens, time.time_ns(), count)
        tell(words.json, f"{count} reports over {CONNECTIONS} connections, {WORKERS} web workers")
        before = spent(port)
        run = _load.run(port, waiting, CONNECTIONS)
        web, server, own = (
            round((after - start) / count * 1e3, 2) for start, after in zip(before, spent(port), strict=True)
        )
    finally:
        process.terminate()
        process.wait(60)
    tell(words.json, f"pgbench, {FLOOR_CLIENTS} clients")
    lines, patience = script(), 1 if words.quick else 15
    base = floor(lines, patience)
    best = floor(["\\startpipeline", *lines, "\\endpipeline"], patience)
    rate = count / run.wall
    took = np.array(run.took) * 1e3
    end(
        name="intake",
        value=round(rate, 1),
        unit="reports/s",
        floor=round(base, 1),
        ratio=round(rate / base, 3),
        n=count,
        runs=1,
        statuses={str(status): number for status, number in sorted(run.statuses.items())},
        p50_ms=round(float(np.percentile(took, 50)), 1),
        p99_ms=round(float(np.percentile(took, 99)), 1),
        cpu_ms_per_report={"web": web, "postgres": server, "load": own},
        floor_in_one_turn=round(best, 1),
        ratio_in_one_turn=round(rate / best, 3),
        connections=CONNECTIONS,
        web_workers=WORKERS,
        scale=scale,
    )


if __name__ == "__main__":
    main()
