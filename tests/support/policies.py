"""Asking every protected table what each role may do, without knowing what the table is about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

OPEN_TO_READ: set[str] = set()
"""Tables under policies that everybody in the locality reads."""
OPEN_TO_ADD = {"journal_auditrow", "journal_tallydelta", "journal_feedevent"}
"""Everybody writes into the journal, about whatever he touches."""

Probe = Mapping[str, str]
Columns = Mapping[str, tuple[str, bool]]
"""Column → (type, may be empty)."""
INSIDE, OUTSIDE = 1, 2
PATH = {INSIDE: "r.1.", OUTSIDE: "r.2."}
LINKS = ("department_path", "departments", "residents", "resident", "case_id", "row_id", "id", "key")


def uuid_of(number: int) -> str:
    """A different id for each number."""
    return f"0195d3c0-0000-7000-8000-{number:012d}"


def protected_tables(admin: psycopg.Connection[Any], schema: str) -> dict[str, Columns]:
    """Tables under row-level security and their columns."""
    rows = admin.execute(
        "SELECT c.relname, a.attname, format_type(a.atttypid, NULL), NOT a.attnotnull FROM pg_class c"
        " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
        " WHERE c.relrowsecurity AND c.relnamespace = %s::regnamespace AND a.attgenerated = '' ORDER BY 1, a.attnum",
        [schema],
    ).fetchall()
    tables: dict[str, dict[str, tuple[str, bool]]] = {}
    for table, column, kind, empty in rows:
        tables.setdefault(table, {})[column] = (kind, empty)
    return dict(tables)


def fill(admin: psycopg.Connection[Any], schema: str, tables: Mapping[str, Columns]) -> None:
    """One row inside and one outside in every table. Other constraints are dropped: they are not what is asked."""
    for kind in ("f", "c", "u", "p"):
        found = admin.execute(
            "SELECT conrelid::regclass::text, conname FROM pg_constraint"
            " WHERE connamespace = %s::regnamespace AND contype = %s AND (contype <> 'p' OR cardinality(conkey) > 1)",
            [schema, kind],
        ).fetchall()
        for table, name in found:
            admin.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}" CASCADE')
    for (index,) in admin.execute(
        "SELECT indexrelid::regclass::text FROM pg_index JOIN pg_class c ON c.oid = indrelid"
        " WHERE indisunique AND NOT indisprimary AND c.relnamespace = %s::regnamespace",
        [schema],
    ).fetchall():
        admin.execute(f"DROP INDEX {index}")
    for table, columns in tables.items():
        for variant in (INSIDE, OUTSIDE):
            admin.execute(*_insert(schema, table, columns, variant, variant))


def probe(app: psycopg.Connection[Any], schema: str, table: str, columns: Columns) -> dict[str, str]:
    """What each role sees and can do; everything is rolled back."""
    who = {
        "app": ("none", PATH[INSIDE], "", ""),
        "nobody": ("none", "", "", ""),
        "department": ("onegrid_department", "", "d.1.", ""),
        "resident": ("onegrid_resident", "", "", uuid_of(INSIDE)),
    }
    target = sql.Identifier(schema, table)
    answers = {}
    for name, standing in who.items():
        ask = _Asker(app, schema, standing)
        answers[f"{name} sees"] = ask.seen(target)
        if name == "nobody":
            continue
        answers[f"{name} adds inside"] = ask.tell(*_insert(schema, table, columns, INSIDE, 3))
        answers[f"{name} adds outside"] = ask.tell(*_insert(schema, table, columns, OUTSIDE, 4))
        answers[f"{name} changes all"] = ask.tell(_update(target, "scope_path", PATH[INSIDE]))
        if name == "app":
            answers["app moves out"] = ask.tell(_update(target, "scope_path", PATH[OUTSIDE]))
            answers["app deletes all"] = ask.tell(sql.SQL("DELETE FROM {}").format(target))
        else:
            link = next(column for column in LINKS if column in columns)
            value = _value(link, columns[link][0], 3, 3)
            answers[f"{name} unlinks"] = ask.tell(
                sql.SQL("UPDATE {} SET {} = {} WHERE ctid = (SELECT ctid FROM {} LIMIT 1)").format(
                    target, sql.Identifier(link), sql.Literal(value), target
                )
            )
    return answers


class _Asker:
    """One role's questions, each in a transaction that is rolled back."""

    def __init__(self, app: psycopg.Connection[Any], schema: str, standing: tuple[str, str, str, str]) -> None:
        self.app, self.schema, self.standing = app, schema, standing

    def tell(self, statement: Any, values: Any = None) -> str:
        """The number of rows, `done` for an insert, or `forbidden`."""
        try:
            self._begin()
            done = self.app.execute(statement, values)
            return "done" if done.statusmessage and done.statusmessage.startswith("INSERT") else str(done.rowcount)
        except psycopg.errors.InsufficientPrivilege:
            return "forbidden"
        finally:
            self.app.rollback()

    def seen(self, target: sql.Identifier) -> str:
        """Which of the two rows are seen."""
        try:
            self._begin()
            paths = {row[0] for row in self.app.execute(sql.SQL("SELECT scope_path FROM {}").format(target))}
        except psycopg.errors.InsufficientPrivilege:
            return "forbidden"
        finally:
            self.app.rollback()
        return {(True, True): "both", (True, False): "inside", (False, True): "outside"}.get(
            (PATH[INSIDE] in paths, PATH[OUTSIDE] in paths), "none"
        )

    def _begin(self) -> None:
        role, scope, department, person = self.standing
        self.app.execute(
            "SELECT set_config('search_path', %s, true), set_config('onegrid.scope', %s, true),"
            " set_config('onegrid.department', %s, true), set_config('onegrid.person', %s, true),"
            " set_config('role', %s, true)",
            [f'"{self.schema}"', scope, department, person, role],
        )


def _update(target: sql.Identifier, column: str, value: str) -> sql.Composed:
    # No WHERE: then only the policy for UPDATE decides, not the one for SELECT.
    return sql.SQL("UPDATE {} SET {} = {}").format(target, sql.Identifier(column), sql.Literal(value))


def _insert(schema: str, table: str, columns: Columns, variant: int, number: int) -> tuple[sql.Composed, list[Any]]:
    used = {name: kind for name, (kind, empty) in columns.items() if not empty or _links(name)}
    statement = sql.SQL("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE VALUES ({})").format(
        sql.Identifier(schema, table),
        sql.SQL(", ").join(map(sql.Identifier, used)),
        sql.SQL(", ").join([sql.Placeholder()] * len(used)),
    )
    return statement, [_value(name, kind, variant, number) for name, kind in used.items()]


def _links(column: str) -> bool:
    """Columns a policy may look at: filled even when they may be empty."""
    return column in LINKS or column in {"user", "department_id", "grid_path"}


def _value(column: str, kind: str, variant: int, number: int) -> Any:
    """A value of the right type; `variant` decides what it belongs to, `number` makes keys differ."""
    key = number if column == "id" else variant
    if column.endswith("_path"):
        return f"d.{variant}." if column.startswith("department") else PATH.get(variant, "r.3.")
    if kind == "text[]":
        return [f"d.{variant}."]
    if kind == "uuid[]":
        return [uuid_of(variant)]
    simple = {
        "text": "x", "boolean": False, "jsonb": Jsonb({}), "bytea": b"x", "double precision": 0.0, "date": "2026-03-02",
        "timestamp with time zone": "2026-03-02T00:00:00Z", "uuid": uuid_of(key),
    }  # fmt: skip
    return simple.get(kind, key)
