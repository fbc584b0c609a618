"""What must hold before anything is served. A process that finds otherwise ends instead of serving."""

from __future__ import annotations

from onegrid.foundation.database import localities
from onegrid.foundation.database.bootstrap import pending_migrations, role_faults


class Unfit(RuntimeError):
    """Serving would be unsafe or would fail; the message says why and what to do."""


def refuse_unfit() -> None:
    """Raise :class:`Unfit` when the role could see past its rights or the tables do not fit."""
    faults = role_faults()
    if faults:
        raise Unfit(f"refusing to serve: {'; '.join(faults)}. The web serves as a role that owns nothing")
    for locality in localities.all_localities():
        pending = pending_migrations(locality.name)
        if pending:
            words = f"{locality.name} lacks {len(pending)} migrations (first: {pending[0]})"
            raise Unfit(f"refusing to serve: {words}. Run: onegrid migrate")
