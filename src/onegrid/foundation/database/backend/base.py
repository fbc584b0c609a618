"""The backend Django loads: PostgreSQL plus one statement after every BEGIN.

`_set_autocommit` is a private name of Django's; Django is pinned and a test opens
transactions through it. Everything set is transaction-local, so nothing can leak
to the next user of the connection and nothing has to be reset.
"""

from __future__ import annotations

import contextlib
from typing import Any

from django.db.backends.postgresql import base

from onegrid.foundation.database.standing import current, settings_statement


class DatabaseWrapper(base.DatabaseWrapper):
    """One connection that takes the current standing with it into each transaction."""

    def _set_autocommit(self, autocommit: bool) -> None:
        super()._set_autocommit(autocommit)  # type: ignore[misc]  # private in Django, absent from its stubs
        if autocommit:
            return
        standing = current()
        if standing is None:
            return
        try:
            self.apply_standing()
        except Exception:
            raw: Any = self.connection
            with contextlib.suppress(Exception):
                raw.rollback()
                super()._set_autocommit(True)  # type: ignore[misc]
            raise

    def apply_standing(self) -> None:
        """Set search path, scope, role… of the running transaction to the current standing (or to none)."""
        statement, values = settings_statement(current())
        raw: Any = self.connection
        with self.wrap_database_errors, raw.cursor() as cursor:
            cursor.execute(statement, values)
