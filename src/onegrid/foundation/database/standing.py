"""Who is acting, as far as the database cares, and how that is said to PostgreSQL."""

from __future__ import annotations

import re
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final, Literal

from onegrid.foundation.database.roles import DEPARTMENT, RESIDENT

ROOT: Final = "r."
"""The scope of a whole locality."""

Role = Literal["app", "department", "resident"]
NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,40}")
"""What a locality, and so its schema, may be called."""
PG_ROLES: Final = {"app": "none", "department": DEPARTMENT, "resident": RESIDENT}
"""`none` is the session's own user: the app when serving, the owner when migrating."""


@dataclass(frozen=True)
class Standing:
    """One standing: locality (schema), scope path prefix ('' sees nothing), role and what the role needs."""

    locality: str
    scope: str
    role: Role = "app"
    department: str = ""
    """Path prefix of the department, for the department role."""
    person: str = ""
    """Id of the resident, for the resident role."""
    reason: str = ""
    """Why a scope is wider than the hat, e.g. `intake`."""

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.locality):
            raise ValueError(f"{self.locality!r} cannot be the name of a locality")
        if self.scope and not self.scope.endswith("."):
            raise ValueError(f"a scope ends with a dot: {self.scope!r}")


_current: ContextVar[Standing | None] = ContextVar("onegrid_standing", default=None)


def current() -> Standing | None:
    """The standing in force, or None."""
    return _current.get()


STATEMENT: Final = (
    "SELECT set_config('search_path', %s, true), set_config('onegrid.scope', %s, true),"
    " set_config('onegrid.department', %s, true), set_config('onegrid.person', %s, true),"
    " set_config('role', %s, true)"
)


def settings_statement(standing: Standing | None) -> tuple[str, tuple[str, ...]]:
    """The one statement that puts `standing` in force in the running transaction; None means nobody."""
    if standing is None:
        return STATEMENT, ("public", "", "", "", "none")
    return STATEMENT, (
        f'"{standing.locality}"',
        standing.scope,
        standing.department,
        standing.person,
        PG_ROLES[standing.role],
    )
