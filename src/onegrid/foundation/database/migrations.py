"""What migrations say about access: `protect`, `append_only`, `at_root`; and `together`, which makes them quick.

operations = [
    migrations.CreateModel(...),
    protect("cases_case", department="EXISTS (SELECT 1 FROM cases_grant g WHERE ...)"),
]
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any, Final

from django.db.migrations.operations import RunPython, RunSQL
from django.db.migrations.operations.base import Operation

from onegrid.foundation.database.roles import APP, DEPARTMENT, OWNER, RESIDENT, SERVING

SCOPE: Final = "NULLIF(current_setting('onegrid.scope', true), '')"
PATH: Final = f"(scope_path >= {SCOPE} AND scope_path < rtrim({SCOPE}, '.') || '/')"
"""A row of the current subtree. NULLIF: an empty setting must match nothing. Never wrapped in a sub-select."""
EVERYBODY: Final = "true"
NOBODY: Final = "false"
DEPARTMENT_SCOPE: Final = "NULLIF(current_setting('onegrid.department', true), '')"
PERSON: Final = "NULLIF(current_setting('onegrid.person', true), '')"


def department_path(column: str) -> str:
    """SQL: `column` (a department path) lies under the acting department."""
    return f"({column} >= {DEPARTMENT_SCOPE} AND {column} < rtrim({DEPARTMENT_SCOPE}, '.') || '/')"


def protect(
    table: str,
    *,
    read: str = PATH,
    add: str = PATH,
    department: str | None = None,
    resident: str | None = None,
) -> RunSQL:
    """Row-level security for `table`: forced, four commands for the app, reads and writes of their rows for the rest.

    `read` replaces the path rule for reading (`EVERYBODY` for a map all may see), `add` the one for inserting
    (`EVERYBODY` for a journal all write into; that holds for every role). `department` and `resident` are SQL
    conditions for those roles; without one the role sees and writes nothing. They never delete.
    """
    lines = [f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY", f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"]
    everyone = f"{APP}, {OWNER}, {DEPARTMENT}, {RESIDENT}"
    lines += _policies(
        table,
        "app",
        f"{APP}, {OWNER}",
        read,
        PATH,
        readers=everyone if read == EVERYBODY else "",
        adders=everyone if add == EVERYBODY else "",
        add=add,
        delete=True,
    )
    open_already = {"select"} if read == EVERYBODY else set()
    open_already |= {"insert"} if add == EVERYBODY else set()
    for who, role, condition in (("department", DEPARTMENT, department), ("resident", RESIDENT, resident)):
        if condition is not None:
            made = _policies(table, who, role, condition, condition, delete=False)
            lines += [line for line in made if not any(f"_{who}_{command} ON" in line for command in open_already)]
    names = [f"{table}_{who}_{command}" for who in ("app", "department", "resident") for command in COMMANDS]
    undo = [f"DROP POLICY IF EXISTS {name} ON {table}" for name in names]
    undo += [f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY", f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY"]
    return _sql(lines, undo)


COMMANDS: Final = ("select", "insert", "update", "delete")


def _policies(
    table: str,
    who: str,
    roles: str,
    read: str,
    write: str,
    *,
    delete: bool,
    readers: str = "",
    adders: str = "",
    add: str = "",
) -> list[str]:
    made = [
        f"CREATE POLICY {table}_{who}_select ON {table} FOR SELECT TO {readers or roles} USING ({read})",
        f"CREATE POLICY {table}_{who}_insert ON {table} FOR INSERT TO {adders or roles} WITH CHECK ({add or write})",
        f"CREATE POLICY {table}_{who}_update ON {table} FOR UPDATE TO {roles} USING ({write}) WITH CHECK ({write})",
    ]
    if delete:
        made.append(f"CREATE POLICY {table}_{who}_delete ON {table} FOR DELETE TO {roles} USING ({write})")
    return made


def append_only(table: str, *, but_update: Sequence[str] = (), but_delete: bool = False) -> RunSQL:
    """Nobody who serves may change or delete rows of `table`, but for the columns `but_update`.

    `but_delete`: the app may delete whole rows (what was never attached, what has run out).
    """
    serving = ", ".join(SERVING)
    lines = [f"REVOKE UPDATE, {'' if but_delete else 'DELETE, '}TRUNCATE ON {table} FROM {serving}"]
    if but_update:
        lines.append(f"GRANT UPDATE ({', '.join(but_update)}) ON {table} TO {serving}")
    return _sql(lines, [f"GRANT UPDATE, DELETE ON {table} TO {APP}"])


def private(table: str) -> RunSQL:
    """Only the app role may touch `table` (sign-in secrets, queues); departments and residents may not even read it."""
    roles = f"{DEPARTMENT}, {RESIDENT}"
    return _sql([f"REVOKE ALL ON {table} FROM {roles}"], [f"GRANT SELECT, INSERT, UPDATE ON {table} TO {roles}"])


def add_only(table: str) -> RunSQL:
    """Departments and residents may add rows to `table` and nothing else (journal, outbox, deltas)."""
    roles = f"{DEPARTMENT}, {RESIDENT}"
    return _sql(
        [f"REVOKE SELECT, UPDATE, DELETE ON {table} FROM {roles}"], [f"GRANT SELECT, UPDATE ON {table} TO {roles}"]
    )


def at_root(apps: Any, schema_editor: Any) -> None:
    """First step of every data migration (RunPython): without a scope the owner sees no rows and changes nothing."""
    schema_editor.execute("SELECT set_config('onegrid.scope', 'r.', true)")


def _sql(lines: Sequence[str], undo: Sequence[str]) -> RunSQL:
    return RunSQL(sql=list(lines), reverse_sql=list(undo))


def together(operations: Sequence[Operation]) -> list[Operation]:
    """A migration's operations in their order; those that follow each other are done on one picture of the models.

    Django draws that picture anew for every operation, with every model that is related to the changed one by however
    many steps: here that is nearly all of them, and drawing took longer than all the SQL of a new locality. What must
    see its predecessor's work in the picture (a field added and then altered) stands in another migration, or behind
    a step of SQL or Python: those are left alone, between them begins another group.
    """
    made: list[Operation] = []
    for changes, run in groupby(operations, lambda operation: not isinstance(operation, RunSQL | RunPython)):
        steps = list(run)
        made += [_Together(steps)] if changes else steps
    return made


class _Together(Operation):
    def __init__(self, operations: Sequence[Operation]) -> None:
        self.operations = operations

    def state_forwards(self, app_label: str, state: Any) -> None:
        """All changes first, the picture after."""
        touched: list[tuple[str, str]] = []
        state.reload_model = lambda label, model, delay=False: touched.append((label, model))
        try:
            for operation in self.operations:
                operation.state_forwards(app_label, state)
        finally:
            del state.reload_model
        state.reload_models([model for model in dict.fromkeys(touched) if model in state.models], delay=False)

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """One after the other."""
        for operation in self.operations:
            operation.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Last first."""
        for operation in reversed(self.operations):
            operation.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        """What Django prints."""
        return "; ".join(operation.describe() for operation in self.operations)
