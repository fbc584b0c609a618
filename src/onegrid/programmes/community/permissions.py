"""Who may write notices, and where: a hat with the duty `announce` in a grid, within that grid."""

from __future__ import annotations

from onegrid.foundation.accounts import permissions
from onegrid.foundation.accounts.actor import Actor
from onegrid.foundation.kernel.errors import Forbidden

__all__ = ["Actor", "actor_of", "may_announce", "staff"]

ANNOUNCE = "announce"
staff = permissions.staff


def actor_of(request: object) -> Actor:
    """Who asks."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def may_announce(actor: Actor) -> None:
    """Raise `Forbidden` unless the hat worn leads a grid. A department's hat leads none."""
    permissions.duty(actor, ANNOUNCE)
    if not actor.scope_path or actor.department_path:
        raise Forbidden()
