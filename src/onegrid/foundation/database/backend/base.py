"""The backend Django loads: PostgreSQL that takes the current standing with it into each statement.

Who acts is said to the server when the next statement runs, not when it changes: scopes opened and closed without a
question in between cost nothing. Everything set is transaction-local, so nothing can leak to the next user of the
connection and nothing has to be reset. `_set_autocommit` is a private name of Django's; Django is pinned and a test
opens transactions through it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, Final

import psycopg
from django.db.backends.postgresql import base
from psycopg.pq import TransactionStatus
from psycopg.types.numeric import Int8Dumper

from onegrid.foundation.database.standing import Standing, current, settings_statement

FRESH: Final = 1.0
"""Seconds after its last use during which a connection counts as alive without being asked."""
Statement = tuple[str, Sequence[Any]]
NEVER_BY_ITSELF: Final = 1_000_000_000
PREPARED: Final = 300
"""Statements a connection keeps prepared."""
_UNKNOWN: Final = object()
_Cursor: Any = base.Cursor
"""Django's cursor over psycopg's: the stubs do not know that it is one."""


class StandingCursor(_Cursor):  # type: ignore[misc]
    """Sends what was gathered and puts the standing in force before whatever it is given."""

    get_ready: Callable[[], None] = staticmethod(lambda: None)
    """The wrapper's own. A cursor taken past it, before anybody acts, has nothing to wait for."""

    def execute(self, *args: Any, **options: Any) -> Any:
        """As psycopg's."""
        self.get_ready()
        return super().execute(*args, **options)

    def executemany(self, *args: Any, **options: Any) -> Any:
        """As psycopg's."""
        self.get_ready()
        return super().executemany(*args, **options)

    def stream(self, *args: Any, **options: Any) -> Any:
        """As psycopg's."""
        self.get_ready()
        return super().stream(*args, **options)

    def copy(self, *args: Any, **options: Any) -> Any:
        """As psycopg's."""
        self.get_ready()
        return super().copy(*args, **options)


class DatabaseWrapper(base.DatabaseWrapper):
    """One connection of one thread."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.in_force: object = _UNKNOWN
        """The standing the server was told last in this transaction."""
        self._said: tuple[str, ...] = ()
        self.stamps: dict[str, dict[str, int]] = {}
        """What this transaction read of each locality's stamps (`database/stamps.py`)."""
        self.waiting: list[Statement] | None = None
        """Statements held back to be sent together (`database/write.py`); None when nothing is gathered."""
        self.waiting_as: Standing | None = None
        """Who wrote them."""
        self._used_at = 0.0

    def get_connection_params(self) -> dict[str, Any]:
        """Django's, with our cursor."""
        return {**super().get_connection_params(), "cursor_factory": StandingCursor}

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Django's. What we ask to be prepared is; whole numbers go out in one width, so that it is prepared once."""
        raw = super().get_new_connection(conn_params)
        raw.prepare_threshold, raw.prepared_max = NEVER_BY_ITSELF, PREPARED
        raw.adapters.register_dumper(int, Int8Dumper)
        return raw

    def create_cursor(self, name: str | None = None) -> Any:
        """A cursor that knows how to take the standing; named ones are declared at once."""
        if name is not None:
            self.get_ready()
        cursor = super().create_cursor(name)
        if name is None:
            cursor.get_ready = self.get_ready
        return cursor

    def is_usable(self) -> bool:
        """Asked before every request; a connection used a moment ago is not asked again."""
        if self.connection is not None and time.monotonic() - self._used_at < FRESH:
            return True
        return bool(super().is_usable())

    def get_ready(self) -> None:
        """Before a statement: whatever was written earlier is sent first, so that order always holds."""
        if self.waiting:
            self.send_waiting()
        ahead = self._telling(current())
        if ahead:
            psycopg.Cursor(self.connection).execute(*ahead, prepare=True)

    def send_waiting(self) -> None:
        """Send the gathered statements in order, all in one turn, as whoever wrote them."""
        sent, self.waiting = self.waiting or [], [] if self.waiting is not None else None
        self._send(self._telling(self.waiting_as), sent)

    def run_together(self, statements: Sequence[Statement]) -> list[psycopg.Cursor[Any]]:
        """Run plain statements in order under the current standing, in one turn; their cursors, ready to be read."""
        if self.waiting:
            self.send_waiting()
        return self._send(self._telling(current()), statements)

    def _send(self, ahead: Statement | None, statements: Sequence[Statement]) -> list[psycopg.Cursor[Any]]:
        raw: Any = self.connection
        cursors = [psycopg.Cursor[Any](raw) for _ in statements]
        if ahead is None and len(statements) == 1:
            cursors[0].execute(*statements[0], prepare=True)
        else:
            with raw.pipeline():
                if ahead:
                    psycopg.Cursor[Any](raw).execute(*ahead, prepare=True)
                for cursor, (sql, values) in zip(cursors, statements, strict=True):
                    cursor.execute(sql, values, prepare=True)
        if self.queries_logged:
            self.queries_log.extend({"sql": sql, "time": "0.000"} for sql, _ in statements)
        return cursors

    def _telling(self, who: Standing | None) -> Statement | None:
        """The statement that puts `who` in force in the running transaction; None when he is."""
        raw: Any = self.connection
        if who is self.in_force or raw is None or raw.autocommit:
            return None
        if raw.pgconn.transaction_status == TransactionStatus.INERROR:
            # A failed transaction takes no more settings; its rollback undoes them anyway.
            return None
        statement, values = settings_statement(who)
        self.in_force = who
        if values == self._said:
            return None
        self._said = values
        return statement, values

    def _set_autocommit(self, autocommit: bool) -> None:
        super()._set_autocommit(autocommit)  # type: ignore[misc]  # private in Django, absent from its stubs
        # A new transaction starts with the role's own settings; nobody is in force until somebody asks.
        self._unsettle()
        self._used_at = time.monotonic() if autocommit else self._used_at

    def _savepoint_rollback(self, sid: str) -> None:
        super()._savepoint_rollback(sid)  # type: ignore[misc]
        # The rollback took back whatever was set since the savepoint.
        self._unsettle()

    def _unsettle(self) -> None:
        self.in_force, self._said = _UNKNOWN, ()
        self.stamps = {}
