"""A county of N cases to measure on, made by PostgreSQL itself in minutes and kept in its data folder.

    with county(cases=1_000_000) as found:       # inside `onegrid bench …`, which gives the database
        with acting(found.standing(found.actors["dispatcher"])): ...

The ground is the small Minhou demonstration: its pack, divisions, departments, staff and sign-ins. On top of it:

- 34,000 leaf grids, a hundred below each slice (rows without outlines, so no point is located in them);
- the open cases: some hundreds are lived by the engine's own steps and then copied to other leaves with new keys, so
  that journal, clocks, assignments and grants of each fold as the engine's do (copies share words and clocks; they
  were reported some days earlier; contacts are left out);
- the closed ones: rows alone, with their search terms. Left out are their journal, clocks, assignments, reporters and
  ratings; three departments (largest, middle, smallest) have the grants of all their cases, and the dispatcher's
  sign-in an action in every thirtieth. Tallies are left to whoever measures them.

Matters follow Zipf's law, words are the demonstration's own turns of phrase, two years up to `County.now`.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
from django.db import connections
from psycopg import sql
from psycopg.conninfo import make_conninfo

import onegrid
from bench import _django
from bench._county_sql import ACTED, CLOSED, COPIED, GRANTS, GRIDS, LEAVES, TERMS, VALUES
from onegrid.cases.flow.intake import _title
from onegrid.cases.models import Case
from onegrid.cases.permissions import Actor
from onegrid.cases.rules.search import WEEK, pairs, places, term, terms_of
from onegrid.cases.rules.states import OPEN as OPEN_STATUSES
from onegrid.county.grids import selectors as grids
from onegrid.county.grids.rules.paths import ROOT, child
from onegrid.county.matters import selectors as matters
from onegrid.county.workforce.models import Appointment
from onegrid.foundation.accounts.models import User
from onegrid.foundation.database.context import Standing, in_locality
from onegrid.foundation.kernel.clock import read_clock
from onegrid.shell.demo import prints
from onegrid.shell.demo.album import Album
from onegrid.shell.demo.history import History
from onegrid.shell.demo.words import Speech

assert _django.READY

LOCALITY = "minhou"
DAYS = 730
LEAVES_PER_SLICE = 100
OPEN = 60_000
OPEN_DAYS = 3.5
"""How long ago an open case was reported, on average."""
TEMPLATES = 480
PHRASES = 60
BLOCK = 100_000
FEW = 20_000
"""A county of fewer cases is only to see that a measurement runs: a smaller demonstration, fewer words and lives."""
SEED = 20260302
SOURCES = ("cases/migrations", "foundation/journal/migrations", "cases/rules/search.py")
FILLED = ("cases_case", "cases_searchterms", "cases_grant", "cases_caseaction")


@dataclass(frozen=True)
class County:
    """What was made, and who may look at it."""

    locality: str
    cases: int
    open: int
    now: datetime
    """The time at which the open cases are open; measure at this one."""
    actors: dict[str, Any]
    """dispatcher, inspector, township, secretary (village), worker (leaf), officer (largest department),
    officer_middle, officer_small: `Actor`s."""
    superuser: str
    """Connection string of the superuser, to the locality's database; set the search path yourself."""

    def standing(self, actor: Any) -> Any:
        """As the middleware would let the actor stand."""

        if actor.department_path:
            return Standing(self.locality, "", "department", department=actor.department_path)
        return Standing(self.locality, actor.scope_path)


@contextmanager
def county(cases: int = 10_000_000, open: int = OPEN, tell: Callable[[str], None] = lambda _: None) -> Iterator[County]:
    """The county with so many cases, `open` of them open; built when the data folder has another or none."""
    open = min(open, cases // 10)
    given = os.environ.get("ONEGRID_SUPERUSER_DSN")
    if not given:
        raise SystemExit("a county is built by the superuser of the data folder's own engine: run `onegrid bench …`")
    dsn = make_conninfo(given, dbname="onegrid", options=f"-c search_path={LOCALITY}")
    wanted = {"cases": cases, "open": open, "sources": _sources()}
    kept = _kept(dsn)
    if {key: kept.get(key) for key in wanted} != wanted:
        now = _build(given, dsn, cases, open, tell)
        kept = {**wanted, "now": now.isoformat()}
        with psycopg.connect(dsn, autocommit=True) as server:
            server.execute(sql.SQL("COMMENT ON SCHEMA {} IS {}").format(sql.Identifier(LOCALITY), json.dumps(kept)))
    now = datetime.fromisoformat(kept["now"])
    yield County(LOCALITY, cases, open, now, _actors(dsn), dsn)


def _sources() -> str:
    """Changes when the tables or this file do."""
    root = Path(onegrid.__file__).parent
    files = [
        file for part in SOURCES for file in ([root / part] if part.endswith(".py") else (root / part).glob("*.py"))
    ]
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for file in sorted(files):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def _kept(dsn: str) -> dict[str, Any]:
    try:
        with psycopg.connect(dsn) as server:
            row = server.execute(
                "SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = %s", [LOCALITY]
            ).fetchone()
    except psycopg.OperationalError:
        return {}
    return dict(json.loads(row[0])) if row and row[0] else {}


def _build(given: str, dsn: str, cases: int, open: int, tell: Callable[[str], None]) -> datetime:

    connections.close_all()
    with psycopg.connect(make_conninfo(given, dbname="postgres"), autocommit=True) as server:
        server.execute("DROP DATABASE IF EXISTS onegrid WITH (FORCE)")
    tell("the small county underneath")
    scale, phrases, lives = ("0.002", 6, 60) if cases < FEW else ("0.01", PHRASES, TEMPLATES)
    _command("owner", "migrate", "--locality", LOCALITY, "--superuser", given)
    _command("app", "seed", "--locality", LOCALITY, "--scale", scale, "--seed", "1")
    now = read_clock()
    tell(f"{lives} open cases by the engine's own steps")
    _templates(now, lives)
    with psycopg.connect(dsn, autocommit=True) as server:
        server.execute("SET session_replication_role = replica; SET synchronous_commit = off")
        tell("leaf grids, words, matters")
        _leaves(server)
        _words(server, phrases)
        indexes = _drop_indexes(server)
    closed = cases - open
    with ThreadPoolExecutor(2) as pool:
        blocks = [(first, min(first + BLOCK, closed + 1)) for first in range(1, closed + 1, BLOCK)]
        for done, _ in enumerate(pool.map(lambda block: _closed(dsn, *block, closed, now, phrases), blocks), start=1):
            tell(f"closed cases: {min(done * BLOCK, closed):,} of {closed:,}")
    with psycopg.connect(dsn, autocommit=True) as server:
        server.execute("SET session_replication_role = replica; SET synchronous_commit = off")
        tell(f"{open:,} open cases")
        _clone(server, open)
        _grants(server)
        for number, statement in enumerate(indexes, start=1):
            tell(f"indexes: {number} of {len(indexes)}")
            server.execute("SET maintenance_work_mem = '1GB'")
            server.execute(statement)
        tell("vacuum, analyse")
        for table in (*FILLED, "cases_assignment", "cases_clock", "grids_grid"):
            server.execute(sql.SQL("VACUUM (ANALYZE) {}").format(sql.Identifier(table)))
        server.execute("CHECKPOINT")
    return now


def _command(role: str, *words: str) -> None:
    env = {**os.environ, "ONEGRID_DB_ROLE": role, "ONEGRID_DEMO_PASSWORD": "measured, not shown 1"}
    done = subprocess.run(
        [sys.executable, "-m", "onegrid.shell.cli.main", *words], env=env, check=False, capture_output=True
    )
    if done.returncode:
        raise SystemExit(f"onegrid {words[0]} failed:\n{done.stderr.decode()[-3000:]}")


def _templates(now: datetime, count: int) -> None:

    with in_locality(LOCALITY, "demo"):
        middle = grids.by_path(ROOT)
        History(seed=SEED, now=now, album=Album(*prints.make()), near=(middle.lon, middle.lat)).open(count)


def _leaves(server: psycopg.Connection[Any]) -> None:

    server.execute("DROP SCHEMA IF EXISTS bench CASCADE; CREATE SCHEMA bench")
    (first,) = server.execute("SELECT max(id) + 1 FROM grids_grid").fetchone() or (1,)
    _fixed(server, LEAVES, each=LEAVES_PER_SLICE, first=first)
    found = server.execute("SELECT n, id, above, name FROM bench.leaf").fetchall()
    rows = []
    for n, number, above, name in found:
        path = child(above, number)
        parts = path.split(".")
        rows.append(
            (n, path, ".".join(parts[:2]) + ".", ".".join(parts[:3]) + ".", _base([address(name)], places(path)))
        )
    server.execute("CREATE TEMP TABLE named (n int, path text, township text, village text, base bigint[])")
    with server.cursor() as cursor, cursor.copy("COPY named FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
    server.execute(
        "UPDATE bench.leaf l SET path = d.path, township = d.township, village = d.village, base = d.base"
        " FROM named d WHERE d.n = l.n"
    )
    server.execute("CREATE UNIQUE INDEX ON bench.leaf (n); CREATE INDEX ON bench.leaf (above); ANALYZE bench.leaf")
    server.execute(GRIDS)


def address(leaf: str) -> str:
    """Where a case in that leaf is said to be."""
    return f"{leaf}活动中心旁"


def _base(texts: Sequence[str], grids: Sequence[tuple[int, int]] = ()) -> list[int]:
    """Search terms before the week is mixed in."""

    known = {pair for text in texts for pair in pairs(text)} | set(grids)
    return sorted(term(first, second, 0) + 0x80000000 for first, second in known)


def _words(server: psycopg.Connection[Any], phrases: int) -> None:
    """So many phrases of every matter, and the slots that give matters their shares."""

    with in_locality(LOCALITY):
        catalogue = list(matters.catalogue().matters)
    rng = np.random.default_rng(SEED)
    speech = Speech(rng)
    order = [catalogue[int(at)] for at in rng.permutation(len(catalogue))]
    shares = 1 / np.arange(1, len(order) + 1) ** 1.1
    slots = np.searchsorted(np.cumsum(shares / shares.sum()), (np.arange(10_000) + 0.5) / 10_000)
    server.execute("CREATE UNLOGGED TABLE bench.slot (slot int PRIMARY KEY, matter_id bigint, department_id bigint)")
    server.execute(
        "CREATE UNLOGGED TABLE bench.phrase"
        " (matter_id bigint, k int, title text, words text, base bigint[], PRIMARY KEY (matter_id, k))"
    )
    # Whatever the curve leaves out gets one slot: the rarest matter comes up once in ten thousand.
    taken = {int(at) for at in slots}
    slots[-(len(order) - len(taken)) or len(slots) :] = [at for at in range(len(order)) if at not in taken]
    with server.cursor() as cursor, cursor.copy("COPY bench.slot (slot, matter_id) FROM STDIN") as copy:
        for slot, at in enumerate(slots):
            copy.write_row((slot, order[int(at)].id))
    server.execute("UPDATE bench.slot s SET department_id = m.lead_id FROM matters_matter m WHERE m.id = s.matter_id")
    with server.cursor() as cursor, cursor.copy("COPY bench.phrase FROM STDIN") as copy:
        for matter in order:
            for k in range(phrases):
                words = speech.report(matter, "本村", "snap" if k % 2 else "patrol")
                copy.write_row((matter.id, k, _title(words), words, _base([words])))
    server.execute("ANALYZE bench.slot; ANALYZE bench.phrase")


def _drop_indexes(server: psycopg.Connection[Any]) -> list[str]:
    """Drop what no constraint needs; the statements that make them again."""
    found = server.execute(
        "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i"
        " WHERE i.indrelid = ANY(%s::regclass[])"
        " AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid)",
        [list(FILLED)],
    ).fetchall()
    for name, _ in found:
        server.execute(f"DROP INDEX {name}")
    return [statement for _, statement in found]


def _closed(dsn: str, first: int, last: int, total: int, now: datetime, phrases: int) -> None:
    """One block of closed cases, [first, last)."""

    values = dict(VALUES)
    for field in Case._meta.concrete_fields:
        # What a later migration adds and nobody here knows of takes its default.
        if field.column not in values and not field.null:
            value = field.get_prep_value(field.get_default())
            values[field.column] = sql.Literal(value if not isinstance(value, list) else "[]").as_string(None)
    columns = ", ".join(values)
    insert = f"INSERT INTO cases_case ({columns}) SELECT {', '.join(values.values())} FROM told"
    with psycopg.connect(dsn, autocommit=True) as server:
        server.execute("SET session_replication_role = replica; SET synchronous_commit = off; SET work_mem = '256MB'")
        (leaves,) = server.execute("SELECT count(*) FROM bench.leaf").fetchone() or (0,)
        (dispatcher,) = server.execute("SELECT id FROM accounts_user WHERE username = 'dispatcher'").fetchone() or (0,)
        given = {
            "since": now - timedelta(days=DAYS), "all": total, "span": timedelta(days=DAYS), "leaves": leaves,
            "phrases": phrases, "first": first, "last": last - 1, "now": now, "week": WEEK, "dispatcher": dispatcher,
        }  # fmt: skip
        for statement in (insert, TERMS, ACTED):
            _fixed(server, CLOSED + statement, **given)


def _clone(server: psycopg.Connection[Any], open: int) -> None:
    """Copy the open cases the engine lived onto other leaves of their slices until there are enough."""

    found = server.execute(
        "SELECT c.id, l.slice, c.desk_path = 'r.' AND NOT EXISTS (SELECT 1 FROM cases_assignment a"
        " WHERE a.case_id = c.id AND a.grid_path > '') FROM cases_case c"
        " JOIN bench.leaf l ON l.n %% %s = 0 AND c.scope_path LIKE l.above || '%%'"
        " WHERE c.status = ANY(%s) ORDER BY c.id",
        [LEAVES_PER_SLICE, [str(status) for status in OPEN_STATUSES]],
    ).fetchall()
    (slices,) = server.execute("SELECT max(slice) + 1 FROM bench.leaf").fetchone() or (1,)
    server.execute("CREATE TABLE bench.copy (j int PRIMARY KEY, source uuid, k int, n int, back interval, id uuid)")
    rng = np.random.default_rng(SEED)
    with server.cursor() as cursor, cursor.copy("COPY bench.copy FROM STDIN") as copy:
        for j in range(open - len(found)):
            source, place, free = found[j % len(found)]
            # What the county's centre holds, and no grid bears, may have been reported anywhere.
            where = int(rng.integers(slices)) if free else int(place)
            leaf = where * LEAVES_PER_SLICE + int(rng.integers(LEAVES_PER_SLICE))
            back = timedelta(days=min(int(rng.exponential(OPEN_DAYS)), 40), seconds=3 * (j // len(found)))
            key = hashlib.md5(f"{source}{j}".encode()).hexdigest()
            copy.write_row((j, source, j // len(found), leaf, back, key))
    server.execute("ANALYZE bench.copy")
    for table, own in COPIED.items():
        columns = [
            row[0]
            for row in server.execute(
                "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
                " AND attidentity = ''",
                [table],
            ).fetchall()
        ]
        names = ", ".join(f'"{name}"' for name in columns)
        values = ", ".join(own.get(name, f's."{name}"') for name in columns)
        key = "id" if table == "cases_case" else "case_id"
        server.execute(
            f"INSERT INTO {table} ({names}) SELECT {values} FROM bench.copy c JOIN {table} s ON s.{key} = c.source"
            " JOIN bench.leaf l ON l.n = c.n"
        )
    rows = server.execute(
        "SELECT c.id, c.reported_at, c.reported_on, c.scope_path, c.title, c.words, c.address FROM cases_case c"
        " LEFT JOIN cases_searchterms t ON t.case_id = c.id WHERE t.case_id IS NULL"
    ).fetchall()
    with server.cursor() as cursor, cursor.copy("COPY cases_searchterms FROM STDIN") as copy:
        for key, at, day, path, *texts in rows:
            copy.write_row((key, at, terms_of(texts, path, day)))


def _grants(server: psycopg.Connection[Any]) -> None:
    """Three departments may see all the closed cases they led."""

    server.execute(GRANTS, [_departments(server)])


def _departments(server: psycopg.Connection[Any]) -> list[int]:
    """The department with most cases, one in the middle, and the one with fewest."""
    found = [
        row[0]
        for row in server.execute(
            "SELECT department_id FROM bench.slot WHERE department_id IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC, 1"
        ).fetchall()
    ]
    return [found[0], found[len(found) // 2], found[-1]]


def _actors(dsn: str) -> dict[str, Any]:
    """Hats of every kind: four the demonstration appointed, a leaf's worker, and an officer per measured department."""

    actors: dict[str, Any] = {}
    with psycopg.connect(dsn) as server:
        departments = _departments(server)
        (leaves,) = server.execute("SELECT count(*) FROM bench.leaf").fetchone() or (0,)
        some = min(5000, leaves // 2)
        leaf = server.execute("SELECT path FROM bench.leaf ORDER BY n OFFSET %s LIMIT 1", [some]).fetchone()
        paths = dict(server.execute("SELECT id, path FROM organisations_department").fetchall())
    with in_locality(LOCALITY):
        users = {user.username: user for user in User.objects.filter(username__in=_SEATS)}
        for role, user in users.items():
            seat = Appointment.objects.select_related("position", "grid", "department").get(user=user)
            actors[role] = Actor(
                kind="staff", user_id=user.pk, name=user.display_name, position=seat.position.title_zh,
                scope_path=seat.grid.scope_path if seat.grid else "", duties=frozenset(seat.position.duties),
                department_id=seat.department_id, department_path=seat.department.path if seat.department else "",
            )  # fmt: skip
    actors["worker"] = replace(actors["worker"], scope_path=leaf[0] if leaf else "")
    officer = actors["officer"]
    for name, department in zip(("officer", "officer_middle", "officer_small"), departments, strict=True):
        actors[name] = replace(officer, department_id=department, department_path=paths[department])
    return actors


_SEATS = ("dispatcher", "inspector", "township", "secretary", "worker", "officer")


def _fixed(server: psycopg.Connection[Any], statement: str, **values: Any) -> None:
    """Run a statement with its values written in, as CREATE TABLE AS wants them."""
    cursor = psycopg.ClientCursor(server)
    cursor.execute(statement, values)
